"""A thread: what stands on the line, in which order, and what becomes read."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts.models import ConsentChange, Contact, ContactPhone
from sms.conversations.timeline import Cursor
from sms.models import Call, Click, Conversation, Line, Message, Note, Qualification
from teams.access import Member
from teams.models import Team, User
from tests.conftest import contact_of, make_line
from tests.sms.conversations.conftest import HTMX, browser, rang, receive, written


def thread(contact: Contact) -> str:
    return reverse("sms:thread", args=[contact.pk])


def events(contact: Contact) -> str:
    return reverse("sms:thread-events", args=[contact.pk])


def _next(page: str, what: str) -> str:
    return page.split(what)[1].split('"')[0].replace("&amp;", "&")


def test_newest_stands_below(signed_in: Client, line: Line, camille: Contact) -> None:
    written(line, camille, "Oui, 17 h 45", Message.State.DELIVERED)
    page = signed_in.get(thread(camille)).content.decode().split('id="newest"')[1]
    assert page.index("Vous pouvez passer jeudi ?") < page.index("Oui, 17 h 45")


def test_thread_begins_with_its_newest_thirty_and_goes_back_by_pages(
    signed_in: Client, line: Line, camille: Contact
) -> None:
    for n in range(75):
        receive(line, camille, f"Texte numero {n:02}.", ago=timedelta(days=3, minutes=n))
    page = signed_in.get(thread(camille)).content.decode()
    assert page.count('class="ev in"') == 30
    older = events(camille) + "?before" + _next(page, events(camille) + "?before")
    second_page = signed_in.get(older, headers=HTMX).content.decode()
    assert second_page.count('class="ev in"') == 30
    older = events(camille) + "?before" + _next(second_page, events(camille) + "?before")
    third_page = signed_in.get(older, headers=HTMX).content.decode()
    assert third_page.count('class="ev in"') == 16
    assert "?before" not in third_page
    plain = signed_in.get(older).content.decode()
    assert "<html" in plain
    assert "Back to the newest" in plain


def test_newest_part_is_fetched_again_from_where_it_began(
    signed_in: Client, line: Line, camille: Contact
) -> None:
    for n in range(40):
        receive(line, camille, f"Texte {n}", ago=timedelta(hours=1, minutes=n))
    page = signed_in.get(thread(camille)).content.decode()
    again = _next(page, 'id="newest" hx-get="')
    receive(line, camille, "Encore moi")
    fragment = signed_in.get(again, headers=HTMX).content.decode()
    assert "Encore moi" in fragment
    assert fragment.count('class="ev in"') == 31
    assert "<html" not in fragment


def test_opening_makes_it_read_and_a_hidden_tab_does_not(
    signed_in: Client, line: Line, camille: Contact
) -> None:
    def unread() -> int:
        return Conversation.objects.get(pk=camille.pk).unread

    assert unread() == 1
    signed_in.get(events(camille), {"seen": "0"}, headers=HTMX)
    assert unread() == 1
    signed_in.get(thread(camille))
    assert unread() == 0
    receive(line, camille, "Encore moi")
    signed_in.get(events(camille), {"seen": "1"}, headers=HTMX)
    assert unread() == 0


def test_line_is_open_from_the_first_unanswered_event(
    signed_in: Client, line: Line, camille: Contact
) -> None:
    receive(line, camille, "Allo ?", ago=timedelta(minutes=2))
    page = signed_in.get(thread(camille)).content.decode()
    first = Message.objects.get(text="Vous pouvez passer jeudi ?")
    assert f'id="ev-message-{first.pk}"  data-below="open"' in page
    assert page.count('data-below="open"') == 1
    assert "data-owed" in page


def test_line_is_closed_by_an_answer(signed_in: Client, line: Line, camille: Contact) -> None:
    written(line, camille, "Oui", Message.State.QUEUED, due_at=timezone.now())
    page = signed_in.get(thread(camille)).content.decode()
    assert 'data-below="open"' not in page
    assert "data-owed" not in page


def test_line_is_open_from_above_when_the_first_unanswered_is_pages_ago(
    signed_in: Client, line: Line, camille: Contact
) -> None:
    for n in range(40):
        receive(line, camille, f"Encore {n}", ago=timedelta(minutes=13, seconds=-n))
    page = signed_in.get(thread(camille)).content.decode()
    assert "data-open" in page
    assert 'data-below="open"' not in page


@pytest.mark.parametrize(
    ("state", "reason", "said"),
    [
        ("failed", "not_sent: Number not in service", "The gateway did not send it. “Number not in service”"),
        ("failed", "refused", "The gateway refused it."),
        ("uncertain", "read_timeout", "The phone did not answer, it may have gone out."),
        ("uncertain", "sender_lost", "Ligne was stopped while handing it over, it may have gone out."),
        (
            "uncertain",
            "http_502: Bad Gateway",
            "The gateway answered with an error (502), it may have gone out.",
        ),
        ("skipped", "opted_out", "They opted out."),
        ("skipped", "not_textable", "This sender is no phone number and cannot be texted."),
        ("failed", "some_new_code: Their own words", "Their own words"),
    ],
)
def test_states_are_told_in_words(
    signed_in: Client, line: Line, camille: Contact, state: str, reason: str, said: str
) -> None:
    message = written(line, camille, "Bonjour", state, state_reason=reason)
    page = signed_in.get(thread(camille)).content.decode()
    assert said in page
    again = reverse("sms:message-again", args=[message.pk])
    leave = reverse("sms:message-leave", args=[message.pk])
    assert (again in page) == (state in ("failed", "uncertain"))
    assert (leave in page) == (state in ("failed", "uncertain"))


def test_nothing_is_left_to_decide_about_what_was_left(
    signed_in: Client, line: Line, camille: Contact
) -> None:
    written(line, camille, "Bonjour", "uncertain", state_reason="deadline", left_at=timezone.now())
    assert "Send again" not in signed_in.get(thread(camille)).content.decode()


def test_what_waits_can_be_cancelled_and_says_when_it_leaves(
    signed_in: Client, line: Line, camille: Contact
) -> None:
    later = timezone.now() + timedelta(days=1)
    written(line, camille, "Demain", "queued", due_at=later)
    Message.objects.filter(text="Demain").update(happened_at=later)
    page = signed_in.get(thread(camille)).content.decode()
    assert "Leaves" in page
    assert "Cancel" in page


def test_what_waits_on_a_held_line_says_so(signed_in: Client, line: Line, camille: Contact) -> None:
    Line.objects.update(state=Line.State.HELD)
    written(line, camille, "Bonjour", "queued", due_at=timezone.now())
    page = signed_in.get(thread(camille)).content.decode()
    assert "The line is held; it waits and is not lost." in page
    assert "is held: what you send waits" in page


def test_clicks_say_what_was_opened_how_soon_and_the_second_time(
    signed_in: Client, line: Line, camille: Contact
) -> None:
    now = timezone.now()
    sent = written(
        line,
        camille,
        "Votre devis {link}",
        "delivered",
        delivered_at=now - timedelta(hours=1),
        url="https://www.example.com/devis?u=1",
    )
    common = {"team": line.team, "line": line, "contact": camille, "message": sent, "received_at": now}
    at = now - timedelta(minutes=56)
    Click.objects.create(
        link="https://arsms.co/x", happened_at=now - timedelta(hours=1), doubtful=True, **common
    )
    Click.objects.create(link="https://arsms.co/x", happened_at=at, **common)
    Click.objects.create(link="https://arsms.co/x", happened_at=at + timedelta(minutes=5), **common)
    page = signed_in.get(thread(camille)).content.decode().replace("\u00a0", " ")
    assert "<bdi>example.com/devis</bdi></b> 4 min after delivery" in page
    assert page.count("2nd time") == 1
    assert page.count("likely a preview robot") == 1
    assert "arsms.co" not in page


def test_tracked_link_stands_in_its_place(signed_in: Client, line: Line, camille: Contact) -> None:
    written(line, camille, "Ici {link} merci", "sent", url="https://example.com/devis")
    page = signed_in.get(thread(camille)).content.decode()
    assert 'Ici <a href="https://example.com/devis"' in page
    assert "{link}" not in page.split('id="newest"')[1].split("</ol>")[0]


def test_address_of_a_foreign_scheme_is_never_a_link(signed_in: Client, line: Line, camille: Contact) -> None:
    written(line, camille, "Ici {link}", "sent", url="javascript:alert(1)")
    receive(line, camille, "javascript:alert(2)")
    assert 'href="javascript' not in signed_in.get(thread(camille)).content.decode()


def test_calls_carry_length_holder_and_what_was_noted_once(
    signed_in: Client, line: Line, camille: Contact, admin: Member
) -> None:
    Line.objects.update(holder=admin.user)
    call = rang(line, camille, Call.Direction.OUTGOING, 252)
    now = timezone.now()
    common = {"team": line.team, "line": line, "contact": camille, "happened_at": now, "received_at": now}
    Qualification.objects.create(call=call, source="mobile", text="Interessee par la pose", **common)
    Qualification.objects.create(call=None, source="interface", text="Sans appel", **common)
    page = signed_in.get(thread(camille)).content.decode().replace("\u00a0", " ")
    assert "Malik called" in page
    assert "4 min 12 s" in page
    assert page.count("Interessee par la pose") == 1
    assert "noted by Malik" in page
    assert "Sans appel" in page


def test_notes_and_consent_stand_on_the_line(
    signed_in: Client, line: Line, camille: Contact, admin: Member
) -> None:
    now = timezone.now()
    Note.objects.create(
        team=line.team, contact=camille, author=admin.user, text="Compare les devis", happened_at=now
    )
    ConsentChange.objects.create(
        team=line.team, contact=camille, kind="opt_out", source="sms", wording="STOP", happened_at=now
    )
    ConsentChange.objects.create(
        team=line.team, contact=camille, kind="opt_in", source="rep", by=admin.user, happened_at=now
    )
    page = signed_in.get(thread(camille)).content.decode()
    assert "Note by Malik" in page
    assert "Compare les devis" in page
    assert "<b>Opted out</b> by text: <bdi>“STOP”</bdi>" in page
    assert "<b>Opted in again</b>, noted by Malik" in page


def test_days_are_the_readers(signed_in: Client, line: Line, camille: Contact, agent: Member) -> None:
    """23:30 in Paris is the next day already in Auckland."""
    at = datetime(2026, 3, 3, 22, 30, tzinfo=UTC)
    message = receive(line, camille, "Tard")
    Message.objects.filter(pk=message.pk).update(happened_at=at)
    assert "3 March" in signed_in.get(thread(camille)).content.decode()
    User.objects.filter(pk=agent.user.pk).update(time_zone="Pacific/Auckland")
    page = signed_in.get(thread(camille)).content.decode()
    assert "4 March" in page
    assert "3 March" not in page


def test_foreign_words_are_only_text_and_keep_their_direction(
    signed_in: Client, line: Line, camille: Contact
) -> None:
    receive(line, camille, "<script>alert(1)</script> مرحبا")
    camille.first_name = '"><img src=x onerror=alert(1)>'
    camille.save()
    page = signed_in.get(thread(camille)).content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert '<div class="bub" dir="auto">&lt;script&gt;alert(1)&lt;/script&gt; مرحبا</div>' in page


def test_outsider_and_unknown_contacts_are_404(outsider: Member, signed_in: Client, camille: Contact) -> None:
    stranger = browser(outsider)
    for name in ("sms:thread", "sms:thread-events"):
        address = reverse(name, args=[camille.pk])
        assert stranger.get(address).status_code == 404
        assert stranger.get(address, headers=HTMX).status_code == 404
    for name in ("sms:send", "sms:note", "sms:assign"):
        assert (
            stranger.post(reverse(name, args=[camille.pk]), {"text": "x", "assignee": ""}).status_code == 404
        )
    assert signed_in.get(reverse("sms:thread", args=[10**25])).status_code == 404


def test_person_without_a_history_has_an_empty_thread(signed_in: Client, team: Team, line: Line) -> None:
    contact = Contact.objects.create(team=team, first_name="Nouvelle")
    page = signed_in.get(thread(contact)).content.decode()
    assert "Nothing has happened with this person yet." in page
    assert "No number is known" in page
    assert not Conversation.objects.exists()


# No moment of the test run: each process that shares the tests must find the same ones.
SOME_TIME = datetime(2026, 11, 22, 9, 30, 15, 123456, tzinfo=UTC)
BAD = [
    "x",
    "é",
    "A" * 9000,
    "fHx8",
    str(Cursor(SOME_TIME, 99, 1)),
    str(Cursor(SOME_TIME, 0, 1))[:-9],
]


@pytest.mark.parametrize("cursor", BAD)
def test_cursor_that_was_tampered_with_is_400(signed_in: Client, camille: Contact, cursor: str) -> None:
    for name in ("before", "from"):
        assert signed_in.get(events(camille), {name: cursor}, headers=HTMX).status_code == 400
    assert signed_in.get(thread(camille), {"before": cursor}).status_code == 400


@pytest.mark.parametrize(
    "cursor",
    [
        Cursor(datetime.max.replace(tzinfo=UTC), 0, 2**70),
        Cursor(datetime.min.replace(tzinfo=UTC), 5, -(2**70)),
        Cursor(timezone.now(), 3, 0),
    ],
)
def test_cursor_of_an_impossible_place_is_a_page(signed_in: Client, camille: Contact, cursor: Cursor) -> None:
    for name in ("before", "from"):
        assert signed_in.get(events(camille), {name: str(cursor)}, headers=HTMX).status_code in (200, 400)


def test_what_stands_around_is_drawn_again_only_when_it_changed(
    signed_in: Client, camille: Contact, agent: Member
) -> None:
    page = signed_in.get(thread(camille)).content.decode()
    again, state = _next(page, 'id="newest" hx-get="'), page.split('{"state": "')[1].split('"')[0]
    assert "hx-swap-oob" not in signed_in.get(again, {"state": state}, headers=HTMX).content.decode()
    Conversation.objects.update(assignee=agent.user)
    fragment = signed_in.get(again + f"&state={state}", headers=HTMX).content.decode()
    assert fragment.count('hx-swap-oob="true"') == 3
    assert 'id="composer"' in fragment


def test_sender_that_is_no_number_can_be_read_not_answered(signed_in: Client, line: Line) -> None:
    contact = Contact.objects.get(pk=contact_of(line.team, "INFO"))
    receive(line, contact, "Solde : 12 Go")
    page = signed_in.get(thread(contact)).content.decode()
    assert "INFO is a sender without a number: it can be read, not answered." in page
    assert "data-send" not in page
    assert "Add note" in page


def test_line_is_named_where_there_are_several(
    signed_in: Client, line: Line, camille: Contact, team: Team
) -> None:
    assert "Malik · <time" not in signed_in.get(thread(camille)).content.decode()
    make_line(team, "Ines")
    page = signed_in.get(thread(camille)).content.decode()
    assert "Malik · <time" in page
    assert '<select name="line"' in page


def test_number_they_wrote_from_last_is_the_one_that_is_answered(
    signed_in: Client, line: Line, camille: Contact
) -> None:
    ContactPhone.objects.create(team=line.team, contact=camille, number="+33639984218")
    Message.objects.create(
        team=line.team,
        line=line,
        contact=camille,
        direction="in",
        number="+33639984218",
        text="Du bureau",
        state="received",
        happened_at=timezone.now(),
        received_at=timezone.now(),
    )
    page = signed_in.get(thread(camille)).content.decode()
    assert '<option value="+33639984218" selected>' in page
