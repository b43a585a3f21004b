"""Takes the next batch of a line, under the line's lease. One short transaction, nothing on the network.

Three statements: the lease, the candidates, what becomes of them. What people and programs wrote comes first, then the
campaigns whose hours are open, as far as the line's pace and budgets let them.
"""

import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, transaction

from sms.conversations import summary
from sms.models import Line
from sms.sending import budget, failing, running
from sms.sending.judge import Candidate, Template, Verdict, fillable, judge
from sms.sending.rules import ALREADY, REASON
from sms.sending.running import Running
from teams import live

# With a pace, this many seconds' worth of messages may leave in one request.
PACE_BURST_S = 2.0

# What merge fields say of the line, its holder and the team (merge_fields.shared_of): asked for when it is needed.
Shared = Callable[[], Mapping[str, Any]]


class Claimed(NamedTuple):
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


@dataclass(frozen=True)
class _Leased:
    """The line's row under the lease, with what runs on it."""

    team_id: int
    previous: str
    pace: int
    batch_limit: int
    pace_wait_s: float | None
    now: datetime
    budget: budget.Budget
    campaigns: list[Running]
    # Seconds until the next campaign of those that wait may leave something.
    next_s: float | None

    @property
    def batch(self) -> int:
        most: int = min(settings.GATEWAY_BATCH, self.batch_limit or settings.GATEWAY_BATCH)
        return min(most, _burst(60 / self.pace)) if self.pace else most


@dataclass(frozen=True)
class _Taken:
    """`found`: how many candidates each campaign had (None: what is no campaign's), those left for the next batch among
    them. `unready`: campaigns whose text can't be filled in for anybody at present (judge.fillable).
    """

    verdicts: list[Verdict]
    found: "Counter[int | None]"
    unready: list[int]


# JSON is asked for as json: Django leaves jsonb as text.
# By the database's clock. A lease that ran out belongs to a sender that was killed or cut off.
# In what follows of the transaction nothing is sorted and nothing hashed: the indexes of the queue have its order, and
# everything else is found by its key. The planner knows little of a queue: by statistics from before a campaign was
# planned nothing waits, and it would read and sort all that does; by newer ones it would read everybody for a batch.
_LEASE = f"""
UPDATE sms_line SET sender = %(sender)s, lease_until = clock_timestamp() + %(lease)s * interval '1 second'
FROM (SELECT l.id, l.sender AS previous, t.commercial_window FROM sms_line l JOIN teams_team t ON t.id = l.team_id
      WHERE l.id = %(line)s FOR UPDATE OF l) AS before
WHERE sms_line.id = before.id AND state = 'active' AND (not_before IS NULL OR not_before <= clock_timestamp())
  AND (sms_line.sender IN ('', %(sender)s) OR lease_until IS NULL OR lease_until < clock_timestamp())
RETURNING team_id, before.previous, pace, batch_limit,
          extract(epoch FROM pace_at - clock_timestamp())::float, clock_timestamp(),
          sms_line.window::json, before.commercial_window::json, {budget.COLUMNS}, {running.COLUMN}, {running.NEXT},
          set_config('enable_sort', 'off', true) || set_config('enable_hashjoin', 'off', true)
"""  # noqa: S608 - our names

# What the previous sender had in its hands may have been accepted: never queued again by us.
_ORPHANS = """
UPDATE sms_message SET state = 'uncertain', state_reason = 'sender_lost'
WHERE line_id = %s AND state = 'sending' AND claimed_by <> %s
RETURNING contact_id, campaign_id
"""

# By the order of keys, which only their own index has: with statistics from when the table was empty all indexes are
# the same to the planner, and it would read a whole one for each person.
_PERSON = "SELECT * FROM contacts_contact WHERE id BETWEEN {key} AND {key} ORDER BY id LIMIT 1"

# A number that went to somebody else, who may have said STOP, in whatever way it went.
_REMOVED = """NOT EXISTS (
    SELECT 1 FROM contacts_contactphone held WHERE held.contact_id = c.id AND held.number = {number})"""

