"""The section of a line's page: the switch, what is in the phone, whom it refused and why; and the API's switch."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts.models import Contact
from sms.lines.connect import NewLine, connect
from sms.models import AddressBook, AddressBookEntry, Line
from teams.access import Member
from teams.models import ApiToken, AuditEntry, Team
from tests.conftest import contact_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(admin: Member) -> Client:
    signed_in = Client()
    signed_in.force_login(admin.user, backend="teams.accounts.Backend")
    return signed_in


def page_of(client: Client, line: Line) -> str:
    return client.get(reverse("sms:line", args=[line.pk])).content.decode()


def say(client: Client, line: Line, what: str) -> None:
    answer = client.post(reverse("sms:line-address-book", args=[line.pk]), {"do": what})
    assert answer.headers["Location"] == reverse("sms:line", args=[line.pk])


def entry(line: Line, number: str, result: str, detail: str = "", name: str = "Camille") -> None:
    contact = contact_of(line.team, number)
    Contact.objects.filter(pk=contact).update(first_name=name)
    AddressBookEntry.objects.create(
        team=line.team,
        line=line,
        contact_id=contact,
        number=number,
        digest="0" * 32,
        result=result,
        detail=detail,
        pushed_at=timezone.now(),
    )


def test_off_until_somebody_turns_it_on(client: Client, line: Line, admin: Member) -> None:
    assert line.push_contacts is False
    assert "Turn on" in page_of(client, line)
    say(client, line, "on")
    line.refresh_from_db()
    assert line.push_contacts
    assert AddressBook.objects.filter(line=line).exists()
    assert AuditEntry.objects.get(action="line.changed").detail == {"settings": ["push_contacts"]}
    page = page_of(client, line)
    assert "It is being filled." in page
    assert "Push again" in page
    say(client, line, "off")
    line.refresh_from_db()
    assert not line.push_contacts


def test_counts_and_refusals_in_words(client: Client, line: Line) -> None:
    say(client, line, "on")
    entry(line, "+33639984217", "made")
    entry(line, "+33639984218", "warned", "#004", "Bruno")
    entry(line, "+33639984219", "refused", "#001", "Inaya")
    entry(line, "+33639984220", "refused", "<b>bad</b> row", "Ewen")
    page = page_of(client, line)
    assert "2 numbers are in the phone&#x27;s address book" in page or "2 numbers are in the phone's" in page
    assert "2 were refused" in page
    assert "The gateway takes this for no phone number." in page
    assert "&lt;b&gt;bad&lt;/b&gt; row" in page


@pytest.mark.parametrize(
    ("line_is", "book_is", "words"),
    [
        ({"state": "held", "held_at": timezone.now()}, {}, "Paused with the line."),
        ({"test_mode": True}, {}, "Paused while the line is in test mode."),
        (
            {},
            {"stopped": "not_found"},
            "Stopped: nothing answers at the base URL and the path for the address book.",
        ),
        ({}, {"not_before": timezone.now() + timedelta(hours=1)}, "texts are not concerned"),
        ({}, {"complete_at": timezone.now()}, "Everybody was in it today at"),
    ],
)
def test_why_nothing_is_pushed(
    client: Client, line: Line, line_is: dict[str, object], book_is: dict[str, object], words: str
) -> None:
    say(client, line, "on")
    Line.objects.filter(pk=line.pk).update(**line_is)
    AddressBook.objects.filter(line=line).update(**book_is)
    assert words in page_of(client, line)
    part = client.get(reverse("sms:line-address-book", args=[line.pk]), headers={"HX-Request": "true"})
    assert words in part.content.decode()


def test_push_again_begins_anew_and_forgets_what_stopped_it(client: Client, line: Line) -> None:
    say(client, line, "on")
    AddressBook.objects.update(stopped="forbidden", not_before=timezone.now() + timedelta(hours=1))
    say(client, line, "again")
    book = AddressBook.objects.get()
    assert (book.stopped, book.not_before, book.again_at is None) == ("", None, False)


def test_anything_else_that_is_asked_changes_nothing(client: Client, line: Line) -> None:
    say(client, line, "burn")
    line.refresh_from_db()
    assert not line.push_contacts


def test_saving_the_other_settings_leaves_the_switch(client: Client, line: Line, admin: Member) -> None:
    say(client, line, "on")
    given = {
        "name": "Malik", "login": "user@example.com", "base_url": line.base_url, "send_path": "/api/sendSms",
        "marker": "[link]", "time_zone": "Europe/Paris", "pace": 0, "contact_path": "/api/addcontactSolo",
    }  # fmt: skip
    assert client.post(reverse("sms:line", args=[line.pk]), given).status_code == 302
    line.refresh_from_db()
    assert (line.push_contacts, line.contact_path) == (True, "/api/addcontactSolo")
    given["contact_path"] = "/api/../x"
    assert client.post(reverse("sms:line", args=[line.pk]), given).status_code == 422


def test_api_shows_and_turns_the_switch(line: Line, admin: Member, agent: Member) -> None:
    def program(member: Member) -> Client:
        token = ApiToken.issue(team=member.team, user=member.user, name="x")[1]
        return Client(headers={"authorization": f"Bearer {token}"})

    address = f"/api/v1/lines/{line.pk}"
    answer = program(admin).patch(address, {"push_contacts": True}, content_type="application/json")
    assert (answer.status_code, answer.json()["push_contacts"]) == (200, True)
    assert AddressBook.objects.filter(line=line).exists()
    refused = program(agent).patch(address, {"push_contacts": False}, content_type="application/json")
    assert refused.status_code == 403
    wrong = program(admin).patch(address, {"contact_path": "/a?b"}, content_type="application/json")
    assert wrong.status_code == 422


def test_line_that_is_connected_with_it(team: Team) -> None:
    new = NewLine("Inès", "l", "k", "http://127.0.0.1:9", push_contacts=True)
    assert AddressBook.objects.filter(line=connect(team, new, by=None)).exists()
