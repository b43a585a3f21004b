"""A campaign whose messages fail, or may have failed, pauses itself: what is wrong is wrong for the next ones too."""

from collections.abc import Iterable

from django.db import connection

from sms.models import Campaign
from teams import audit, live

# The last so many of a campaign's messages are looked at, once so many of them are in trouble.
LAST, AT_LEAST = 50, 10

# Attempts since it was last resumed: what a person has seen and gone on from does not pause it once more. The newest of
# each state by its index; rows are claimed in the order of their ids.
_PAUSE = """
WITH asked AS (
    SELECT k.id, coalesce(k.resumed_at, k.started_at) AS since, t.pause_percent
    FROM sms_campaign k JOIN teams_team t ON t.id = k.team_id WHERE k.id = %(campaign)s AND k.state = 'running'
), newest AS (
    SELECT one.state FROM asked
    CROSS JOIN unnest(ARRAY['failed', 'uncertain', 'submitted', 'sent', 'delivered']) AS s(state)
    CROSS JOIN LATERAL (
        SELECT m.id, m.state FROM sms_message m
        WHERE m.campaign_id = asked.id AND m.state = s.state AND m.happened_at >= asked.since
        ORDER BY m.id DESC LIMIT %(last)s
    ) one ORDER BY one.id DESC LIMIT %(last)s
), figures AS (
    SELECT count(*) AS looked, count(*) FILTER (WHERE state = 'failed') AS failed,
           count(*) FILTER (WHERE state = 'uncertain') AS uncertain
    FROM newest
)
UPDATE sms_campaign k SET state = 'paused', paused_at = clock_timestamp(), updated_at = clock_timestamp(),
    paused_by_id = NULL,
    paused_reason = CASE WHEN uncertain > failed THEN 'uncertain' ELSE 'failures' END
FROM asked, figures
WHERE k.id = asked.id AND k.state = 'running' AND failed + uncertain >= %(at_least)s
  AND (failed + uncertain) * 100 >= pause_percent * looked
RETURNING k.team_id, failed, uncertain, looked
"""


def look(campaign_ids: Iterable[int]) -> None:
    """Pauses those of these campaigns that are in trouble. Inside the transaction that wrote the trouble down."""
    for campaign_id in sorted(set(campaign_ids)):
        with connection.cursor() as cursor:
            cursor.execute(_PAUSE, {"campaign": campaign_id, "last": LAST, "at_least": AT_LEAST})
            row = cursor.fetchone()
        if row is not None:
            team_id, failed, uncertain, looked = row
            campaign = Campaign.objects.select_related("team").get(pk=campaign_id)
            audit.record(
                campaign.team,
                "campaign.paused_itself",
                campaign,
                failed=failed,
                uncertain=uncertain,
                of=looked,
            )
            live.announce([team_id])
