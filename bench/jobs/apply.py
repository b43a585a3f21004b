"""Callbacks applied: batches against a callback at a time with the ORM; and what repetition and disorder change."""

import random
import time
from collections.abc import Callable, Sequence
from functools import partial

from django.db import connection

from bench import mixed
from bench.measure import Goal, Numbers, Report, interleave, rate, ratio
from bench.mixed import Arrival
from bench.peers import per_row
from bench.processes import running
from bench.statements import counting
from sms.callbacks import apply
from sms.models import Callback

OURS, PEER, CHECKED = 10_000, 600, 2_000

# Everything a callback can change for good, without ids and without our own clock.
FACTS = """
SELECT 'message', id_sms_api, number, direction, state, text, sent_at, delivered_at,
    CASE WHEN direction = 'in' THEN happened_at END
    FROM sms_message WHERE direction = 'in' OR sent_at IS NOT NULL OR delivered_at IS NOT NULL
UNION ALL SELECT 'call', direction, number, duration_s::text, '', '', NULL, NULL, happened_at FROM sms_call
UNION ALL SELECT 'click', id_sms_api, link, doubtful::text, '', '', NULL, NULL, happened_at FROM sms_click
UNION ALL SELECT 'qualification', q.number, q.text, q.source, '', '', NULL, c.happened_at, q.happened_at
    FROM sms_qualification q LEFT JOIN sms_call c ON c.id = q.call_id
UNION ALL SELECT 'opt-out', p.number, '', '', '', '', NULL, NULL, c.opted_out_at
    FROM contacts_contact c JOIN contacts_contactphone p ON p.contact_id = c.id WHERE c.opted_out_at IS NOT NULL
UNION ALL SELECT 'conversation', p.number, v.unread::text, '', '', '', NULL, NULL, v.last_at
    FROM sms_conversation v JOIN contacts_contactphone p USING (contact_id)
"""


def run() -> Report:
    ours, theirs = mixed.arrivals(OURS), mixed.arrivals(PEER)
    report = Report("apply", sizes={"callbacks": len(ours), "by rows": len(theirs), "batch": apply.BATCH})
    contestants: dict[str, Callable[[], Numbers]] = {
        "ours, batches": partial(_timed, ours, apply.drain),
        "a callback at a time, ORM": partial(_timed, theirs, per_row.apply_all),
    }
    _timed(theirs, apply.drain)  # both find their code and their plans warm
    report.raw |= interleave(contestants)
    statements, control = _statements(ours)
    report.raw["statements"] = {"a callback": [statements], "BEGIN, COMMIT": [control]}
    report.raw["facts changed"] = _changed(mixed.arrivals(CHECKED))
    rates = [numbers["per second"] for name, numbers in report.raw.items() if "per second" in numbers]
    changed = report.raw["facts changed"]
    report.goals = [
        Goal("times a callback at a time with the ORM", ratio(rates[0], rates[1]), ">=", 20),
        Goal("statements a callback", report.raw["statements"]["a callback"][0], "<=", 0.05),
        Goal("facts that a replay changed", changed["by replay"][0], "==", 0),
        Goal("facts that disorder changed", changed["by disorder"][0], "==", 0),
    ]
    return report


def _timed(arrived: Sequence[Arrival], work: Callable[[], int]) -> Numbers:
    line = mixed.line()
    mixed.stand(line, len(arrived))
    mixed.store(line, arrived)
    with connection.cursor() as cursor:
        # What autovacuum does within a minute on a machine that is not a minute old.
        cursor.execute("ANALYZE")
    started = time.perf_counter()
    done = work()
    seconds = time.perf_counter() - started
    _all_applied(done, len(arrived))
    return {"per second": rate(done, seconds)}


def _all_applied(done: int, expected: int) -> None:
    applied = Callback.objects.filter(state=Callback.State.APPLIED, detail="").count()
    if not done == applied == expected:
        raise AssertionError(f"{applied} of {expected} callbacks were applied, {done} looked at")


def _statements(arrived: Sequence[Arrival]) -> tuple[float, float]:
    """A callback, of a process that applies them behind the counting proxy; and of transaction control."""
    line = mixed.line()
    mixed.stand(line, len(arrived))
    mixed.store(line, arrived)
    with counting() as (proxy, env), running(["-m", "bench.applying"], env) as process:
        process.wait(120)
        _all_applied(len(arrived), len(arrived))
        statements, control = proxy.count
        return statements / len(arrived), control / len(arrived)


def facts() -> set[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(FACTS)
        return set(cursor.fetchall())


def _changed(arrived: Sequence[Arrival]) -> dict[str, list[float]]:
    """How many facts differ after everything came once more, and when it came in any order."""
    line = mixed.line()
    mixed.stand(line, len(arrived))
    mixed.store(line, arrived)
    apply.drain()
    once = facts()
    mixed.store(line, arrived)
    apply.drain()
    by_replay = once ^ facts()
    line = mixed.line()
    mixed.stand(line, len(arrived))
    mixed.store(line, random.Random(11).sample(arrived, len(arrived)))
    # In small batches: within one, order could not matter much.
    while apply.apply_batch(limit=50):
        pass
    by_disorder = once ^ facts()
    return {
        "facts": [float(len(once))],
        "by replay": [float(len(by_replay))],
        "by disorder": [float(len(by_disorder))],
    }
