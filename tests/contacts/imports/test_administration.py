"""Imports in the administration: made for any team, looked at, run and taken back; exports are looked at."""

from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from contacts.imports import work
from contacts.models import Contact, Export, Import, ImportRow
from teams.access import Member
from teams.models import StoredFile, Team
from tests.conftest import make_member
from tests.contacts.people.conftest import sign_in

pytestmark = pytest.mark.django_db

DATA = Path(__file__).parents[2] / "data"
SALON = "import_salon_cp1252.csv"
ADD, LIST = reverse("admin:contacts_import_add"), reverse("admin:contacts_import_changelist")


@pytest.fixture
def client(other_team: Team) -> Client:
    """Staff, who belongs to another team than the one that is imported for."""
    staff: Member = make_member(other_team, "staff@voisins.example", "admin", "Sam Staff")
    staff.user.is_staff = staff.user.is_superuser = True
    staff.user.save()
    return sign_in(staff)


def add(client: Client, team: Team, data: bytes, **given: object) -> Any:
    return client.post(ADD, {"team": team.pk, "upload": SimpleUploadedFile(SALON, data), **given})


def act(client: Client, action: str, *imports: Import) -> Any:
    return client.post(
        LIST, {"action": action, "_selected_action": [each.pk for each in imports]}, follow=True
    )


def test_import_is_made_checked_run_and_taken_back(client: Client, team: Team) -> None:
    answer = add(client, team, (DATA / SALON).read_bytes(), tags="salon", columns="Code postal = new:text")
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    import_ = Import.objects.get()
    assert (import_.team, import_.state, import_.tag_names) == (team, "checking", ["salon"])
    assert "custom.code_postal" in import_.mapping
    work.check(import_.pk)

    page = client.get(reverse("admin:contacts_import_change", args=[import_.pk])).content.decode()
    problems = f"{reverse('admin:contacts_importrow_changelist')}?run__id__exact={import_.pk}"
    assert problems in page and "Checked" in page
    rows = client.get(problems).content.decode()
    assert "Number damaged by a spreadsheet (3,36123E+10)" in rows and "Landline" in rows

    assert "1 import runs." in act(client, "start", import_).content.decode()
    assert "0 imports run." in act(client, "start", import_).content.decode()
    work.run(import_.pk)
    assert Contact.objects.for_team(team).count() == Import.objects.get().created > 0
    csv = act(client, "bad_rows", import_)
    assert b"3,36123E+10" in csv.getvalue()
    assert "1 import is taken back." in act(client, "take_back", import_).content.decode()
    work.revert(import_.pk)
    assert not Contact.objects.exists()


def test_checked_import_is_cancelled(client: Client, team: Team) -> None:
    add(client, team, (DATA / SALON).read_bytes())
    import_ = Import.objects.get()
    work.check(import_.pk)
    assert "1 import is cancelled." in act(client, "stop", import_).content.decode()
    import_.refresh_from_db()
    assert import_.state == "cancelled"


@pytest.mark.parametrize(
    ("data", "columns", "said"),
    [
        (b"", "", "This file is empty."),
        (b"\x89PNG\r\n\x1a\n" * 40, "", "no list of people"),
        (b"a;b\n1;2\n", "", "Choose the column that holds the phone"),
        (b"Nom;Tel\nx;0639984217\n", "Fax = phone", "The file has no column “Fax”."),
        (b"Nom;Tel\nx;0639984217\n", "Nom = poem", "There is no field “poem”."),
        (b"Nom;Tel\nx;0639984217\n", "Tel =", "Choose the column that holds the phone"),
        (b"Nom;Tel\nx;0639984217\n", "Nom = new:poem", "There is no field of this kind."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_is_left(
    client: Client, team: Team, data: bytes, columns: str, said: str
) -> None:
    answer = add(client, team, data, columns=columns)
    assert answer.status_code == 200 and said in answer.content.decode()
    assert not Import.objects.exists() and not StoredFile.objects.exists()


def test_bad_rows_of_several_are_not_one_file(client: Client, team: Team) -> None:
    for _each in range(2):
        add(client, team, (DATA / SALON).read_bytes())
    assert "Choose one import." in act(client, "bad_rows", *Import.objects.all()).content.decode()


def test_plain_rows_are_not_listed(client: Client, team: Team) -> None:
    add(client, team, (DATA / SALON).read_bytes())
    work.check(Import.objects.get().pk)
    page = client.get(reverse("admin:contacts_importrow_changelist"))
    assert 0 < len(page.context["cl"].result_list) < ImportRow.objects.count()


def test_exports_are_looked_at_and_never_changed(client: Client, team: Team) -> None:
    export = Export.objects.create(
        team=team, format="csv", columns=["phone"], language="en", query="q=anne", ids=list(range(1, 2000))
    )
    address = reverse("admin:contacts_export_change", args=[export.pk])
    page = client.get(address).content.decode()
    assert "q=anne" in page and "1999" not in page
    assert client.post(address, {"query": ""}).status_code == 403
    assert client.get(reverse("admin:contacts_export_changelist")).status_code == 200


def test_people_without_the_permission_make_none(client: Client, team: Team, admin: Member) -> None:
    admin.user.is_staff = True
    admin.user.save()
    assert sign_in(admin).get(ADD).status_code == 403
