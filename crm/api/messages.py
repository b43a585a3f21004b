"""Messages: send, read, list, cancel."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router, Status

from crm.api import bodies, keys, shapes, visible
from crm.api.drafts import MessageAsked, MessagesAsked, drafts_of
from crm.api.errors import ApiError, NotFound
from crm.api.pages import BlankIsNone, Id, Paging, newest_first, one
from crm.api.tokens import caller
from sms.models import Message
from sms.sending.decide import cancel as cancel_message
from sms.sending.queue import enqueue
from teams.access import Right

router = Router(tags=["Messages"])

State = Literal[
    "received",
    "planned",
    "queued",
    "sending",
    "submitted",
    "sent",
    "delivered",
    "uncertain",
    "failed",
    "skipped",
    "cancelled",
]
ERRORS = dict.fromkeys((401, 403, 422), shapes.ErrorShape)
SENDING_ERRORS = ERRORS | dict.fromkeys((400, 409, 413), shapes.ErrorShape)


@router.post(
    "/messages",
    response={201: shapes.MessageShape | list[shapes.MessageShape], **SENDING_ERRORS},
    by_alias=True,
    openapi_extra=bodies.documented(MessageAsked, MessagesAsked) | {"parameters": [keys.PARAMETER]},
    summary="Send one message, or up to 1,000",
)
def create_messages(request: HttpRequest) -> Status[Any]:
    """Queues a message, or all of a list, in one transaction.

    Who opted out gets a row too: `skipped`, with `state_reason` `opted_out`. A list is answered with a list.
    """
    member = caller(request, Right.CONVERSE)
    body = bodies.read(request)
    several = isinstance(body, dict) and "messages" in body
    asked = (
        bodies.validate(MessagesAsked, body).messages if several else [bodies.validate(MessageAsked, body)]
    )

    made: dict[int, Message] = {}

    def make() -> list[int]:
        place = (lambda index, field: f"messages.{index}.{field}") if several else (lambda _, field: field)
        rows = enqueue(member.team, drafts_of(member, asked, place), by=member.user)
        made.update((row.pk, row) for row in rows)
        return [row.pk for row in rows]

    ids, is_new = keys.once(request, member, body, make)
    if not is_new:
        made = Message.objects.for_team(member.team).select_related("line").in_bulk(ids)
    items = [shapes.message(made[each]) for each in ids if each in made]
    if several:
        return Status(201, items)
    if not items:
        raise NotFound  # its person was erased since
    return Status(201, items[0])


class MessageFilters(Paging):
    state: Annotated[State | None, BlankIsNone] = None
    contact: Annotated[Id | None, BlankIsNone] = None


@router.get(
    "/messages",
    response={200: shapes.MessagePage, **ERRORS},
    by_alias=True,
    summary="Messages, newest first",
)
def list_messages(request: HttpRequest, filters: Query[MessageFilters]) -> dict[str, Any]:
    """Both ways: incoming ones have the state `received`."""
    rows = visible.messages(caller(request, Right.CONVERSE)).select_related("line")
    if filters.state is not None:
        rows = rows.filter(state=filters.state)
    if filters.contact is not None:
        rows = rows.filter(contact_id=filters.contact)
    page, next_cursor = newest_first(rows, filters)
    return {"items": [shapes.message(row) for row in page], "next_cursor": next_cursor}


@router.get(
    "/messages/{int:message_id}",
    response={200: shapes.MessageShape, **dict.fromkeys((401, 403, 404), shapes.ErrorShape)},
    by_alias=True,
    summary="One message",
)
def get_message(request: HttpRequest, message_id: int) -> dict[str, Any]:
    member = caller(request, Right.CONVERSE)
    return shapes.message(one(visible.messages(member).select_related("line"), message_id))


@router.post(
    "/messages/{int:message_id}/cancel",
    response={200: shapes.MessageShape, **dict.fromkeys((401, 403, 404, 409), shapes.ErrorShape)},
    by_alias=True,
    summary="Cancel a message that waits",
)
def cancel(request: HttpRequest, message_id: int) -> dict[str, Any]:
    """As long as no sender has claimed it; 409 when it is too late. Cancelling twice is cancelling once."""
    member = caller(request, Right.CONVERSE)
    rows = visible.messages(member).select_related("line")
    cancel_message(one(rows, message_id))
    now = one(rows, message_id)
    if now.state != Message.State.CANCELLED:
        raise ApiError(409, "too_late", f"The message is {now.state}: it can't be cancelled any more.")
    return shapes.message(now)
