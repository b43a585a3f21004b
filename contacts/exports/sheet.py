"""XLSX, written row by row to a file. Loaded when somebody wants one: the library takes 5 MB of a process."""

from typing import IO

from openpyxl import Workbook
from openpyxl.cell import Cell, WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from contacts.exports.columns import Row

LONGEST_CELL = 32_767  # characters, of a spreadsheet
WIDTH = 22  # of a column, in characters


class XlsxWriter:
    def __init__(self, file: IO[bytes], headers: list[str], title: str) -> None:
        self._file = file
        self._book = Workbook(write_only=True)
        self._sheet = self._book.create_sheet(title=title)
        self._sheet.freeze_panes = "A2"
        for number in range(1, len(headers) + 1):
            self._sheet.column_dimensions[get_column_letter(number)].width = WIDTH
        self._sheet.append([self._header(name) for name in headers])

    def write(self, row: Row) -> None:
        self._sheet.append([self._text(cell) if isinstance(cell, str) else cell for cell in row])

    def finish(self) -> None:
        self._book.save(self._file)

    def _header(self, name: str) -> Cell:
        cell = WriteOnlyCell(self._sheet, value=name)
        cell.data_type = "s"
        cell.font = Font(bold=True)
        return cell

    def _text(self, value: str) -> Cell | str | None:
        """A cell that says it is text: "=1+1" and "+33639984217" are nothing but their characters."""
        if not value:
            return None
        value = ILLEGAL_CHARACTERS_RE.sub("", value[:LONGEST_CELL])
        if value[:1] != "=" and value[:1] != "#":
            return value
        cell = WriteOnlyCell(self._sheet, value=value)
        cell.data_type = "s"
        return cell
