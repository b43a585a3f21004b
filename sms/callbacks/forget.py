"""Forgets the raw callbacks that concern a person, and that their facts were known."""

from collections.abc import Collection, Iterator
from datetime import datetime

from django.db import connection

from contacts.privacy.traces import Traces
from sms.callbacks.about import key_of_number
from sms.callbacks.batch import Row, items_of
from sms.models import Callback, KnownEvent

STEP = 500

_COLUMNS = """
SELECT c.id, c.team_id, c.line_id, c.query, c.received_at, l.time_zone, t.region, t.stop_words, t.start_words
FROM sms_callback c JOIN sms_line l ON l.id = c.line_id JOIN teams_team t ON t.id = c.team_id
"""
# Those of which an index tells whose they are.
_THEIRS = "SELECT id FROM sms_callback WHERE team_id = %s AND about = ANY(%s)"
# The number is somebody else's now: only what became a fact of this person.
_BEFORE = """
SELECT c.id FROM sms_callback c
JOIN unnest(%s::bigint[], %s::timestamptz[]) AS fact(line_id, received_at) USING (line_id, received_at)
WHERE c.team_id = %s AND c.about = ANY(%s)
"""
# Several people's, nobody's, not looked at yet, or kept from before callbacks said whose they are. Without an
# order, so that the index of whose they are is what it goes by.
_UNTOLD = """
SELECT id FROM sms_callback WHERE team_id = %s AND about = 0
UNION ALL SELECT id FROM sms_callback WHERE team_id = %s AND about IS NULL
"""
_READ = f"{_COLUMNS} WHERE c.id = ANY(%s) ORDER BY c.id"
# One that is being applied right now is let go: it makes somebody new, who is opted out from the beginning.
_TAKE = f"{_COLUMNS} WHERE c.id = ANY(%s) ORDER BY c.id FOR UPDATE OF c SKIP LOCKED"

Arrival = tuple[int, datetime]  # line id, received at: of a fact and of its callback alike


def of_person(found: Traces, taken: Collection[str], arrivals: Collection[Arrival]) -> list[int]:
    """Ids of the callbacks that concern a person.

    `taken`: numbers that were theirs and are somebody else's now; of those only what arrived at `arrivals`.
    """
    ids: set[int] = set()
    with connection.cursor() as cursor:
        cursor.execute(_THEIRS, [found.team_id, [key_of_number(number) for number in sorted(found.numbers)]])
        ids |= {row[0] for row in cursor.fetchall()}
        if taken and arrivals:
            lines, times = zip(*arrivals, strict=True)
            keys = [key_of_number(number) for number in sorted(taken)]
            cursor.execute(_BEFORE, [list(lines), list(times), found.team_id, keys])
            ids |= {row[0] for row in cursor.fetchall()}
    ids |= {row.id for row in _untold(found.team_id) if _concerns(row, found)}
    return sorted(ids)


def forget(ids: Collection[int]) -> int:
    """Deletes these callbacks, inside the erasure's transaction, except those that are being applied. How many."""
    gone = 0
    wanted = sorted(ids)
    for at in range(0, len(wanted), STEP):
        with connection.cursor() as cursor:
            cursor.execute(_TAKE, [wanted[at : at + STEP]])
            rows = [Row(*row) for row in cursor.fetchall()]
        _forget_events(rows)
        taken = [row.id for row in rows]
        # What was split off for somebody else stays.
        Callback.objects.filter(part_of__in=taken).exclude(pk__in=taken).update(part_of=None)
        part = Callback.objects.filter(pk__in=taken)
        gone += part._raw_delete(part.db)
    return gone


def _forget_events(rows: list[Row]) -> None:
    """A digest without a key could be made again by whoever guesses what was said and when."""
    known = [
        (item.row.line_id, item.event.digest) for item in items_of(rows) if item.outcome != "quarantined"
    ]
    if known:
        with connection.cursor() as cursor:
            cursor.execute(
                f"DELETE FROM {KnownEvent._meta.db_table} k"  # noqa: S608 - the name of a table of ours
                " USING unnest(%s::bigint[], %s::bytea[]) AS d(line_id, digest)"
                " WHERE k.line_id = d.line_id AND k.digest = d.digest",
                [[line for line, _ in known], [digest for _, digest in known]],
            )


def _untold(team_id: int) -> Iterator[Row]:
    with connection.cursor() as cursor:
        cursor.execute(_UNTOLD, [team_id, team_id])
        ids = sorted(row[0] for row in cursor.fetchall())
    for at in range(0, len(ids), STEP):
        with connection.cursor() as cursor:
            cursor.execute(_READ, [ids[at : at + STEP]])
            rows = [Row(*row) for row in cursor.fetchall()]
        yield from rows


def _concerns(row: Row, found: Traces) -> bool:
    """By its bytes. What waits to be applied and tells of other people too is left to be applied."""
    items = items_of([row])
    numbers = {item.about for item in items if item.part.event is not None}
    theirs = not numbers.isdisjoint(found.numbers)
    if not theirs and not found.stand_in(bytes(row.query).decode("utf-8", "replace")):
        return False
    return numbers <= found.numbers | {""} or _is_done(row)


def _is_done(row: Row) -> bool:
    return not Callback.objects.filter(pk=row.id, state=Callback.State.RECEIVED).exists()
