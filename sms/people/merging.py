"""What passed between us and two people who are merged: one story, and one row of the inbox."""

from django.db import connection

from contacts.duplicates import merge as merging
from contacts.duplicates.moving import Move
from sms import consent
from sms.conversations import summary

# A sender that settles its batch holds these rows by their key, and a conversation's after them: so do we.
_IN_FLIGHT = """
SELECT id FROM sms_message
WHERE contact_id = %(gone)s AND state IN ('planned', 'queued', 'sending', 'submitted', 'sent', 'uncertain')
ORDER BY id FOR NO KEY UPDATE
"""

_TABLES = (
    "sms_message",
    "sms_call",
    "sms_click",
    "sms_qualification",
    "sms_note",
    "sms_addressbookentry",
    "sms_campaigncredit",
)

_LOCK = """
SELECT contact_id FROM sms_conversation WHERE contact_id IN (%(kept)s, %(gone)s) ORDER BY contact_id FOR UPDATE
"""

# Only one of the two was ever in the inbox.
_RENAME = """
UPDATE sms_conversation SET contact_id = %(kept)s
WHERE contact_id = %(gone)s AND NOT EXISTS (SELECT 1 FROM sms_conversation WHERE contact_id = %(kept)s)
"""

# Who waits: whoever came first after our last answer to either. An answer to one of them was one to the person,
# so what stands in the two rows isn't enough; the facts, which are one story by now, decide. A STOP waits for
# nothing (summary.Touch).
_JOIN = """
WITH g AS (DELETE FROM sms_conversation WHERE contact_id = %(gone)s RETURNING *),
k AS (SELECT * FROM sms_conversation WHERE contact_id = %(kept)s),
waits AS (SELECT least(g.waiting_since, k.waiting_since) AS since FROM g, k),
answered AS (
    SELECT max(at) AS at FROM (
        SELECT max(received_at) AS at FROM sms_message
        WHERE contact_id = %(kept)s AND direction = 'out' AND state <> 'skipped' AND campaign_id IS NULL
        UNION ALL SELECT max(received_at) FROM sms_call
        WHERE contact_id = %(kept)s AND direction <> 'missed' AND duration_s > 0
    ) AS answers
    WHERE (SELECT since FROM waits) IS NOT NULL
), waiting AS (
    SELECT min(at) AS since FROM (
        SELECT min(m.received_at) AS at FROM sms_message m, waits, answered
        WHERE m.contact_id = %(kept)s AND m.direction = 'in' AND m.received_at >= waits.since
          AND m.received_at > coalesce(answered.at, '-infinity')
          AND NOT EXISTS (
            SELECT 1 FROM contacts_consentchange s
            WHERE s.contact_id = %(kept)s AND s.kind = 'opt_out' AND s.source = 'sms'
              AND s.happened_at = m.happened_at)
        UNION ALL SELECT min(c.received_at) FROM sms_call c, waits, answered
        WHERE c.contact_id = %(kept)s AND c.direction = 'missed' AND c.received_at >= waits.since
          AND c.received_at > coalesce(answered.at, '-infinity')
    ) AS events
), heard AS (
    SELECT line_id FROM (
        (SELECT received_at, line_id FROM sms_message WHERE contact_id = %(kept)s AND direction = 'in'
         ORDER BY happened_at DESC, id DESC LIMIT 1)
        UNION ALL
        (SELECT received_at, line_id FROM sms_call
         WHERE contact_id = %(kept)s AND direction IN ('incoming', 'missed')
         ORDER BY happened_at DESC, id DESC LIMIT 1)
    ) AS theirs ORDER BY received_at DESC LIMIT 1
)
UPDATE sms_conversation c SET
    line_id = coalesce((SELECT line_id FROM heard),
                       CASE WHEN g.last_at > c.last_at THEN coalesce(g.line_id, c.line_id)
                            ELSE coalesce(c.line_id, g.line_id) END),
    assignee_id = coalesce(c.assignee_id, g.assignee_id),
    unread = c.unread + g.unread,
    waiting_since = (SELECT since FROM waiting),
    last_at = greatest(c.last_at, g.last_at),
    last_kind = CASE WHEN g.last_at > c.last_at THEN g.last_kind ELSE c.last_kind END,
    preview = CASE WHEN g.last_at > c.last_at THEN g.preview ELSE c.preview END
FROM g
WHERE c.contact_id = %(kept)s
"""


def move(moved: Move) -> None:
    """Everything that passed through a line goes to the person kept. Inside the transaction of the merge."""
    values = {"kept": moved.kept_id, "gone": moved.gone_id}
    with connection.cursor() as cursor:
        cursor.execute(_IN_FLIGHT, values)
        for table in _TABLES:
            cursor.execute(
                f"UPDATE {table} SET contact_id = %(kept)s WHERE contact_id = %(gone)s",  # noqa: S608 - our names
                values,
            )
        if moved.opted_out:
            consent.skip_queued([moved.kept_id])
        cursor.execute(_LOCK, values)
        cursor.execute(_RENAME, values)
        cursor.execute(_JOIN, values)
    summary.refresh_trouble([moved.kept_id])


def follow_merges() -> None:
    merging.register(move)
