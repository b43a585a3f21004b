"""Hours keep to the minute, through every change of clocks, and a commercial text keeps to the law."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sms.sending.public_holidays import _CALENDARS, is_holiday
from sms.sending.windows import (
    ALWAYS,
    COMMERCIAL_DEFAULT,
    COMMERCIAL_LIMIT,
    Hours,
    Window,
    closes,
    hours_of,
    is_open,
    next_open,
    open_spans,
)

ROOT = Path(__file__).parents[3]
MINUTE = timedelta(minutes=1)
ZONES = sorted(
    each for each in available_timezones() if "/" in each and not each.startswith(("Etc/", "posix/"))
)
# Clocks that change by half an hour or two hours, at midnight, in Ramadan, away from whole hours.
ODD = ["Australia/Lord_Howe", "Antarctica/Troll", "America/Havana", "Asia/Beirut", "America/Nuuk", "Atlantic/Azores",
       "Africa/Casablanca", "Africa/Cairo", "Pacific/Chatham", "America/Santiago", "Asia/Kathmandu"]  # fmt: skip
OVERSEAS = {
    # What is closed beside the eleven days of the Republic, in 2026 (Easter is 5 April).
    "Europe/Paris": [],
    "Indian/Reunion": [(12, 20)],
    "Indian/Mayotte": [(4, 27)],
    "America/Guadeloupe": [(5, 27), (4, 3)],
    "America/Martinique": [(5, 22)],
    "America/Cayenne": [(6, 10)],
    "Pacific/Noumea": [(9, 24)],
    "Pacific/Tahiti": [(3, 5), (4, 3)],
    "Pacific/Wallis": [(4, 28), (7, 29)],
}


def easter(year: int) -> date:
    """Easter Sunday, by the algorithm of Meeus."""
    a, (b, c) = year % 19, divmod(year, 100)
    (d, e), f = divmod(b, 4), (b + 8) // 25
    h = (19 * a + b - d - (b - f + 1) // 3 + 15) % 30
    i, k = divmod(c, 4)
    n = (32 + 2 * e + 2 * i - h - k) % 7
    month, day = divmod(h + n - 7 * ((a + 11 * h + 22 * n) // 451) + 114, 31)
    return date(year, month, day + 1)


def republic(year: int) -> set[date]:
    """The eleven days of article L. 3133-1 of the Code du travail."""
    fixed = [(1, 1), (5, 1), (5, 8), (7, 14), (8, 15), (11, 1), (11, 11), (12, 25)]
    return {date(year, *each) for each in fixed} | {
        easter(year) + timedelta(days=each) for each in (1, 39, 50)
    }


@cache
def changes(zone: str) -> list[datetime]:
    """The moments from 2025 to 2034 when the clock there jumps, to the minute."""
    found = []
    at, end = datetime(2025, 1, 1, tzinfo=UTC), datetime(2035, 1, 1, tzinfo=UTC)

    def offset(moment: datetime) -> timedelta | None:
        return moment.astimezone(ZoneInfo(zone)).utcoffset()

    while at < end:
        if offset(at) != offset(at + timedelta(days=1)):
            low, high = at, at + timedelta(days=1)
            while high - low > MINUTE:
                middle = low + (high - low) // MINUTE // 2 * MINUTE
                low, high = (middle, high) if offset(middle) == offset(at) else (low, middle)
            found.append(high)
        at += timedelta(days=1)
    return found


spans = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda each: each[0] < each[1])
windows = st.tuples(*[st.none() | st.just((0, 1440)) | spans] * 7).map(Window)
hours = st.builds(Hours, windows, st.booleans())


@st.composite
def somewhere(draw: st.DrawFn) -> tuple[datetime, str]:
    """A moment and a zone, often near a change of the clocks there."""
    zone = draw(st.sampled_from(["Europe/Paris", "America/New_York", *ODD]) | st.sampled_from(ZONES))
    jumps = changes(zone)
    near: bool = draw(st.booleans())
    if jumps and near:
        at = draw(st.sampled_from(jumps)) + draw(st.integers(-30 * 60, 8 * 60)) * MINUTE
    else:
        at = datetime(2025, 1, 1, tzinfo=UTC) + draw(st.integers(0, 5_000_000)) * MINUTE
    return at + timedelta(seconds=draw(st.sampled_from([0, 0, 1, 59]))), zone


def by_the_clock(hours: Hours, at: datetime, zone: str) -> bool:
    clock = at.astimezone(ZoneInfo(zone))
    span = hours.window.days[clock.weekday()]
    if span is None or (hours.holidays and is_holiday(clock.date(), zone)):
        return False
    return span[0] <= clock.hour * 60 + clock.minute < span[1]


def minutes(at: datetime, count: int) -> Iterator[datetime]:
    first = at.replace(second=0)
    return (first + index * MINUTE for index in range(count))


@given(hours, somewhere())
def test_open_is_what_the_clock_there_shows(hours: Hours, where: tuple[datetime, str]) -> None:
    assert is_open(hours, *where) == by_the_clock(hours, *where)


@settings(max_examples=60)
@given(hours, somewhere())
def test_spans_are_every_open_minute_and_no_other(hours: Hours, where: tuple[datetime, str]) -> None:
    at, zone = where
    start, end = at, at.replace(second=0) + 1800 * MINUTE
    found = list(open_spans(hours, start, end, zone))
    for begin, stop in found:
        assert start <= begin < stop <= end
        assert begin.tzinfo is UTC
    # As long as they can be: between two of them something is closed.
    assert all(one[1] < two[0] for one, two in zip(found, found[1:], strict=False))
    told = {
        each
        for begin, stop in found
        for each in minutes(begin, int((stop - begin) / MINUTE) + 2)
        if begin <= each < stop
    }
    opened = {each for each in minutes(at, 1800) if each >= start and by_the_clock(hours, each, zone)}
    assert told == opened


@settings(max_examples=60)
@given(hours, somewhere())
def test_next_open_is_the_first_open_minute(hours: Hours, where: tuple[datetime, str]) -> None:
    at, zone = where
    opens = next_open(hours, at, zone)
    if by_the_clock(hours, at, zone):
        assert opens is at
        return
    later = [each for each in minutes(at, 3000) if each > at]
    first = next((each for each in later if by_the_clock(hours, each, zone)), None)
    assert first == opens if first else opens is None or opens > later[-1]


@settings(max_examples=60)
@given(hours, somewhere())
def test_it_closes_at_the_first_closed_minute(hours: Hours, where: tuple[datetime, str]) -> None:
    at, zone = where
    ends = closes(hours, at, zone)
    if not by_the_clock(hours, at, zone):
        assert ends == at
        return
    later = [each for each in minutes(at, 3000) if each > at]
    first = next((each for each in later if not by_the_clock(hours, each, zone)), None)
    assert first == ends if first else ends is None or ends > later[-1]


@given(somewhere(), st.integers(0, 6))
def test_what_never_opens_is_said(where: tuple[datetime, str], weekday: int) -> None:
    empty = Hours(Window((None,) * 7), holidays=False)
    assert next_open(empty, *where) is None
    assert list(open_spans(empty, where[0], where[0] + timedelta(days=9), where[1])) == []
    # A Sunday's hours of a commercial campaign are none.
    sunday = Window((*[None] * 6, (480, 1200)))
    assert next_open(hours_of("commercial", own=sunday, team=None, lines=None), *where) is None


def test_what_is_always_open_never_closes() -> None:
    at = datetime(2026, 10, 24, 12, tzinfo=UTC)
    always = hours_of("service", own=None, team=COMMERCIAL_DEFAULT, lines=None)
    assert closes(always, at, "Europe/Paris") is None
    end = at + timedelta(days=3)
    assert list(open_spans(always, at, end, "Europe/Paris")) == [(at, end)]


@given(st.none() | windows, st.none() | windows, st.none() | windows, somewhere())
def test_no_choice_of_hours_breaks_the_law(
    own: Window | None, team: Window | None, lines: Window | None, where: tuple[datetime, str]
) -> None:
    at, zone = where
    chosen = hours_of("commercial", own=own, team=team, lines=lines)
    if is_open(chosen, at, zone):
        clock = at.astimezone(ZoneInfo(zone))
        assert 8 <= clock.hour < 22
        assert clock.weekday() != 6
        assert not is_holiday(clock.date(), zone)
        assert is_open(Hours(lines or ALWAYS, holidays=False), at, zone)


@given(
    st.none() | windows,
    st.none() | windows,
    st.sampled_from(sorted(OVERSEAS)),
    st.dates(date(2024, 1, 1), date(2040, 12, 31)),
)
def test_no_commercial_text_on_a_day_of_the_republic(
    own: Window | None, team: Window | None, zone: str, day: date
) -> None:
    chosen = hours_of("commercial", own=own, team=team, lines=None)
    for closed in republic(day.year):
        noon = datetime(closed.year, closed.month, closed.day, 12, tzinfo=ZoneInfo(zone))
        assert not is_open(chosen, noon, zone)
        assert (next_open(chosen, noon, zone) or noon + timedelta(days=1)).astimezone(
            ZoneInfo(zone)
        ).date() != closed


@pytest.mark.parametrize("year", range(2024, 2041))
def test_the_calendar_of_france_is_the_eleven_days(year: int) -> None:
    days = {date(year, 1, 1) + timedelta(days=each) for each in range(366)}
    assert {day for day in days if day.year == year and is_holiday(day, "Europe/Paris")} == republic(year)


@pytest.mark.parametrize("zone", OVERSEAS)
def test_overseas_keep_their_own_days_besides(zone: str) -> None:
    wide = hours_of("commercial", own=COMMERCIAL_LIMIT, team=None, lines=None)
    assert all(is_holiday(day, zone) for day in republic(2026))
    own = {date(2026, *each) for each in OVERSEAS[zone]}
    for day in own:
        noon = datetime(2026, day.month, day.day, 12, tzinfo=ZoneInfo(zone))
        assert is_holiday(day, zone)
        assert not is_open(wide, noon, zone)
        if zone != "Europe/Paris":
            assert not is_holiday(day, "Europe/Paris")


def test_a_zone_without_a_known_country_has_no_holidays() -> None:
    assert not is_holiday(date(2026, 12, 25), "America/New_York")
    assert not is_holiday(date(2026, 12, 25), "Asia/Tokyo")


@pytest.mark.parametrize("zone", sorted(_CALENDARS))
def test_every_calendar_is_known_to_the_library(zone: str) -> None:
    assert zone in available_timezones()
    # Everybody's new year, but for that of Islam's countries too.
    assert is_holiday(date(2027, 1, 1), zone)


def test_other_kinds_leave_at_any_hour_that_the_line_has() -> None:
    night = datetime(2026, 12, 25, 2, tzinfo=UTC)
    assert is_open(hours_of("service", own=None, team=COMMERCIAL_DEFAULT, lines=None), night, "Europe/Paris")
    assert not is_open(
        hours_of("service", own=None, team=None, lines=COMMERCIAL_LIMIT), night, "Europe/Paris"
    )


def test_the_usual_hours_of_a_commercial_campaign() -> None:
    usual = hours_of("commercial", own=None, team=None, lines=None)
    paris = ZoneInfo("Europe/Paris")
    # Wednesday evening to Thursday; Friday 8 May is a holiday; Saturday from ten; no Sunday.
    cases = [
        (datetime(2026, 5, 6, 19, 59, tzinfo=paris), datetime(2026, 5, 6, 19, 59, tzinfo=paris)),
        (datetime(2026, 5, 6, 20, 0, tzinfo=paris), datetime(2026, 5, 7, 8, 0, tzinfo=paris)),
        (datetime(2026, 5, 7, 20, 0, tzinfo=paris), datetime(2026, 5, 9, 10, 0, tzinfo=paris)),
        (datetime(2026, 5, 9, 18, 0, tzinfo=paris), datetime(2026, 5, 11, 8, 0, tzinfo=paris)),
        # 25 October 2026: the clock goes back; Monday's eight o'clock is an hour later.
        (datetime(2026, 10, 24, 18, 0, tzinfo=paris), datetime(2026, 10, 26, 7, 0, tzinfo=UTC)),
    ]
    for at, opens in cases:
        assert next_open(usual, at, "Europe/Paris") == opens
    # A team's own hours stand in place of the usual ones, and a campaign's in place of the team's.
    early = Window(((420, 600),) * 7)
    assert hours_of("commercial", own=None, team=early, lines=None).window.days == ((480, 600),) * 6 + (None,)
    assert hours_of("commercial", own=COMMERCIAL_LIMIT, team=early, lines=None).window == COMMERCIAL_LIMIT


@given(windows, windows, st.integers(0, 6), st.integers(0, 1439))
def test_both_windows_are_what_is_open_in_each(one: Window, two: Window, day: int, minute: int) -> None:
    def has(window: Window) -> bool:
        span = window.days[day]
        return span is not None and span[0] <= minute < span[1]

    assert has(one & two) == (has(one) and has(two))
    assert (one & two).is_empty == all(day is None for day in (one & two).days)


@given(windows)
def test_a_window_is_stored_and_read(window: Window) -> None:
    assert Window.parse(window.as_json()) == window


def test_no_window_is_always_open() -> None:
    assert Window.parse(None) == ALWAYS


@pytest.mark.parametrize(
    "data",
    [
        [],
        {},
        "always",
        [[480, 1200]] * 6,
        [[480, 1200]] * 8,
        [[480]] * 7,
        [[480, 480]] * 7,
        [[1200, 480]] * 7,
        [[-1, 480]] * 7,
        [[480, 1441]] * 7,
        [[480.0, 1200]] * 7,
        [[True, 1200]] * 7,
        [["480", "1200"]] * 7,
        [0] * 7,
    ],
)
def test_what_is_no_window_is_refused(data: Any) -> None:
    with pytest.raises(ValueError, match="hours"):
        Window.parse(data)


def test_calendars_are_not_loaded_before_a_commercial_text_asks() -> None:
    code = (
        "import sys; from sms.sending.windows import *; from datetime import *; at = datetime.now(UTC);"
        "service = hours_of('service', own=None, team=None, lines=COMMERCIAL_LIMIT);"
        "next_open(service, at, 'Europe/Paris'); assert 'holidays' not in sys.modules;"
        "next_open(hours_of('commercial', own=None, team=None, lines=None), at, 'Europe/Paris');"
        "assert 'holidays' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": str(ROOT)})
