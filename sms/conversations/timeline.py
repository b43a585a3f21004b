"""All that happened with a person, newest first, page by page.

A page is one UNION ALL whose every arm is ordered and limited, so that it reads a page's worth of rows from
each table's index and no more, however long the history. The cursor is the key of a page's last event.
"""

import base64
import binascii
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Model, OuterRef, QuerySet, Subquery, Value

from contacts.models import ConsentChange, Contact, FollowUp, Merge
from sms.models import Call, Click, Message, Note, Qualification


@dataclass(frozen=True)
class Arm:
    """A table of events: its columns of time and person; `only` narrows it, `counted` narrows what is counted."""

    table: str
    at: str = "happened_at"
    person: str = "contact_id"
    only: str = ""
    counted: str = ""


# In the order of their ranks, which order events of one instant and stand in cursors: new ones at the end.
_ARMS = {
    # What a campaign has not sent, or will not send, is told by its report.
    "message": Arm(
        "sms_message",
        only="NOT (campaign_id IS NOT NULL AND state IN ('planned', 'skipped', 'cancelled'))",
    ),
    "call": Arm("sms_call"),
    "click": Arm("sms_click"),
    # Those of a call stand under it.
    "qualification": Arm("sms_qualification", counted="call_id IS NULL"),
    "note": Arm("sms_note"),
    "consent": Arm("contacts_consentchange"),
    "done": Arm("contacts_followup", at="done_at", only="done_at IS NOT NULL"),
    "planned": Arm("contacts_followup", at="created_at"),
    "merge": Arm("contacts_merge", person="kept_id"),
    "import": Arm("contacts_contact", at="created_at", person="id", only="imported_by_id IS NOT NULL"),
}
KINDS = tuple(_ARMS)
_RANK = {kind: rank for rank, kind in enumerate(KINDS)}


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
        rank, arm = _RANK[kind], _ARMS[kind]
        where = f"{arm.person} = %s" + (f" AND {arm.only}" if arm.only else "")
        values.append(contact_id)
        if before is not None:
            # For the index: the row comparison alone bounds the scan; the rank decides within an instant.
            where += f" AND ({arm.at}, id) < (%s, %s)"
            values += [before.at, _bound(rank, before)]
        if since is not None:
            where += f" AND ({arm.at}, id) >= (%s, %s)"
            values += [since.at, _bound(rank, since)]
        arms.append(
            f"(SELECT {arm.at} AS happened_at, {rank} AS rank, id FROM {arm.table} WHERE {where}"  # noqa: S608 - our names
            f" ORDER BY {arm.at} DESC, id DESC LIMIT %s)"
        )
        values.append(limit)
    # In a subquery: a single arm would have two ORDER BY.
    union = " UNION ALL ".join(arms)
    statement = f"SELECT * FROM ({union}) AS events ORDER BY happened_at DESC, rank DESC, id DESC LIMIT %s"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, limit])
        return [Cursor(*row) for row in cursor.fetchall()]


def counts(contact_id: int, groups: Mapping[str, Collection[str]], most: int) -> dict[str, int]:
    """How many events of each group of kinds, at most `most` of a kind. One statement."""
    kinds = list(dict.fromkeys(kind for group in groups.values() for kind in group))
    columns = []
    for kind in kinds:
        arm = _ARMS[kind]
        where = " AND ".join(filter(None, [f"{arm.person} = %s", arm.only, arm.counted]))
        columns.append(f"(SELECT count(*) FROM (SELECT 1 FROM {arm.table} WHERE {where} LIMIT %s) AS few)")  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute("SELECT " + ", ".join(columns), [each for _ in kinds for each in (contact_id, most)])
        found = dict(zip(kinds, cursor.fetchone() or (), strict=True))
    return {name: sum(found[kind] for kind in group) for name, group in groups.items()}


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
        return Message.objects.filter(pk__in=ids).select_related("line", "created_by", "campaign")
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
    if kind == "consent":
        return ConsentChange.objects.filter(pk__in=ids).select_related("by", "imported_by")
    if kind in ("done", "planned"):
        return FollowUp.objects.filter(pk__in=ids).select_related("owner", "done_by", "created_by")
    if kind == "merge":
        return Merge.objects.filter(pk__in=ids).select_related("by")
    return Contact.objects.filter(pk__in=ids).select_related("imported_by__by")


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
