"""Takes the next batch of a line's queue, under the line's lease. One short transaction, nothing on the network."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from sms.conversations import summary
from teams import live

# With a pace, this many seconds' worth of messages may leave in one request.
PACE_BURST_S = 2.0


@dataclass(frozen=True)
class Claimed:
    """One message in state `sending`, as the gateway needs it."""

    id: int
    id_sms_api: str
    number: str
    text: str
    url: str
    priority: int


@dataclass(frozen=True)
class Claim:
    """What this sender holds of a line now. Empty messages: nothing is due."""

    messages: list[Claimed]
    # Seconds until the pace lets the next one leave; 0 = at once.
    wait_s: float = 0.0


# By the database's clock. A lease that ran out belongs to a sender that was killed or cut off.
_LEASE = """
UPDATE sms_line SET sender = %(sender)s, lease_until = clock_timestamp() + %(lease)s * interval '1 second'
FROM (SELECT id, sender AS previous FROM sms_line WHERE id = %(line)s FOR UPDATE) AS before
WHERE sms_line.id = before.id AND state = 'active' AND (not_before IS NULL OR not_before <= clock_timestamp())
  AND (sms_line.sender IN ('', %(sender)s) OR lease_until IS NULL OR lease_until < clock_timestamp())
RETURNING team_id, before.previous, pace, batch_limit,
          extract(epoch FROM pace_at - clock_timestamp())::float
"""

# What the previous sender had in its hands may have been accepted: never queued again by us.
_ORPHANS = """
UPDATE sms_message SET state = 'uncertain', state_reason = 'sender_lost'
WHERE line_id = %s AND state = 'sending' AND claimed_by <> %s
RETURNING contact_id
"""

# A conversation's answer before a program's three thousand; then by due time. Opt-out is looked at again
# here, under the row's lock: a STOP that committed before this statement is obeyed.
_CLAIM = """
WITH due AS (
    SELECT id, contact_id FROM sms_message
    WHERE line_id = %(line)s AND state = 'queued' AND due_at <= clock_timestamp()
    ORDER BY lane, due_at, id LIMIT %(batch)s FOR UPDATE SKIP LOCKED
)
UPDATE sms_message m SET
    state = CASE WHEN c.opted_out_at IS NOT NULL AND m.override_reason = '' THEN 'skipped' ELSE 'sending' END,
    state_reason = CASE WHEN c.opted_out_at IS NOT NULL AND m.override_reason = '' THEN 'opted_out' ELSE '' END,
    claimed_by = %(sender)s, attempts = m.attempts + 1, happened_at = clock_timestamp()
FROM due JOIN contacts_contact c ON c.id = due.contact_id
WHERE m.id = due.id
RETURNING m.id, m.id_sms_api, m.number, m.text, m.url, m.priority, m.state, m.lane, m.due_at
"""

_PACE = """
UPDATE sms_line
SET pace_at = greatest(pace_at, clock_timestamp()) + %s * interval '1 second' WHERE id = %s
"""

_RELEASE = "UPDATE sms_line SET sender = '', lease_until = NULL WHERE id = %s AND sender = %s"


def claim(line_id: int, sender: str) -> Claim | None:
    """The next batch, or None when the line is held, backing off, or another sender's."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LEASE, {"line": line_id, "sender": sender, "lease": settings.SEND_LEASE_S})
        row = cursor.fetchone()
        if row is None:
            return None
        team_id, previous, pace, batch_limit, pace_wait = row
        if previous != sender:
            _give_up_orphans(cursor, line_id, sender, team_id)
        if pace and pace_wait and pace_wait > 0:
            return Claim([], wait_s=pace_wait)
        batch = min(settings.GATEWAY_BATCH, batch_limit or settings.GATEWAY_BATCH)
        if pace:
            batch = min(batch, max(1, int(pace / 60 * PACE_BURST_S)))
        cursor.execute(_CLAIM, {"line": line_id, "sender": sender, "batch": batch})
        rows = sorted(cursor.fetchall(), key=_queue_order)
        sending = [Claimed(*row[:6]) for row in rows if row[6] == "sending"]
        if pace and sending:
            cursor.execute(_PACE, [60 / pace * len(sending), line_id])
        if len(sending) < len(rows):
            live.announce([team_id])
        # Nothing but people who opted out: there may be more behind them.
        wait = 0.0 if sending or not rows else 0.001
        return Claim(sending, wait_s=wait)


def _queue_order(row: tuple[object, ...]) -> tuple[object, datetime, object]:
    return row[7], row[8], row[0]  # type: ignore[return-value]


def _give_up_orphans(cursor, line_id: int, sender: str, team_id: int) -> None:  # type: ignore[no-untyped-def]
    cursor.execute(_ORPHANS, [line_id, sender])
    contacts = [row[0] for row in cursor.fetchall()]
    if contacts:
        summary.refresh_trouble(contacts)
        live.announce([team_id])


def release(line_id: int, sender: str) -> None:
    """Gives the lease back, so that the next wake need not wait for it to run out."""
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE, [line_id, sender])
