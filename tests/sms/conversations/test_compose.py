"""Writing: what leaves, what is refused and said, and that nothing leaves twice."""

import threading
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts.models import Contact
from sms.models import Conversation, Line, Message, Note
from teams.access import Member
from teams.models import AuditEntry, Team
from tests.conftest import contact_of, make_line, make_member
from tests.sms.conversations.conftest import HTMX, browser, receive, written


def send_to(contact: Contact) -> str:
    return reverse("sms:send", args=[contact.pk])


def ours() -> list[Message]:
    return list(Message.objects.filter(direction=Message.Direction.OUT))


def test_reply_is_queued_from_the_line_they_wrote_to(signed_in: Client, line: Line, camille: Contact) -> None:
    answer = signed_in.post(
        send_to(camille), {"kind": "reply", "text": " Oui,\r\n17 h 45 ", "key": "k1"}, headers=HTMX
    )
    assert answer.status_code == 204
    assert answer.headers["HX-Trigger"] == "ligne:changed"
    (message,) = ours()
    assert (message.text, message.state, message.line, message.number) == (
        "Oui,\n17 h 45",
        "queued",
        line,
        "+33639984217",
    )
    assert message.lane == Message.Lane.CONVERSATION
    assert Conversation.objects.get(pk=camille.pk).waiting_since is None


def test_without_javascript_the_thread_comes_back(signed_in: Client, camille: Contact) -> None:
    answer = signed_in.post(send_to(camille) + "?folder=mine", {"text": "Oui", "key": "k"})
    assert answer.status_code == 302
    assert answer.headers["Location"] == reverse("sms:thread", args=[camille.pk]) + "?folder=mine"
    refused = signed_in.post(send_to(camille), {"text": "Ici", "url": "ftp://x", "key": "k2"})
    assert refused.status_code == 422
    page = refused.content.decode()
    assert "<html" in page
    assert ">Ici</textarea>" in page
    assert "Give an address that begins with https://." in page


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"text": "  \n "}, "Write something first."),
        ({}, "Write something first."),
        ({"text": "x" * 1601}, "1601 characters are too many: at most 1600."),
        ({"text": "x", "url": "javascript:alert(1)"}, "Give an address that begins with https://."),
        ({"text": "x", "url": "pas une adresse"}, "Give an address that begins with https://."),
        ({"text": "Voici {link}"}, "The text says {link}: give the address that stands there."),
        ({"text": "x", "send_at": "demain"}, "Give a day and a time."),
        ({"text": "x", "send_at": "2026-11-25T09:00Z"}, "Give a day and a time."),
        ({"text": "x", "send_at": "0001-01-01T00:00"}, "Give a day and a time."),
        ({"text": "x", "send_at": "2020-01-01T09:00"}, "That time has passed."),
        ({"text": "x", "send_at": "2099-01-01T09:00"}, "At most a year ahead."),
        ({"text": "x", "line": "999999"}, "Choose the line that it leaves from."),
        ({"text": "x", "line": "abc"}, "Choose the line that it leaves from."),
        ({"text": "x", "to": "+33639980099"}, "Choose one of their numbers."),
        ({"text": "x\x00y"}, "Null characters are not allowed."),
    ],
)
def test_refusals_are_said_beside_the_field_and_keep_the_text(
    signed_in: Client, camille: Contact, given: dict[str, str], said: str
) -> None:
    answer = signed_in.post(send_to(camille), {"key": "k", **given}, headers=HTMX)
    assert answer.status_code == 422
    assert answer.headers["HX-Retarget"] == "#composer"
    page = answer.content.decode()
    assert said in page
    if given.get("text", "").startswith("Voici"):
        assert ">Voici {link}</textarea>" in page
    assert not ours()


@pytest.mark.parametrize("text", ["x" * 1600, "é" * 1600])
def test_longest_text_leaves(signed_in: Client, camille: Contact, text: str) -> None:
    assert signed_in.post(send_to(camille), {"text": text, "key": "k"}, headers=HTMX).status_code == 204