# An answer with a reason was written to somebody who had said STOP before. By arrival: a phone's clock may be slow.
_SAID_SINCE = """EXISTS (
    SELECT 1 FROM contacts_consentchange s
    WHERE s.contact_id = q.contact_id AND s.kind = 'opt_out' AND s.received_at > q.created_at)"""

_COLUMNS = "m.id, m.id_sms_api, m.number, m.text, m.url, m.priority, m.campaign_id, m.segments, m.contact_id"

# A conversation's answer before a program's three thousand, then by due time; campaigns after both, in their order and
# within their open hours. Everything that keeps a text back is looked at again here, under the row's lock: a STOP that
# committed before this statement is obeyed, and one that comes later waits for the rows it has to skip. A campaign's
# people are locked besides: of two lines that have somebody at the same moment, one leaves them for its next batch, and
# sees then what the other has sent. Whoever is being changed at that moment is left for the next batch, too.
_CANDIDATES = f"""
WITH queued AS (
    SELECT {_COLUMNS}, m.lane, m.due_at, m.override_reason, m.created_at FROM sms_message m
    WHERE line_id = %(line)s AND state = 'queued' AND due_at <= clock_timestamp()
    ORDER BY lane, due_at, id LIMIT %(batch)s FOR UPDATE SKIP LOCKED
), room AS MATERIALIZED (
    SELECT greatest(0, least(%(batch)s - count(*), %(most)s)) AS places FROM queued
), planned AS (
    SELECT one.*, turn.place FROM
        unnest(%(campaigns)s::bigint[], %(zones)s::text[], %(rooms)s::int[]) WITH ORDINALITY
            AS turn(campaign_id, zone, most, place)
        CROSS JOIN LATERAL (
            SELECT {_COLUMNS} FROM sms_message m
            WHERE m.line_id = %(line)s AND m.state = 'planned' AND m.campaign_id = turn.campaign_id
              AND m.zone BETWEEN turn.zone AND turn.zone
            ORDER BY m.zone, m.id LIMIT (SELECT least(places, turn.most) FROM room) FOR UPDATE SKIP LOCKED
        ) one
    ORDER BY turn.place, one.id LIMIT (SELECT places FROM room)
)
SELECT q.lane, q.due_at, 0, q.id, q.id_sms_api, q.number, q.text, q.url, q.priority, q.campaign_id, q.segments,
       CASE WHEN c.opted_out_at IS NOT NULL
                 AND (q.override_reason = '' OR c.opted_out_at > q.created_at OR {_SAID_SINCE}) THEN 'opted_out'
            WHEN {_REMOVED.format(number="q.number")} THEN 'number_removed' ELSE '' END,
       q.contact_id, NULL, NULL, NULL, NULL, NULL, NULL, NULL::json
FROM queued q CROSS JOIN LATERAL ({_PERSON.format(key="q.contact_id")}) c
UNION ALL
SELECT 2, NULL, m.place, m.id, m.id_sms_api, m.number, m.text, m.url, m.priority, m.campaign_id, m.segments,
       CASE WHEN {_REMOVED.format(number="m.number")} THEN 'number_removed'
            WHEN {ALREADY} THEN 'already_texted' ELSE {REASON} END,
       m.contact_id, c.first_name, c.last_name, c.company, c.email, c.address, c.language, c.custom::json
FROM planned m CROSS JOIN LATERAL ({_PERSON.format(key="m.contact_id")} FOR NO KEY UPDATE SKIP LOCKED) c
JOIN sms_campaign k ON k.id = m.campaign_id CROSS JOIN LATERAL (SELECT m.number, true AS mobile) p
WHERE k.state = 'running'
"""  # noqa: S608 - our names

