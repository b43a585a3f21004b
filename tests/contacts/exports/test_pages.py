"""The pages of exports: who may, what they say, and the file."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts.exports import work
from contacts.models import Contact, Export
from contacts.people.choice import Choice
from teams import files
from teams.access import Member
from teams.models import AuditEntry, Team
from tests.contacts.exports.conftest import read_csv
from tests.contacts.people.conftest import make_contact, sign_in

pytestmark = pytest.mark.django_db

LIST, NEW = reverse("contacts:exports"), reverse("contacts:export-new")
Maker = Callable[..., Export]


@pytest.fixture
def client(manager: Member) -> Client:
    return sign_in(manager)


@pytest.fixture
def anne(team: Team) -> Contact:
    return make_contact(team, "+33639984210", first_name="Anne")


def test_agent_may_not_export(agent: Member, anne: Contact) -> None:
    signed_in = sign_in(agent)
    for address in (LIST, NEW, reverse("contacts:export-download", args=[1])):
        assert signed_in.get(address).status_code == 403
    assert signed_in.post(NEW, {"format": "csv", "columns": "phone"}).status_code == 403
    assert not Export.objects.exists()


def test_another_teams_export_does_not_exist(outsider: Member, anne: Contact, export: Maker) -> None:
    made = export(["phone"])
    signed_in = sign_in(outsider)
    assert signed_in.get(reverse("contacts:export-download", args=[made.pk])).status_code == 404
    assert "xlsx" not in signed_in.get(LIST).content.decode()
    assert not signed_in.get(LIST).context["exports"]


def test_form_counts_the_chosen_and_keeps_the_choice(client: Client, team: Team, anne: Contact) -> None:
    make_contact(team, first_name="Bruno")
    page = client.get(NEW, {"q": "anne"})
    assert page.context["people"] == 1
    assert '<input type="hidden" name="q" value="anne">' in page.content.decode()
    picked = client.post(NEW, {"ids": [anne.pk]})
    assert picked.status_code == 200 and picked.context["people"] == 1
    assert f'name="ids" value="{anne.pk}"' in picked.content.decode()


def test_what_the_form_asks_for_is_made_and_downloaded(
    client: Client, manager: Member, anne: Contact
) -> None:
    answer = client.post(NEW, {"ids": [anne.pk], "format": "csv", "columns": ["first_name", "phone"]})
    assert answer.headers["Location"] == LIST
    export = Export.objects.get()
    assert (export.ids, export.columns, export.by) == ([anne.pk], ["first_name", "phone"], manager.user)
    assert "Waiting for a worker" in client.get(LIST).content.decode()
    work.run(export.pk)
    assert "Download" in client.get(LIST).content.decode()
    file = client.get(reverse("contacts:export-download", args=[export.pk]))
    assert file.headers["Content-Disposition"].startswith('attachment; filename="contacts-')
    data = file.getvalue()
    assert len(data) == int(file.headers["Content-Length"])
    assert read_csv(data) == [{"First name": "Anne", "Phone": "+33639984210"}]
    made, downloaded = AuditEntry.objects.order_by("pk")
    assert (made.action, downloaded.action, downloaded.actor) == (
        "export.made", "export.downloaded", manager.user,
    )  # fmt: skip


def test_double_press_makes_one(client: Client, anne: Contact) -> None:
    for _press in range(2):
        client.post(NEW, {"format": "xlsx", "columns": ["phone"]})
    assert Export.objects.count() == 1


@pytest.mark.parametrize(
    "given",
    [{"format": "csv"}, {"format": "pdf", "columns": "phone"}, {"format": "csv", "columns": "secret"}],
)
def test_bad_input_is_refused_beside_its_field(client: Client, anne: Contact, given: dict[str, str]) -> None:
    answer = client.post(NEW, {"ids": [anne.pk], **given})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert f'name="ids" value="{anne.pk}"' in answer.content.decode()
    assert not Export.objects.exists()


def test_columns_that_were_unticked_stay_so(client: Client, anne: Contact) -> None:
    answer = client.post(NEW, {"format": "pdf", "columns": ["phone"]}).content.decode()
    assert answer.count("checked") == 2  # one column, one file


@pytest.mark.parametrize("query", ["segment=999", "ids=x", "list=999", "f=[]", "sort=no"])
def test_choice_of_what_does_not_exist_is_404(client: Client, query: str) -> None:
    assert client.get(f"{NEW}?{query}").status_code == 404


def test_nobody_to_export(client: Client) -> None:
    assert "Nobody to export" in client.get(NEW).content.decode()
    assert client.post(NEW, {"format": "csv", "columns": "phone"}).status_code == 422
    assert not Export.objects.exists()


def test_file_that_is_gone_says_so(client: Client, anne: Contact, export: Maker) -> None:
    made = export(["phone"])
    assert made.file is not None
    made.file.expires_at = timezone.now() - work.KEEP
    made.file.save()
    files.remove_expired()
    page = client.get(reverse("contacts:export-download", args=[made.pk]))
    assert page.status_code == 404
    assert "This file is gone" in page.content.decode()
    assert "Removed" in client.get(LIST).content.decode()
    assert not AuditEntry.objects.filter(action="export.downloaded").exists()


def test_list_looks_again_only_while_something_is_made(
    client: Client, team: Team, manager: Member, anne: Contact
) -> None:
    export = work.make(team, manager.user, Choice.parse("", team), ["phone"], "csv")
    part = client.get(LIST, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part and "every 2s" in part
    work.run(export.pk)
    assert "every 2s" not in client.get(LIST, headers={"HX-Request": "true"}).content.decode()


def test_list_asks_the_database_the_same_for_one_and_many(
    client: Client, anne: Contact, export: Maker, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    for _each in range(3):
        export(["phone"])
    with django_assert_max_num_queries(6):  # type: ignore[attr-defined]
        client.get(LIST)
