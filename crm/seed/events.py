"""The statements that make what happened with people, and the conversations that follow from it.

Few have much and many have little: the busiest of 200,000 people has about 2,500 of 5 million events, half of them
fewer than twelve. Seven tenths are messages; what is recent is more than what is old.
"""

from collections.abc import Mapping

SHARES: Mapping[str, float] = {
    "message": 0.70,
    "call": 0.12,
    "click": 0.08,
    "qualification": 0.05,
    "note": 0.05,
}

# A person: the lower, the busier. A moment of the last two years.
_WHO = "1 + floor(%(contacts)s * power(random(), 1.6))::bigint AS n"
_WHEN = "now() - interval '730 days' * power(random(), 1.4) AS at"

EVENTS = """
INSERT INTO sms_message (team_id, line_id, contact_id, direction, number, text, url, state, state_reason, id_sms_api,
    gateway_id, lane, priority, segments, due_at, override_reason, created_at, claimed_by, attempts, submitted_at,
    sent_at, delivered_at, left_at, happened_at, received_at, raw_time, created_by_id)
SELECT %(team)s, %(line)s, id, direction, '', CASE direction
        WHEN 'in' THEN (%(said)s::text[])[1 + i %% cardinality(%(said)s::text[])]
        ELSE (%(wrote)s::text[])[1 + i %% cardinality(%(wrote)s::text[])] END,
    CASE WHEN linked THEN 'https://example.com/aides' ELSE '' END, state, '',
    CASE direction WHEN 'in' THEN '' ELSE 'load' || i END, '', 0, 1, 1, at, '', at, '', 1,
    CASE WHEN state IN ('delivered', 'sent', 'submitted') THEN at END,
    CASE WHEN state IN ('delivered', 'sent') THEN at END,
    CASE state WHEN 'delivered' THEN at + interval '9 seconds' END,
    CASE WHEN state IN ('failed', 'uncertain') AND at < now() - interval '20 days' THEN at + interval '1 day' END,
    at, at, '', CASE direction WHEN 'out' THEN (%(owners)s::bigint[])[1 + i %% cardinality(%(owners)s::bigint[])] END
FROM (
    SELECT *, direction = 'out' AND i %% 6 = 4 AS linked, CASE WHEN direction = 'in' THEN 'received'
        WHEN luck < 0.93 THEN 'delivered' WHEN luck < 0.97 THEN 'sent' WHEN luck < 0.985 THEN 'submitted'
        WHEN luck < 0.995 THEN 'failed' ELSE 'uncertain' END AS state
    FROM (SELECT i::int, CASE WHEN random() < 0.4 THEN 'in' ELSE 'out' END AS direction, random() AS luck, @WHEN, @WHO
          FROM generate_series(1, %(message)s::bigint) i OFFSET 0) AS drawn
) AS made JOIN seed_person USING (n);

INSERT INTO sms_call (team_id, line_id, contact_id, direction, number, duration_s, raw_duration, happened_at,
    received_at, raw_time)
SELECT %(team)s, %(line)s, id, (ARRAY['incoming', 'outgoing', 'missed'])[1 + i %% 3], '',
    CASE i %% 3 WHEN 2 THEN 0 ELSE 20 + i %% 900 END, '', at, at, ''
FROM (SELECT i, @WHEN, @WHO FROM generate_series(1, %(call)s::bigint) i OFFSET 0) AS drawn JOIN seed_person USING (n);

INSERT INTO sms_click (team_id, line_id, contact_id, message_id, id_sms_api, link, doubtful, happened_at, received_at,
    raw_time)
SELECT %(team)s, %(line)s, id, NULL, '', 'https://example.com/aides', i %% 9 = 0, at, at, ''
FROM (SELECT i, @WHEN, @WHO FROM generate_series(1, %(click)s::bigint) i OFFSET 0) AS drawn JOIN seed_person USING (n);

INSERT INTO sms_qualification (team_id, line_id, contact_id, call_id, source, text, number, happened_at, received_at,
    raw_time)
SELECT %(team)s, %(line)s, id, NULL, 'mobile',
    (%(noted)s::text[])[1 + i %% cardinality(%(noted)s::text[])], '', at, at, ''
FROM (SELECT i, @WHEN, @WHO FROM generate_series(1, %(qualification)s::bigint) i OFFSET 0) AS drawn
JOIN seed_person USING (n);

INSERT INTO sms_note (team_id, contact_id, author_id, text, happened_at, received_at)
SELECT %(team)s, id, (%(owners)s::bigint[])[1 + i %% cardinality(%(owners)s::bigint[])],
    (%(notes)s::text[])[1 + i %% cardinality(%(notes)s::text[])], at, at
FROM (SELECT i, @WHEN, @WHO FROM generate_series(1, %(note)s::bigint) i OFFSET 0) AS drawn JOIN seed_person USING (n);

INSERT INTO sms_conversation (contact_id, team_id, line_id, assignee_id, unread, waiting_since, trouble, last_at,
    last_kind, preview)
SELECT p.id, %(team)s, %(line)s, CASE WHEN p.n %% 3 > 0 THEN c.owner_id END,
    CASE WHEN waits THEN 1 ELSE 0 END, CASE WHEN waits THEN last.at END,
    coalesce((SELECT state FROM sms_message m WHERE m.contact_id = p.id AND state IN ('failed', 'uncertain')
              AND left_at IS NULL ORDER BY m.id DESC LIMIT 1), ''),
    last.at, last.kind, left(last.said, 160)
FROM seed_person p JOIN contacts_contact c ON c.id = p.id CROSS JOIN LATERAL (
    SELECT *, kind IN ('in', 'missed') AND at > now() - interval '12 days' AS waits FROM (
        (SELECT happened_at AS at, direction AS kind, text AS said FROM sms_message
         WHERE contact_id = p.id ORDER BY happened_at DESC, id DESC LIMIT 1)
        UNION ALL (SELECT happened_at, direction, duration_s::text FROM sms_call
         WHERE contact_id = p.id ORDER BY happened_at DESC, id DESC LIMIT 1)
        UNION ALL (SELECT happened_at, 'click', link FROM sms_click
         WHERE contact_id = p.id ORDER BY happened_at DESC, id DESC LIMIT 1)
        UNION ALL (SELECT happened_at, 'qualification', text FROM sms_qualification
         WHERE contact_id = p.id ORDER BY happened_at DESC, id DESC LIMIT 1)
        UNION ALL (SELECT happened_at, 'note', text FROM sms_note
         WHERE contact_id = p.id ORDER BY happened_at DESC, id DESC LIMIT 1)
    ) AS newest ORDER BY at DESC LIMIT 1
) AS last
""".replace("@WHO", _WHO).replace("@WHEN", _WHEN)