def test_tracked_link_gets_its_place(signed_in: Client, camille: Contact) -> None:
    signed_in.post(send_to(camille), {"text": "Ici {link}.", "url": "https://example.com/devis", "key": "k"})
    signed_in.post(send_to(camille), {"text": "Votre devis", "url": "https://example.com/devis", "key": "k2"})
    assert [(m.text, m.url) for m in ours()] == [
        ("Ici {link}.", "https://example.com/devis"),
        ("Votre devis {link}", "https://example.com/devis"),
    ]


@time_machine.travel("2026-11-24T13:32:00Z", tick=False)
def test_send_later_is_in_the_readers_zone(agent: Member, camille: Contact) -> None:
    browser(agent).post(send_to(camille), {"text": "A demain", "send_at": "2026-11-25T09:00", "key": "k"})
    (message,) = ours()
    assert message.due_at.isoformat() == "2026-11-25T08:00:00+00:00"
    assert message.state == "queued"


@time_machine.travel("2027-03-01T12:00:00Z", tick=False)
def test_hour_that_the_clocks_skip_is_refused_in_words(agent: Member, camille: Contact) -> None:
    given = {"text": "x", "send_at": "2027-03-28T02:30", "key": "k"}
    page = browser(agent).post(send_to(camille), given, headers=HTMX).content.decode()
    assert "The clocks go forward that night: 02:30 does not exist." in page


@time_machine.travel("2027-10-01T12:00:00Z", tick=False)
def test_hour_that_comes_twice_is_the_first(agent: Member, camille: Contact) -> None:
    browser(agent).post(send_to(camille), {"text": "x", "send_at": "2027-10-31T02:30", "key": "k"})
    assert ours()[0].due_at.isoformat() == "2027-10-31T00:30:00+00:00"


def test_line_is_chosen_where_there_are_several(signed_in: Client, camille: Contact, team: Team) -> None:
    other = make_line(team, "Ines")
    signed_in.post(send_to(camille), {"text": "x", "line": str(other.pk), "key": "k"})
    assert ours()[0].line == other


def test_line_of_another_team_is_refused(signed_in: Client, camille: Contact, other_team: Team) -> None:
    foreign = make_line(other_team, "Voisin")
    given = {"text": "x", "line": str(foreign.pk), "key": "k"}
    assert signed_in.post(send_to(camille), given, headers=HTMX).status_code == 422
    assert not ours()


def test_held_line_takes_it_and_says_that_it_waits(signed_in: Client, line: Line, camille: Contact) -> None:
    Line.objects.update(state=Line.State.HELD)
    page = signed_in.get(reverse("sms:thread", args=[camille.pk])).content.decode()
    assert "Malik is held: what you send waits, and leaves when the line is resumed." in page
    assert signed_in.post(send_to(camille), {"text": "x", "key": "k"}, headers=HTMX).status_code == 204


def test_same_form_twice_is_one_message(signed_in: Client, camille: Contact) -> None:
    """A double click, a retry, the back button."""
    for _round in range(3):
        assert signed_in.post(send_to(camille), {"text": "Oui", "key": "k"}, headers=HTMX).status_code == 204
    assert len(ours()) == 1


def test_old_form_with_other_words_asks_first(signed_in: Client, camille: Contact) -> None:
    signed_in.post(send_to(camille), {"text": "Oui", "key": "k"})
    answer = signed_in.post(send_to(camille), {"text": "Non", "key": "k"}, headers=HTMX)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert "This form was sent before, with other words." in page
    fresh = page.split('name="key" value="')[1].split('"')[0]
    assert fresh not in ("", "k")
    assert signed_in.post(send_to(camille), {"text": "Non", "key": fresh}, headers=HTMX).status_code == 204
    assert [m.text for m in ours()] == ["Oui", "Non"]


def test_two_people_may_write_the_same_at_once(signed_in: Client, camille: Contact, admin: Member) -> None:
    signed_in.post(send_to(camille), {"text": "Oui", "key": "k"})
    browser(admin).post(send_to(camille), {"text": "Oui", "key": "k"})
    assert len(ours()) == 2


