"""When a campaign will have left: what waits on each of its lines, and what stands in front of it there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from sms.models import Campaign, Line
from sms.sending.budget import Budget, Day
from sms.sending.estimate import Finish, LineLoad, Waiting, finish
from sms.sending.windows import Hours, Window, hours_of, is_open, next_open

State = Campaign.State

# A line without a pace is taken to send so many a minute: what a gateway bears that answers in some seconds.
UNLIMITED = 600.0
# What it really sent in this time says more than its pace, once so many left in at least so long.
MEASURED, MEASURED_FROM, MEASURED_FOR = timedelta(minutes=10), 10, timedelta(minutes=1)

# A campaign's lines with what decides when its messages leave: what is due before them (queued texts, and the rest of
# running campaigns whose turn comes first, as they were last counted), the month's people, those who wait in other time
# zones, and what left lately. No count goes further than a cap. The newest rows of a state are the end of one range of
# the index, as in results.py.
_LINES = """
WITH k AS (SELECT * FROM sms_campaign WHERE id = %(campaign)s), newest AS MATERIALIZED (
    SELECT one.line_id, one.happened_at FROM unnest(ARRAY['submitted', 'sent', 'delivered']) AS s(state)
    CROSS JOIN LATERAL (
        SELECT m.line_id, m.happened_at FROM sms_message m
        WHERE m.campaign_id IS NOT NULL AND (m.campaign_id, m.state) >= (%(campaign)s, s.state)
          AND (m.campaign_id, m.state) <= (%(campaign)s, s.state)
        ORDER BY m.campaign_id DESC, m.state DESC, m.id DESC LIMIT 60
    ) one WHERE one.happened_at > %(since)s
)
SELECT l.id, l.team_id, l.name, l.holder_id, l.time_zone, l.pace, l.window, l.state, l.held_reason, l.held_at,
    l.not_before, l.failures, l.day_budget, l.sent_on, l.sent_today, l.month_budget,
    CASE WHEN l.month_budget > 0 THEN (
        SELECT count(*) FROM (
            SELECT 1 FROM sms_linerecipient r WHERE r.line_id = l.id
              AND r.month = date_trunc('month', now() AT TIME ZONE l.time_zone)::date LIMIT 10000) met)
    ELSE 0 END AS month_used,
    (SELECT count(*) FROM (
        SELECT 1 FROM sms_message m WHERE m.line_id = l.id AND m.state = 'queued' AND m.due_at <= clock_timestamp()
        LIMIT 1000) due)
    + (SELECT coalesce(sum((o.counts -> 'lines' ->> l.id::text)::int), 0)
        FROM sms_campaignline ol JOIN sms_campaign o ON o.id = ol.campaign_id
        WHERE ol.line_id = l.id AND o.state = 'running' AND o.id <> k.id
          AND (o.kind = 'commercial', o.started_at, o.id)
            < (k.kind = 'commercial', coalesce(k.started_at, now()), k.id)) AS ahead,
    (SELECT coalesce(json_object_agg(elsewhere.zone, elsewhere.n), '{}') FROM (
        SELECT u.zone, (SELECT count(*) FROM (
            SELECT 1 FROM sms_message m WHERE m.line_id = l.id AND m.campaign_id = k.id AND m.state = 'planned'
              AND m.zone = u.zone LIMIT 1000) waiting) AS n
        FROM unnest(k.zones) AS u(zone) WHERE u.zone <> %(home)s AND cardinality(k.zones) > 1
    ) elsewhere) AS elsewhere,
    (SELECT count(*) FROM newest n WHERE n.line_id = l.id) AS left_lately,
    (SELECT min(n.happened_at) FROM newest n WHERE n.line_id = l.id) AS left_since
