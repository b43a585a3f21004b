"""Writes down what became of a claimed batch: one statement, and another when the line has to wait."""

import json
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from sms.conversations import summary
from sms.gateway.results import Outcome, SendResult
from sms.lines import holding
from sms.sending import budget, failing
from sms.sending.claim import Claimed
from teams import live

# Refused connections in a row before the line's circuit opens and the wait grows to minutes.
CIRCUIT_AFTER = 5
BACK_OFF_S = (2, 4, 8, 15, 30)
CIRCUIT_S = 60

# All that an answer changes when nothing is wrong with the line, in one statement.
# - A status callback may have been quicker than this: only `sending` is changed, and only by its holder. What
#   a successor gave up as uncertain is raised when the answer came after all, and never queued again.
# - Each message is found by its key, in the order of keys (LATERAL): the planner knows nothing of how many
#   messages a sender holds, and would compare every one it ever sent with every one of the batch. Nor does it know how
#   many JSON holds: the keys come as an array besides.
# - Callbacks that were quicker than our own commit, or that name the gateway's id, have their message now.
# - What goes back of a campaign waits as its other messages do, so that a pause holds it too.
# - The team's browsers are told by the same statement.
# - The commit does not wait for the disk. Should the server lose it, these messages are what they were: claimed, whose
#   commit did wait before anything was sent, and so uncertain, as after any other end between an answer and this.
_SETTLE = """
WITH attempt AS (
    INSERT INTO sms_sendattempt (line_id, at, messages_count, duration_ms, http_status, answer, error)
    VALUES (%(line)s, clock_timestamp(), %(count)s, %(took_ms)s, %(status)s, %(answer)s, %(error)s)
    RETURNING id
), r AS MATERIALIZED (
    SELECT told.* FROM json_to_recordset(%(rows)s::json)
        AS told(id bigint, state text, reason text, alias text, segments int)
    CROSS JOIN LATERAL (
        SELECT FROM sms_message held WHERE held.id = told.id AND held.claimed_by = %(sender)s FOR UPDATE
    ) AS held
), unparked AS (
    UPDATE sms_callback SET state = 'received'
    WHERE line_id = %(line)s AND state = 'parked'
      AND parked_for = ANY(ARRAY(SELECT json_array_elements_text(%(names)s::json)))
), line AS (
    UPDATE sms_line SET failures = 0, last_error = '', not_before = NULL, last_submitted_at = clock_timestamp(),
        batch_limit = CASE WHEN batch_limit = 0 OR batch_limit * 2 >= %(most)s THEN 0 ELSE batch_limit * 2 END
    WHERE id = %(line)s AND %(passed)s
)
UPDATE sms_message m SET
    state = CASE WHEN m.state = 'sending' AND r.state = 'queued' AND m.campaign_id IS NOT NULL THEN 'planned'
                 WHEN m.state = 'sending' OR (m.state = 'uncertain' AND r.state = 'submitted')
                 THEN r.state ELSE m.state END,
    state_reason = CASE WHEN m.state IN ('sending', 'uncertain') THEN r.reason ELSE m.state_reason END,
    gateway_id = CASE WHEN r.alias <> '' THEN r.alias ELSE m.gateway_id END,
    segments = coalesce(r.segments, m.segments),
    attempt_id = attempt.id,
    submitted_at = CASE WHEN r.state = 'submitted' THEN clock_timestamp() ELSE m.submitted_at END,
    claimed_by = CASE WHEN r.state = 'queued' AND m.state = 'sending' THEN '' ELSE m.claimed_by END
FROM r, attempt
WHERE m.id = r.id AND m.id = ANY(%(ids)s::bigint[])
RETURNING m.contact_id, m.state, m.campaign_id,
    (SELECT pg_notify(%(channel)s, %(team)s || ':' || nextval('teams_live_sequence'))) IS NULL,
    (SELECT set_config('synchronous_commit', 'off', true))
"""


def settle(
    line_id: int, team_id: int, sender: str, batch: list[Claimed], result: SendResult, took_s: float
) -> bool:
    """Stores the answer and its consequences in one transaction. True: the line waits or is held, stop."""
    with transaction.atomic():
        changed = _messages(line_id, team_id, sender, sorted(batch, key=lambda each: each.id), result, took_s)
        troubled = [each for each in changed if each.state in ("failed", "uncertain")]
        summary.refresh_trouble(each.contact_id for each in troubled if each.campaign_id is None)
        failing.look(each.campaign_id for each in troubled if each.campaign_id is not None)
        budget.give_back(line_id, sum(each.state in ("queued", "planned") for each in changed))
        return _line(line_id, len(batch), result)