# Values come as JSON: in arrays they cost the sender four times as long. The keys come as an array besides: the planner
# knows nothing of how many JSON holds.
_MARK = """
UPDATE sms_message m SET state = v.state, state_reason = v.reason, text = v.text, url = v.url, segments = v.segments,
    claimed_by = %(sender)s, attempts = m.attempts + 1, happened_at = clock_timestamp()
FROM json_to_recordset(%(rows)s::json)
    AS v(id bigint, state text, reason text, text text, url text, segments int)
WHERE m.id = v.id AND m.id = ANY(%(ids)s::bigint[])
"""

_PACE = """
UPDATE sms_line
SET pace_at = greatest(pace_at, clock_timestamp()) + %s * interval '1 second' WHERE id = %s
"""

_RELEASE = "UPDATE sms_line SET sender = '', lease_until = NULL WHERE id = %s AND sender = %s"


def claim(line: Line, sender: str, shared: Shared = dict) -> Claim | None:
    """The next batch, or None when the line is held, backing off, or another sender's."""
    with transaction.atomic(), connection.cursor() as cursor:
        leased = _lease(cursor, line, sender)
        if leased is None:
            return None
        if leased.previous != sender:
            _give_up_orphans(cursor, line.pk, sender, leased.team_id)
        if leased.pace and leased.pace_wait_s and leased.pace_wait_s > 0:
            return Claim([], wait_s=leased.pace_wait_s)
        taken = _take(cursor, line, leased, shared)
        _mark(cursor, sender, taken.verdicts)
        sending = [verdict.candidate for verdict in taken.verdicts if verdict.state == "sending"]
        waits = _waits(leased, taken)
        running.wait(line.pk, waits)
        if leased.pace and sending:
            cursor.execute(_PACE, [60 / leased.pace * len(sending), line.pk])
        budget.spend(line.pk, leased.budget, [candidate.number for candidate in sending])
        if len(sending) < len(taken.verdicts):
            live.announce([leased.team_id])
        return Claim(
            [_claimed(candidate) for candidate in sending], wait_s=_wait(leased, taken.verdicts, waits)
        )


def _lease(cursor: Any, line: Line, sender: str) -> _Leased | None:
    day = budget.Day.of(line)
    cursor.execute(
        _LEASE,
        {"line": line.pk, "sender": sender, "lease": settings.SEND_LEASE_S, "month": day.month},
    )
    row = cursor.fetchone()
    if row is None:
        return None
    team_id, previous, pace, batch_limit, pace_wait, now, window, team_window, *rest = row
    *spent, campaigns, next_s, _how_to_plan = rest
    return _Leased(
        team_id=team_id,
        previous=previous,
        pace=pace,
        batch_limit=batch_limit,
        pace_wait_s=pace_wait,
        now=now,
        budget=budget.Budget(day, *spent),
        campaigns=running.of_rows(campaigns, line=window, team=team_window),
        next_s=next_s,
    )


def _burst(every_s: float) -> int:
    """How many may leave at once when one leaves each `every_s` seconds."""
    return max(1, int(PACE_BURST_S / every_s))


def _take(cursor: Any, line: Line, leased: _Leased, shared: Shared) -> _Taken:
    """The candidates in the order of the queue, with what becomes of each."""
    templates = _templates(leased.campaigns, shared)
    unready = [campaign.id for campaign in leased.campaigns if not fillable(templates[campaign.id])]
    turns = [
        (campaign.id, zone, _burst(campaign.every_s) if campaign.every_s else leased.batch)
        for campaign in leased.campaigns
        if campaign.id not in unready
        for zone in campaign.open_zones(leased.now)
    ]
    cursor.execute(
        _CANDIDATES,
        {
            "line": line.pk,
            "batch": leased.batch,
            "most": leased.budget.left(leased.batch),
            "campaigns": [campaign for campaign, _zone, _most in turns],
            "zones": [zone for _campaign, zone, _most in turns],
            "rooms": [most for _campaign, _zone, most in turns],
        },
    )
    found = [_candidate(row) for row in sorted(cursor.fetchall(), key=_queue_order)]
    verdicts = [judge(each, templates.get(each.campaign or 0)) for each in _one_each(found)]
    return _Taken(verdicts, Counter(each.campaign for each in found), unready)