FROM k JOIN sms_campaignline cl ON cl.campaign_id = k.id JOIN sms_line l ON l.id = cl.line_id ORDER BY l.name
"""


@dataclass(frozen=True)
class OnLine:
    """One of its lines: `waiting` people by their time zones, and whether anything may leave to them now."""

    line: Line
    hours: Hours
    waiting: Mapping[str, int]
    budget: Budget
    load: LineLoad

    @property
    def count(self) -> int:
        return sum(self.waiting.values())

    def is_open(self, at: datetime) -> bool:
        return any(is_open(self.hours, at, zone) for zone in self.waiting)

    def opens(self, at: datetime) -> datetime | None:
        """When the first of its zones opens; None: none ever does."""
        return min(filter(None, (next_open(self.hours, at, zone) for zone in self.waiting)), default=None)


@dataclass(frozen=True)
class Outlook:
    """`finish` is None where nobody waits, where nothing of it is under way, and while its people are planned."""

    lines: Sequence[OnLine] = ()
    finish: Finish | None = None


def of(campaign: Campaign) -> Finish | None:
    return outlook(campaign).finish


def outlook(campaign: Campaign) -> Outlook:
    """From the figures that are kept on its row. One statement; none where nothing waits."""
    counts: Mapping[str, int] = campaign.counts.get("lines", {})
    waiting = {int(line): count for line, count in counts.items() if count}
    if not waiting or campaign.state not in (State.SCHEDULED, State.RUNNING, State.PAUSED):
        return Outlook()
    now = timezone.now()
    lines = [line for line in _lines(campaign, now, waiting) if line.count]
    if campaign.planned_at is None or campaign.state == State.PAUSED:
        return Outlook(lines)
    begins = max(now, campaign.starts_at or now)
    loads = [line.load for line in lines]
    found = finish(begins, loads, expires_at=campaign.expires_at, unlimited_per_minute=UNLIMITED)
    return Outlook(lines, found)


def of_draft(campaign: Campaign, receive: int) -> Finish:
    """Were it confirmed now, with so many people, spread over its lines. One statement."""
    lines = list(campaign.lines.order_by("pk").values_list("pk", flat=True)) if campaign.pk else []
    share, rest = divmod(receive, len(lines) or 1)
    waiting = {line: share + (number < rest) for number, line in enumerate(lines)}
    now = timezone.now()
    loads = [each.load for each in _lines(campaign, now, waiting)]
    begins = max(now, campaign.starts_at or now)
    return finish(begins, loads, expires_at=campaign.expires_at, unlimited_per_minute=UNLIMITED)


def _lines(campaign: Campaign, now: datetime, waiting: Mapping[int, int]) -> list[OnLine]:
    home = _home(campaign)
    began = max(filter(None, (campaign.started_at, campaign.resumed_at, now - MEASURED)))
    values = {"campaign": campaign.pk, "home": home, "since": began}
    lines = list(Line.objects.raw(_LINES, values))
    own, team = _window(campaign.window), _window(campaign.team.commercial_window)
    found = []
    for line in lines:
        hours = hours_of(campaign.kind, own=own, team=team, lines=_window(line.window))
        zones = _by_zone(campaign, home, waiting.get(line.pk, 0), line)
        budget = Budget(
            Day.of(line),
            line.day_budget,
            line.month_budget,
            line.sent_on,
            line.sent_today,
            _of(line, "month_used"),
        )
        open_now = any(is_open(hours, now, zone) for zone in zones)
        measured = _measured(line, now) if open_now and not budget.spent else None
        load = LineLoad(
            name=line.name,
            zone=line.time_zone,
            waiting=tuple(Waiting(zone, count, hours) for zone, count in zones.items()),
            ahead=_of(line, "ahead"),
            per_minute=_rate(line.pace, campaign.pace / len(lines), measured),
            day_budget=line.day_budget,
            sent_today=budget.sent_today,
            month_budget=line.month_budget,
            month_used=budget.month_used,
        )
        found.append(OnLine(line, hours, zones, budget, load))
    return found


def _of(line: Line, name: str) -> Any:
    """A column of the statement that is none of the model's."""
    return getattr(line, name)


def _home(campaign: Campaign) -> str:
    """The time zone of most of its people, as far as that is known."""
    zone = campaign.team.time_zone
    return campaign.zones[0] if campaign.zones and zone not in campaign.zones else zone


def _by_zone(campaign: Campaign, home: str, count: int, line: Line) -> dict[str, int]:
    """Those who wait on a line, in the order in which it takes the zones; what lies elsewhere is not at home."""
    elsewhere: dict[str, int] = {zone: n for zone, n in sorted(_of(line, "elsewhere").items()) if n}
    zones = elsewhere | {home: max(0, count - sum(elsewhere.values()))}
    return {zone: zones[zone] for zone in sorted(zones) if zones[zone]}


def _window(stored: Any) -> Window | None:
    return None if stored is None else Window.parse(stored)


def _measured(line: Line, now: datetime) -> float | None:
    """Messages a minute, as they left through the line; None where too few did to say."""
    count, since = _of(line, "left_lately"), _of(line, "left_since")
    if count < MEASURED_FROM or now - since < MEASURED_FOR:
        return None
    return float(count / ((now - since) / timedelta(minutes=1)))


def _rate(pace: float, share: float, measured: float | None) -> float | None:
    """The lowest of what the line, the campaign and experience allow; None: as fast as the gateway takes them."""
    limits = [each for each in (pace, share) if each]
    if measured is not None and measured < min(limits, default=UNLIMITED):
        limits.append(measured)
    return min(limits, default=None)
