"""Finds what a lost wake-up left: due messages, killed senders, callbacks that nobody applied."""

from django.db import connection, transaction

from sms import wake

# One probe of the queue's indexes a line: an idle line costs nothing, a long queue costs no more than a short one. Each
# asks for the first in an index's order, and nothing is sorted: statistics from before a campaign was planned say that
# nothing waits, and the planner would look for it among all that does.
_DUE = """
SELECT l.id FROM sms_line l
WHERE l.state = 'active' AND (l.not_before IS NULL OR l.not_before <= clock_timestamp())
  AND (l.lease_until IS NULL OR l.lease_until < clock_timestamp())
  AND (l.pace_at IS NULL OR l.pace_at <= clock_timestamp() + interval '2 seconds')
  AND (
    (SELECT m.id FROM sms_message m
     WHERE m.line_id = l.id AND m.state = 'queued' AND m.lane = 0 AND m.due_at <= clock_timestamp()
     ORDER BY m.due_at LIMIT 1) IS NOT NULL
    OR (SELECT m.id FROM sms_message m
        WHERE m.line_id = l.id AND m.state = 'queued' AND m.lane = 1 AND m.due_at <= clock_timestamp()
        ORDER BY m.due_at LIMIT 1) IS NOT NULL
    OR EXISTS (SELECT 1 FROM sms_message m WHERE m.line_id = l.id AND m.state = 'sending')
    OR EXISTS (SELECT 1 FROM sms_campaignline cl JOIN sms_campaign k ON k.id = cl.campaign_id
            WHERE cl.line_id = l.id AND k.state = 'running'
              AND (cl.not_before IS NULL OR cl.not_before <= clock_timestamp() + interval '2 seconds')
              AND (SELECT m.id FROM sms_message m
                   WHERE m.line_id = l.id AND m.campaign_id = k.id AND m.state = 'planned'
                   ORDER BY m.zone LIMIT 1) IS NOT NULL)
  )
"""


def sweep() -> list[int]:
    """Wakes the senders of lines with something due and the applier of callbacks. The lines it woke."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_sort = off")
        cursor.execute(_DUE)
        lines = [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT EXISTS (SELECT 1 FROM sms_callback WHERE state = 'received')")
        callbacks_wait = cursor.fetchone()[0]
    wake.lines(lines)
    if callbacks_wait:
        wake.callbacks()
    return lines
