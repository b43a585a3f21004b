"""When a text may leave: hours of each weekday, the law's limits, public holidays, whatever clocks do. Pure.

Hours are minutes of the recipient's wall clock. A moment is open when the clock there shows an open minute of a day
that is not closed; in the night when an hour comes twice, what is open in it is open twice. What is told is in UTC, so
that two of these moments may be subtracted.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sms.sending.public_holidays import is_holiday

Span = tuple[int, int]  # minutes since midnight, 0 <= from < to <= 1440
DAY = 1440

COMMERCIAL = "commercial"
# Hours that never open in so many days never do: longer than a year with its holidays.
LONGEST = timedelta(days=400)
# No clock is further from UTC (14 hours at present).
_FURTHEST = timedelta(hours=16)


@dataclass(frozen=True)
class Window:
    """What is open of each weekday, Monday first; None: closed."""

    days: tuple[Span | None, ...]

    @classmethod
    def parse(cls, data: Any) -> "Window":
        """From JSON: seven of [from, to] or null; None: always open. Raises ValueError."""
        if data is None:
            return ALWAYS
        if not isinstance(data, list | tuple) or len(data) != 7:
            raise ValueError("hours are seven days, Monday first")
        return cls(tuple(_span(day) for day in data))

    def as_json(self) -> list[list[int] | None]:
        return [None if day is None else [*day] for day in self.days]

    def __and__(self, other: "Window") -> "Window":
        """What is open in both."""
        return Window(tuple(_both(one, two) for one, two in zip(self.days, other.days, strict=True)))

    @property
    def is_empty(self) -> bool:
        return not any(self.days)


def _span(data: Any) -> Span | None:
    if data is None:
        return None
    if not isinstance(data, list | tuple) or len(data) != 2 or any(type(each) is not int for each in data):
        raise ValueError("a day's hours are two whole numbers of minutes, or nothing")
    begin, end = data
    if not 0 <= begin < end <= DAY:
        raise ValueError("a day's hours end after they begin, within the day")
    return begin, end


def _both(one: Span | None, two: Span | None) -> Span | None:
    if one is None or two is None:
        return None
    begin, end = max(one[0], two[0]), min(one[1], two[1])
    return (begin, end) if begin < end else None


ALWAYS = Window(((0, DAY),) * 7)
# The law: never between 22:00 and 8:00, never on a Sunday; nor on a public holiday (Hours.holidays).
COMMERCIAL_LIMIT = Window((*((8 * 60, 22 * 60),) * 6, None))
# What a team begins with: stricter, as people like it.
COMMERCIAL_DEFAULT = Window((*((8 * 60, 20 * 60),) * 5, (10 * 60, 18 * 60), None))


@dataclass(frozen=True)
class Hours:
    """A window and whether the public holidays of the place are closed besides."""

    window: Window
    holidays: bool


def hours_of(kind: str, *, own: Window | None, team: Window | None, lines: Window | None) -> Hours:
    """The hours of a campaign of this kind: `own` are those it was given, `lines` those of the line it leaves by.

    Whatever they say, a commercial one keeps to the law.
    """
    if kind == COMMERCIAL:
        return Hours(
            COMMERCIAL_LIMIT & (own or team or COMMERCIAL_DEFAULT) & (lines or ALWAYS), holidays=True
        )
    return Hours((own or ALWAYS) & (lines or ALWAYS), holidays=False)


def is_open(hours: Hours, at: datetime, zone: str) -> bool:
    """Whether a text may leave at `at` (aware) to somebody whose clock shows `zone` (an IANA name)."""
    local = at.astimezone(ZoneInfo(zone))
    span = _open(hours, zone, local.date())
    return span is not None and span[0] <= local.hour * 60 + local.minute < span[1]


def next_open(hours: Hours, at: datetime, zone: str) -> datetime | None:
    """The first open moment from `at` on: `at` itself when it is open. None: not within 400 days."""
    if is_open(hours, at, zone):
        return at
    span = next(open_spans(hours, at, at + LONGEST, zone), None)
    return span[0] if span else None


def closes(hours: Hours, at: datetime, zone: str) -> datetime | None:
    """When the span that is open at `at` ends; `at` itself when it is closed. None: not within 400 days."""
    end = at + LONGEST
    span = next(open_spans(hours, at, end, zone), None)
    if span is None or span[0] > at:
        return at
    return span[1] if span[1] < end else None


def open_spans(
    hours: Hours, start: datetime, end: datetime, zone: str
) -> Iterator[tuple[datetime, datetime]]:
    """Every open moment from `start` to before `end`, as spans [from, to) in UTC, as long as they can be, in order."""
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    open_from = open_to = start
    for begin, stop in _pieces(hours, start, end, zone):
        if begin > open_to:
            if open_to > open_from:
                yield open_from, open_to
            open_from = begin
        open_to = stop
    if open_to > open_from:
        yield open_from, open_to


def _pieces(hours: Hours, start: datetime, end: datetime, zone: str) -> Iterator[tuple[datetime, datetime]]:
    """As `open_spans`, a day at a time: one may begin where the one before ended."""
    if hours.window.is_empty:
        return
    day = start.astimezone(ZoneInfo(zone)).date()
    last = end.astimezone(ZoneInfo(zone)).date()
    while day <= last:
        for begin, stop in _of_day(hours, zone, day):
            begin, stop = max(begin, start), min(stop, end)
            if begin < stop:
                yield begin, stop
        day += timedelta(days=1)


@lru_cache(maxsize=4096)
def _of_day(hours: Hours, zone: str, day: date) -> tuple[tuple[datetime, datetime], ...]:
    """What is open of a day there, in UTC."""
    span = _open(hours, zone, day)
    if span is None:
        return ()
    midnight = datetime.combine(day, time.min, UTC)
    spans = []
    for since, until, offset in _offsets(zone, midnight):
        # The moments at which a clock with this offset shows both ends.
        begin, stop = (midnight + timedelta(minutes=minute) - offset for minute in span)
        begin, stop = max(begin, since), min(stop, until)
        if begin < stop:
            spans.append((begin, stop))
    return tuple(spans)


def _open(hours: Hours, zone: str, day: date) -> Span | None:
    span = hours.window.days[day.weekday()]
    return None if span is None or (hours.holidays and is_holiday(day, zone)) else span


def _offsets(zone: str, midnight: datetime) -> list[tuple[datetime, datetime, timedelta]]:
    """The offsets from UTC that a place has during a day, each with its time. `midnight`: of the day, as if in UTC."""
    since, until = midnight - _FURTHEST, midnight + timedelta(days=1) + _FURTHEST
    before, after = _offset(zone, since), _offset(zone, until)
    if before == after:
        return [(since, until, before)]
    # Clocks change once in that time, at a whole second.
    low, high = since, until
    while high - low > timedelta(seconds=1):
        middle = low + timedelta(seconds=(high - low) // timedelta(seconds=2))
        if _offset(zone, middle) == before:
            low = middle
        else:
            high = middle
    return [(since, high, before), (high, until, after)]


def _offset(zone: str, at: datetime) -> timedelta:
    return at.astimezone(ZoneInfo(zone)).utcoffset() or timedelta()
