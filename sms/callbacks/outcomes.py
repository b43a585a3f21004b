"""Writes down what became of each callback. One whose parts fared differently is split."""

from collections import defaultdict

from django.db import connection

from sms.callbacks.about import UNTOLD, about_of
from sms.callbacks.batch import Item, Row
from sms.models import Callback

_SETTLE = """
UPDATE sms_callback c SET state = r.state, detail = r.detail, parked_for = r.parked_for, about = r.about,
    applied_at = clock_timestamp()
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::bigint[])
    AS r(id, state, detail, parked_for, about)
WHERE c.id = r.id
"""

_HEARD = """
UPDATE sms_line l SET last_callback_at = greatest(l.last_callback_at, r.at)
FROM (SELECT id, max(at) AS at FROM unnest(%s::bigint[], %s::timestamptz[]) AS r(id, at) GROUP BY id ORDER BY id) r
WHERE l.id = r.id
"""

# Which part's outcome stands for the whole callback, and which are split off.
_WEIGHT = {"applied": 0, "parked": 1, "quarantined": 2}


def write(rows: list[Row], items: list[Item]) -> None:
    """States of all callbacks of the batch, and the lines' last sign of life. Inside a transaction."""
    parts: dict[int, list[Item]] = defaultdict(list)
    for item in items:
        parts[item.row.id].append(item)
    mains: list[tuple[int, str, str, str, int]] = []
    split: list[Callback] = []
    for row in rows:
        if not parts[row.id]:
            mains.append((row.id, "quarantined", "nothing in it", "", UNTOLD))
            continue
        main, *others = sorted(parts[row.id], key=lambda item: _WEIGHT[item.outcome])
        about = about_of(item.about for item in parts[row.id])
        mains.append((row.id, main.outcome, main.detail, main.parked_for, about))
        split += [_part(item) for item in others if item.outcome != "applied"]
    Callback.objects.bulk_create(split)
    with connection.cursor() as cursor:
        cursor.execute(_SETTLE, [list(column) for column in zip(*mains, strict=True)])
        cursor.execute(_HEARD, [[row.line_id for row in rows], [row.received_at for row in rows]])


def _part(item: Item) -> Callback:
    return Callback(
        team_id=item.row.team_id,
        line_id=item.row.line_id,
        query=item.part.raw,
        state=item.outcome,
        detail=item.detail,
        parked_for=item.parked_for,
        part_of_id=item.row.id,
        about=about_of([item.about]),
        received_at=item.row.received_at,
    )
