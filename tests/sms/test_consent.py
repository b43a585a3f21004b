"""STOP and what follows from it: nothing waits for somebody who opted out, under no name."""

import json
from datetime import UTC, timedelta
from urllib.parse import quote

import pytest
from django.utils import timezone

from contacts.models import Contact, Suppression
from contacts.people import numbers
from contacts.privacy import suppression
from sms import consent
from sms.callbacks import apply
from sms.models import Callback, Line, Message
from sms.sending.claim import claim
from sms.sending.queue import Draft, enqueue
from teams.access import Member
from teams.models import Team
from tests.conftest import contact_of, make_line

pytestmark = pytest.mark.django_db

NUMBER, SECOND = "+33639984217", "+33639984218"


def arrives(line: Line, words: str, number: str = NUMBER) -> None:
    payload = {
        "title": "incoming_sms",
        "from": number,
        "message": words,
        "date": timezone.now().astimezone(UTC).isoformat(),
    }
    Callback.objects.create(
        team=line.team,
        line=line,
        query=f"message={quote(json.dumps(payload))}".encode(),
        received_at=timezone.now(),
    )
    apply.apply_batch()


def write(line: Line, number: str = NUMBER, **given: object) -> Message:
    return enqueue(line.team, [Draft(line, number, "Bonjour", **given)], by=None)[0]  # type: ignore[arg-type]


def test_stop_from_one_line_holds_on_all_numbers_and_lines(team: Team, line: Line) -> None:
    contact = Contact.objects.get(pk=contact_of(team, NUMBER))
    numbers.add(contact, SECOND)
    waits = write(line, SECOND)
    later = write(make_line(team, "Inès"), NUMBER, due_at=timezone.now() + timedelta(days=1))
    arrives(line, "Stop")
    for message in (waits, later):
        message.refresh_from_db()
        assert (message.state, message.state_reason) == ("skipped", "opted_out")
    assert set(suppression.known(team.pk, [NUMBER, SECOND])) == {NUMBER, SECOND}
    assert write(line, SECOND).state == "skipped"
    contact.refresh_from_db()
    assert contact.consent_changes.get().wording == "Stop"


def test_start_lifts_it_on_all_numbers(team: Team, line: Line) -> None:
    contact = Contact.objects.get(pk=contact_of(team, NUMBER))
    numbers.add(contact, SECOND)
    arrives(line, "STOP")
    arrives(line, "start", SECOND)
    assert not Suppression.objects.exists()
    assert write(line).state == write(line, SECOND).state == "queued"


def test_a_stop_in_another_team_is_its_own(team: Team, other_team: Team, line: Line) -> None:
    arrives(make_line(other_team), "STOP")
    assert write(line).state == "queued"


def test_nothing_waits_for_a_number_that_was_taken_away(team: Team, line: Line) -> None:
    """Else it would go to the next one who has it, who may have said STOP meanwhile."""
    contact = Contact.objects.create(team=team, first_name="Camille")
    numbers.add(contact, NUMBER)
    waits = write(line)
    numbers.remove(contact.phones.get())
    waits.refresh_from_db()
    assert (waits.state, waits.state_reason) == ("skipped", "number_removed")
    taken = claim(line, "a sender")
    assert taken is not None and taken.messages == []


def test_a_number_that_moves_takes_its_opt_out_along(team: Team, line: Line, agent: Member) -> None:
    contact = Contact.objects.create(team=team, first_name="Camille")
    numbers.add(contact, NUMBER)
    consent.note(contact, opted_out=True, reason="plus de SMS", by=agent.user)
    numbers.remove(contact.phones.get())
    heir = Contact.objects.create(team=team, first_name="Dominique")
    numbers.add(heir, SECOND)
    waits = write(line, SECOND)
    numbers.add(heir, NUMBER)
    heir.refresh_from_db()
    assert heir.opted_out_at is not None
    waits.refresh_from_db()
    assert waits.state == "skipped"
    assert write(line).state == "skipped"


def test_who_writes_after_a_stop_can_be_answered_with_a_reason(team: Team, line: Line) -> None:
    arrives(line, "STOP")
    assert write(line, override_reason="asked for the address").state == "queued"
    taken = claim(line, "a sender")
    assert taken is not None and len(taken.messages) == 1
