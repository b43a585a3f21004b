"""The inbox's rows and folders: what they say, who sees them, how they go on."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts.models import Contact
from sms.conversations import summary
from sms.conversations.inbox import RowCursor
from sms.models import Call, Conversation, Line, Message
from teams.access import Member
from teams.models import Team
from teams.models.team import Visibility
from tests.conftest import contact_of, make_line, make_member
from tests.sms.conversations.conftest import HTMX, browser, rang, receive, written

INBOX = reverse("sms:inbox")


def _many(line: Line, count: int) -> None:
    """Conversations named by their number, the highest being the newest."""
    now = timezone.now()
    for n in range(count):
        contact = Contact.objects.get(pk=contact_of(line.team, f"+336399{80000 + n}"))
        contact.last_name = f"Person{n:03}"
        contact.save()
        summary.write(
            [
                summary.Touch(
                    team_id=line.team_id,
                    contact_id=contact.pk,
                    line_id=line.pk,
                    at=now - timedelta(minutes=count - n),
                    kind="in",
                    preview=f"Text {n}",
                )
            ]
        )


def test_row_says_who_what_and_since_when_they_wait(signed_in: Client, camille: Contact) -> None:
    page = signed_in.get(INBOX).content.decode()
    assert "Camille Aubertin" in page
    assert "Vous pouvez passer jeudi ?" in page
    assert 'class="row unread open' in page
    assert "14 min" in page


def test_contact_without_a_name_is_shown_by_its_number(signed_in: Client, line: Line) -> None:
    contact = Contact.objects.get(pk=contact_of(line.team, "+33639987144"))
    receive(line, contact, "Bonjour")
    assert "06\u00a039\u00a098\u00a071\u00a044" in signed_in.get(INBOX).content.decode()


def test_what_went_wrong_stands_first(signed_in: Client, line: Line, camille: Contact) -> None:
    written(line, camille, "Jeudi 17 h 45", Message.State.FAILED, state_reason="not_sent")
    page = signed_in.get(INBOX + "?folder=failed").content.decode()
    assert "Failed · Jeudi 17 h 45" in page


@pytest.mark.parametrize(
    ("direction", "seconds", "said"),
    [
        ("missed", 22, "Missed call, rang 22\u00a0s"),
        ("incoming", 400, "Call, 6\u00a0min 40\u00a0s"),
        ("unknown", None, "Call"),
    ],
)
def test_calls_are_told_with_their_length(
    signed_in: Client, line: Line, camille: Contact, direction: str, seconds: int | None, said: str
) -> None:
    rang(line, camille, direction, seconds)
    page = signed_in.get(INBOX).content.decode().replace("\u00a0", " ")
    assert said.replace("\u00a0", " ") in page


def test_folders_hold_what_they_say(
    signed_in: Client, line: Line, camille: Contact, agent: Member, admin: Member
) -> None:
    other = Contact.objects.get(pk=contact_of(line.team, "+33639980002"))
    written(line, other, "Parfait", Message.State.DELIVERED)
    Conversation.objects.filter(pk=other.pk).update(assignee=agent.user)
    expected = {"all": 2, "mine": 1, "unassigned": 1, "waiting": 1, "failed": 0, "unknown": 0}
    for folder, count in expected.items():
        page = signed_in.get(INBOX, {"folder": folder}).content.decode()
        assert page.count('class="row ') == count, folder


def test_counts_stop_at_99(signed_in: Client, line: Line) -> None:
    _many(line, 101)
    page = signed_in.get(INBOX).content.decode()
    assert "99+" in page
    assert ">101<" not in page


def test_empty_folder_has_no_count_and_says_what_it_is_for(signed_in: Client, line: Line) -> None:
    page = signed_in.get(INBOX, {"folder": "mine"}).content.decode()
    assert '<span class="c ' not in page
    assert "Conversations assigned to you appear here." in page


def test_pages_meet_without_gap_or_double(signed_in: Client, line: Line) -> None:
    _many(line, 120)
    seen: list[str] = []
    address: str | None = INBOX
    for _round in range(3):
        assert address is not None
        page = signed_in.get(address, headers=HTMX).content.decode()
        seen += [part[:9] for part in page.split("<bdi>")[1:] if part.startswith("Person")]
        address = (
            page.split('class="more" href="')[1].split('"')[0].replace("&amp;", "&")
            if "more" in page
            else None
        )
    assert seen == [f"Person{n:03}" for n in reversed(range(120))]
    assert address is None


def test_conversations_of_one_instant_are_all_shown(signed_in: Client, line: Line) -> None:
    _many(line, 60)
    Conversation.objects.update(last_at=timezone.now())
    first = signed_in.get(INBOX, headers=HTMX).content.decode()
    more = first.split('class="more" href="')[1].split('"')[0].replace("&amp;", "&")
    second = signed_in.get(more, headers=HTMX).content.decode()
    assert first.count('class="row ') + second.count('class="row ') == 60


def test_refetch_gives_back_as_many_rows_as_were_loaded(signed_in: Client, line: Line) -> None:
    _many(line, 120)
    page = signed_in.get(INBOX, {"rows": ["50", "50"]}, headers=HTMX).content.decode()
    assert page.count('class="row ') == 100
    assert 'id="folders" hx-swap-oob="true"' in page


def test_refetch_is_not_talked_into_thousands_of_rows(signed_in: Client, line: Line) -> None:
    _many(line, 60)
    for given in ("9999", "-5", "x", "1e9", "99999999999999999999"):
        assert signed_in.get(INBOX, {"rows": given}, headers=HTMX).status_code == 200


def test_list_goes_on_without_javascript(signed_in: Client, line: Line) -> None:
    _many(line, 60)
    first = signed_in.get(INBOX).content.decode()
    more = first.split('class="more" href="')[1].split('"')[0].replace("&amp;", "&")
    second = signed_in.get(more).content.decode()
    assert "<html" in second
    assert "Person000" in second
    assert "Back to the newest" in second


# No moment of the test run: each process that shares the tests must find the same ones.
CUT = str(RowCursor(datetime(2026, 11, 22, 9, 30, 15, 123456, tzinfo=UTC), 1))[:-4]


@pytest.mark.parametrize("cursor", ["x", "%00", "é", "A" * 9000, CUT, "fHw"])
def test_cursor_that_was_tampered_with_is_400(signed_in: Client, line: Line, cursor: str) -> None:
    assert signed_in.get(INBOX, {"before": cursor}).status_code in (200, 400)
    assert signed_in.get(INBOX, {"before": "x"}).status_code == 400


def test_unknown_folder_is_the_whole_inbox(signed_in: Client, camille: Contact) -> None:
    assert "Camille" in signed_in.get(INBOX, {"folder": "<script>"}).content.decode()


def test_names_and_texts_are_only_text(signed_in: Client, line: Line, camille: Contact) -> None:
    camille.last_name = "<script>alert(1)</script>"
    camille.save()
    receive(line, camille, "<img src=x onerror=alert(2)>")
    page = signed_in.get(INBOX).content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page


def test_right_to_left_names_are_kept_apart(signed_in: Client, line: Line, camille: Contact) -> None:
    camille.first_name = "ليلى"
    camille.save()
    assert "<bdi>ليلى Aubertin</bdi>" in signed_in.get(INBOX).content.decode()


def test_outsider_sees_nothing_of_it(outsider: Member, camille: Contact) -> None:
    page = browser(outsider).get(INBOX)
    assert page.status_code == 200
    assert "Camille" not in page.content.decode()


def test_agent_of_own_sees_assigned_unassigned_and_their_line(
    team: Team, agent: Member, admin: Member, camille: Contact
) -> None:
    Team.objects.filter(pk=team.pk).update(agents_see=Visibility.OWN)
    page = browser(agent)
    thread = reverse("sms:thread", args=[camille.pk])
    assert "Camille" in page.get(INBOX).content.decode()  # nobody's
    Conversation.objects.update(assignee=admin.user)
    assert "Camille" not in page.get(INBOX).content.decode()
    assert page.get(thread).status_code == 404
    Line.objects.update(holder=agent.user)
    assert "Camille" in page.get(INBOX).content.decode()
    assert page.get(thread).status_code == 200
    Line.objects.update(holder=None)
    Conversation.objects.update(assignee=agent.user)
    assert page.get(thread).status_code == 200
    assert browser(admin).get(thread).status_code == 200


def test_manager_sees_all_where_agents_see_their_own(
    team: Team, manager: Member, admin: Member, camille: Contact
) -> None:
    Team.objects.filter(pk=team.pk).update(agents_see=Visibility.OWN)
    Conversation.objects.update(assignee=admin.user)
    assert "Camille" in browser(manager).get(INBOX).content.decode()


def test_hidden_callers_and_texts_without_sender_stand_in_their_folder(signed_in: Client, line: Line) -> None:
    at = timezone.now()
    Call.objects.create(
        team=line.team, line=line, direction="missed", duration_s=9, happened_at=at, received_at=at
    )
    Message.objects.create(
        team=line.team,
        line=line,
        direction="in",
        text="Sans nom",
        state="received",
        happened_at=at,
        received_at=at,
    )
    page = signed_in.get(INBOX, {"folder": "unknown"}).content.decode()
    assert "Sans nom" in page
    assert "Missed call" in page
    assert '<form class="composer' not in page


def test_unknown_senders_go_on_by_keyset(signed_in: Client, line: Line) -> None:
    at = timezone.now()
    for n in range(35):
        when = at - timedelta(minutes=n // 2)
        kind = {"team": line.team, "line": line, "happened_at": when, "received_at": when}
        if n % 2:
            Call.objects.create(direction="missed", **kind)
        else:
            Message.objects.create(direction="in", text=f"Text {n}", state="received", **kind)
    first = signed_in.get(INBOX, {"folder": "unknown"}).content.decode()
    older = first.split('hx-get="')[1].split('"')[0].replace("&amp;", "&")
    second = signed_in.get(older, headers=HTMX).content.decode()
    assert first.count('id="ev-message') + second.count('id="ev-message') == 18
    assert first.count('id="ev-call') + second.count('id="ev-call') == 17


def test_line_of_another_team_does_not_leak_its_unknown_senders(signed_in: Client, other_team: Team) -> None:
    at = timezone.now()
    foreign = make_line(other_team)
    Message.objects.create(
        team=other_team,
        line=foreign,
        direction="in",
        text="Secret",
        state="received",
        happened_at=at,
        received_at=at,
    )
    assert "Secret" not in signed_in.get(INBOX, {"folder": "unknown"}).content.decode()


def test_session_that_ended_sends_the_whole_browser_to_sign_in(client: Client, camille: Contact) -> None:
    headers = {**HTMX, "HX-Current-URL": f"http://testserver/inbox/{camille.pk}/?folder=mine"}
    answer = client.get(INBOX, headers=headers)
    assert answer.status_code == 401
    assert (
        answer.headers["HX-Redirect"] == f"/accounts/login/?next=%2Finbox%2F{camille.pk}%2F%3Ffolder%3Dmine"
    )


@pytest.mark.parametrize(
    "page", ["https://a.example//evil.example/", "javascript:alert(1)", "//evil.example", ""]
)
def test_way_back_after_signing_in_stays_on_this_site(client: Client, db: None, page: str) -> None:
    answer = client.get(INBOX, headers={**HTMX, "HX-Current-URL": page})
    assert answer.status_code == 401
    assert answer.headers["HX-Redirect"] in ("/accounts/login/", "/accounts/login/?next=%2F")


def test_member_without_a_name_is_shown(signed_in: Client, camille: Contact, team: Team) -> None:
    nameless = make_member(team, "nn@brehat.example")
    Conversation.objects.update(assignee=nameless.user)
    assert "nn@brehat.example" in signed_in.get(INBOX).content.decode()
