"""The rows of an import's file, whatever its kind."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import BinaryIO, cast

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.exports.cells import unguarded
from contacts.imports import csv_rows, encodings
from contacts.imports.csv_rows import Row
from contacts.imports.unreadable import Unreadable
from contacts.models import Import
from teams import files

__all__ = ["DELIMITERS", "ENCODINGS", "Preview", "Row", "Source", "Unreadable", "open_rows", "preview"]

# What a person may choose when the guess is wrong: (codec, its name for people).
ENCODINGS = [
    ("utf-8", gettext_lazy("UTF-8 (most programs)")),
    ("cp1252", gettext_lazy("Western European (Windows-1252)")),
    ("cp1250", gettext_lazy("Central European (Windows-1250)")),
    ("mac_roman", gettext_lazy("Mac Roman (older Macs)")),
    ("utf-16-le", gettext_lazy("UTF-16, little endian (Excel “Unicode text”)")),
    ("utf-16-be", gettext_lazy("UTF-16, big endian")),
]
DELIMITERS = [
    (",", gettext_lazy("Comma")),
    (";", gettext_lazy("Semicolon")),
    ("\t", gettext_lazy("Tab")),
    ("|", gettext_lazy("Vertical bar")),
]
# Excel's own first line, which names the separator.
_SEP = re.compile(r'\ufeff?"?sep=(.)"?\s*', re.IGNORECASE)


@dataclass(frozen=True)
class Preview:
    header: list[str]
    # Data rows, cut or filled up to as many cells as the header has.
    rows: list[Row]
    # Names of the sheets of a workbook; [] for a text file.
    sheets: list[str]


class Source:
    """All rows of a file, the header among them, and how far it has been read."""

    def __init__(self, file: BinaryIO, *, encoding: str, delimiter: str, sheet: str) -> None:
        self._file = file
        self._encoding, self._delimiter, self._sheet = encoding, delimiter, sheet

    @property
    def bytes_read(self) -> int:
        return self._file.tell() if not self._file.closed else 0

    def rows(self) -> Iterator[Row]:
        """Raises Unreadable."""
        if not self._encoding:
            from contacts.imports import workbook  # not before: see there

            return workbook.rows(self._file, self._sheet)
        text = io.TextIOWrapper(self._file, encodings.opened_as(self._encoding), errors="replace", newline="")
        return csv_rows.rows(_without_marks(text), self._delimiter or ",")


def of_import(import_: Import) -> Source:
    """Raises Unreadable when the file is gone."""
    if import_.file is None:
        raise Unreadable(_("The file of this import is not kept any more. Choose it again."))
    opened = cast(BinaryIO, files.opened(import_.file))
    return Source(opened, encoding=import_.encoding, delimiter=import_.delimiter, sheet=import_.sheet)


def open_rows(import_: Import, after_line: int = 0, source: Source | None = None) -> Iterator[Row]:
    """The data rows (no header, no empty rows) that begin after `after_line`. Raises Unreadable."""
    try:
        found = (source or of_import(import_)).rows()
        if import_.has_header:
            next(found, None)
        for row in found:
            if row.line > after_line:
                yield row
    except FileNotFoundError as gone:
        raise Unreadable(_("The file of this import is not kept any more. Choose it again.")) from gone


def preview(import_: Import, rows: int = 5) -> Preview:
    """The header and the first data rows. Raises Unreadable."""
    width = len(import_.header)
    plain = unguarded if import_.encoding else str
    found = [
        Row(row.line, [plain(cell) for cell in (row.cells + [""] * width)[:width]])
        for row in islice(open_rows(import_), rows)
    ]
    return Preview(list(import_.header), found, sheets(import_))


def sheets(import_: Import) -> list[str]:
    """Names of a workbook's sheets; [] for a text file. Raises Unreadable."""
    if import_.encoding or import_.file is None:
        return []
    from contacts.imports import workbook  # not before: see there

    return workbook.sheets(cast(BinaryIO, files.opened(import_.file)))


def named_delimiter(text: str) -> str:
    """The separator that the first line names, as Excel writes it; "" for none."""
    found = _SEP.fullmatch(text.partition("\n")[0])
    return found[1] if found else ""


def _without_marks(lines: Iterator[str]) -> Iterator[str]:
    """Lines without a byte order mark in front; Excel's "sep=;" is left empty, so that lines keep their number."""
    for line in lines:
        first = line.removeprefix("\ufeff")
        yield "\n" if _SEP.fullmatch(first) else first
        break
    yield from lines