def test_form_without_a_token_is_still_a_message(signed_in: Client, camille: Contact) -> None:
    assert signed_in.post(send_to(camille), {"text": "Oui"}).status_code == 302
    assert len(ours()) == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_parallel_posts_of_one_form_make_one_message(agent: Member, camille: Contact) -> None:
    statuses: list[int] = []
    client = browser(agent)
    cookies = client.cookies

    def post() -> None:
        mine = Client()
        mine.cookies = cookies
        try:
            statuses.append(
                mine.post(send_to(camille), {"text": "Oui", "key": "same"}, headers=HTMX).status_code
            )
        finally:
            connection.close()

    threads = [threading.Thread(target=post) for _n in range(20)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert statuses == [204] * 20
    assert len(ours()) == 1


def test_who_opted_out_is_not_written_to(signed_in: Client, line: Line, camille: Contact) -> None:
    Contact.objects.update(opted_out_at=timezone.now())
    page = signed_in.get(reverse("sms:thread", args=[camille.pk])).content.decode()
    assert "They opted out on" in page
    assert "data-send" not in page
    answer = signed_in.post(send_to(camille), {"text": "x", "key": "k", "reason": "Quand même"}, headers=HTMX)
    assert answer.status_code == 422
    assert not ours()


def test_who_wrote_after_their_stop_is_answered_with_a_reason(
    signed_in: Client, line: Line, camille: Contact
) -> None:
    Contact.objects.update(opted_out_at=timezone.now() - timedelta(days=2))
    page = signed_in.get(reverse("sms:thread", args=[camille.pk])).content.decode()
    assert "Why you answer:" in page
    without = signed_in.post(send_to(camille), {"text": "Oui", "key": "k"}, headers=HTMX)
    assert without.status_code == 422
    assert "Say why you answer" in without.content.decode()
    given = {"text": "Oui", "key": "k", "reason": "Elle demande un rendez-vous"}
    assert signed_in.post(send_to(camille), given, headers=HTMX).status_code == 204
    (message,) = ours()
    assert (message.state, message.override_reason) == ("queued", "Elle demande un rendez-vous")
    page = signed_in.get(reverse("sms:thread", args=[camille.pk])).content.decode()
    assert "Answered after they opted out: Elle demande un rendez-vous" in page


def test_reason_is_not_taken_from_those_who_did_not_opt_out(signed_in: Client, camille: Contact) -> None:
    signed_in.post(send_to(camille), {"text": "Oui", "key": "k", "reason": "x"})
    assert ours()[0].override_reason == ""


def test_sender_without_a_number_is_not_written_to(signed_in: Client, line: Line) -> None:
    contact = Contact.objects.get(pk=contact_of(line.team, "INFO"))
    receive(line, contact, "Solde")
    assert signed_in.post(send_to(contact), {"text": "x", "key": "k"}, headers=HTMX).status_code == 422
    note = {"text": "Publicité", "key": "k", "kind": "note"}
    assert signed_in.post(send_to(contact), note, headers=HTMX).status_code == 204


def test_note_is_for_the_team_and_never_leaves(signed_in: Client, camille: Contact, agent: Member) -> None:
    for _round in range(2):
        answer = signed_in.post(
            send_to(camille), {"text": "Hésite", "key": "k", "kind": "note"}, headers=HTMX
        )
        assert answer.status_code == 204
    note = Note.objects.get()
    assert (note.text, note.author) == ("Hésite", agent.user)
    assert not ours()
    conversation = Conversation.objects.get(pk=camille.pk)
    assert (conversation.last_kind, conversation.preview) == ("note", "Hésite")
    assert conversation.waiting_since is not None
    assert (
        signed_in.post(reverse("sms:note", args=[camille.pk]), {"text": " "}, headers=HTMX).status_code == 422
    )


def decide(name: str, message: Message) -> str:
    return reverse(f"sms:message-{name}", args=[message.pk])


def test_uncertain_message_is_sent_again_once(
    signed_in: Client, line: Line, camille: Contact, admin: Member
) -> None:
    doubtful = written(line, camille, "Jeudi ?", "uncertain", state_reason="deadline")
    assert signed_in.post(decide("again", doubtful), headers=HTMX).status_code == 204
    # A colleague whose page is a moment old presses the same button.
    late = browser(admin).post(decide("again", doubtful), headers=HTMX)
    assert late.status_code == 409
    assert late.headers["HX-Trigger"] == "ligne:changed"
    assert Message.objects.filter(resend_of=doubtful).count() == 1
    assert Conversation.objects.get(pk=camille.pk).trouble == ""


def test_failed_message_is_left(signed_in: Client, line: Line, camille: Contact) -> None:
    failed = written(line, camille, "Jeudi ?", "failed", state_reason="not_sent")
    assert signed_in.post(decide("leave", failed)).status_code == 302
    assert len(ours()) == 1
    assert Conversation.objects.get(pk=camille.pk).trouble == ""


def test_waiting_message_is_cancelled_and_a_claimed_one_is_not(
    signed_in: Client, line: Line, camille: Contact
) -> None:
    waits = written(line, camille, "Demain", "queued", due_at=timezone.now() + timedelta(days=1))
    taken = written(line, camille, "Maintenant", "sending")
    assert signed_in.post(decide("cancel", waits), headers=HTMX).status_code == 204
    assert signed_in.post(decide("cancel", taken), headers=HTMX).status_code == 409
    page = signed_in.post(decide("cancel", taken), follow=True).content.decode()
    assert "Too late: it left already." in page
    assert {m.text: m.state for m in ours()} == {"Demain": "cancelled", "Maintenant": "sending"}


def test_others_decide_nothing(
    outsider: Member, line: Line, camille: Contact, team: Team, agent: Member
) -> None:
    message = written(line, camille, "Jeudi ?", "uncertain")
    for name in ("again", "leave", "cancel"):
        assert browser(outsider).post(decide(name, message)).status_code == 404
        assert browser(outsider).get(decide(name, message)).status_code == 405
    Team.objects.filter(pk=team.pk).update(agents_see="own")
    Conversation.objects.update(assignee=agent.user)
    stranger = make_stranger(team)
    assert browser(stranger).post(decide("again", message)).status_code == 404
    assert browser(stranger).post(send_to(camille), {"text": "x"}).status_code == 404
    theirs = receive(line, camille, "Oui")
    assert browser(agent).post(decide("again", theirs)).status_code == 404


def make_stranger(team: Team) -> Member:
    return make_member(team, "paul@brehat.example", name="Paul Ferrand")


def assign_to(contact: Contact, client: Client, user_id: Any, headers: dict[str, str] | None = None) -> int:
    return client.post(
        reverse("sms:assign", args=[contact.pk]), {"assignee": user_id}, headers=headers
    ).status_code


def test_conversation_is_given_to_a_colleague_and_back(
    signed_in: Client, camille: Contact, admin: Member, outsider: Member
) -> None:
    assert assign_to(camille, signed_in, admin.user.pk, headers=HTMX) == 204
    assert Conversation.objects.get(pk=camille.pk).assignee == admin.user
    assert AuditEntry.objects.filter(action="conversation.assigned").count() == 1
    for nonsense in (outsider.user.pk, "x", "99999999999999999999", "-1"):
        assert assign_to(camille, signed_in, nonsense, headers=HTMX) == 409
    assert Conversation.objects.get(pk=camille.pk).assignee == admin.user
    assert assign_to(camille, signed_in, "") == 302
    assert Conversation.objects.get(pk=camille.pk).assignee is None


def test_given_away_by_one_who_sees_only_their_own_leads_back_to_the_list(
    signed_in: Client, camille: Contact, admin: Member, team: Team
) -> None:
    Team.objects.filter(pk=team.pk).update(agents_see="own")
    address = reverse("sms:assign", args=[camille.pk])
    answer = signed_in.post(address, {"assignee": admin.user.pk}, headers=HTMX)
    assert answer.headers["HX-Redirect"] == reverse("sms:inbox")
    assert signed_in.post(address, {"assignee": ""}).status_code == 404


FIRST = reverse("sms:compose")


def test_first_message_goes_to_a_number_however_written(signed_in: Client, line: Line) -> None:
    answer = signed_in.post(FIRST, {"to": "06 39 98 71 44", "text": "Bonjour", "key": "k"})
    (message,) = ours()
    assert message.number == "+33639987144"
    assert answer.headers["Location"] == reverse("sms:thread", args=[message.contact_id])


def test_first_message_goes_to_the_one_contact_called_so(signed_in: Client, camille: Contact) -> None:
    signed_in.post(FIRST, {"to": "camille aubertin", "text": "Bonjour", "key": "k"})
    assert ours()[0].contact_id == camille.pk


def test_who_is_only_nearly_called_so_is_offered_and_never_written_to(
    signed_in: Client, line: Line, camille: Contact
) -> None:
    answer = signed_in.post(FIRST, {"to": "Camile Aubretin", "text": "Bonjour", "key": "k"})
    assert answer.status_code == 422
    assert 'value="+33639984217"' in answer.content.decode()
    assert not Message.objects.filter(direction="out").exists()
    found = signed_in.get(FIRST, {"to": "aubretin"}, headers={"HX-Request": "true"}).content.decode()
    assert "Camille Aubertin" in found


def test_several_of_a_name_are_offered(signed_in: Client, line: Line, camille: Contact) -> None:
    other = Contact.objects.get(pk=contact_of(line.team, "+33639980002"))
    other.first_name = "Camille"
    other.last_name = "Le Gall"
    other.save()
    answer = signed_in.post(FIRST, {"to": "camille", "text": "Bonjour", "key": "k"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Several people are called so: choose one." in page
    assert 'type="radio" name="to" value="+33639980002"' in page
    assert ">Bonjour</textarea>" in page
    assert "Camille Aubertin" in signed_in.get(FIRST, {"to": "camil"}, headers=HTMX).content.decode()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"to": "", "text": "x"}, "Say to whom: a number or a name."),
        ({"to": "Personne", "text": "x"}, "No contact is called so, and it is no number."),
        ({"to": "12", "text": "x"}, "No contact is called so, and it is no number."),
        ({"to": "0639987144", "text": ""}, "Write something first."),
    ],
)
def test_first_message_is_refused_in_words(
    signed_in: Client, line: Line, given: dict[str, str], said: str
) -> None:
    answer = signed_in.post(FIRST, {"key": "k", **given})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not ours()