def _one_each(found: Sequence[Candidate]) -> list[Candidate]:
    """One campaign's text a person and batch: of what the others see, the database knows nothing before this commits.
    They are claimed next, when it does.
    """
    first = {each.contact: each.id for each in reversed(found) if each.campaign is not None}
    return [each for each in found if each.campaign is None or first[each.contact] == each.id]


def _queue_order(row: tuple[Any, ...]) -> tuple[int, float, int, int]:
    lane, due_at, place, message_id = row[:4]
    return lane, due_at.timestamp() if due_at else 0.0, place, message_id


def _candidate(row: tuple[Any, ...]) -> Candidate:
    names = ("first_name", "last_name", "company", "email", "address", "language", "custom")
    return Candidate._make([*row[3:13], dict(zip(names, row[13:20], strict=True))])


def _templates(campaigns: Sequence[Running], shared: Shared) -> dict[int, Template]:
    around = shared() if campaigns else {}
    return {each.id: Template(each.text, each.url, around) for each in campaigns}


def _mark(cursor: Any, sender: str, verdicts: Sequence[Verdict]) -> None:
    if not verdicts:
        return
    # Rows are changed in the order of their keys, as the settle does.
    ordered = sorted(verdicts, key=lambda verdict: verdict.candidate.id)
    rows = [
        {
            "id": verdict.candidate.id,
            "state": verdict.state,
            "reason": verdict.reason,
            "text": verdict.candidate.text,
            "url": verdict.candidate.url,
            "segments": verdict.candidate.segments,
        }
        for verdict in ordered
    ]
    ids = [row["id"] for row in rows]
    cursor.execute(_MARK, {"sender": sender, "ids": ids, "rows": json.dumps(rows, ensure_ascii=False)})


def _waits(leased: _Leased, taken: _Taken) -> dict[int, datetime]:
    """Until when each campaign leaves this line alone: its pace, its hours, the SIM's budget, nothing is left, or its
    text can't be filled in here.
    """
    full = taken.found.total() >= leased.batch
    until: dict[int, datetime] = {}
    for campaign in leased.campaigns:
        count = taken.found[campaign.id]
        if campaign.id in taken.unready:
            until[campaign.id] = leased.now + running.LOOK_AGAIN
        elif campaign.every_s and count:
            until[campaign.id] = leased.now + timedelta(seconds=campaign.every_s * count)
        elif leased.budget.spent:
            until[campaign.id] = min(leased.budget.renewed, leased.now + running.LOOK_AGAIN)
        elif not count and not full:
            until[campaign.id] = running.waits(campaign, leased.now)
    return until


def _wait(leased: _Leased, verdicts: Sequence[Verdict], waits: Mapping[int, datetime]) -> float:
    """Seconds until there may be more, for a claim that found nobody to send to; 0: nothing that is near."""
    if any(verdict.state == "sending" for verdict in verdicts):
        return 0.0
    if verdicts:
        # Nothing but people who are left out: there may be more behind them.
        return 0.001
    near = [leased.next_s] if leased.next_s else []
    near += [(until - leased.now).total_seconds() for until in waits.values()]
    return max(0.0, min(near, default=0.0))


def _claimed(candidate: Candidate) -> Claimed:
    return Claimed(
        candidate.id,
        candidate.id_sms_api,
        candidate.number,
        candidate.text,
        candidate.url,
        candidate.priority,
    )


def _give_up_orphans(cursor: Any, line_id: int, sender: str, team_id: int) -> None:
    cursor.execute(_ORPHANS, [line_id, sender])
    orphans = cursor.fetchall()
    if orphans:
        summary.refresh_trouble(contact for contact, campaign in orphans if campaign is None)
        failing.look(campaign for _contact, campaign in orphans if campaign is not None)
        live.announce([team_id])


def release(line_id: int, sender: str) -> None:
    """Gives the lease back, so that the next wake need not wait for it to run out."""
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE, [line_id, sender])
