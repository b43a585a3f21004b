"""An export imports back unchanged: every row is known, none is invalid, and nobody changes."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone, translation

from contacts.exports import work as exporting
from contacts.fields import of_team
from contacts.imports import uploads, work
from contacts.models import Contact, ContactList, ContactPhone, CustomField, Export, Import, ListMember, Tag
from teams.access import Member
from teams.models import Team
from tests.contacts.exports.conftest import whole
from tests.contacts.people.conftest import make_contact

pytestmark = pytest.mark.django_db

Maker = Callable[..., Export]

FIELDS: list[tuple[str, str, str, list[str]]] = [
    ("budget", "Budget", "number", []),
    ("visit", "Visite", "date", []),
    ("vip", "VIP ?", "yes_no", []),
    ("note", "Remarque", "text", []),
    ("heating", "Chauffage", "choice", ["Gaz", "Pompe à chaleur", "Fioul, ancien"]),
]
PEOPLE: list[dict[str, Any]] = [
    {"first_name": "فاطمة", "last_name": "الزهراء", "company": "شركة النور"},
    {"first_name": 'Camille "Cam"', "last_name": "Aubertin; Le Goff", "company": "Aubertin, Fils & Cie"},
    {"first_name": "田中", "last_name": "太郎", "address": "1, rue du Port; 22620 Bréhat"},
    {"first_name": "=HYPERLINK(\"https://example.com\")", "last_name": "+33639984299", "company": "@SUM(A1:A9)"},
    {"first_name": "-2+3", "last_name": "'=déjà gardé", "company": "'t Hof", "address": "-12"},
    {"first_name": "+1", "last_name": "＝wide", "company": "#N/A"},
    {"last_name": "Œuvrard", "email": "oeuvrard@example.com", "language": "br"},
    {"first_name": "  ", "last_name": "1e5", "company": "0012"},
    {"last_name": "Nombre", "custom": {"budget": -12.5, "vip": True, "visit": "2026-02-28", "heating": "Gaz"}},
    {"last_name": "Nombres", "custom": {"budget": 10**15, "vip": False, "heating": "Fioul, ancien"}},
    {"last_name": "Petit", "custom": {"budget": 0.0000001, "note": "=1+1\n+2, \"x\"; y"}},
    {"last_name": "Zéro", "custom": {"budget": 0, "note": "007"}},
]  # fmt: skip


@pytest.fixture
def everybody(team: Team, manager: Member) -> list[Contact]:
    for key, label, kind, choices in FIELDS:
        CustomField.objects.create(team=team, key=key, label=label, kind=kind, choices=choices)
    tags = [Tag.objects.create(team=team, name=name) for name in ("Toiture", "été 2026", "=tag")]
    members = [ContactList.objects.create(team=team, name=name) for name in ("Salon", "Rennes, 2026")]
    made = []
    for number, fields in enumerate(PEOPLE):
        contact = make_contact(
            team, f"+336399850{number:02d}", f"+331990011{number:02d}", f"+1999{number}", **fields
        )
        made.append(contact)
    ContactPhone.objects.filter(number__startswith="+1999").delete()
    Contact.objects.filter(pk=made[0].pk).update(owner=manager.user, opted_out_at=timezone.now())
    Contact.objects.filter(pk=made[1].pk).update(
        consent="opted_in", consent_at=timezone.now(), do_not_call_at=timezone.now()
    )
    made[0].tags.add(*tags)
    for each in members:
        ListMember.objects.create(list=each, contact=made[1])
    ListMember.objects.create(list=members[1], contact=made[2])
    return made


def known(team: Team) -> list[dict[str, Any]]:
    """Everything that an import could change."""
    people = Contact.objects.for_team(team).order_by("pk")
    return [
        {
            **{
                name: getattr(person, name)
                for name in (
                    "pk", "first_name", "last_name", "company", "email", "address", "language", "owner_id",
                    "custom", "consent", "consent_at", "opted_out_at", "do_not_call_at", "updated_at",
                )
            },
            "tags": sorted(person.tags.values_list("name", flat=True)),
            "lists": sorted(person.lists.values_list("name", flat=True)),
            "phones": sorted(person.phones.values_list("number", "is_primary")),
        }
        for person in people
    ]  # fmt: skip


def bring_back(export: Export, by: Member, *, overwrite: bool, confirmed: bool) -> Import:
    """The exported file through every step, with the guessed columns."""
    assert export.file is not None
    file = SimpleUploadedFile(export.file.name, whole(export.file))
    import_ = uploads.take(export.team, file, by.user)
    assert work.start_check(import_, import_.mapping, overwrite=overwrite, consent_confirmed=confirmed)
    work.check(import_.pk)
    import_.refresh_from_db()
    assert import_.state == Import.State.CHECKED, import_.error
    return import_


@pytest.mark.parametrize("language", ["en", "fr"])
@pytest.mark.parametrize("format", ["csv", "xlsx"])
@pytest.mark.parametrize("overwrite", [False, True])
def test_export_imports_back_unchanged(
    team: Team,
    manager: Member,
    everybody: list[Contact],
    export: Maker,
    format: str,
    language: str,
    overwrite: bool,
) -> None:
    before = known(team)
    with translation.override(language):
        made = export([field.key for field in of_team(team)], format)
    assert (made.state, made.rows) == ("finished", len(PEOPLE)), made.error

    import_ = bring_back(made, manager, overwrite=overwrite, confirmed=False)
    importable = {field.key for field in of_team(team) if field.importable}
    assert set(import_.mapping) - {""} == importable, "every column that can be filled is guessed"
    counted = (import_.created, import_.updated, import_.invalid, import_.duplicates, import_.unchanged)
    assert counted == (0, 0, 0, 0, len(PEOPLE))

    assert work.start_run(import_)
    work.run(import_.pk)
    import_.refresh_from_db()
    assert (import_.state, import_.unchanged, import_.created, import_.updated) == (
        "finished", len(PEOPLE), 0, 0,
    )  # fmt: skip
    assert known(team) == before


def test_export_makes_the_same_people_in_another_team(
    team: Team, manager: Member, other_team: Team, outsider: Member, everybody: list[Contact], export: Maker
) -> None:
    made = export([field.key for field in of_team(team) if not field.custom], "csv")
    assert made.file is not None
    import_ = uploads.take(other_team, SimpleUploadedFile("x.csv", whole(made.file)), outsider.user)
    assert work.start_check(import_, import_.mapping)
    work.check(import_.pk)
    import_.refresh_from_db()
    assert work.start_run(import_)
    work.run(import_.pk)
    theirs = {
        person.primary_number: person
        for person in Contact.objects.for_team(other_team).prefetch_related("phones")
    }
    assert len(theirs) == len(PEOPLE)
    for mine in everybody:
        copied = theirs[mine.primary_number]
        for name in ("last_name", "company", "address", "email", "language"):
            assert getattr(copied, name) == getattr(mine, name).strip()


def test_a_guard_that_a_spreadsheet_kept_is_taken_off(team: Team, manager: Member) -> None:
    data = "Téléphone;Nom\r\n'+33639985001;'=SUM(A1)\r\n".encode()
    import_ = uploads.take(team, SimpleUploadedFile("x.csv", data), manager.user)
    assert work.start_check(import_, import_.mapping)
    work.check(import_.pk)
    import_.refresh_from_db()
    assert work.start_run(import_)
    work.run(import_.pk)
    contact = Contact.objects.get()
    assert (contact.last_name, contact.primary_number) == ("=SUM(A1)", "+33639985001")


def test_expired_files_are_removed_by_housekeeping() -> None:
    from contacts import tasks

    assert exporting.KEEP.days == 7
    tasks.housekeeping()
