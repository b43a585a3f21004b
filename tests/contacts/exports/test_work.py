"""How an export is made: by one worker, once more after a kill, and gone when it has to be."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from contacts.exports import columns, work
from contacts.exports.sheet import XlsxWriter
from contacts.fields import STANDARD
from contacts.models import Contact, ContactList, ContactPhone, CustomField, Export, ListMember, Tag
from contacts.people.choice import Choice
from contacts.segments.definition import Wrong
from teams.access import Member
from teams.models import AuditEntry, StoredFile, Team
from tests.contacts.exports.conftest import read_csv, read_xlsx, whole
from tests.contacts.people.conftest import make_contact

pytestmark = pytest.mark.django_db

ALL = [field.key for field in STANDARD]
Maker = Callable[..., Export]


@pytest.fixture
def camille(team: Team, manager: Member) -> Contact:
    contact = make_contact(
        team, "+33639984217", "+33199001122",
        first_name="Camille", last_name='Aubertin "dite" Kim', company="=SUM(A1)", email="c@example.com",
        address="1, rue du Port\n22620 Bréhat", language="fr", owner=manager.user,
        opted_out_at=timezone.now(), custom={"budget": -12.5, "vip": True, "note": "@home", "visit": "2026-02-28"},
    )  # fmt: skip
    for kind, key in [("number", "budget"), ("yes_no", "vip"), ("text", "note"), ("date", "visit")]:
        CustomField.objects.create(team=team, key=key, label=key.title(), kind=kind)
    contact.tags.add(*[Tag.objects.create(team=team, name=name) for name in ("Toiture", "Été")])
    members = ContactList.objects.create(team=team, name="Salon de Rennes, 2026")
    ListMember.objects.create(list=members, contact=contact)
    return contact


@pytest.mark.parametrize("format", ["csv", "xlsx"])
def test_every_column_of_a_person(camille: Contact, export: Maker, format: str) -> None:
    keys = [*ALL, "custom.budget", "custom.vip", "custom.note", "custom.visit"]
    made = export(keys, format)
    assert (made.state, made.rows, made.total, made.error) == ("finished", 1, 1, "")
    data = whole(made.file)
    [row] = read_csv(data) if format == "csv" else read_xlsx(data)
    guard = "'" if format == "csv" else ""
    assert {
        "First name": "Camille", "Last name": 'Aubertin "dite" Kim', "Phone": "+33639984217",
        "Other phones": "+33199001122", "Company": guard + "=SUM(A1)", "Address": "1, rue du Port\n22620 Bréhat",
        "Language": "fr", "Owner": "ines@brehat.example", "Tags": "Toiture; Été",
        "Lists": "Salon de Rennes, 2026;", "Budget": "-12.5", "Vip": "yes", "Note": guard + "@home",
        "Visit": "2026-02-28",
    }.items() <= row.items()  # fmt: skip
    assert row["Opted out"].startswith(f"{timezone.now():%Y-}")
    assert AuditEntry.objects.get(action="export.made").detail["people"] == 1


def test_file_for_a_french_reader_has_semicolons(camille: Contact, export: Maker) -> None:
    with translation.override("fr"):
        made = export(["first_name", "phone"])
    data = whole(made.file)
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.decode("utf-8-sig").splitlines()[1] == "Camille;+33639984217"


def test_two_columns_of_one_name_can_be_told_apart(team: Team) -> None:
    CustomField.objects.create(team=team, key="phone", label="phone", kind="text")
    fields = columns.chosen(team, ["phone", "custom.phone", "custom.gone"])
    assert columns.headers(fields, "en") == ["Phone", "custom.phone"]


def test_only_the_chosen_people_of_the_own_team(team: Team, other_team: Team, export: Maker) -> None:
    make_contact(team, "+33639984210", first_name="Anne")
    make_contact(team, "+33639984211", first_name="Bruno")
    make_contact(other_team, "+33639984212", first_name="Anne")
    made = export(["phone"], query="q=anne")
    assert [row["Phone"] for row in read_csv(whole(made.file))] == ["+33639984210"]


def test_people_picked_by_hand(team: Team, export: Maker) -> None:
    picked = [make_contact(team, first_name=name).pk for name in ("Anne", "Bruno", "Chloé")][:2]
    made = export(["first_name"], query="&".join(f"ids={pk}" for pk in picked))
    assert [row["First name"] for row in read_csv(whole(made.file))] == ["Anne", "Bruno"]


def test_asking_twice_while_it_is_made_is_one_export(team: Team, manager: Member) -> None:
    choice = Choice.parse("", team)
    one = work.make(team, manager.user, choice, ["phone"], "csv")
    assert work.make(team, manager.user, choice, ["phone"], "csv") == one
    assert work.make(team, manager.user, choice, ["phone"], "xlsx") != one
    work.run(one.pk)
    assert work.make(team, manager.user, choice, ["phone"], "csv") != one


def test_killed_worker_leaves_an_export_that_the_next_begins_anew(team: Team, manager: Member) -> None:
    make_contact(team, first_name="Anne")
    asked = work.make(team, manager.user, Choice.parse("", team), ["first_name"], "csv")
    Export.objects.update(state="running", worker="killed", rows=7, lease_until=Now() + timedelta(seconds=30))
    assert work.due() == []
    work.run(asked.pk)
    asked.refresh_from_db()
    assert (asked.state, asked.worker) == ("running", "killed"), "its lease still holds"
    Export.objects.update(lease_until=Now() - timedelta(seconds=1))
    assert work.due() == [asked.pk]
    work.run(asked.pk)
    asked.refresh_from_db()
    assert (asked.state, asked.rows) == ("finished", 1)
    assert work.due() == []


def test_worker_that_lost_its_lease_stores_nothing(
    team: Team, manager: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_contact(team, first_name="Anne")
    asked = work.make(team, manager.user, Choice.parse("", team), ["first_name"], "csv")
    rows = columns.rows

    def erased_meanwhile(*given: Any) -> Any:
        work.forget(team)
        return rows(*given)

    monkeypatch.setattr(columns, "rows", erased_meanwhile)
    work.run(asked.pk)
    asked.refresh_from_db()
    assert (asked.state, asked.file) == ("waiting", None)
    assert not StoredFile.objects.exists()


def test_files_are_forgotten_when_somebody_is_erased(
    team: Team, other_team: Team, outsider: Member, export: Maker
) -> None:
    make_contact(team, first_name="Anne")
    made = export(["first_name"])
    theirs = work.make(other_team, outsider.user, Choice.parse("", other_team), ["phone"], "csv")
    work.run(theirs.pk)
    work.forget(team)
    made.refresh_from_db()
    theirs.refresh_from_db()
    assert (made.state, made.file) == ("finished", None)
    assert theirs.file is not None


def test_segment_that_is_gone_fails_in_words(team: Team, manager: Member) -> None:
    asked = work.make(team, manager.user, Choice.parse("", team), ["phone"], "csv")
    Export.objects.update(query="segment=12345")
    work.run(asked.pk)
    asked.refresh_from_db()
    assert (asked.state, asked.error) == ("failed", "What it was to hold is gone.")


@pytest.mark.parametrize("error", [RuntimeError("broken"), Wrong([])])
def test_what_nobody_foresaw_ends_and_is_not_tried_for_ever(
    team: Team, manager: Member, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    asked = work.make(team, manager.user, Choice.parse("", team), ["phone"], "csv")

    def broken(*_given: Any) -> Any:
        raise error

    monkeypatch.setattr(Choice, "found", broken)
    work.run(asked.pk)
    asked.refresh_from_db()
    assert asked.state == "failed" and asked.error
    assert work.due() == []


def test_sheet_with_more_people_than_it_holds_is_refused(
    team: Team, manager: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "MOST_ROWS_OF_A_SHEET", 1)
    for name in ("Anne", "Bruno"):
        make_contact(team, first_name=name)
    asked = work.make(team, manager.user, Choice.parse("", team), ["first_name"], "xlsx")
    work.run(asked.pk)
    asked.refresh_from_db()
    assert asked.state == "failed" and "CSV" in asked.error


def test_people_are_read_in_chunks_with_as_many_statements_each(
    team: Team, export: Maker, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = [Contact(team=team, first_name=f"Anne {number}") for number in range(40)]
    Contact.objects.bulk_create(people)
    ContactPhone.objects.bulk_create(
        ContactPhone(team=team, contact=person, number=f"+336399842{number:02d}", is_primary=True)
        for number, person in enumerate(people)
    )
    asked = {}
    for chunk in (40, 10):
        monkeypatch.setattr(work, "CHUNK", chunk)
        with CaptureQueriesContext(connection) as caught:
            made = export(["first_name", "phone", "tags", "owner"])
        assert len(read_csv(whole(made.file))) == 40
        asked[chunk] = len(caught)
    assert asked[10] - asked[40] <= 3 * 2, "three further chunks: people and lease"


def test_errors_of_a_spreadsheet_stay_words() -> None:
    import io

    file = io.BytesIO()
    writer = XlsxWriter(file, ["=Name"], "Contacts")
    for text in ("=1+1", "#N/A", "+33639984217", "a\x01b", "x" * 40_000):
        writer.write([text])
    writer.finish()
    cells = [row["=Name"] for row in read_xlsx(file.getvalue())]
    assert cells[:4] == ["=1+1", "#N/A", "+33639984217", "ab"]
    assert len(cells[4]) == 32_767