def test_first_message_respects_opt_outs_and_colleagues(
    signed_in: Client, camille: Contact, team: Team, admin: Member, outsider: Member
) -> None:
    given = {"to": "+33639984217", "text": "x", "key": "k"}
    Contact.objects.update(opted_out_at=timezone.now())
    assert "They opted out on" in signed_in.post(FIRST, given).content.decode()
    Contact.objects.update(opted_out_at=None)
    Team.objects.filter(pk=team.pk).update(agents_see="own")
    Conversation.objects.update(assignee=admin.user)
    assert "A colleague looks after this person." in signed_in.post(FIRST, given).content.decode()
    assert not ours()
    assert browser(outsider).get(FIRST, {"to": "camille"}, headers=HTMX).content.decode().strip() == ""


def test_without_a_line_nothing_can_be_written(signed_in: Client, team: Team) -> None:
    assert "No line is connected yet." in signed_in.get(FIRST).content.decode()
    contact = Contact.objects.get(pk=contact_of(team, "+33639980005"))
    page = signed_in.get(reverse("sms:thread", args=[contact.pk])).content.decode()
    assert "No line is connected yet" in page
    assert signed_in.post(send_to(contact), {"text": "x", "key": "k"}, headers=HTMX).status_code == 422
    assert signed_in.post(FIRST, {"to": "0639980005", "text": "x", "key": "k"}).status_code == 422
