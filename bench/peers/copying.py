"""The limit of an import: the file parsed, its numbers read, and COPY into the real tables. Knows nobody who is
there already, updates nobody, keeps no rejects, can't go on after a kill.
"""

import csv
import io
from pathlib import Path

from django.db import connection, transaction

from contacts import phones
from teams.models import Team

CHUNK = 10_000
_PEOPLE = """
COPY contacts_contact (id, team_id, first_name, last_name, email, company, created_at, updated_at)
FROM STDIN WITH (FORMAT csv)
"""
_NUMBERS = """
COPY contacts_contactphone (team_id, contact_id, number, textable, is_primary, created_at)
FROM STDIN WITH (FORMAT csv)
"""


def run(path: Path, team: Team) -> int:
    """How many people were written."""
    seen: set[str] = set()
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file, delimiter=";")
        next(reader)
        people, numbers = io.StringIO(), io.StringIO()
        add_person, add_number = csv.writer(people).writerow, csv.writer(numbers).writerow
        for first, last, phone, email, company in reader:
            number = phones.read(phone)
            if number is None or number in seen:
                continue
            seen.add(number)
            pk = len(seen)
            add_person([pk, team.pk, first, last, email, company, NOW, NOW])
            add_number([team.pk, pk, number, "t", "t", NOW])
            if pk % CHUNK == 0:
                _copy(people, numbers)
        _copy(people, numbers)
    return len(seen)


NOW = "2026-11-24 14:32:00+01"


def _copy(people: io.StringIO, numbers: io.StringIO) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement, rows in ((_PEOPLE, people), (_NUMBERS, numbers)):
            with cursor.copy(statement) as into:
                into.write(rows.getvalue())
            rows.seek(0)
            rows.truncate()
