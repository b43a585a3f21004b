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

# Their people are held until the facts are written: an erasure or a merge that is under way is waited for, and
# one that comes later waits for us. (Nothing may be locked in the arms of a union themselves.)
_MESSAGES = """
WITH k AS (SELECT * FROM unnest(%s::bigint[], %s::text[]) AS k(line_id, name)),
ours AS (
    SELECT k.line_id, k.name, m.id, m.contact_id, m.number, m.campaign_id FROM k
    JOIN sms_message m ON m.line_id = k.line_id AND m.id_sms_api = k.name AND m.id_sms_api <> ''
    JOIN contacts_contact c ON c.id = m.contact_id ORDER BY c.id FOR KEY SHARE OF c
), theirs AS (
    SELECT k.line_id, k.name, m.id, m.contact_id, m.number, m.campaign_id FROM k
    JOIN sms_message m ON m.line_id = k.line_id AND m.gateway_id = k.name AND m.gateway_id <> ''
    JOIN contacts_contact c ON c.id = m.contact_id ORDER BY c.id FOR KEY SHARE OF c
)
SELECT * FROM ours UNION ALL SELECT * FROM theirs
"""


# Everybody whom a batch can concern, held in the order of their keys before anything else is: a merge takes its
# two people in that order too, so that neither waits for the other in a circle.
_HOLD = """
WITH names AS (SELECT * FROM unnest(%s::bigint[], %s::text[]) AS k(line_id, name)),
numbers AS (SELECT * FROM unnest(%s::bigint[], %s::text[]) AS k(team_id, number))
SELECT FROM contacts_contact c WHERE c.id IN (
    SELECT m.contact_id FROM names k
        JOIN sms_message m ON m.line_id = k.line_id AND m.id_sms_api = k.name AND m.id_sms_api <> ''
    UNION ALL SELECT m.contact_id FROM names k
        JOIN sms_message m ON m.line_id = k.line_id AND m.gateway_id = k.name AND m.gateway_id <> ''
    UNION ALL SELECT p.contact_id FROM numbers JOIN contacts_contactphone p USING (team_id, number)
) ORDER BY c.id FOR KEY SHARE
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
    _hold_people(readable)
    _find_messages(readable)
    new = known.fresh(item for item in readable if not item.outcome)
    _find_people(new)
    facts.write(new)
    outcomes.write(rows, items)
    live.announce(row.team_id for row in rows)


def _hold_people(items: list[Item]) -> None:
    """Holds everybody concerned; one item alone holds its person when it finds them."""
    if len(items) < 2:
        return
    names = {(item.row.line_id, item.names) for item in items if item.names}
    numbers = {(item.row.team_id, item.number) for item in items if item.number}
    with connection.cursor() as cursor:
        cursor.execute(
            _HOLD,
            [
                [line for line, _ in names],
                [name for _, name in names],
                [team for team, _ in numbers],
                [number for _, number in numbers],
            ],
        )


def _find_messages(items: list[Item]) -> None:
    """Gives each status and click its message; those whose message isn't known are parked."""
    named = [(item, item.names) for item in items]
    wanted = {(item.row.line_id, name) for item, name in named if name}
    found = _known_messages(wanted)
    # Somebody was merged into another while we waited: their messages have a new person now.
    found |= _known_messages(wanted - found.keys())
    for item, name in named:
        if name is None:
            continue
        item.message = found.get((item.row.line_id, name))
        if item.message is None:
            item.outcome, item.parked_for = "parked", name[:64]


def _known_messages(keys: set[tuple[int, str]]) -> dict[tuple[int, str], KnownMessage]:
    if not keys:
        return {}
    lines, names = zip(*sorted(keys), strict=True)
    with connection.cursor() as cursor:
        cursor.execute(_MESSAGES, [list(lines), list(names)])
        return {(line, name): KnownMessage(*rest) for line, name, *rest in cursor.fetchall()}


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
