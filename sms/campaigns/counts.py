"""The figures of a campaign: counted beside the pages by a worker, all of them by one statement, and kept on its row.

    {"states": {"delivered": 951, "failed": 35, "skipped:no_consent": 96, …},    add up to its rows
     "credits": {"clicked": 312, "replied": 147, …},
     "doubtful": 2,                                                              robots' clicks, not counted
     "hours": {"clicked": [98, 54, …], …},                                       in the first HOURS after, one by one
     "lines": {"3": 18}}                                                         still to be sent, line by line

A page shows them as of `counted_at`, and asks for newer ones: those come with the next change that is announced.
"""

import json
from datetime import datetime, timedelta
from typing import Any

from django.db import connection
from django.utils import timezone

from sms import wake
from sms.campaigns.results import STATES
from sms.models import Campaign
from teams import live

TASK = "sms.tasks.campaign_count"
# Figures this old are counted anew when somebody looks.
STALE = timedelta(seconds=2)
# While it runs the sweep counts so often; after it ended ever more seldom, as long as anything may be credited.
RUNNING_EVERY = timedelta(seconds=5)
HOURS = 72

_COUNT = """
WITH by_state AS (
    SELECT state, CASE WHEN state = 'skipped' THEN state_reason ELSE '' END AS reason, line_id, count(*) AS n
    FROM sms_message WHERE campaign_id = %(campaign)s GROUP BY 1, 2, 3
), states AS (
    SELECT CASE WHEN reason = '' THEN state ELSE state || ':' || reason END AS key, sum(n) AS n FROM by_state GROUP BY 1
), waiting AS (
    SELECT line_id, sum(n) AS n FROM by_state WHERE state IN ('planned', 'queued', 'sending') GROUP BY 1
), credits AS (
    SELECT kind, least(after_s / 3600, %(hours)s) AS hour, count(*) AS n FROM sms_campaigncredit
    WHERE campaign_id = %(campaign)s GROUP BY 1, 2
)
SELECT
    (SELECT coalesce(json_object_agg(key, n), '{}') FROM states),
    (SELECT coalesce(json_agg(json_build_array(kind, hour, n)), '[]') FROM credits),
    (SELECT count(*) FROM sms_click k JOIN sms_message m ON m.id = k.message_id
     WHERE m.campaign_id = %(campaign)s AND k.doubtful),
    (SELECT coalesce(json_object_agg(line_id, n), '{}') FROM waiting)
"""

_KEEP = """
UPDATE sms_campaign SET counts = %s::jsonb, counted_at = clock_timestamp() WHERE id = %s RETURNING team_id
"""


def refresh(campaign_id: int) -> dict[str, Any]:
    """Counts, keeps, and tells the browsers when anything is different."""
    found = exact(campaign_id)
    before = Campaign.objects.filter(pk=campaign_id).values_list("counts", flat=True).first()
    with connection.cursor() as cursor:
        cursor.execute(_KEEP, [json.dumps(found), campaign_id])
        row = cursor.fetchone()
    if row is not None and found != before:
        live.announce([row[0]])
    return found


def exact(campaign_id: int) -> dict[str, Any]:
    """The figures at this moment."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, {"campaign": campaign_id, "hours": HOURS})
        states, credits, doubtful, lines = cursor.fetchone() or ({}, [], 0, {})
    kinds: dict[str, int] = {}
    hours: dict[str, list[int]] = {}
    for kind, hour, count in credits:
        kinds[kind] = kinds.get(kind, 0) + count
        if hour >= HOURS:
            continue
        row = hours.setdefault(kind, [])
        row += [0] * (hour + 1 - len(row))
        row[hour] += count
    return {
        "states": dict(sorted(states.items())),
        "credits": dict(sorted(kinds.items())),
        "doubtful": doubtful,
        "hours": dict(sorted(hours.items())),
        "lines": lines,
    }


def shown(campaign: Campaign) -> dict[str, Any]:
    """The kept figures; newer ones are asked for when these are old."""
    begun = campaign.state != Campaign.State.DRAFT
    if begun and (campaign.counted_at is None or campaign.counted_at < timezone.now() - STALE):
        wake.now(TASK, campaign.pk)
    return campaign.counts


def of_result(figures: dict[str, Any], result: str) -> int:
    """How many have a result, from the figures; 0 for one that they don't hold."""
    states: dict[str, int] = figures.get("states", {})
    if result in STATES:
        wanted = STATES[result]
        return sum(count for key, count in states.items() if key.partition(":")[0] in wanted)
    if result.startswith("skipped:"):
        return states.get(result, 0)
    return int(figures.get("credits", {}).get(result, 0))


_DUE = """
SELECT id FROM sms_campaign
WHERE (state = 'running' AND (counted_at IS NULL OR counted_at < %(now)s - %(every)s * interval '1 second'))
   OR (finished_at > %(now)s - (credit_days + 3) * interval '1 day' AND (counted_at IS NULL
       OR counted_at < %(now)s - greatest(%(every)s * interval '1 second', (%(now)s - finished_at) / 20)))
"""


def due(now: datetime) -> list[int]:
    """Campaigns to count again, for the sweep."""
    every = RUNNING_EVERY.total_seconds()
    with connection.cursor() as cursor:
        cursor.execute(_DUE, {"now": now, "every": every})
        return [row[0] for row in cursor.fetchall()]
