"""Looks after campaigns that are under way: begins them, ends them, and closes the rows of those that end early."""

from django.db import connection, transaction
from django.utils import timezone

from sms import wake
from sms.campaigns import counts, plan, states
from sms.models import Campaign, CampaignLine
from teams import live

State = Campaign.State
CHUNK = 10_000
TASK = "sms.tasks.campaign_watch"

# By the index of a campaign's states: what waits may stand at the end of a large table, of which the planner only
# knows how much of it waits.
_BY_INDEX = "SET LOCAL enable_seqscan = off"

# Rows that will not leave any more, a chunk a transaction, in the index's order; what a sender holds is its own.
_CLOSE = """
WITH rest AS (
    SELECT id FROM sms_message WHERE campaign_id = %(campaign)s AND state = 'planned'
    LIMIT %(chunk)s FOR UPDATE SKIP LOCKED
)
UPDATE sms_message m SET state = %(state)s, state_reason = %(reason)s FROM rest WHERE m.id = rest.id
"""

# Nothing waits and nothing is in a sender's hands.
_DONE = """
SELECT NOT EXISTS (SELECT 1 FROM sms_message WHERE campaign_id = %(campaign)s AND state = 'planned')
   AND NOT EXISTS (SELECT 1 FROM sms_message WHERE campaign_id = %(campaign)s AND state = 'sending')
"""


def sweep() -> None:
    """Every few seconds: what is due is begun, planned or looked after, each by a task of its own."""
    now = timezone.now()
    states.begin(now)
    for campaign_id in plan.due():
        wake.now(plan.TASK, campaign_id)
    alive = Campaign.objects.filter(state__in=(State.RUNNING, State.PAUSED), planned_at__isnull=False)
    for campaign_id in alive.values_list("pk", flat=True):
        wake.now(TASK, campaign_id)
    for campaign_id in _to_close():
        wake.now(TASK, campaign_id)
    for campaign_id in counts.due(now):
        wake.now(counts.TASK, campaign_id)


def look(campaign_id: int) -> None:
    """One campaign: expired, cancelled or done."""
    campaign = Campaign.objects.filter(pk=campaign_id).first()
    if campaign is None:
        return
    if campaign.state == State.CANCELLED:
        _close(campaign, "cancelled", "")
    elif campaign.state in (State.RUNNING, State.PAUSED):
        if campaign.expires_at is not None and campaign.expires_at <= timezone.now():
            _close(campaign, "skipped", "expired")
        _finish(campaign)


def _to_close() -> list[int]:
    """Cancelled campaigns with rows that wait still, of those that ended lately: a killed worker left them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT k.id FROM sms_campaign k WHERE k.state = 'cancelled' AND k.finished_at > now() - interval '7 days'"
            " AND EXISTS (SELECT 1 FROM sms_message m WHERE m.campaign_id = k.id AND m.state = 'planned')"
        )
        return [row[0] for row in cursor.fetchall()]


def _close(campaign: Campaign, state: str, reason: str) -> None:
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(_BY_INDEX)
            cursor.execute(
                _CLOSE, {"campaign": campaign.pk, "chunk": CHUNK, "state": state, "reason": reason}
            )
            closed = cursor.rowcount
        if closed < CHUNK:
            break
    counts.refresh(campaign.pk)


def _finish(campaign: Campaign) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_BY_INDEX)
        cursor.execute(_DONE, {"campaign": campaign.pk})
        row = cursor.fetchone()
        if not row or not row[0]:
            return
        # While it is paused, too: nobody is left to go on with.
        changed = Campaign.objects.filter(
            pk=campaign.pk, state__in=(State.RUNNING, State.PAUSED), planned_at__isnull=False
        ).update(
            state=State.FINISHED, finished_at=timezone.now(), updated_at=timezone.now(), paused_reason=""
        )
        if not changed:
            return
        CampaignLine.objects.filter(campaign=campaign).update(not_before=None)
        live.announce([campaign.team_id])
    counts.refresh(campaign.pk)
