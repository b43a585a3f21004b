"""When a fact happened, by the gateway's date and our clock. Pure."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

# Years first, since 03/04/2025 means two days. The sign of an offset may have become a space on the way
# (an unencoded "+" in a query).
WRITTEN = re.compile(
    r"(?P<year>[0-9]{4})[-/](?P<month>[0-9]{2})[-/](?P<day>[0-9]{2})"
    r"(?:(?:[Tt]|\ +)(?P<hour>[0-9]{1,2}):(?P<minute>[0-9]{2})"
    r"(?::(?P<second>[0-9]{2})(?:[.,](?P<fraction>[0-9]{1,9}))?)?"
    r"\ *(?:(?P<utc>[Zz]|UTC|GMT)|(?P<sign>[-+\ ])(?P<off_h>[0-9]{2}):?(?P<off_m>[0-9]{2})?)?)?",
    re.ASCII | re.VERBOSE,
)
EPOCH = re.compile(r"[0-9]{10}(?:[0-9]{3})?", re.ASCII)  # seconds or milliseconds

OLDEST = timedelta(days=7)  # the gateway's phone may have been off for days
NEWEST = timedelta(minutes=5)  # its clock may run ahead


def _clock(found: re.Match[str]) -> datetime | None:
    """The naive clock a written date shows, midnight for a bare date; None when there is no such date."""
    micro = (found["fraction"] or "").ljust(6, "0")[:6]
    try:
        return datetime(  # noqa: DTZ001 - its zone is exactly what is not known yet
            int(found["year"]),
            int(found["month"]),
            int(found["day"]),
            int(found["hour"] or 0),
            int(found["minute"] or 0),
            int(found["second"] or 0),
            int(micro),
        )
    except ValueError:
        return None


def _offset(found: re.Match[str]) -> timezone | None:
    if found["utc"]:
        return UTC
    if not found["sign"]:
        return None
    away = timedelta(hours=int(found["off_h"]), minutes=int(found["off_m"] or 0))
    # An offset of a day or more is none: timezone raises ValueError, and the date can't be read.
    return timezone(-away if found["sign"] == "-" else away)


def has_time_of_day(raw: str | None) -> bool:
    """Whether `raw` is a date that can be read and shows a time of day."""
    written = (raw or "").strip()
    if EPOCH.fullmatch(written):
        return True
    found = WRITTEN.fullmatch(written)
    return found is not None and found["hour"] is not None and _clock(found) is not None


def _zones(zone: str) -> list[ZoneInfo | timezone]:
    try:
        return [UTC, ZoneInfo(zone)]
    except (OSError, ValueError, LookupError):
        return [UTC]


def _on_that_day(clock: datetime, zones: list[ZoneInfo | timezone], received_at: datetime) -> datetime:
    """A bare date is a whole day: the moment of it nearest to arrival, in the zone that brings it nearest."""
    nearest: list[datetime] = []
    for zone in zones:
        start = clock.replace(tzinfo=zone).astimezone(UTC)
        end = (clock + timedelta(days=1)).replace(tzinfo=zone).astimezone(UTC) - timedelta(seconds=1)
        nearest.append(min(max(received_at, start), max(start, end)))
    return min(nearest, key=lambda each: abs(each - received_at))


def _readings(written: str, received_at: datetime, zone: str) -> list[datetime]:
    """Every moment that `written` can mean, in UTC."""
    if EPOCH.fullmatch(written):
        seconds = int(written) / (1000 if len(written) == 13 else 1)
        return [datetime.fromtimestamp(seconds, UTC)]
    found = WRITTEN.fullmatch(written)
    clock = _clock(found) if found else None
    if found is None or clock is None:
        return []
    offset = _offset(found)
    if offset is not None:
        return [clock.replace(tzinfo=offset).astimezone(UTC)]
    zones = _zones(zone)
    if found["hour"] is None:
        return [_on_that_day(clock, zones, received_at)]
    # fold: an hour that a DST night shows twice has two readings; one that it skips has two as well.
    return [clock.replace(tzinfo=each, fold=fold).astimezone(UTC) for each in zones for fold in (0, 1)]


def happened_at(raw: str | None, *, received_at: datetime, zone: str) -> datetime:
    """When the fact happened, in UTC: the gateway's time when it can be believed, else `received_at`.

    A date with Z or an offset is taken as it stands; a naive one is read both as UTC and in the line's
    `zone` (the vendor documents neither), taking the reading nearest to arrival. Believable is what lies
    within a week before arrival and five minutes after it. `received_at` must be aware.
    """
    arrived = received_at.astimezone(UTC)
    try:
        readings = _readings((raw or "").strip(), arrived, zone)
        moment = min(readings, key=lambda each: abs(each - arrived), default=arrived)
    except (ValueError, OverflowError, OSError):
        return arrived  # a year that no zone can express
    return moment if -NEWEST <= arrived - moment <= OLDEST else arrived
