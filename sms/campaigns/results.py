"""What became of people in a campaign: the names of results, and the rows behind each.

    all          everybody of its audience          planned     everybody but those left out
    waiting      still to be sent                   submitted   handed to the phone, or further
    sent         sent by the phone, or further      delivered
    clicked, replied, called, qualified, opted_out  credited to the campaign (sms/campaigns/credits.py)
    not_clicked, not_replied, clicked_not_called    delivered to, without that
    failed, uncertain, cancelled
    skipped      left out; `skipped:no_consent`: for that reason

A page of rows is read state by state, each by its index, so that it costs a page however large the campaign is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet

from sms.models import CampaignCredit, Message

State = Message.State
CREDITS: tuple[str, ...] = tuple(CampaignCredit.Kind.values)

# In the order in which somebody wants to see them.
_WAITING = (State.SENDING, State.QUEUED, State.PLANNED)
_SUBMITTED = (State.SUBMITTED, State.SENT, State.DELIVERED)
_TROUBLE = (State.FAILED, State.UNCERTAIN)
STATES: dict[str, tuple[str, ...]] = {
    "all": (*_TROUBLE, *_SUBMITTED, *_WAITING, State.CANCELLED, State.SKIPPED),
    "planned": (*_TROUBLE, *_SUBMITTED, *_WAITING, State.CANCELLED),
    "waiting": _WAITING,
    "submitted": _SUBMITTED,
    "sent": (State.SENT, State.DELIVERED),
    "delivered": (State.DELIVERED,),
    "failed": (State.FAILED,),
    "uncertain": (State.UNCERTAIN,),
    "cancelled": (State.CANCELLED,),
    "skipped": (State.SKIPPED,),
}
# Delivered to, with and without what they did.
_MIXED: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "not_clicked": ((), ("clicked",)),
    "not_replied": ((), ("replied",)),
    "clicked_not_called": (("clicked",), ("called",)),
}
RESULTS: tuple[str, ...] = (*STATES, *CREDITS, *_MIXED)
_REASON = re.compile(r"skipped:[a-z_]+(?::[\w.]+)?")


def known(result: str) -> bool:
    return result in RESULTS or _REASON.fullmatch(result) is not None


def q(result: str) -> Q:
    """The rows of Message with this result. `result` must be known."""
    if result in STATES:
        return Q(state__in=STATES[result])
    if result in CREDITS:
        return _credited(result)
    if result in _MIXED:
        did, did_not = _MIXED[result]
        found = Q() if did else Q(state=State.DELIVERED)
        for kind in did:
            found &= _credited(kind)
        for kind in did_not:
            found &= ~_credited(kind)
        return found
    return Q(state=State.SKIPPED, state_reason=result.removeprefix("skipped:"))


def _credited(kind: str) -> Q:
    return Q(Exists(CampaignCredit.objects.filter(message=OuterRef("pk"), kind=kind)))


def rows(campaign_id: int, result: str) -> QuerySet[Message]:
    """All of them, in no order: for a list, a file."""
    return Message.objects.filter(campaign=campaign_id).filter(q(result))


def in_campaigns(campaigns: Sequence[int], result: str) -> Q:
    """The contacts with this result in one of these campaigns."""
    found = Message.objects.filter(q(result), campaign__in=campaigns, contact=OuterRef("pk"))
    return Q(Exists(found))


@dataclass(frozen=True)
class Place:
    """Where a page ended: the row's id within a part of the result."""

    part: int = 0  # of the result: one state after the other
    id: int = 0

    def __str__(self) -> str:
        return f"{self.part}-{self.id}"

    @classmethod
    def parse(cls, text: str) -> "Place":
        """Raises ValueError for what no page gave."""
        part, _dash, row_id = text.partition("-")
        if not (
            part.isascii() and part.isdigit() and row_id.isascii() and row_id.isdigit() and len(row_id) < 19
        ):
            raise ValueError("not a place")
        return cls(int(part), int(row_id))


@dataclass(frozen=True)
class Page:
    """Ids of Message rows; `next` is the place after the last, None at the end."""

    ids: list[int]
    next: Place | None


# Each gives ids above one, in their order, at most so many.
_BY_STATE = """SELECT m.id FROM sms_message m
    WHERE m.campaign_id = %s AND m.state = %s AND m.id > %s ORDER BY m.id LIMIT %s"""
_BY_REASON = """SELECT m.id FROM sms_message m
    WHERE m.campaign_id = %s AND m.state = 'skipped' AND m.state_reason = %s AND m.id > %s ORDER BY m.id LIMIT %s"""
_BY_CREDIT = """SELECT r.message_id FROM sms_campaigncredit r
    WHERE r.campaign_id = %s AND r.kind = %s {but}AND r.message_id > %s ORDER BY r.message_id LIMIT %s"""
_DELIVERED_BUT = """SELECT m.id FROM sms_message m
    WHERE m.campaign_id = %s AND m.state = 'delivered' {but}AND m.id > %s ORDER BY m.id LIMIT %s"""
_BUT = (
    """AND NOT EXISTS (SELECT 1 FROM sms_campaigncredit o WHERE o.message_id = {message} AND o.kind = %s) """
)


def page(campaign_id: int, result: str, *, after: Place | None = None, size: int = 50) -> Page:
    """One statement. Who is on it is decided when it is asked for: a row that moves on meanwhile may be seen twice or
    not at all, as in every live list.
    """
    begin = after or Place()
    arms: list[str] = []
    values: list[Any] = []
    for number, (statement, given) in enumerate(_parts(result)):
        if number >= begin.part:
            arms.append(f"(SELECT {number}, id FROM ({statement}) AS part(id))")  # noqa: S608 - our names
            values += [campaign_id, *given, begin.id if number == begin.part else 0, size + 1]
    if not arms:
        return Page([], None)
    # Without an order of its own: a part is looked at only when those before it did not fill the page.
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(arms) + " LIMIT %s", [*values, size + 1])
        found = sorted(cursor.fetchall())
    more = len(found) > size
    found = found[:size]
    return Page([row[1] for row in found], Place(*found[-1]) if more else None)


def _parts(result: str) -> list[tuple[str, list[Any]]]:
    """The statements whose rows follow each other, with what they ask for."""
    if result in STATES:
        return [(_BY_STATE, [state]) for state in STATES[result]]
    if result in CREDITS:
        return [(_BY_CREDIT.format(but=""), [result])]
    if result in _MIXED:
        did, did_not = _MIXED[result]
        if did:
            return [(_BY_CREDIT.format(but=_BUT.format(message="r.message_id")), [*did, *did_not])]
        return [(_DELIVERED_BUT.format(but=_BUT.format(message="m.id")), [*did_not])]
    return [(_BY_REASON, [result.removeprefix("skipped:")])]
