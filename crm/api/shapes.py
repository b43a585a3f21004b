"""What the API answers with. The field comments are the documentation's."""

from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from sms.models import Callback, Message


class ErrorDetail(Schema):
    code: str
    message: str
    fields: dict[str, str]


class ErrorShape(Schema):
    error: ErrorDetail


class MessageShape(Schema):
    id: int
    id_sms_api: Annotated[
        str, Field(description='The id that the gateway reports under; "" for incoming ones.')
    ]
    direction: Literal["in", "out"]
    state: str
    state_reason: Annotated[str, Field(description="`opted_out`, `not_textable`, or what the gateway said.")]
    campaign: Annotated[int | None, Field(description="The campaign that it is part of.")]
    contact: Annotated[int | None, Field(description="null: a text without a sender.")]
    line: int
    from_: Annotated[str, Field(alias="from")]
    to: str
    text: Annotated[
        str,
        Field(
            description='`{link}` marks the place of the tracked link; "" of a `planned` one: it is written last.'
        ),
    ]
    url: str
    segments: int
    priority: int
    send_at: Annotated[datetime, Field(description="It leaves no earlier.")]
    created_at: datetime
    submitted_at: datetime | None
    sent_at: datetime | None
    delivered_at: datetime | None


def message(row: Message) -> dict[str, Any]:
    """A message whose line is fetched."""
    out = row.direction == Message.Direction.OUT
    return {
        "id": row.pk,
        "id_sms_api": row.id_sms_api,
        "direction": row.direction,
        "state": row.state,
        "state_reason": row.state_reason,
        "campaign": row.campaign_id,
        "contact": row.contact_id,
        "line": row.line_id,
        "from": row.line.number if out else row.number,
        "to": row.number if out else row.line.number,
        "text": row.text,
        "url": row.url,
        "segments": row.segments,
        "priority": row.priority,
        "send_at": row.due_at,
        "created_at": row.created_at,
        "submitted_at": row.submitted_at,
        "sent_at": row.sent_at,
        "delivered_at": row.delivered_at,
    }


class MessagePage(Schema):
    items: list[MessageShape]
    next_cursor: str | None


class _Event(Schema):
    id: int
    happened_at: datetime
    received_at: datetime
    line: Annotated[int | None, Field(description="null for a note.")]


class MessageEvent(_Event):
    kind: Literal["message"]
    direction: Literal["in", "out"]
    text: str
    url: str
    state: str
    state_reason: str
    campaign: Annotated[int | None, Field(description="The campaign that it is part of.")]
    id_sms_api: str
    segments: int


class ClickEvent(_Event):
    kind: Literal["click"]
    link: Annotated[str, Field(description="As the gateway told it: text from outside.")]
    id_sms_api: str
    doubtful: Annotated[bool, Field(description="Probably a preview robot.")]


class CallEvent(_Event):
    kind: Literal["call"]
    direction: Literal["incoming", "outgoing", "missed", "unknown"]
    duration_s: int | None


class QualificationEvent(_Event):
    kind: Literal["qualification"]
    source: Literal["mobile", "interface", "unknown"]
    text: str
    call: Annotated[int | None, Field(description="The call it was matched to.")]


class NoteEvent(_Event):
    kind: Literal["note"]
    text: str
    author: Annotated[int | None, Field(description="The user who wrote it.")]


TimelineEvent = Annotated[
    MessageEvent | ClickEvent | CallEvent | QualificationEvent | NoteEvent, Field(discriminator="kind")
]


class TimelinePage(Schema):
    items: list[TimelineEvent]
    next_cursor: str | None


class CallbackShape(Schema):
    id: int
    state: Literal["received", "applied", "parked", "quarantined"]
    detail: Annotated[str, Field(description="Why it is quarantined, or that it was a duplicate.")]
    line: int
    received_at: datetime
    applied_at: datetime | None
    query: Annotated[str, Field(description='What stood after "?", percent-encoded as it came.')]
    parked_for: Annotated[str, Field(description="The message id that it waits for.")]
    part_of: int | None


def callback(row: Callback) -> dict[str, Any]:
    # HTTP lets bytes through that no ASCII text holds: those are encoded, all others stand as they came.
    query = "".join(chr(byte) if 0x21 <= byte <= 0x7E else f"%{byte:02X}" for byte in bytes(row.query))
    return {
        "id": row.pk,
        "state": row.state,
        "detail": row.detail,
        "line": row.line_id,
        "received_at": row.received_at,
        "applied_at": row.applied_at,
        "query": query,
        "parked_for": row.parked_for,
        "part_of": row.part_of_id,
    }


class CallbackPage(Schema):
    items: list[CallbackShape]
    next_cursor: str | None


class LineShape(Schema):
    id: int
    name: str
    number: str
    holder: Annotated[int | None, Field(description="The user whose phone it is.")]
    state: Literal["active", "held"]
    held_reason: str
    held_detail: str
    held_at: datetime | None
    queue: Annotated[int, Field(description="Messages that wait; 10001 = more than 10000.")]
    uncertain: Annotated[int, Field(description="Uncertain messages nobody decided on; 10001 as above.")]
    login: str
    base_url: str
    send_path: str
    contact_path: str
    marker: str
    pace: Annotated[int, Field(description="Messages a minute; 0 = no limit.")]
    window: Annotated[
        list[list[int] | None] | None,
        Field(description="Hours of campaigns, as their own `window`; null: those that their kind has."),
    ]
    day_budget: Annotated[int, Field(description="Texts a day; 0 = no limit.")]
    day_used: Annotated[
        int | None, Field(description="Of them, today where the phone is; null without a budget.")
    ]
    month_budget: Annotated[int, Field(description="People texted a calendar month; 0 = no limit.")]
    month_used: Annotated[int | None, Field(description="Of them, this month; null without a budget.")]
    automation_accepted: Annotated[
        bool,
        Field(description="Whether an admin accepted that programs send through it: campaigns need that."),
    ]
    test_mode: bool
    push_contacts: Annotated[bool, Field(description="Whether the phone's address book is filled.")]
    time_zone: str
    last_callback_at: datetime | None
    last_submitted_at: datetime | None
    not_before: Annotated[datetime | None, Field(description="Backing off: nothing leaves before.")]
    failures: Annotated[int, Field(description="Requests in a row that reached nobody.")]
    last_error: str


class LinePage(Schema):
    items: list[LineShape]
    next_cursor: str | None
