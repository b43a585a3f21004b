"""What a line has of running campaigns at a moment: whose turn it is, and until when the others wait."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db import connection

from sms.sending.windows import Hours, Window, hours_of, is_open, next_open

# A campaign that has to wait is looked at again so soon at the latest: what a person changes meanwhile counts.
LOOK_AGAIN = timedelta(minutes=5)
# Nothing of it is left on this line, or nothing yet while it is planned.
NOTHING_LEFT = timedelta(minutes=1)
STILL_PLANNED = timedelta(seconds=1)

# Appointments and service before advertising, then whoever was confirmed first. A column of the statement that takes
# the lease: an array of objects.
COLUMN = """(
    SELECT coalesce(json_agg(json_build_object(
        'id', k.id, 'kind', k.kind, 'text', k.text, 'url', k.url, 'zones', k.zones, 'window', k.window,
        'planned', k.planned_at IS NOT NULL,
        'every_s', CASE WHEN k.pace > 0 THEN 60.0 / k.pace * (
            SELECT count(*) FROM sms_campaignline other WHERE other.campaign_id = k.id) END
        ) ORDER BY k.kind = 'commercial', k.started_at, k.id), '[]')
    FROM sms_campaignline cl JOIN sms_campaign k ON k.id = cl.campaign_id
    WHERE cl.line_id = sms_line.id AND k.state = 'running'
      AND (cl.not_before IS NULL OR cl.not_before <= clock_timestamp())
      AND (k.expires_at IS NULL OR k.expires_at > clock_timestamp()))"""

# Seconds until the next of the others may leave something; null where none waits.
NEXT = """(
    SELECT extract(epoch FROM min(cl.not_before) - clock_timestamp())::float
    FROM sms_campaignline cl JOIN sms_campaign k ON k.id = cl.campaign_id
    WHERE cl.line_id = sms_line.id AND k.state = 'running' AND cl.not_before > clock_timestamp())"""


@dataclass(frozen=True)
class Running:
    """A campaign on one line. `every_s`: seconds between two of its messages here; None as fast as the line."""

    id: int
    kind: str
    text: str
    url: str
    zones: tuple[str, ...]
    hours: Hours
    planned: bool
    every_s: float | None

    def open_zones(self, at: datetime) -> list[str]:
        return [zone for zone in self.zones if is_open(self.hours, at, zone)]

    def opens(self, at: datetime) -> datetime | None:
        """When the next of its closed zones opens; None for no zone that does."""
        closed = [zone for zone in self.zones if not is_open(self.hours, at, zone)]
        return min(filter(None, (next_open(self.hours, at, zone) for zone in closed)), default=None)


def of_rows(rows: Iterable[Mapping[str, Any]], *, line: Any, team: Any) -> list[Running]:
    """From COLUMN and the windows of the line and the team, as they are stored."""
    return [
        Running(
            id=row["id"],
            kind=row["kind"],
            text=row["text"],
            url=row["url"],
            zones=tuple(row["zones"]),
            hours=_hours(row["kind"], _key(row["window"]), _key(team), _key(line)),
            planned=row["planned"],
            every_s=row["every_s"],
        )
        for row in rows
    ]


Key = tuple[tuple[int, int] | None, ...] | None


def _key(stored: Any) -> Key:
    return None if stored is None else tuple(None if span is None else (span[0], span[1]) for span in stored)


@lru_cache(maxsize=512)
def _hours(kind: str, own: Key, team: Key, line: Key) -> Hours:
    return hours_of(kind, own=_window(own), team=_window(team), lines=_window(line))


def _window(key: Key) -> Window | None:
    return None if key is None else Window(key)


def wait(line_id: int, until: Mapping[int, datetime]) -> None:
    """These campaigns leave nothing through the line before. Inside the claim's transaction, one statement."""
    if not until:
        return
    campaigns = sorted(until)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE sms_campaignline cl SET not_before = w.until FROM unnest(%s::bigint[], %s::timestamptz[])"
            " AS w(campaign_id, until) WHERE cl.line_id = %s AND cl.campaign_id = w.campaign_id",
            [campaigns, [until[each] for each in campaigns], line_id],
        )


def waits(campaign: Running, now: datetime) -> datetime:
    """Until when a campaign waits that had nothing to give although there was room."""
    opens = campaign.opens(now)
    if not campaign.planned:
        # More of it may be made at this moment, for an open zone too.
        return now + STILL_PLANNED
    return min(opens or now + NOTHING_LEFT, now + LOOK_AGAIN)
