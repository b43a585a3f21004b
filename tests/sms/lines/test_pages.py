"""What an admin does with lines: connect, change, test, hold, resume. The access key goes in and never comes out."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from sms.gateway import addresses
from sms.lines import forms
from sms.models import Callback, GatewayHost, Line, Message, SendAttempt
from sms.sending import drain
from teams.access import Member
from teams.models import AuditEntry, Role, Team
from tests.conftest import make_line, make_member
from tests.gateway import Gateway, running_gateway

pytestmark = pytest.mark.django_db
KEY = "s3cret-access-key"
LINES = reverse("sms:lines")
CONNECT = reverse("sms:line-connect")


@pytest.fixture
def client(admin: Member) -> Client:
    signed_in = Client()
    signed_in.force_login(admin.user, backend="teams.accounts.Backend")
    return signed_in


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with running_gateway() as running:
        yield running


def given(**changes: object) -> dict[str, object]:
    return {
        "name": "Malik", "login": "malik@brehat.example", "access_key": KEY, "base_url": "https://gateway.example/",
        "send_path": "/api/sendSms", "marker": "[Lien_Tracking]", "number": "06 39 98 10 20",
        "time_zone": "Europe/Paris", "pace": 3, **changes,
    }  # fmt: skip


def held(line: Line, reason: str = "credentials") -> Line:
    Line.objects.filter(pk=line.pk).update(state="held", held_reason=reason, held_at=timezone.now())
    return line


def test_connecting_keeps_the_key_encrypted_and_allows_the_host(
    client: Client, admin: Member, team: Team
) -> None:
    answer = client.post(CONNECT, given(accept_automation="on", holder=admin.user.pk))
    line = Line.objects.get(team=team)
    assert answer["Location"] == reverse("sms:line", args=[line.pk])
    assert (line.number, line.base_url, line.access_key) == ("+33639981020", "https://gateway.example", KEY)
    assert line.automation_accepted_by == admin.user
    assert GatewayHost.objects.get().host == "gateway.example"
    with connection.cursor() as cursor:
        cursor.execute("SELECT access_key FROM sms_line")
        assert KEY not in cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("http://gateway.example", "must start with https://"),
        ("https://user:pw@gateway.example", "must not hold a user name"),
        ("https://gateway.example/?x=1", "must not hold a question mark"),
        ("ftp://gateway.example", "must start with https://"),
        ("https://", "names no host"),
        ("https://[::1", "be read"),
        ("https://gateway.example\\evil", "holds a space or a character"),
    ],
)
def test_an_unfit_base_url_is_said_beside_the_field(client: Client, address: str, says: str) -> None:
    answer = client.post(CONNECT, given(base_url=address))
    assert answer.status_code == 422
    wrong = re.search(r'id="id_base_url_error">([^<]*)<', answer.content.decode())
    assert wrong
    assert says in wrong[1]
    assert not Line.objects.exists()
    assert not GatewayHost.objects.exists()


def test_the_key_is_on_no_page_not_even_after_a_mistake(client: Client, team: Team) -> None:
    line = make_line(team, access_key=KEY)
    pages = [client.post(CONNECT, given(base_url="nope", name="Other")), client.get(LINES)]
    pages += [
        client.get(reverse(name, args=[line.pk]))
        for name in ("sms:line", "sms:line-test", "sms:line-new-address")
    ]
    pages += [client.post(reverse("sms:line", args=[line.pk]), given(pace=-1))]
    assert all(KEY not in page.content.decode() for page in pages)


def test_every_word_about_addresses_is_known_to_the_translators() -> None:
    said = re.findall(r'BaseUrlRefused\("([^"]+)"\)', Path(addresses.__file__).read_text())
    assert said
    assert set(said) == set(forms.ADDRESS_WORDS)


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("time_zone", "Mars/Olympus"),
        ("send_path", "/../etc"),
        ("number", "12"),
        ("pace", "-1"),
        ("pace", "9999999"),
        ("access_key", ""),
    ],
)
def test_what_does_not_fit_is_refused(client: Client, field: str, typed: str) -> None:
    assert client.post(CONNECT, given(**{field: typed})).status_code == 422
    assert not Line.objects.exists()


def test_two_lines_of_a_team_have_two_names(client: Client, team: Team) -> None:
    make_line(team, "Malik")
    assert "Another line of your team" in client.post(CONNECT, given()).content.decode()


def test_a_change_writes_what_changed_and_leaves_the_senders_lease_alone(
    client: Client, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow_clean(form: forms.LineForm) -> str:
        """A sender takes the line while the page is being saved."""
        Line.objects.filter(pk=line.pk).update(sender="worker", failures=3)
        return str(form.cleaned_data["name"])

    monkeypatch.setattr(forms.LineForm, "clean_name", slow_clean)
    answer = client.post(
        reverse("sms:line", args=[line.pk]), given(name="Renamed", access_key="", base_url=line.base_url)
    )
    assert answer.status_code == 302
    line.refresh_from_db()
    assert (line.name, line.access_key, line.sender, line.failures) == ("Renamed", "sandbox", "worker", 3)
    entry = AuditEntry.objects.get(action="line.changed")
    assert "access_key" not in entry.detail["settings"]


def test_a_new_key_is_noted_and_not_told(client: Client, line: Line) -> None:
    client.post(reverse("sms:line", args=[line.pk]), given(access_key="another-key"))
    line.refresh_from_db()
    assert line.access_key == "another-key"
    entry = AuditEntry.objects.get(action="line.changed")
    assert "access_key" in entry.detail["settings"]
    assert "another-key" not in str(entry.detail)


def test_hold_and_resume_by_hand(client: Client, admin: Member, line: Line) -> None:
    client.post(reverse("sms:line-hold", args=[line.pk]))
    line.refresh_from_db()
    assert (line.state, line.held_reason) == ("held", "by_hand")
    assert "somebody of your team held it" in client.get(LINES).content.decode()
    client.post(reverse("sms:line-resume", args=[line.pk]))
    line.refresh_from_db()
    assert line.state == "active"
    assert list(AuditEntry.objects.filter(actor=admin.user).values_list("action", flat=True)) == [
        "line.held",
        "line.resumed",
    ]
    assert not SendAttempt.objects.exists()


def test_a_held_line_is_resumed_when_the_gateway_takes_a_request_that_sends_nothing(
    client: Client, team: Team, gateway: Gateway
) -> None:
    line = held(make_line(team, base_url=gateway.url, access_key="old"))
    client.post(reverse("sms:line-resume", args=[line.pk]), {"access_key": KEY})
    line.refresh_from_db()
    assert line.state == "active"
    assert gateway.requests[0]["header"]["mode"] == "test"
    assert gateway.requests[0]["header"]["accessKey"] == KEY
    assert SendAttempt.objects.get().http_status == 200


@pytest.mark.parametrize(
    ("mode", "reason"),
    [("401", "credentials"), ("404", "not_found"), ("500", "credentials"), ("reset", "credentials")],
)
def test_a_held_line_stays_held_and_says_why(
    client: Client, team: Team, gateway: Gateway, mode: str, reason: str
) -> None:
    line = held(make_line(team, base_url=gateway.url))
    gateway.mode = mode
    page = client.post(
        reverse("sms:line-resume", args=[line.pk]), {"access_key": "new"}, follow=True
    ).content.decode()
    line.refresh_from_db()
    assert (line.state, line.held_reason) == ("held", reason)
    assert "stays held" in page


def test_a_test_is_one_text_however_often_the_form_is_sent(
    client: Client, team: Team, gateway: Gateway
) -> None:
    line = make_line(team, base_url=gateway.url)
    form = {"number": "06 39 98 42 17", "key": str(uuid4())}
    answers = [client.post(reverse("sms:line-test", args=[line.pk]), form) for _ in range(3)]
    message = Message.objects.get()
    assert (message.number, message.lane) == ("+33639984217", Message.Lane.CONVERSATION)
    assert {answer["Location"] for answer in answers} == {
        reverse("sms:line-tested", args=[line.pk, message.pk])
    }
    drain.drain(line.pk)
    page = client.get(answers[0]["Location"], headers={"HX-Request": "true"}).content.decode()
    assert re.findall(r'<li class="(\w+)"', page) == ["done", "done", "next", "next"]
    assert "<html" not in page


def test_a_used_form_with_another_number_is_refused(client: Client, line: Line) -> None:
    key = str(uuid4())
    client.post(reverse("sms:line-test", args=[line.pk]), {"number": "06 39 98 42 17", "key": key})
    again = client.post(reverse("sms:line-test", args=[line.pk]), {"number": "06 39 98 42 18", "key": key})
    assert again.status_code == 422
    assert Message.objects.count() == 1


def test_a_new_address_is_asked_about_first_and_ends_the_old_one(client: Client, line: Line) -> None:
    old = line.callback_path
    address = reverse("sms:line-new-address", args=[line.pk])
    client.get(address)
    assert client.get(old).status_code == 200
    client.post(address)
    line.refresh_from_db()
    assert line.callback_path != old
    assert client.get(old + "?x=1").status_code == 404
    assert client.get(line.callback_path + "?x=1").status_code == 200
    assert Callback.objects.count() == 1


@pytest.mark.parametrize(
    ("public", "base_url", "warned"),
    [
        ("", "https://gateway.example", True),
        ("", "http://127.0.0.1:9", False),
        ("https://crm.example.com", "https://gateway.example", False),
    ],
)
def test_an_address_that_the_gateway_cannot_reach_is_warned_about(
    team: Team, settings: Any, public: str, base_url: str, warned: bool
) -> None:
    settings.PUBLIC_URL = public
    client = Client()
    # The demo's people can't sign in where the internet reaches Ligne.
    client.force_login(
        make_member(team, "admin@shop.example.com", Role.ADMIN).user, backend="teams.accounts.Backend"
    )
    line = make_line(team, base_url=base_url)
    page = client.get(reverse("sms:line", args=[line.pk])).content.decode()
    assert ("LIGNE_PUBLIC_URL" in page) is warned
    assert (public or "http://127.0.0.1:8000") + line.callback_path in page


def test_a_page_of_many_lines_takes_as_many_statements_as_of_one(client: Client, team: Team) -> None:
    counts = []
    for more in (1, 12):
        for number in range(more):
            make_line(team, f"Line {more} {number}")
        client.get(LINES)
        with CaptureQueriesContext(connection) as caught:
            client.get(LINES)
        counts.append(len(caught))
    assert counts[0] == counts[1] <= 12


def test_stored_key_does_not_follow_a_line_to_another_host(client: Client, line: Line) -> None:
    address = reverse("sms:line", args=[line.pk])
    assert client.post(address, given(access_key="")).status_code == 422
    line.refresh_from_db()
    assert line.base_url == "http://127.0.0.1:9"
    assert client.post(address, given(access_key="another")).status_code == 302
    line.refresh_from_db()
    assert (line.base_url, line.access_key) == ("https://gateway.example", "another")
