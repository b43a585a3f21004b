"""What statuses, clicks and calls change in facts that stand already. One statement each."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db import connection

from sms.callbacks.batch import Item
from sms.callbacks.events import DeliveryStatus
from sms.conversations import summary

# Rank only rises. A message that went back to the queue, failed or is uncertain and is reported as sent
# was accepted after all: raising it also keeps it from being sent a second time.
_RAISE = """
WITH r AS (
    SELECT * FROM unnest(%s::bigint[], %s::text[], %s::timestamptz[], %s::timestamptz[])
        AS r(id, state, sent_at, delivered_at)
), before AS (
    SELECT m.id, m.state, m.contact_id FROM sms_message m JOIN r USING (id) ORDER BY m.id FOR UPDATE OF m
)
UPDATE sms_message m SET
    state = CASE WHEN before.state IN ('planned', 'queued', 'sending', 'uncertain', 'failed', 'submitted')
                   OR (before.state = 'sent' AND r.state = 'delivered') THEN r.state ELSE m.state END,
    state_reason = CASE WHEN before.state IN ('uncertain', 'failed') THEN '' ELSE m.state_reason END,
    sent_at = coalesce(m.sent_at, r.sent_at),
    delivered_at = coalesce(m.delivered_at, r.delivered_at)
FROM r JOIN before USING (id)
WHERE m.id = r.id AND m.direction = 'out'
RETURNING before.contact_id, before.state
"""

# A preview robot opens a link within seconds of its delivery, or several times at once.
_DOUBT = """
UPDATE sms_click k SET doubtful = true
FROM sms_message m
WHERE k.message_id = m.id AND k.id = ANY(%s) AND (
    abs(extract(epoch FROM k.happened_at - m.delivered_at)) <= 5
    OR EXISTS (SELECT 1 FROM sms_click other WHERE other.message_id = k.message_id AND other.id <> k.id
               AND other.happened_at BETWEEN k.happened_at - interval '1 second'
                                         AND k.happened_at + interval '1 second'))
"""

# The phone notes after the call, sometimes hours later; the two callbacks come in any order.
_MATCH = """
UPDATE sms_qualification q SET call_id = c.id
FROM sms_qualification open
CROSS JOIN LATERAL (
    SELECT id FROM sms_call
    WHERE contact_id = open.contact_id AND line_id = open.line_id
      AND happened_at BETWEEN open.happened_at - interval '12 hours' AND open.happened_at + interval '5 minutes'
    ORDER BY happened_at DESC, id DESC LIMIT 1
) c
WHERE q.id = open.id AND open.call_id IS NULL AND open.contact_id = ANY(%s)
  AND open.received_at > now() - interval '2 days'
"""


@dataclass
class _Report:
    """All that a batch reports about one message."""

    sent_at: datetime | None = None
    delivered_at: datetime | None = None

    def add(self, item: Item, status: str) -> None:
        if status == "received":
            self.delivered_at = min(self.delivered_at or item.at, item.at)
        else:
            self.sent_at = min(self.sent_at or item.at, item.at)

    @property
    def state(self) -> str:
        return "delivered" if self.delivered_at else "sent"


def raise_states(items: list[Item]) -> None:
    """Raises the states of the messages that these statuses name."""
    reports: dict[int, _Report] = {}
    for item in items:
        if item.message is not None and isinstance(item.event, DeliveryStatus):
            reports.setdefault(item.message.id, _Report()).add(item, item.event.status)
    if not reports:
        return
    ids = sorted(reports)
    rows = [reports[each] for each in ids]
    with connection.cursor() as cursor:
        cursor.execute(
            _RAISE, [ids, [r.state for r in rows], [r.sent_at for r in rows], [r.delivered_at for r in rows]]
        )
        raised = cursor.fetchall()
    summary.refresh_trouble(contact for contact, before in raised if before in ("failed", "uncertain"))


def doubt_clicks(click_ids: list[int]) -> None:
    """Marks those of the new clicks that were probably no person."""
    if click_ids:
        with connection.cursor() as cursor:
            cursor.execute(_DOUBT, [click_ids])


def match_qualifications(contact_ids: Collection[int]) -> None:
    """Ties qualifications of these people to the call before them, whichever callback came first."""
    if contact_ids:
        with connection.cursor() as cursor:
            cursor.execute(_MATCH, [sorted(contact_ids)])
