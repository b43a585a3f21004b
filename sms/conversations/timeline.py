"""All that happened with a person, newest first, page by page.

A page is one UNION ALL whose every arm is ordered and limited, so that it reads a page's worth of rows from
each table's index and no more, however long the history. The cursor is the key of a page's last event.
"""

import base64
import binascii
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Model, OuterRef, QuerySet, Subquery, Value

from contacts.models import ConsentChange
from sms.models import Call, Click, Message, Note, Qualification

KINDS = ("message", "call", "click", "qualification", "note", "consent")
# Ranks order events of one instant, so that a key is unique over all tables.
_RANK = {kind: rank for rank, kind in enumerate(KINDS)}
_TABLE = {
    "message": "sms_message",
    "call": "sms_call",
    "click": "sms_click",
    "qualification": "sms_qualification",
    "note": "sms_note",
    "consent": "contacts_consentchange",
}


@dataclass(frozen=True, order=True)
class Cursor:
    """The place of an event on the line: its time, its table's rank, its id."""

    at: datetime
    rank: int
    id: int

    def __str__(self) -> str:
        raw = f"{self.at.isoformat()}|{self.rank}|{self.id}"
        return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """Raises ValueError for anything that `str` of a cursor did not give."""
        try:
            raw = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
            at, rank, row_id = raw.split("|")
            moment = datetime.fromisoformat(at)
        except (binascii.Error, UnicodeDecodeError) as error:
            raise ValueError("not a cursor") from error
        if moment.tzinfo is None or not 0 <= int(rank) < len(KINDS):
            raise ValueError("not a cursor")
        return cls(moment, int(rank), int(row_id))


@dataclass(frozen=True)
class TimelineEvent:
    """One event: its kind and the row of its table (with what its screens show, already fetched)."""

    kind: str
    row: Any
    cursor: Cursor

    @property
    def at(self) -> datetime:
        return self.cursor.at


@dataclass(frozen=True)
class Page:
    """Newest first. `next` is the cursor for older ones, None at the beginning of the story."""

    events: list[TimelineEvent] = field(default_factory=list)
    next: Cursor | None = None


def page(
    contact_id: int,
    *,
    before: Cursor | None = None,
    since: Cursor | None = None,
    limit: int = 30,
    kinds: Collection[str] = KINDS,
) -> Page:
    """Events of a contact older than `before`, or from `since` on; one statement and one a kind found."""
    chosen = [kind for kind in KINDS if kind in kinds]
    keys = _keys(contact_id, chosen, before, since, limit + 1)
    more = len(keys) > limit
    events = _rows(keys[:limit])
    return Page(events, keys[limit - 1] if more else None)


def _keys(
    contact_id: int, kinds: list[str], before: Cursor | None, since: Cursor | None, limit: int
) -> list[Cursor]:
    arms: list[str] = []
    values: list[Any] = []
    for kind in kinds:
        rank = _RANK[kind]
        where = "contact_id = %s"
        values.append(contact_id)
        if before is not None:
            # For the index: the row comparison alone bounds the scan; the rank decides within an instant.
            where += " AND (happened_at, id) < (%s, %s)"
            values += [before.at, _bound(rank, before)]
        if since is not None:
            where += " AND (happened_at, id) >= (%s, %s)"
            values += [since.at, _bound(rank, since)]
        arms.append(
            f"(SELECT happened_at, {rank} AS rank, id FROM {_TABLE[kind]} WHERE {where}"  # noqa: S608 - our names
            " ORDER BY happened_at DESC, id DESC LIMIT %s)"
        )
        values.append(limit)
    # In a subquery: a single arm would have two ORDER BY.
    union = " UNION ALL ".join(arms)
    statement = f"SELECT * FROM ({union}) AS events ORDER BY happened_at DESC, rank DESC, id DESC LIMIT %s"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, limit])
        return [Cursor(*row) for row in cursor.fetchall()]


_ALL_IDS = 2**63 - 1


def _bound(rank: int, cursor: Cursor) -> int:
    """The id to compare with in another table's arm: all of its rows of that instant, or none of them."""
    if rank == cursor.rank:
        return cursor.id
    return _ALL_IDS if rank < cursor.rank else 0


def _rows(keys: list[Cursor]) -> list[TimelineEvent]:
    found: dict[tuple[int, int], Model] = {}
    for rank in {key.rank for key in keys}:
        for row in _query(KINDS[rank], [key.id for key in keys if key.rank == rank]):
            found[rank, row.pk] = row
    return [
        TimelineEvent(KINDS[key.rank], found[key.rank, key.id], key)
        for key in keys
        if (key.rank, key.id) in found
    ]


def _query(kind: str, ids: Iterable[int]) -> QuerySet[Any]:
    ids = list(ids)
    if kind == "message":
        return Message.objects.filter(pk__in=ids).select_related("line", "created_by")
    if kind == "call":
        return (
            Call.objects.filter(pk__in=ids).select_related("line__holder").prefetch_related("qualifications")
        )
    if kind == "click":
        return Click.objects.filter(pk__in=ids).select_related("line", "message").annotate(nth=_nth())
    if kind == "qualification":
        return Qualification.objects.filter(pk__in=ids).select_related("line__holder")
    if kind == "note":
        return Note.objects.filter(pk__in=ids).select_related("author")
    return ConsentChange.objects.filter(pk__in=ids).select_related("by")


# Counting the clicks on one message stops here.
_MOST_CLICKS = 20


def _nth() -> Subquery:
    """Which time that message's link was opened, previews by robots left out; at most `_MOST_CLICKS`."""
    # Two levels up: the click of the page, around the count, around the few that are counted.
    few = Click.objects.filter(
        message=OuterRef(OuterRef("message")),
        happened_at__lte=OuterRef(OuterRef("happened_at")),
        doubtful=False,
    ).order_by()[:_MOST_CLICKS]
    counted = Click.objects.filter(pk__in=few.values("pk")).order_by().annotate(one=Value(1)).values("one")
    return Subquery(counted.annotate(n=Count("pk")).values("n"))