class _Changed(NamedTuple):
    """A message that was still this sender's, as it is now."""

    contact_id: int
    state: str
    campaign_id: int | None


def _state_of(outcome: Outcome) -> str:
    """Retryable and held messages were provably not accepted: back into the queue."""
    return "queued" if outcome.state in ("retryable", "held") else outcome.state


def _messages(
    line_id: int, team_id: int, sender: str, batch: list[Claimed], result: SendResult, took_s: float
) -> list[_Changed]:
    """`batch` in the order of ids."""
    outcomes = [result.outcomes[message.id_sms_api] for message in batch]
    names = [message.id_sms_api for message in batch]
    with connection.cursor() as cursor:
        cursor.execute(
            _SETTLE,
            {
                "line": line_id,
                "ids": [message.id for message in batch],
                "team": team_id,
                "channel": live.CHANNEL,
                "count": len(batch),
                "took_ms": int(took_s * 1000),
                "status": result.status,
                "answer": result.raw,
                "error": result.error[:300],
                "rows": _json(
                    _row(message, outcome) for message, outcome in zip(batch, outcomes, strict=True)
                ),
                "sender": sender,
                "names": _json(names + [outcome.gateway_id for outcome in outcomes if outcome.gateway_id]),
                "most": settings.GATEWAY_BATCH,
                "passed": _passed(len(batch), result),
            },
        )
        return [_Changed(*row[:3]) for row in cursor.fetchall()]


def _row(message: Claimed, outcome: Outcome) -> dict[str, Any]:
    return {
        "id": message.id,
        "state": _state_of(outcome),
        "reason": _reason(outcome),
        "alias": (outcome.gateway_id or "")[:64],
        "segments": outcome.segments,
    }


def _json(values: Iterable[Any]) -> str:
    """As the statement takes them: in arrays they would cost the sender four times as long."""
    return json.dumps(list(values), ensure_ascii=False)


def _reason(outcome: Outcome) -> str:
    if outcome.state in ("submitted", "retryable", "held"):
        return ""
    return f"{outcome.reason}: {outcome.words}"[:300] if outcome.words else outcome.reason[:300]


_LINE_WAITS = """
UPDATE sms_line SET failures = %(failures)s, last_error = %(error)s,
    not_before = clock_timestamp() + %(wait)s * interval '1 second'
WHERE id = %(line)s
"""

_LINE_HALVES = "UPDATE sms_line SET batch_limit = %(batch)s, last_error = %(error)s WHERE id = %(line)s"


def _too_much(size: int, result: SendResult) -> bool:
    return (result.too_large or result.refused) and size > 1


def _waits(result: SendResult) -> bool:
    nothing_passed = all(outcome.state == "retryable" for outcome in result.outcomes.values())
    return nothing_passed or result.retry_after_s is not None


def _passed(size: int, result: SendResult) -> bool:
    """Whether the answer says nothing against the line."""
    return result.line_held is None and not _too_much(size, result) and not _waits(result)


def _line(line_id: int, size: int, result: SendResult) -> bool:
    """What an answer against the line means for it. True: stop draining it for now."""
    if result.line_held is not None:
        holding.hold(line_id, reason=result.line_held.value, detail=result.error)
        return True
    if _too_much(size, result):
        _run(_LINE_HALVES, line=line_id, batch=max(1, size // 2), error=result.error[:300])
        return False
    if _waits(result):
        failures = _failures(line_id) + 1
        wait = _wait(failures, result)
        _run(_LINE_WAITS, line=line_id, failures=failures, error=result.error[:300], wait=wait)
        return True
    return False


def _failures(line_id: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT failures FROM sms_line WHERE id = %s", [line_id])
        row = cursor.fetchone()
    return row[0] if row else 0


def _wait(failures: int, result: SendResult) -> float:
    """Seconds until the next request: what the gateway asked for, else growing, with jitter against herds."""
    if result.retry_after_s is not None:
        return result.retry_after_s
    base = CIRCUIT_S if failures >= CIRCUIT_AFTER else BACK_OFF_S[min(failures, len(BACK_OFF_S)) - 1]
    jitter = (timezone.now().microsecond % 1000) / 1000
    return base * (0.75 + 0.5 * jitter)


def _run(statement: str, **values: str | int | float) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
