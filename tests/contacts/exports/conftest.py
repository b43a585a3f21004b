import csv
import io
from collections.abc import Callable

import pytest
from openpyxl import load_workbook

from contacts.exports import work
from contacts.models import Export
from contacts.people.choice import Choice
from teams import files
from teams.access import Member
from teams.models import StoredFile, Team

Rows = list[dict[str, str]]


def whole(file: StoredFile | None) -> bytes:
    assert file is not None
    return b"".join(files.read(file))


def read_csv(data: bytes, delimiter: str = ",") -> Rows:
    return list(csv.DictReader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=delimiter))


def read_xlsx(data: bytes) -> Rows:
    sheet = load_workbook(io.BytesIO(data), read_only=True).worksheets[0]
    header, *rows = sheet.iter_rows(values_only=True)
    return [
        {str(name): "" if cell is None else str(cell) for name, cell in zip(header, row, strict=True)}
        for row in rows
    ]


@pytest.fixture
def export(team: Team, manager: Member) -> Callable[..., Export]:
    """Asks for an export and makes it at once."""

    def made(columns: list[str], format: str = "csv", query: str = "") -> Export:
        asked = work.make(team, manager.user, Choice.parse(query, team), columns, format)
        work.run(asked.pk)
        asked.refresh_from_db()
        return asked

    return made
