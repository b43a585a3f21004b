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


def comes(line: Line, words: str, number: str = NUMBER, *, minutes_ago: int = 0) -> Callback:
    """A text that arrives now, said `minutes_ago`, and is not looked at yet."""
    now = timezone.now()
    payload = {
        "title": "incoming_sms",
        "from": number,
        "message": words,
        "date": (now - timedelta(minutes=minutes_ago)).astimezone(UTC).isoformat(),
    }
    return Callback.objects.create(
        team=line.team, line=line, query=f"message={quote(json.dumps(payload))}".encode(), received_at=now
    )


def arrives(line: Line, words: str, number: str = NUMBER, *, minutes_ago: int = 0) -> None:
    comes(line, words, number, minutes_ago=minutes_ago)
    apply.apply_batch()


def stands_out(team: Team, number: str = NUMBER) -> bool:
    """Whether they are opted out; the suppression list says the same of the number."""
    out = person(team, number).opted_out_at is not None
    assert (number in suppression.known(team.pk, [number])) is out
    return out


def person(team: Team, number: str = NUMBER) -> Contact:
    return Contact.objects.for_team(team).get(phones__number=number)


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


def test_an_older_start_that_arrives_later_undoes_nothing(team: Team, line: Line) -> None:
    arrives(line, "STOP", minutes_ago=5)
    arrives(line, "START", minutes_ago=10)
    assert stands_out(team)
    assert [entry.kind for entry in person(team).consent_changes.all()] == ["opt_out"]
    arrives(line, "START", minutes_ago=1)
    assert not stands_out(team)


def test_a_start_that_is_replayed_goes_by_its_own_time(team: Team, line: Line) -> None:
    quarantined = comes(line, "START", minutes_ago=10)
    Callback.objects.filter(pk=quarantined.pk).update(state=Callback.State.QUARANTINED)
    arrives(line, "STOP", minutes_ago=5)
    assert apply.replay(quarantined)
    apply.apply_batch()
    quarantined.refresh_from_db()
    assert quarantined.state == Callback.State.APPLIED
    assert stands_out(team)


@pytest.mark.parametrize("said_before", [False, True])
@pytest.mark.parametrize(
    ("texts", "out"),
    [
        ([("STOP", 5), ("START", 10)], True),
        ([("START", 10), ("STOP", 5)], True),
        ([("START", 5), ("STOP", 10)], False),
        ([("STOP", 10), ("START", 5)], False),
        ([("STOP", 10), ("START", 5), ("STOP", 2), ("START", 7)], True),
    ],
)
def test_of_one_batch_the_word_that_was_said_last_counts(
    team: Team, line: Line, texts: list[tuple[str, int]], out: bool, said_before: bool
) -> None:
    if said_before:
        arrives(line, "STOP", minutes_ago=60)
    for words, ago in texts:
        comes(line, words, minutes_ago=ago)
    apply.apply_batch()
    assert stands_out(team) is out


def test_of_two_of_the_same_moment_the_refusal_stands(team: Team, line: Line) -> None:
    now = timezone.now()
    someone = contact_of(team, NUMBER)
    consent.opt_out([consent.Wish(someone, now, "STOP", source="sms")])
    assert not consent.opt_in([consent.Wish(someone, now, "START", source="sms")])
    assert stands_out(team)


def test_a_start_between_two_stops_undoes_neither(team: Team, line: Line) -> None:
    """The second STOP changes nothing that is seen, and is the one that a START has to be newer than."""
    arrives(line, "STOP", minutes_ago=15)
    arrives(line, "Stop.", minutes_ago=5)
    arrives(line, "START", minutes_ago=10)
    assert stands_out(team)
    assert [entry.wording for entry in person(team).consent_changes.order_by("pk")] == ["STOP", "Stop."]


def test_a_stop_that_is_older_than_a_start_is_obeyed_all_the_same(team: Team, line: Line) -> None:
    """In doubt the stricter reading: a phone's clock may be wrong."""
    arrives(line, "STOP", minutes_ago=15)
    arrives(line, "START", minutes_ago=5)
    arrives(line, "STOP", minutes_ago=10)
    assert stands_out(team)


