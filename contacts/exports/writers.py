"""CSV, written row by row to a file, and what every kind of file is written by: none is ever whole in memory."""

import csv
import io
from typing import IO, Protocol

from contacts.exports.cells import guarded
from contacts.exports.columns import Row

# A sheet has 1,048,576 rows; the first is the header.
MOST_ROWS_OF_A_SHEET = 2**20 - 1


class Writer(Protocol):
    def write(self, row: Row) -> None: ...

    def finish(self) -> None:
        """Nothing can be written after it; the file holds everything."""


class CsvWriter:
    """UTF-8 with a mark, without which spreadsheets take it for something older."""

    def __init__(self, file: IO[bytes], headers: list[str], language: str) -> None:
        self._text = io.TextIOWrapper(file, encoding="utf-8-sig", newline="")
        # French spreadsheets keep the comma for decimals.
        self._csv = csv.writer(self._text, delimiter=";" if language.startswith("fr") else ",")
        self.write([*headers])

    def write(self, row: Row) -> None:
        self._csv.writerow([guarded(cell) if isinstance(cell, str) else cell for cell in row])

    def finish(self) -> None:
        self._text.detach()
