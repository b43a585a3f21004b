"""The gate: a fact is made once, whatever the number of times it is told."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection

from sms.callbacks.batch import Item

# Two missed calls of one day look alike when the gateway gives no time of day: a repetition counts as the
# same for this long only.
ALIKE_FOR = timedelta(minutes=10)

Key = tuple[int, bytes]

_DATED = """
INSERT INTO sms_knownevent (line_id, digest, seen_at)
SELECT * FROM unnest(%s::bigint[], %s::bytea[], %s::timestamptz[]) AS k(line_id, digest, seen_at)
ORDER BY line_id, digest
ON CONFLICT (line_id, digest) DO NOTHING
RETURNING line_id, digest
"""

_UNDATED = """
INSERT INTO sms_knownevent AS known (line_id, digest, seen_at)
SELECT * FROM unnest(%s::bigint[], %s::bytea[], %s::timestamptz[]) AS k(line_id, digest, seen_at)
ORDER BY line_id, digest
ON CONFLICT (line_id, digest) DO UPDATE SET seen_at = excluded.seen_at
    WHERE known.seen_at <= excluded.seen_at - interval '10 minutes'
RETURNING line_id, digest
"""


def fresh(items: Iterable[Item]) -> list[Item]:
    """The items whose fact does not exist yet; the others are applied as duplicates. Two statements."""
    candidates: list[Item] = []
    last_seen: dict[Key, datetime] = {}
    for item in items:
        key = _key(item)
        seen = last_seen.get(key)
        if seen is not None and (item.event.has_time_of_day or item.row.received_at < seen + ALIKE_FOR):
            _duplicate(item)
            continue
        last_seen[key] = item.row.received_at
        candidates.append(item)
    dated = {_key(item) for item in candidates if item.event.has_time_of_day}
    new = _insert(_DATED, {key: last_seen[key] for key in dated})
    new |= _insert(_UNDATED, {key: at for key, at in last_seen.items() if key not in dated})
    for item in candidates:
        if _key(item) not in new:
            _duplicate(item)
    return [item for item in candidates if _key(item) in new]


def _key(item: Item) -> Key:
    return item.row.line_id, item.event.digest


def _duplicate(item: Item) -> None:
    item.outcome, item.detail = "applied", "duplicate"


def _insert(statement: str, seen: dict[Key, datetime]) -> set[Key]:
    if not seen:
        return set()
    with connection.cursor() as cursor:
        cursor.execute(statement, [[k[0] for k in seen], [k[1] for k in seen], list(seen.values())])
        return {(line_id, bytes(digest)) for line_id, digest in cursor.fetchall()}
