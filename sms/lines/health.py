"""How each line fares, in a fixed number of statements however many lines and messages there are."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sms.gateway.results import HeldReason
from sms.models import Line
from teams.models import Team
from teams.templatetags.ligne import hour, whole_day

# A phone that is online reports within minutes; after this it may be off, or its SIM out of credit.
QUIET_AFTER = timedelta(hours=2)
# Counts stop here; beyond, the page says "10,000+".
MOST = 10_000

# Why a line is held, as the end of the sentence "Held since 11:42: …".
HELD_WORDS: dict[str, Promise | str] = {
    HeldReason.CREDENTIALS: _("the gateway refused the login or the access key."),
    HeldReason.FORBIDDEN: _("the gateway does not let this account send."),
    HeldReason.LICENCE: _("the account has no licence that allows sending by program."),
    HeldReason.NOT_FOUND: _("nothing answers at the base URL and path."),
    HeldReason.REDIRECT: _("the address leads elsewhere, and the access key is not sent there."),
    HeldReason.SETTING: _("the gateway refused a setting of the line."),
    HeldReason.ADDRESS: _("the base URL is not one that may get the access key."),
    "by_hand": _("somebody of your team held it."),
}
# What to do about it.
HELD_ADVICE: dict[str, Promise | str] = {
    HeldReason.CREDENTIALS: _("Paste a new key from the inSIM app on the phone, then test."),
    HeldReason.FORBIDDEN: _("Ask the gateway why, then test."),
    HeldReason.LICENCE: _("Renew the licence at the gateway, then test."),
    HeldReason.NOT_FOUND: _("Correct the base URL or the path in the line's settings, then test."),
    HeldReason.REDIRECT: _("Put the address it leads to into the line's settings, then test."),
    HeldReason.SETTING: _("Check the line's settings, then test."),
    HeldReason.ADDRESS: _("Correct the base URL in the line's settings, then test."),
}


@dataclass(frozen=True)
class Health:
    """What the page of lines shows of one line. Counts stop at MOST + 1, of today at MOST messages back."""

    line: Line
    queue: int
    uncertain: int
    today: int
    # Handed to the phone more than two hours ago, with no callback of any kind since.
    unheard: int
    unheard_since: datetime | None
    # People whom its SIM reached this month, while there is a budget of them.
    met: int = 0

    @property
    def sent_today(self) -> int:
        """Of a budget a day: what the sender counted on the phone's day."""
        today = timezone.localdate(timezone=ZoneInfo(self.line.time_zone))
        return self.line.sent_today if self.line.sent_on == today else 0

    @property
    def held(self) -> bool:
        return self.line.state == Line.State.HELD

    @property
    def held_by_hand(self) -> bool:
        return self.held and self.line.held_reason == "by_hand"

    @property
    def held_since(self) -> str:
        """`11:42` today, else `Thursday 19 November, 11:42`; within a sentence."""
        if self.line.held_at is None:
            return ""
        at = timezone.localtime(self.line.held_at)
        return hour(at) if at.date() == timezone.localdate() else f"{whole_day(at.date())}, {hour(at)}"

    @property
    def held_why(self) -> Promise | str:
        return HELD_WORDS.get(self.line.held_reason) or _("the gateway refused to work with it.")

    @property
    def held_advice(self) -> Promise | str:
        return HELD_ADVICE.get(self.line.held_reason, "")

    @property
    def key_refused(self) -> bool:
        return self.held and self.line.held_reason == HeldReason.CREDENTIALS

    @property
    def waits_until(self) -> datetime | None:
        """When the next try is due, while the gateway can't be reached."""
        until = self.line.not_before
        return until if not self.held and self.line.failures and until and until > timezone.now() else None

    @property
    def state(self) -> str:
        """held, waiting (the gateway is out of reach), quiet, sending, ready."""
        if self.held:
            return "held"
        if self.waits_until:
            return "waiting"
        if self.unheard:
            return "quiet"
        return "sending" if self.queue else "ready"

    @property
    def quiet_for(self) -> float | None:
        """Seconds, whole minutes."""
        if self.unheard_since is None:
            return None
        return (timezone.now() - self.unheard_since).total_seconds() // 60 * 60

    @property
    def every_s(self) -> int:
        """Seconds between two messages by the pace; 0 = at once."""
        return round(60 / self.line.pace) if self.line.pace else 0


# Each count is one probe of an index, and ends at the cap. Test mode never calls back: it is never quiet.
_COUNTS = """
SELECT l.id,
    (SELECT count(*) FROM (SELECT 1 FROM sms_message m
        WHERE m.line_id = l.id AND m.state = 'queued' LIMIT %(most)s + 1) q),
    (SELECT count(*) FROM (SELECT 1 FROM sms_message m
        WHERE m.team_id = l.team_id AND m.state = 'uncertain' AND m.line_id = l.id AND m.left_at IS NULL
        LIMIT %(most)s + 1) u),
    unheard.messages, unheard.since,
    CASE WHEN l.month_budget > 0 THEN (SELECT count(*) FROM sms_linerecipient r
        WHERE r.line_id = l.id AND r.month = date_trunc('month', now() AT TIME ZONE l.time_zone)::date) ELSE 0 END
FROM sms_line l, LATERAL (
    SELECT count(*) AS messages, min(s.submitted_at) AS since FROM (
        SELECT m.submitted_at FROM sms_message m
        WHERE m.team_id = l.team_id AND m.state = 'submitted' AND m.line_id = l.id AND NOT l.test_mode
          AND m.submitted_at < %(heard_by)s AND m.submitted_at > coalesce(l.last_callback_at, '-infinity')
        ORDER BY m.id DESC LIMIT %(most)s + 1) s
) unheard
WHERE l.team_id = %(team)s
"""

# No index by hour of sending: the newest messages of the team hold today's.
_TODAY = """
SELECT line_id, count(*) FROM (
    SELECT line_id, submitted_at FROM sms_message WHERE team_id = %(team)s ORDER BY id DESC LIMIT %(most)s
) newest WHERE submitted_at >= %(midnight)s GROUP BY line_id
"""


def of_team(team: Team) -> list[Health]:
    """Every line of the team: what needs somebody first, then by name. Three statements."""
    lines = list(Line.objects.for_team(team).select_related("holder", "team").order_by("name"))
    now = timezone.now()
    midnight = timezone.localtime(now).replace(hour=0, minute=0, second=0, microsecond=0)
    values: dict[str, Any] = {
        "team": team.pk,
        "most": MOST,
        "heard_by": now - QUIET_AFTER,
        "midnight": midnight,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, values)
        counts = {row[0]: row[1:] for row in cursor.fetchall()}
        cursor.execute(_TODAY, values)
        today = dict(cursor.fetchall())
    healths = []
    for line in lines:
        queue, uncertain, unheard, since, met = counts.get(line.pk, (0, 0, 0, None, 0))
        healths.append(
            Health(
                line, queue, uncertain, today.get(line.pk, 0), unheard=unheard, unheard_since=since, met=met
            )
        )
    return sorted(healths, key=_urgency)


def of_line(line: Line) -> Health:
    return next(health for health in of_team(line.team) if health.line.pk == line.pk)


def _urgency(health: Health) -> int:
    return {"held": 0, "waiting": 1, "quiet": 2}.get(health.state, 3)
