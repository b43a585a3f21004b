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


@dataclass(frozen=True)
class _Part:
    """Rows of one state, one reason or one credit, in the order of their messages: one range of one index.

    `columns` are those of the index: the campaign, what is looked for, the message. `but`: a credit they must not have.
    """

    table: str
    columns: str
    key: str
    but: str = ""
    only: str = "true"

    def sql(self, n: int) -> str:
        """Ids of messages above `after`, at most so many. Rows are compared as a whole, with both ends given, so that
        this index alone has their order: told that campaign and state are equal to something, the planner may walk the
        table by its key instead, or sort all that waits.
        """
        message = self.columns.rpartition(" ")[2]
        bounds = f"(%(campaign)s, %(key_{n})s, %(after_{n})s)", f"(%(campaign)s, %(key_{n})s, %(end)s)"
        without = (
            ""
            if not self.but
            else (
                "AND NOT EXISTS (SELECT 1 FROM sms_campaigncredit o"  # noqa: S608 - our names
                f" WHERE o.message_id = {message} AND o.kind = %(but)s)"
            )
        )
        return (
            f"SELECT {message} FROM {self.table} WHERE {self.only} AND ({self.columns}) > {bounds[0]}"  # noqa: S608
            f" AND ({self.columns}) < {bounds[1]} {without} ORDER BY {self.columns} LIMIT %(size)s"
        )


def _in_state(state: str, but: str = "") -> _Part:
    only = "m.campaign_id IS NOT NULL"
    return _Part("sms_message m", "m.campaign_id, m.state, m.id", state, but, only)


def _for_reason(reason: str) -> _Part:
    only = "m.campaign_id IS NOT NULL AND m.state = 'skipped'"
    return _Part("sms_message m", "m.campaign_id, m.state_reason, m.id", reason, only=only)


def _with_credit(kind: str, but: str = "") -> _Part:
    return _Part("sms_campaigncredit r", "r.campaign_id, r.kind, r.message_id", kind, but)


def page(campaign_id: int, result: str, *, after: Place | None = None, size: int = 50) -> Page:
    """One statement. Who is on it is decided when it is asked for: a row that moves on meanwhile may be seen twice or
    not at all, as in every live list.
    """
    begin = after or Place()
    arms: list[str] = []
    values: dict[str, Any] = {"campaign": campaign_id, "size": size + 1, "end": 2**63 - 1}
    for number, part in enumerate(_parts(result)):
        if number >= begin.part:
            arms.append(f"(SELECT {number}, id FROM ({part.sql(number)}) AS part(id))")  # noqa: S608 - our names
            after_id = begin.id if number == begin.part else 0
            values |= {f"key_{number}": part.key, f"after_{number}": after_id, "but": part.but}
    if not arms:
        return Page([], None)
    # Without an order of its own: a part is looked at only when those before it did not fill the page.
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(arms) + " LIMIT %(size)s", values)
        found = sorted(cursor.fetchall())
    more = len(found) > size
    found = found[:size]
    return Page([row[1] for row in found], Place(*found[-1]) if more else None)


def _parts(result: str) -> list[_Part]:
    """Those whose rows follow each other."""
    if result in STATES:
        return [_in_state(state) for state in STATES[result]]
    if result in CREDITS:
        return [_with_credit(result)]
    if result in _MIXED:
        did, did_not = _MIXED[result]
        return [_with_credit(did[0], did_not[0]) if did else _in_state(State.DELIVERED, did_not[0])]
    return [_for_reason(result.removeprefix("skipped:"))]
