"""One story of two: what passed through the lines, the inbox, what was queued, and nothing forgotten."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from contacts.duplicates import moving
from contacts.duplicates.merge import merge
from contacts.models import Contact
from sms import consent
from sms.conversations import timeline
from sms.gateway.results import Outcome, SendResult
from sms.models import AddressBookEntry, Call, Click, Conversation, Line, Message, Note, Qualification
from sms.people import merging
from sms.sending.claim import Claimed, claim
from sms.sending.queue import Draft, enqueue
from sms.sending.settle import settle
from teams.access import Member
from teams.models import Team
from tests.conftest import contact_of, make_line

pytestmark = pytest.mark.django_db

NOON = timezone.now().replace(hour=12, minute=0, second=0, microsecond=0) - timedelta(days=1)
KEPT, GONE = "+33639984217", "+33639984218"


@pytest.fixture
def two(team: Team) -> tuple[int, int]:
    return contact_of(team, KEPT), contact_of(team, GONE)


def at(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def happened(line: Line, contact: int, minutes: int, **given: Any) -> dict[str, Any]:
    when = at(minutes)
    return {
        "team_id": line.team_id,
        "line": line,
        "contact_id": contact,
        "happened_at": when,
        "received_at": when,
        **given,
    }


def text(line: Line, contact: int, minutes: int, direction: str = "in", **given: Any) -> Message:
    state = "received" if direction == "in" else "delivered"
    return Message.objects.create(
        **happened(
            line, contact, minutes, direction=direction, **{"state": state, "text": "Bonjour", **given}
        )
    )


def conversation(line: Line, contact: int, minutes: int, **given: Any) -> Conversation:
    return Conversation.objects.create(
        contact_id=contact,
        team_id=line.team_id,
        **{"line": line, "last_at": at(minutes), "last_kind": "in", **given},
    )


def test_every_table_that_points_at_a_person_is_moved() -> None:
    """A new foreign key to Contact belongs in contacts/duplicates/moving.py or sms/people/merging.py."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT k.conrelid::regclass::text, a.attname FROM pg_constraint k
            JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY(k.conkey)
            WHERE k.contype = 'f' AND k.confrelid = 'contacts_contact'::regclass"""
        )
        pointing = set(cursor.fetchall())
    moved = {(table, "contact_id") for table, _ in moving._ONCE}
    moved |= {(table, "contact_id") for table in (*moving._MANY, *merging._TABLES)}
    moved |= {
        ("contacts_contactphone", "contact_id"),
        ("contacts_duplicatepair", "first_id"),
        ("contacts_duplicatepair", "second_id"),
        ("contacts_merge", "kept_id"),
        ("contacts_retentionproposal", "contact_id"),
        ("sms_conversation", "contact_id"),
    }
    assert pointing - moved == set(), "what points at a person and does not follow a merge"
    assert moved - pointing == set(), "no such table any more"


def test_what_somebody_forgot_stops_the_merge_instead_of_going_with_the_person(
    two: tuple[int, int], line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    text(line, two[1], 0)
    monkeypatch.setattr(moving, "_movers", [])
    with pytest.raises(Exception, match="foreign key"):
        merge(*two, None)
    assert Message.objects.get().contact_id == two[1]


def test_everything_that_happened_is_one_story(two: tuple[int, int], line: Line, agent: Member) -> None:
    kept, gone = two
    for minutes, contact in enumerate(two):
        message = text(line, contact, minutes, "out")
        text(line, contact, minutes + 10)
        call = Call.objects.create(**happened(line, contact, minutes + 20, direction="missed"))
        Click.objects.create(**happened(line, contact, minutes + 30, message=message, link="x"))
        Qualification.objects.create(**happened(line, contact, minutes + 40, call=call, text="Intéressé"))
        Note.objects.create(
            team_id=line.team_id,
            contact_id=contact,
            author=agent.user,
            text="x",
            happened_at=at(minutes + 50),
        )
    merge(kept, gone, None)
    events = timeline.page(kept, limit=50).events
    assert sorted(each.kind for each in events if each.kind != "merge") == sorted(
        ["message"] * 4 + ["call", "click", "qualification", "note"] * 2
    )


def test_inbox_has_one_row_with_the_newest_of_both(two: tuple[int, int], line: Line, agent: Member) -> None:
    kept, gone = two
    conversation(line, kept, 0, unread=2, preview="Avant", waiting_since=None)
    conversation(line, gone, 30, unread=1, preview="Après", last_kind="click", assignee=agent.user)
    merge(kept, gone, None)
    row = Conversation.objects.get()
    assert (row.contact_id, row.unread, row.preview, row.last_kind) == (kept, 3, "Après", "click")
    assert (row.last_at, row.assignee) == (at(30), agent.user)


def test_row_of_the_one_who_goes_becomes_the_kept_ones(two: tuple[int, int], line: Line) -> None:
    kept, gone = two
    text(line, gone, 5)
    conversation(line, gone, 5, unread=1, preview="Bonjour", waiting_since=at(5))
    merge(kept, gone, None)
    row = Conversation.objects.get()
    assert (row.contact_id, row.unread, row.waiting_since) == (kept, 1, at(5))


def test_assignee_of_the_kept_one_stays(
    two: tuple[int, int], line: Line, agent: Member, manager: Member
) -> None:
    conversation(line, two[0], 0, assignee=manager.user)
    conversation(line, two[1], 1, assignee=agent.user)
    merge(*two, None)
    assert Conversation.objects.get().assignee == manager.user


@pytest.mark.parametrize(
    ("kept_events", "gone_events", "waits"),
    [
        ([("in", 0)], [("in", 10)], 0),
        ([("in", 20)], [("in", 10)], 10),
        # An answer to one of them was one to the person.
        ([("in", 0)], [("out", 10)], None),
        ([("in", 0), ("in", 20)], [("out", 10)], 20),
        ([("in", 0), ("missed", 15)], [("call", 10)], 15),
        ([("in", 0)], [("in", 5), ("out", 10), ("missed", 30)], 30),
        # Nobody speaks in a call that nobody takes.
        ([("in", 0)], [("ring", 10)], 0),
        # A text that was not sent answers nobody.
        ([("in", 0)], [("skipped", 10)], 0),
        ([("out", 0)], [("out", 10)], None),
    ],
)
def test_who_waits_is_decided_by_the_joint_story(
    two: tuple[int, int],
    line: Line,
    kept_events: list[tuple[str, int]],
    gone_events: list[tuple[str, int]],
    waits: int | None,
) -> None:
    for contact, events in zip(two, (kept_events, gone_events), strict=True):
        waiting = None
        for kind, minutes in events:
            if kind in ("in", "out"):
                text(line, contact, minutes, kind)
            elif kind == "skipped":
                text(line, contact, minutes, "out", state="skipped")
            else:
                seconds = 60 if kind == "call" else 0
                direction = "missed" if kind == "missed" else "outgoing"
                Call.objects.create(
                    **happened(line, contact, minutes, direction=direction, duration_s=seconds)
                )
            if kind in ("in", "missed"):
                waiting = waiting or at(minutes)
            elif kind in ("out", "call"):
                waiting = None
        conversation(line, contact, events[-1][1], waiting_since=waiting)
    merge(*two, None)
    assert Conversation.objects.get().waiting_since == (None if waits is None else at(waits))


def test_stop_waits_for_nothing(two: tuple[int, int], line: Line) -> None:
    text(line, two[0], 0)
    conversation(line, two[0], 0, waiting_since=at(0))
    text(line, two[1], 5, "out")
    stop = text(line, two[1], 10, text="STOP")
    consent.opt_out([consent.Wish(two[1], stop.happened_at, "STOP", source="sms")])
    conversation(line, two[1], 10)
    merge(*two, None)
    assert Conversation.objects.get().waiting_since is None


def test_answers_go_through_the_line_where_the_person_wrote_last(
    two: tuple[int, int], team: Team, line: Line
) -> None:
    other = make_line(team, "Inès")
    text(line, two[0], 0)
    text(other, two[1], 10)
    text(line, two[0], 20, "out")
    conversation(line, two[0], 20, last_kind="out")
    conversation(other, two[1], 10)
    merge(*two, None)
    assert Conversation.objects.get().line == other


def test_trouble_of_either_is_seen(two: tuple[int, int], line: Line) -> None:
    text(line, two[1], 0, "out", state="failed")
    conversation(line, two[0], 0)
    conversation(line, two[1], 1, trouble="failed")
    merge(*two, None)
    assert Conversation.objects.get().trouble == "failed"


def test_queued_messages_of_an_opted_out_result_are_skipped(
    two: tuple[int, int], team: Team, line: Line, manager: Member
) -> None:
    mine, theirs = enqueue(
        team, [Draft(line=line, number=KEPT, text="a"), Draft(line=line, number=GONE, text="b")], by=None
    )
    answer = enqueue(team, [Draft(line=line, number=KEPT, text="c", override_reason="a demandé")], by=None)[0]
    Contact.objects.filter(pk=two[1]).update(opted_out_at=NOON)
    merge(*two, manager.user)
    states = dict(Message.objects.values_list("pk", "state"))
    assert states == {mine.pk: "skipped", theirs.pk: "skipped", answer.pk: "queued"}


def test_message_at_the_gateway_settles_on_the_kept_one(two: tuple[int, int], team: Team, line: Line) -> None:
    message = enqueue(team, [Draft(line=line, number=GONE, text="b")], by=None)[0]
    taken = claim(line, "me")
    assert taken is not None
    merge(*two, None)
    batch: list[Claimed] = taken.messages
    settle(
        line.pk, team.pk, "me", batch, SendResult({message.id_sms_api: Outcome("uncertain", "deadline")}), 1.0
    )
    message.refresh_from_db()
    assert (message.contact_id, message.state) == (two[0], "uncertain")
    assert Conversation.objects.get().trouble == "uncertain"


def test_phones_address_book_knows_who_it_is(two: tuple[int, int], line: Line) -> None:
    AddressBookEntry.objects.create(
        team_id=line.team_id, line=line, contact_id=two[1], number=GONE, digest="0" * 32, pushed_at=NOON
    )
    merge(*two, None)
    assert AddressBookEntry.objects.get().contact_id == two[0]


def test_thread_of_twenty_thousand_events(two: tuple[int, int], line: Line) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """INSERT INTO sms_message (team_id, line_id, contact_id, happened_at, received_at, raw_time, direction,
                number, text, url, state, state_reason, id_sms_api, gateway_id, lane, priority, segments, due_at,
                override_reason, created_at, claimed_by, attempts)
            SELECT %s, %s, %s, t, t, '', CASE WHEN n %% 3 = 0 THEN 'in' ELSE 'out' END, %s, 'Bonjour', '',
                CASE WHEN n %% 3 = 0 THEN 'received' ELSE 'delivered' END, '',
                CASE WHEN n %% 3 = 0 THEN '' ELSE 'id' || n END, '', 0, 1, 1, t, '', t, '', 0
            FROM generate_series(1, 20000) n, LATERAL (SELECT now() - n * interval '1 minute' AS t) AS times""",
            [line.team_id, line.pk, two[1], GONE],
        )
    conversation(line, two[0], 0, waiting_since=at(0))
    conversation(line, two[1], 0, waiting_since=at(0))
    started = timezone.now()
    merge(*two, None)
    took = (timezone.now() - started).total_seconds()
    print(f"20,000 events: {took:.2f} s")  # noqa: T201
    assert Message.objects.filter(contact_id=two[0]).count() == 20_000
    assert took < 5  # on a busy machine; a second on a quiet one
