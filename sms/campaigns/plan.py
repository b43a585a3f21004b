"""Makes the rows of a campaign's people, a chunk a transaction, by a worker that may be killed at any moment.

Who they are is decided once, when planning begins (eight bytes a person). One worker at a time plans a campaign, by a
lease on its row. Each chunk's transaction holds that row and moves `planned_to`: whoever begins anew goes on behind it,
and nobody gets two rows.
"""

import secrets
import time
from array import array
from collections.abc import Sequence
from datetime import timedelta
from itertools import islice

from django.db import connection, transaction
from django.db.models import Q
from django.db.models.functions import Now

from sms import wake
from sms.campaigns import audience, counts
from sms.models import Campaign, CampaignLine, Line
from sms.sending import places, rules
from teams import live

# Ids are read and rows are made so many at a time: what a worker's memory grows by, whatever the campaign's size.
READ, CHUNK = 2_000, 5_000
# A worker gives its thread back after this long and wakes another.
LONGEST_S = 30.0
# After a planner was killed another begins so much later: longer than it may take to find the people.
LEASE = timedelta(minutes=1)
# Nobody plans it, or whoever did was killed.
_FREE = Q(planner_until=None) | Q(planner_until__lt=Now())
TASK = "sms.tasks.campaign_plan"

# The line that somebody talks with already, if the campaign has it; the others are spread. An id of its own for every
# message, which nobody can guess: 15 characters of base64, without its signs. OFFSET 0: a reason is looked for once,
# and two columns say it.
_PLAN = f"""
WITH made AS (
    INSERT INTO sms_message (
        team_id, line_id, contact_id, campaign_id, zone, direction, number, text, url, state, state_reason, id_sms_api,
        gateway_id, lane, priority, segments, due_at, override_reason, created_by_id, created_at, claimed_by, attempts,
        happened_at, received_at, raw_time)
    SELECT k.team_id, {{line}}, c.id, k.id, {{zone}}, 'out', coalesce(p.number, ''), '', k.url,
        CASE WHEN why.reason = '' THEN 'planned' ELSE 'skipped' END, why.reason,
        substr(translate(encode(sha256(%(secret)s || int8send(c.id)), 'base64'), '+/', 'Aa'), 1, 15),
        '', 2, 1, 1, now(), '', k.started_by_id, now(), '', 0, now(), now(), ''
    FROM unnest(%(people)s::bigint[]) AS a(id)
    JOIN contacts_contact c ON c.id = a.id AND c.id BETWEEN %(from)s AND %(to)s AND c.team_id = %(team)s
    JOIN sms_campaign k ON k.id = %(campaign)s
    {rules.NUMBER}
    CROSS JOIN LATERAL (SELECT {rules.REASON} AS reason OFFSET 0) why
    {{talks}}
    ORDER BY c.id
    ON CONFLICT (campaign_id, number) WHERE campaign_id IS NOT NULL AND NOT (number = '') DO NOTHING
    RETURNING zone
)
UPDATE sms_campaign SET planned_to = %(to)s, planner_until = clock_timestamp() + %(lease)s * interval '1 second',
    zones = ARRAY(SELECT unnest(zones) UNION SELECT DISTINCT zone FROM made ORDER BY 1)
WHERE id = %(campaign)s
"""  # noqa: S608 - our names
_TALKS = "LEFT JOIN sms_conversation v ON v.contact_id = c.id AND v.line_id = ANY(%(lines)s)"
_SPREAD = "coalesce(v.line_id, (%(lines)s::bigint[])[1 + c.id %% %(count)s])"


def plan(campaign_id: int) -> bool:
    """Goes on with planning. True: time is up and there is more; wake another."""
    campaign = _taken(campaign_id)
    if campaign is None:
        return False
    try:
        return _go_on(campaign)
    finally:
        Campaign.objects.filter(pk=campaign_id).update(planner_until=None)


def _go_on(campaign: Campaign) -> bool:
    until = time.monotonic() + LONGEST_S
    people = iter(_people(campaign))
    # Time is looked at behind a chunk: however long it takes to find the people, each turn makes some rows.
    while chunk := list(islice(people, CHUNK)):
        if not _make(campaign, chunk):
            # Cancelled, or another worker took it over: that one ends it.
            return False
        if time.monotonic() > until:
            return True
    _end(campaign)
    return False


def _taken(campaign_id: int) -> Campaign | None:
    """The campaign, for this worker alone; None: planned, or another's."""
    taken = Campaign.objects.filter(_FREE, pk=campaign_id, planned_at=None).update(
        planner_until=Now() + LEASE
    )
    return Campaign.objects.select_related("team").get(pk=campaign_id) if taken else None


def _people(campaign: Campaign) -> "array[int]":
    """Ids of those without a row, in their order."""
    found = audience.of(campaign).people(campaign.team).filter(pk__gt=campaign.planned_to)
    return array("q", found.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=READ))


def _make(campaign: Campaign, people: Sequence[int]) -> bool:
    """One chunk. False: nothing more of it is to be planned here."""
    with transaction.atomic():
        held = Campaign.objects.select_for_update(of=("self",)).filter(
            pk=campaign.pk, planned_at=None, state__in=ALIVE, planned_to__lt=people[0]
        )
        if not held.exists():
            return False
        lines = sorted(CampaignLine.objects.filter(campaign=campaign).values_list("line", flat=True))
        several = len(lines) > 1
        zone, given = places.sql("coalesce(p.number, '')", campaign.team.time_zone)
        with connection.cursor() as cursor:
            cursor.execute(
                _PLAN.format(line=_SPREAD if several else "%(line)s", zone=zone, talks=_TALKS if several else ""),
                {
                    "people": list(people), "team": campaign.team_id, "campaign": campaign.pk,
                    "from": people[0], "to": people[-1], "lease": LEASE.total_seconds(),
                    "lines": lines, "line": lines[0], "count": len(lines), "secret": secrets.token_bytes(16),
                    **given, **rules.parameters(),
                },
            )  # fmt: skip
        wake.lines(lines)
        live.announce([campaign.team_id])
    return True


ALIVE = (Campaign.State.SCHEDULED, Campaign.State.RUNNING, Campaign.State.PAUSED)


def _end(campaign: Campaign) -> None:
    with transaction.atomic():
        ended = Campaign.objects.filter(pk=campaign.pk, planned_at=None, state__in=ALIVE).update(
            planned_at=Now()
        )
        if ended:
            counts.refresh(campaign.pk)
            # Nobody waits for the next look of the sweep.
            CampaignLine.objects.filter(campaign=campaign).update(not_before=None)
            wake.lines(Line.objects.filter(campaigns=campaign).values_list("pk", flat=True))


def due() -> list[int]:
    """Campaigns whose planning nobody has ended and nobody is at, for the sweep."""
    return list(Campaign.objects.filter(_FREE, state__in=ALIVE, planned_at=None).values_list("pk", flat=True))
