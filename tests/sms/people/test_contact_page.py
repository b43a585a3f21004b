"""A person's page: their fields, what they allow, all that happened, newest first."""

import html
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from contacts.models import ConsentChange, Contact
from sms import consent
from sms.models import Conversation, Line, Message, Note
from sms.sending.queue import Draft, enqueue
from teams.access import Member
from teams.models import Team
from teams.models.team import Visibility
from tests.conftest import contact_of

pytestmark = pytest.mark.django_db
NUMBER = "+33639984217"


def sign_in(member: Member) -> Client:
    client = Client()
    client.force_login(member.user, backend="teams.accounts.Backend")
    return client


@pytest.fixture
def contact(team: Team) -> Contact:
    return Contact.objects.get(pk=contact_of(team, NUMBER))


def note(contact: Contact, text: str, minutes_ago: int) -> None:
    at = timezone.now() - timedelta(minutes=minutes_ago)
    Note.objects.create(team=contact.team, contact=contact, text=text, happened_at=at)


def page_of(member: Member, contact: Contact, **query: str) -> str:
    return sign_in(member).get(reverse("sms:contact", args=[contact.pk]), query).content.decode()


def test_newest_stands_first(agent: Member, contact: Contact) -> None:
    note(contact, "older note", 20)
    note(contact, "newer note", 5)
    page = page_of(agent, contact)
    assert 0 < page.index("newer note") < page.index("older note")


def test_a_filter_shows_its_kind_alone(agent: Member, contact: Contact, line: Line) -> None:
    note(contact, "remembered words", 5)
    enqueue(contact.team, [Draft(line=line, number=NUMBER, text="a message")], by=agent.user)
    assert "remembered words" not in page_of(agent, contact, kind="messages")
    assert "a message" not in page_of(agent, contact, kind="notes")
    assert sign_in(agent).get(reverse("sms:contact", args=[contact.pk]), {"kind": "x"}).status_code == 404


def test_older_pages_follow_without_gap_or_repeat(agent: Member, contact: Contact) -> None:
    for number in range(75):
        note(contact, f"note {number:03};", number)
    client, seen = sign_in(agent), []
    address: str | None = reverse("sms:contact", args=[contact.pk])
    headers: dict[str, str] = {}
    while address:
        text = client.get(address, headers=headers).content.decode()
        seen += re.findall(r"note (\d+);", text)
        more = re.search(r'hx-get="([^"]*before=[^"]*)"', text)
        address = html.unescape(more[1]) if more else None
        headers = {"HX-Request": "true"}
    assert seen == [f"{number:03}" for number in range(75)]


@pytest.mark.parametrize("cursor", ["x", "MjAyNg", "fHw"])
def test_a_made_up_cursor_is_not_found(agent: Member, contact: Contact, cursor: str) -> None:
    assert (
        sign_in(agent).get(reverse("sms:contact", args=[contact.pk]), {"before": cursor}).status_code == 404
    )


def test_an_outsider_cannot_open_a_person(outsider: Member, contact: Contact) -> None:
    assert sign_in(outsider).get(reverse("sms:contact", args=[contact.pk])).status_code == 404


def test_who_sees_only_their_own_reads_fields_and_no_conversation(
    agent: Member, manager: Member, contact: Contact, line: Line
) -> None:
    enqueue(contact.team, [Draft(line=line, number=NUMBER, text="for the manager")], by=manager.user)
    Conversation.objects.filter(contact=contact).update(assignee=manager.user)
    contact.team.agents_see = Visibility.OWN
    contact.team.save()
    page = page_of(agent, contact)
    assert "for the manager" not in page
    assert "06\u00a039\u00a098\u00a042\u00a017" in page
    hidden = sign_in(agent).get(
        reverse("sms:contact", args=[contact.pk]), {"part": "newest"}, headers={"HX-Request": "true"}
    )
    assert "for the manager" not in hidden.content.decode()
    assert "for the manager" in page_of(manager, contact)


def test_as_many_statements_for_a_long_story_as_for_a_short_one(agent: Member, contact: Contact) -> None:
    note(contact, "one", 1)
    client, address = sign_in(agent), reverse("sms:contact", args=[contact.pk])
    counts = []
    for more in (0, 60):
        for number in range(more):
            note(contact, f"n {number}", number + 2)
        client.get(address)
        with CaptureQueriesContext(connection) as caught:
            client.get(address)
        counts.append(len(caught))
    assert counts[0] == counts[1] <= 12


def test_opting_out_by_hand_keeps_the_reason_and_skips_what_is_queued(
    agent: Member, contact: Contact, line: Line
) -> None:
    waiting = enqueue(contact.team, [Draft(line=line, number=NUMBER, text="Bonjour")], by=agent.user)[0]
    answered = enqueue(
        contact.team,
        [Draft(line=line, number=NUMBER, text="Oui", override_reason="they asked")],
        by=agent.user,
    )[0]
    sign_in(agent).post(reverse("sms:contact-opt-out", args=[contact.pk]), {"reason": "Told me on the phone"})
    contact.refresh_from_db()
    change = ConsentChange.objects.get(contact=contact)
    assert contact.opted_out_at is not None
    assert (change.kind, change.source, change.wording, change.by) == (
        "opt_out",
        "rep",
        "Told me on the phone",
        agent.user,
    )
    # The reason of the answer was about no opt-out that stands now.
    states = dict(Message.objects.values_list("pk", "state"))
    assert states == {waiting.pk: "skipped", answered.pk: "skipped"}
    assert "Told me on the phone" in page_of(agent, contact)


def test_opting_in_again_by_hand_keeps_the_reason(agent: Member, contact: Contact) -> None:
    consent.note(contact, opted_out=True, reason="no more", by=agent.user)
    sign_in(agent).post(reverse("sms:contact-opt-in", args=[contact.pk]), {"reason": "Changed their mind"})
    contact.refresh_from_db()
    assert contact.opted_out_at is None
    assert [change.kind for change in ConsentChange.objects.order_by("pk")] == ["opt_out", "opt_in"]


def test_a_change_without_a_reason_is_refused(agent: Member, contact: Contact) -> None:
    answer = sign_in(agent).post(reverse("sms:contact-opt-out", args=[contact.pk]), {"reason": "  "})
    assert answer.status_code == 422
    assert not ConsentChange.objects.exists()


def test_opting_out_twice_is_one_change(agent: Member, contact: Contact) -> None:
    for _ in range(2):
        sign_in(agent).post(reverse("sms:contact-opt-out", args=[contact.pk]), {"reason": "no more"})
    assert ConsentChange.objects.count() == 1


def test_an_outsider_cannot_opt_somebody_out(outsider: Member, contact: Contact) -> None:
    answer = sign_in(outsider).post(reverse("sms:contact-opt-out", args=[contact.pk]), {"reason": "x"})
    assert answer.status_code == 404
    assert not ConsentChange.objects.exists()
