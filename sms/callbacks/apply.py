"""Turns stored callbacks into facts, up to a thousand at a time, each batch in one transaction."""

import time
from collections.abc import Sequence

import structlog
from django.db import DatabaseError, OperationalError, connection, transaction
from django.utils import timezone

from contacts.people import resolve
from sms import wake
from sms.callbacks import facts, known, outcomes
from sms.callbacks.batch import Item, KnownMessage, Row, items_of
from sms.models import Callback
from teams import live

log = structlog.get_logger(__name__)

BATCH = 1000
# A drain gives its thread back after this long and wakes another.
LONGEST_S = 15.0

_TAKE = """
SELECT c.id, c.team_id, c.line_id, c.query, c.received_at, l.time_zone, t.region, t.stop_words, t.start_words
FROM sms_callback c JOIN sms_line l ON l.id = c.line_id JOIN teams_team t ON t.id = c.team_id
WHERE c.state = 'received' {chosen} ORDER BY c.id LIMIT %s FOR UPDATE OF c SKIP LOCKED
"""
_TAKE_NEXT = _TAKE.format(chosen="")
_TAKE_CHOSEN = _TAKE.format(chosen="AND c.id = ANY(%s)")

_MESSAGES = """
WITH k AS (SELECT * FROM unnest(%s::bigint[], %s::text[]) AS k(line_id, name))
SELECT k.line_id, k.name, m.id, m.contact_id FROM k
    JOIN sms_message m ON m.line_id = k.line_id AND m.id_sms_api = k.name AND m.id_sms_api <> ''
UNION ALL
SELECT k.line_id, k.name, m.id, m.contact_id FROM k
    JOIN sms_message m ON m.line_id = k.line_id AND m.gateway_id = k.name AND m.gateway_id <> ''
"""


def drain() -> int:
    """Applies what waits until nothing does or time is up. How many callbacks were looked at."""
    until = time.monotonic() + LONGEST_S
    total = 0
    while time.monotonic() < until:
        count = apply_batch()
        total += count
        if count < BATCH:
            return total
    wake.callbacks()
    return total


def apply_batch(chosen: Sequence[int] | None = None, limit: int = BATCH) -> int:
    """One batch: the next ones, or those of `chosen` that still wait. How many were looked at.

    A callback that breaks its batch is found by halving and quarantined alone.
    """
    ids: list[int] = []
    try:
        with transaction.atomic():
            rows = _take(chosen, limit)
            ids = [row.id for row in rows]
            if rows:
                _apply(rows)
        return len(ids)
    except OperationalError:
        raise  # the database is away: nothing is the callbacks' fault
    except (DatabaseError, ValueError, TypeError, ArithmeticError, LookupError, RecursionError) as error:
        log.exception("callbacks_batch_failed", callbacks=len(ids))
        if len(ids) == 1:
            _quarantine(ids[0], error)
        for half in (ids[: len(ids) // 2], ids[len(ids) // 2 :]) if len(ids) > 1 else ():
            apply_batch(half, limit)
        return len(ids)


def replay(callback: Callback) -> bool:
    """Looks at a quarantined or parked callback again. False when it is neither."""
    again = Callback.objects.filter(
        pk=callback.pk, state__in=[Callback.State.QUARANTINED, Callback.State.PARKED]
    ).update(state=Callback.State.RECEIVED, detail="", parked_for="")
    if again:
        wake.callbacks()
    return bool(again)


def _take(chosen: Sequence[int] | None, limit: int) -> list[Row]:
    with connection.cursor() as cursor:
        if chosen is None:
            cursor.execute(_TAKE_NEXT, [limit])
        else:
            cursor.execute(_TAKE_CHOSEN, [list(chosen), limit])
        return [Row(*row) for row in cursor.fetchall()]


def _apply(rows: list[Row]) -> None:
    items = items_of(rows)
    readable = [item for item in items if not item.outcome]
    _find_messages(readable)
    new = known.fresh(item for item in readable if not item.outcome)
    _find_people(new)
    facts.write(new)
    outcomes.write(rows, items)
    live.announce(row.team_id for row in rows)


def _find_messages(items: list[Item]) -> None:
    """Gives each status and click its message; those whose message isn't known are parked."""
    named = [(item, item.names) for item in items]
    keys = sorted({(item.row.line_id, name) for item, name in named if name})
    found: dict[tuple[int, str], KnownMessage] = {}
    if keys:
        with connection.cursor() as cursor:
            cursor.execute(_MESSAGES, [[line for line, _ in keys], [name for _, name in keys]])
            found = {(line, name): KnownMessage(*rest) for line, name, *rest in cursor.fetchall()}
    for item, name in named:
        if name is None:
            continue
        item.message = found.get((item.row.line_id, name))
        if item.message is None:
            item.outcome, item.parked_for = "parked", name[:64]


def _find_people(items: list[Item]) -> None:
    """The contact of each item that has a number and no message; unknown numbers become contacts."""
    numbers = {id(item): item.number for item in items if item.message is None}
    people = resolve.find_or_add(
        (item.row.team_id, numbers[id(item)]) for item in items if numbers.get(id(item))
    )
    for item in items:
        number = numbers.get(id(item))
        if number:
            item.person = people[item.row.team_id, number]


def _quarantine(callback_id: int, error: Exception) -> None:
    Callback.objects.filter(pk=callback_id).update(
        state=Callback.State.QUARANTINED,
        detail=f"{type(error).__name__}: {error}"[:300],
        applied_at=timezone.now(),
    )
