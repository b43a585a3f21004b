"""Puts messages into the queue: the only way an outgoing row is made."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from contacts.people import resolve
from sms import segments_of_text, tracked_link, wake
from sms.conversations import summary
from sms.models import Line, Message
from sms.models.message import new_id_sms_api
from teams import live
from teams.models import Team, User


@dataclass(frozen=True)
class Draft:
    """A message to be. `number` is E.164, or a raw sender id, which makes a row that is skipped."""

    line: Line
    number: str
    text: str
    url: str = ""
    due_at: datetime | None = None
    lane: int = Message.Lane.CONVERSATION
    priority: int = Message.Priority.NORMAL
    override_reason: str = ""
    resend_of: Message | None = None


def enqueue(team: Team, drafts: Sequence[Draft], *, by: User | None) -> list[Message]:
    """Makes a row for every draft, in order, in one transaction, and wakes the lines' senders after it.

    Someone who opted out gets a row too, `skipped` with reason `opted_out`, unless the draft carries a
    reason to answer them; a number that can't be texted gets one with reason `not_textable`.
    """
    with transaction.atomic():
        people = resolve.find_or_add((team.pk, draft.number) for draft in drafts)
        now = timezone.now()
        messages = [_row(team, draft, people[team.pk, draft.number], by, now) for draft in drafts]
        Message.objects.bulk_create(messages, batch_size=1000)
        summary.write(_touch(message) for message in messages)
        wake.lines(message.line_id for message in messages if _leaves_now(message, now))
        live.announce([team.pk])
    return messages


def _row(team: Team, draft: Draft, person: resolve.Person, by: User | None, now: datetime) -> Message:
    state, reason = Message.State.QUEUED, ""
    if not person.textable:
        state, reason = Message.State.SKIPPED, "not_textable"
    elif person.opted_out and not draft.override_reason:
        state, reason = Message.State.SKIPPED, "opted_out"
    return Message(
        team=team,
        line=draft.line,
        contact_id=person.contact_id,
        direction=Message.Direction.OUT,
        number=draft.number,
        text=tracked_link.with_place(draft.text, draft.url, draft.line.marker),
        url=draft.url,
        state=state,
        state_reason=reason,
        id_sms_api=new_id_sms_api(),
        lane=draft.lane,
        priority=draft.priority,
        segments=segments_of_text.count(tracked_link.as_counted(draft.text, draft.url)).segments,
        due_at=draft.due_at or now,
        override_reason=draft.override_reason,
        created_by=by,
        resend_of=draft.resend_of,
        happened_at=max(draft.due_at or now, now),
        received_at=now,
    )


def _touch(message: Message) -> summary.Touch:
    return summary.Touch(
        team_id=message.team_id,
        contact_id=message.contact_id or 0,
        line_id=message.line_id,
        # A row in the inbox says when it was written; the thread says when it leaves.
        at=message.received_at,
        kind="out",
        preview=tracked_link.as_read(message.text, message.url),
        answers=message.state == Message.State.QUEUED,
    )


def _leaves_now(message: Message, now: datetime) -> bool:
    return message.state == Message.State.QUEUED and message.due_at <= now