def test_a_stop_that_arrives_late_leaves_the_later_moment(team: Team, line: Line) -> None:
    arrives(line, "STOP", minutes_ago=5)
    arrives(line, "Stop.", minutes_ago=15)
    arrives(line, "START", minutes_ago=10)
    assert stands_out(team)


def test_a_colleague_lifts_a_stop_of_a_phone_whose_clock_is_ahead(
    team: Team, line: Line, agent: Member
) -> None:
    arrives(line, "STOP", minutes_ago=-3)
    assert consent.note(person(team), opted_out=False, reason="au téléphone", by=agent.user)
    assert not stands_out(team)
    # The ledger reads in the order in which it was.
    first, second = person(team).consent_changes.order_by("pk")
    assert second.kind == "opt_in" and second.happened_at >= first.happened_at


def test_a_second_stop_holds_back_the_answer_that_waits(team: Team, line: Line) -> None:
    arrives(line, "STOP", minutes_ago=15)
    arrives(line, "C'est à quelle adresse ?", minutes_ago=10)
    answer = write(line, override_reason="their question", due_at=timezone.now() + timedelta(days=1))
    arrives(line, "STOP")
    answer.refresh_from_db()
    assert (answer.state, answer.state_reason) == ("skipped", "opted_out")


def test_so_does_a_second_stop_of_an_older_date(team: Team, line: Line) -> None:
    """It was on its way, or its phone's clock is slow: whoever wrote the answer did not know of it."""
    arrives(line, "STOP", minutes_ago=5)
    answer = write(line, override_reason="their question")
    arrives(line, "Stop.", minutes_ago=10)
    answer.refresh_from_db()
    assert (answer.state, answer.state_reason) == ("skipped", "opted_out")


@pytest.mark.parametrize("batched", [False, True])
def test_an_answer_does_not_outlive_start_and_stop(team: Team, line: Line, batched: bool) -> None:
    arrives(line, "STOP", minutes_ago=15)
    answer = write(line, override_reason="their question", due_at=timezone.now() + timedelta(days=1))
    for words, ago in (("START", 5), ("STOP", 1)):
        comes(line, words, minutes_ago=ago)
        if not batched:
            apply.apply_batch()
    apply.apply_batch()
    answer.refresh_from_db()
    assert (answer.state, answer.state_reason) == ("skipped", "opted_out")


def test_what_waited_at_a_stop_stays_skipped_though_a_start_came_with_it(team: Team, line: Line) -> None:
    waits = write(line)
    comes(line, "STOP", minutes_ago=5)
    comes(line, "START", minutes_ago=1)
    apply.apply_batch()
    waits.refresh_from_db()
    assert (waits.state, waits.state_reason) == ("skipped", "opted_out")
    assert not stands_out(team)


def test_an_answer_the_gateway_sends_back_after_a_second_stop_never_leaves(team: Team, line: Line) -> None:
    """Claimed when the STOP came, then refused for now (429): back in the queue, and held back by the claim."""
    arrives(line, "STOP", minutes_ago=15)
    answer = write(line, override_reason="their question")
    taken = claim(line, "a sender")
    assert taken is not None and len(taken.messages) == 1
    arrives(line, "STOP")
    Message.objects.filter(pk=answer.pk, state="sending").update(state="queued", claimed_by="")
    taken = claim(line, "a sender")
    assert taken is not None and taken.messages == []
    answer.refresh_from_db()
    assert (answer.state, answer.state_reason) == ("skipped", "opted_out")


def test_an_answer_to_what_they_wrote_after_the_second_stop_leaves(team: Team, line: Line) -> None:
    arrives(line, "STOP", minutes_ago=15)
    arrives(line, "STOP", minutes_ago=5)
    assert write(line, override_reason="their question").state == "queued"
    taken = claim(line, "a sender")
    assert taken is not None and len(taken.messages) == 1
