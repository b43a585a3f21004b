"""From events to what stands on the line: days, open line, states in words. Used by the thread and the contact page."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from sms import tracked_link
from sms.conversations import changes, reasons
from sms.conversations.timeline import TimelineEvent
from sms.models import Call, Click, Line, Message, Note, Qualification

TROUBLED = (Message.State.UNCERTAIN, Message.State.FAILED)
NOT_YET_CLAIMED = (Message.State.QUEUED,)


@dataclass(frozen=True)
class Story:
    """What the events of one person need to know beside themselves.

    `name` is the person's first name; `waiting_since` as on the conversation; `more` says that older events
    exist before those shown; `newest` that the last of them is the last of all.
    """

    name: str = ""
    waiting_since: datetime | None = None
    several_lines: bool = False
    more: bool = False
    newest: bool = True


@dataclass(frozen=True)
class Item:
    """One entry of the line. `kind` names the component, `show` holds its variables."""

    kind: str  # day, in, out, call, click, qualification, note, consent, done, planned, merge, import
    key: str
    at: datetime
    show: dict[str, Any] = field(default_factory=dict)
    below: str = ""  # "open" on the first event that nobody answered
    above: str = ""  # "next" on the first one below what is to come


@dataclass(frozen=True)
class Told:
    """The items in the order of the events given, and whether the line is open from above the first one."""

    items: list[Item]
    open_above: bool = False


def tell(events: Iterable[TimelineEvent], story: Story) -> Told:
    """Items for `events`, in their order, with a heading for each day in the active time zone."""
    # A qualification stands under its call, not beside it once more.
    shown = [event for event in events if not (event.kind == "qualification" and event.row.call_id)]
    first = _first_unanswered(shown, story)
    newest = max(shown, key=lambda event: event.cursor, default=None) if story.newest else None
    items: list[Item] = []
    today: date | None = None
    for event in shown:
        day = timezone.localdate(event.at)
        if day != today:
            items.append(Item("day", f"day-{day.isoformat()}", event.at, {"date": day}))
            today = day
        items.append(_item(event, story, last=event is newest, first=event is first))
    owed = story.waiting_since is not None and bool(shown)
    return Told(items, open_above=owed and first is None and story.newest)


def _first_unanswered(events: list[TimelineEvent], story: Story) -> TimelineEvent | None:
    """The event from which the line is open, when it is among these."""
    since = story.waiting_since
    if since is None:
        return None
    owed = [event for event in events if _asks(event) and event.row.received_at >= since]
    first = min(owed, key=lambda event: event.row.received_at, default=None)
    # Without an exact match it may well stand on an earlier page.
    return first if first and (first.row.received_at == since or not story.more) else None


def _asks(event: TimelineEvent) -> bool:
    """Whether this is something to answer: a text of theirs, or a call that nobody took."""
    if isinstance(event.row, Message):
        return event.row.direction == Message.Direction.IN
    return isinstance(event.row, Call) and event.row.direction == Call.Direction.MISSED


def _item(event: TimelineEvent, story: Story, *, last: bool, first: bool) -> Item:
    row, kind = event.row, event.kind
    if isinstance(row, Message):
        kind = "in" if row.direction == Message.Direction.IN else "out"
        show = _received(row, story, first) if kind == "in" else _written(row, story)
    elif isinstance(row, Call):
        show = _call(row, story)
    elif isinstance(row, Click):
        show = _click(row, hot=last)
    elif isinstance(row, Qualification):
        show = {"text": row.text, "source": row.source, "who": _holder(row.line)}
    elif isinstance(row, Note):
        show = {"text": row.text, "who": row.author.get_short_name() if row.author else ""}
    else:
        show = changes.show(event)
    return Item(kind, f"{event.kind}-{row.pk}", event.at, show, below="open" if first else "")


def _line_name(line: Line, story: Story) -> str:
    return line.name if story.several_lines else ""


def _holder(line: Line) -> str:
    return line.holder.get_short_name() if line.holder_id and line.holder else ""


def _received(message: Message, story: Story, first: bool) -> dict[str, Any]:
    return {
        "text": message.text,
        "line": _line_name(message.line, story),
        "waiting": story.waiting_since if first else None,
    }


def _written(message: Message, story: Story) -> dict[str, Any]:
    """Texts of ours: the state in words, and what a person can still decide."""
    undecided = message.state in TROUBLED and message.left_at is None
    waits = message.state in NOT_YET_CLAIMED
    later = waits and message.due_at > timezone.now()
    held = waits and not later and message.line.state == Line.State.HELD
    return {
        "text": tracked_link.as_read(message.text, message.url),
        "state": message.state,
        "due": message.due_at if later else None,
        "who": message.created_by.get_short_name() if message.created_by else "",
        "line": _line_name(message.line, story),
        "campaign": message.campaign.name if message.campaign else "",
        "campaign_url": reverse("sms:campaign", args=[message.campaign_id]) if message.campaign_id else "",
        "reason": reasons.sentence(message.state_reason),
        "override": message.override_reason,
        "held": _("The line is held; it waits and is not lost.") if held else "",
        "again_url": reverse("sms:message-again", args=[message.pk]) if undecided else "",
        "leave_url": reverse("sms:message-leave", args=[message.pk]) if undecided else "",
        "cancel_url": reverse("sms:message-cancel", args=[message.pk]) if waits else "",
    }


def _call(call: Call, story: Story) -> dict[str, Any]:
    missed = call.direction == Call.Direction.MISSED
    owed = missed and story.waiting_since is not None and call.received_at >= story.waiting_since
    noted = sorted(call.qualifications.all(), key=lambda each: (each.happened_at, each.pk), reverse=True)
    return {
        "direction": call.direction,
        "seconds": call.duration_s,
        "who": "" if missed else _holder(call.line),
        "name": story.name,
        "owed": owed,
        "line": _line_name(call.line, story),
        "noted": [{"text": each.text, "source": each.source, "at": each.happened_at} for each in noted],
        "noted_by": _holder(call.line),
    }


def _click(click: Click, *, hot: bool) -> dict[str, Any]:
    sent = click.message
    delivered = sent.delivered_at if sent else None
    after = (click.happened_at - delivered).total_seconds() if delivered else None
    return {
        # The address that was written, where we know it: the gateway may name its own short one.
        "link": (sent.url if sent and sent.url else "") or click.link,
        "after": after if after is not None and after >= 0 else None,
        "times": getattr(click, "nth", 1) or 1,
        "doubtful": click.doubtful,
        "hot": hot and not click.doubtful,
    }
