"""Rows of an XLSX workbook, streamed: neither the sheet nor its strings are ever whole in memory.

Loaded for the first of them: the library takes 5 MB of a process.
"""

import tempfile
import zipfile
from array import array
from collections.abc import Iterator
from datetime import date, datetime, time
from functools import lru_cache
from typing import IO, Any, cast
from xml.etree import ElementTree

from django.utils.translation import gettext as _
from openpyxl.reader.excel import ExcelReader
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.xml.constants import SHARED_STRINGS

from contacts.imports.csv_rows import Row
from contacts.imports.unreadable import Unreadable

# Bytes that a workbook may grow to when it is unpacked: a small file can be made of gigabytes of zeros.
LARGEST_UNPACKED = 4 * 2**30
_BROKEN = (
    zipfile.BadZipFile, InvalidFileException, ElementTree.ParseError, KeyError, ValueError, OSError, EOFError,
    AttributeError, TypeError, NotImplementedError, IndexError,
)  # fmt: skip


class _Strings:
    """The workbook's shared strings on disk: a million names would be a gigabyte of Python."""

    def __init__(self, source: IO[bytes]) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as this
        self._ends = array("Q", [0])
        at = 0
        for text in _texts(source):
            data = text.encode("utf-8", "replace")
            self._file.write(data)
            at += len(data)
            self._ends.append(at)
        self._file.flush()
        self._read = lru_cache(maxsize=4096)(self._from_disk)

    def __getitem__(self, index: int) -> str:
        return self._read(index)

    def _from_disk(self, index: int) -> str:
        begin, end = self._ends[index], self._ends[index + 1]
        self._file.seek(begin)
        return self._file.read(end - begin).decode()


def _texts(source: IO[bytes]) -> Iterator[str]:
    parts: list[str] = []
    phonetic = 0
    root = None
    for event, node in ElementTree.iterparse(source, events=("start", "end")):  # noqa: S314 - no entities in use
        name = node.tag.rpartition("}")[2]
        if event == "start":
            root = node if root is None else root
            phonetic += name == "rPh"
        elif name == "t":
            if not phonetic and node.text:
                parts.append(node.text)
        elif name == "rPh":
            phonetic -= 1
        elif name == "si":
            yield "".join(parts)
            parts.clear()
            cast(ElementTree.Element, root).clear()


class _Reader(ExcelReader):
    """openpyxl's, with the strings on disk."""

    def read_strings(self) -> None:
        described = self.package.find(SHARED_STRINGS)  # type: ignore[no-untyped-call]
        if described is None:
            return
        with self.archive.open(described.PartName[1:]) as source:
            self.shared_strings = _Strings(source)  # type: ignore[assignment]


def _opened(file: IO[bytes]) -> Any:
    """openpyxl's workbook. Raises Unreadable."""
    try:
        with zipfile.ZipFile(file) as archive:
            if sum(each.file_size for each in archive.infolist()) > LARGEST_UNPACKED:
                raise Unreadable(_("This workbook is too large. Save the sheet as CSV and import that."))
            if "[Content_Types].xml" not in archive.namelist():
                raise Unreadable(_("This is an archive, not a list of people. Choose a CSV or XLSX file."))
        reader = _Reader(file, read_only=True, keep_links=False, data_only=True)
        reader.read()
    except _BROKEN as error:
        raise Unreadable(_("This workbook can't be read. Save it anew as XLSX, or as CSV.")) from error
    return reader.wb


def sheets(file: IO[bytes]) -> list[str]:
    """Names of the sheets that hold cells, in their order. Raises Unreadable."""
    return [sheet.title for sheet in _opened(file).worksheets]


def rows(file: IO[bytes], name: str) -> Iterator[Row]:
    """All rows of a sheet with something in a cell; values as text. Raises Unreadable."""
    book = _opened(file)
    found = [sheet for sheet in book.worksheets if sheet.title == name] or book.worksheets
    if not found:
        raise Unreadable(_("There is no sheet in this workbook."))
    sheet = found[0]
    # What the sheet says of its own size is often wrong.
    sheet.reset_dimensions()
    try:
        for number, values in enumerate(sheet.iter_rows(values_only=True), 1):
            cells = ["" if value is None else written(value) for value in values]
            if any(cells):
                yield Row(number, cells)
    except _BROKEN as error:
        raise Unreadable(_("This workbook can't be read. Save it anew as XLSX, or as CSV.")) from error


def written(value: object) -> str:
    """A cell as a person would write it: 33612345678.0 in digits, days as 2026-12-31."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time.min else value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)
