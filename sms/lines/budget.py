"""What a line sent already counts, when a budget begins in the middle of a day or a month."""

from collections.abc import Collection

from django.db import connection

from sms import wake
from sms.models import CampaignLine, Line
from sms.sending.rules import LEFT

# Settings that campaigns wait for on this line.
_WAITED_FOR = {"window", "pace", "day_budget", "month_budget", "time_zone"}
_BUDGETS = {"day_budget", "month_budget", "time_zone"}

# Days and months begin where the phone is.
_DAY = """
UPDATE sms_line l SET sent_on = (now() AT TIME ZONE l.time_zone)::date, sent_today = (
    SELECT count(*) FROM sms_message m
    WHERE m.line_id = l.id AND m.direction = 'out' AND m.state = ANY(%(left)s)
      AND m.happened_at >= date_trunc('day', now() AT TIME ZONE l.time_zone) AT TIME ZONE l.time_zone)
WHERE l.id = %(line)s AND l.day_budget > 0
"""
_MONTH = """
INSERT INTO sms_linerecipient (line_id, month, number)
SELECT DISTINCT l.id, date_trunc('month', now() AT TIME ZONE l.time_zone)::date, m.number
FROM sms_line l JOIN sms_message m ON m.line_id = l.id
WHERE l.id = %(line)s AND l.month_budget > 0 AND m.direction = 'out' AND m.state = ANY(%(left)s)
  AND m.happened_at >= date_trunc('month', now() AT TIME ZONE l.time_zone) AT TIME ZONE l.time_zone
ORDER BY m.number
ON CONFLICT DO NOTHING
"""
# Nobody is counted while there is no budget: what stands there would be wrong by the next one.
_NO_MONTH = """
DELETE FROM sms_linerecipient r USING sms_line l WHERE l.id = %(line)s AND r.line_id = l.id AND l.month_budget = 0
"""


def follow(line: Line, changed: Collection[str]) -> None:
    """After these settings of a line were written, in the same transaction: they count at once."""
    if _BUDGETS & set(changed):
        reset(line)
    if _WAITED_FOR & set(changed):
        CampaignLine.objects.filter(line=line).update(not_before=None)
        wake.lines([line.pk])


def reset(line: Line) -> None:
    """Counts anew what left today and whom it reached this month, or may have.

    In a transaction that holds the line's row: a sender that claims meanwhile counts once, here or by itself.
    """
    with connection.cursor() as cursor:
        for statement in (_DAY, _MONTH, _NO_MONTH):
            cursor.execute(statement, {"line": line.pk, "left": list(LEFT)})
