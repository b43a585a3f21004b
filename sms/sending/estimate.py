"""When a campaign will have left: a day by day account of paces, hours and what the SIMs' plans bear. Pure.

It foresees what the sender does (claim.py, running.py): each line for itself, what stands in front of it first, a zone
after the other where several are open, a text each so many seconds, no more than a day and a month allow.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sms.sending.windows import ALWAYS, Hours, next_open, open_spans

# What takes longer is told as never.
HORIZON = timedelta(days=5 * 366)
# A limit that costs less is no limit worth telling.
NOTICED = timedelta(minutes=1)
_US = timedelta(microseconds=1)


@dataclass(frozen=True)
class Waiting:
    """People whose clocks show one zone, and when a text may leave to them."""

    zone: str
    count: int
    hours: Hours


@dataclass(frozen=True)
class LineLoad:
    """What a line has to send, with its limits; a budget of 0 is none."""

    name: str
    zone: str  # where the phone is: its days and months are the budgets'
    waiting: tuple[Waiting, ...]
    ahead: int  # texts that leave before these
    per_minute: float | None  # None: as fast as the gateway takes them
    day_budget: int
    sent_today: int
    month_budget: int
    month_used: int


@dataclass(frozen=True)
class Finish:
    """`at`: when the last text leaves, of those that will (now, when nobody waits); None: never, or not in five years.

    `left_out`: people who get none, since it expires before or their hours never come. `days`: on which it sends.
    `limit`: what makes it last: "pace", "day_budget", "month_budget", "hours", or "" for nothing of these.
    """

    at: datetime | None
    left_out: int
    days: int
    limit: str


@dataclass(frozen=True)
class _Run:
    """What becomes of one line's people."""

    last: datetime | None
    left: int
    days: frozenset[date]

    @property
    def lateness(self) -> tuple[int, datetime]:
        return self.left, self.last or datetime.min.replace(tzinfo=UTC)


def finish(
    now: datetime,
    loads: Sequence[LineLoad],
    *,
    expires_at: datetime | None = None,
    unlimited_per_minute: float = 600,
) -> Finish:
    """When everybody has their text, if all goes well, and what makes it last. `now` and `expires_at` are aware."""
    until = min(now + HORIZON, expires_at or now + HORIZON)

    def run(load: LineLoad) -> _Run:
        return _Line(load, now, until, unlimited_per_minute).run()

    runs = [(run(load), load) for load in loads if _people(load)]
    if not runs:
        return Finish(at=now, left_out=0, days=0, limit="")
    left = sum(each.left for each, _load in runs)
    slowest, load = max(runs, key=lambda each: each[0].lateness)
    sent = max((each.last for each, _load in runs if each.last), default=None)
    return Finish(
        at=sent if expires_at or not left else None,
        left_out=left,
        days=len({day for each, _load in runs for day in each.days}),
        limit=_limit(slowest, load, run),
    )


def _people(load: LineLoad) -> int:
    return sum(group.count for group in load.waiting)


def _limit(slowest: _Run, load: LineLoad, run: Callable[[LineLoad], _Run]) -> str:
    """What of its limits, lifted alone, would have the line done soonest."""
    always = tuple(replace(group, hours=Hours(ALWAYS, holidays=False)) for group in load.waiting)
    lifted = {
        "month_budget": replace(load, month_budget=0),
        "day_budget": replace(load, day_budget=0),
        "pace": replace(load, per_minute=None),
        "hours": replace(load, waiting=always),
    }
    best, limit = slowest.lateness, ""
    for name, changed in lifted.items():
        if changed != load and (lateness := run(changed).lateness) < best:
            best, limit = lateness, name
    if best[0] == slowest.left and slowest.last and slowest.last - best[1] < NOTICED:
        return ""
    return limit


class _Line:
    """One line's account, from text to text."""

    def __init__(self, load: LineLoad, now: datetime, until: datetime, unlimited_per_minute: float) -> None:
        self._load = load
        self._zone = ZoneInfo(load.zone)
        self._at, self._until = now.astimezone(UTC), until.astimezone(UTC)
        self._step = max(_US, timedelta(seconds=60 / (load.per_minute or unlimited_per_minute)))
        self._ahead = load.ahead
        self._left = [group.count for group in load.waiting]
        self._last: datetime | None = None
        self._days: set[date] = set()
        # The budgets' day, and what is left of each; None for no budget.
        self._day = self._at.astimezone(self._zone).date()
        self._today = max(0, load.day_budget - load.sent_today) if load.day_budget else None
        self._month = max(0, load.month_budget - load.month_used) if load.month_budget else None

    def run(self) -> _Run:
        while any(self._left) and self._at < self._until:
            self._renew()
            if (room := self._room()) == 0:
                self._at = self._next_budget()
            elif (turn := self._turn()) is None:
                break
            else:
                self._send(*turn, room)
        return _Run(self._last, sum(self._left), frozenset(self._days))

    def _renew(self) -> None:
        day = self._at.astimezone(self._zone).date()
        if day != self._day:
            self._today = self._load.day_budget or None
            if (day.year, day.month) != (self._day.year, self._day.month):
                self._month = self._load.month_budget or None
            self._day = day

    def _room(self) -> int | None:
        return min((each for each in (self._today, self._month) if each is not None), default=None)

    def _next_budget(self) -> datetime:
        if self._month == 0:
            return self._starts((self._day.replace(day=1) + timedelta(days=32)).replace(day=1))
        return self._starts(self._day + timedelta(days=1))

    def _starts(self, day: date) -> datetime:
        return datetime.combine(day, time.min, self._zone).astimezone(UTC)

    def _turn(self) -> tuple[int, datetime] | None:
        """The first group that is open, and until when it is its turn. Time passes until there is one; None: never."""
        while self._at < self._until:
            until = min(self._until, self._starts(self._day + timedelta(days=1)))
            for index, group in enumerate(self._load.waiting):
                span = (
                    next(open_spans(group.hours, self._at, until, group.zone), None)
                    if self._left[index]
                    else None
                )
                if span is not None and span[0] == self._at:
                    return index, span[1]
                if span is not None:
                    # It goes first from then on.
                    until = span[0]
            opens = self._opens()
            if opens is None:
                return None
            self._at = opens
            self._renew()
        return None

    def _opens(self) -> datetime | None:
        waiting = zip(self._load.waiting, self._left, strict=True)
        opens = (next_open(group.hours, self._at, group.zone) for group, left in waiting if left)
        return min((each for each in opens if each), default=None)

    def _send(self, index: int, until: datetime, room: int | None) -> None:
        """Until its turn is over, the budget is used or nobody waits: what is ahead, then the group's people."""
        fit = -((self._at - until) // self._step)
        if room is not None:
            fit = min(fit, room)
        ahead = min(fit, self._ahead)
        ours = min(fit - ahead, self._left[index])
        count = ahead + ours
        if ours:
            self._last = self._at + (count - 1) * self._step
            self._days.add(self._day)
        self._at += count * self._step
        self._ahead -= ahead
        self._left[index] -= ours
        self._today = None if self._today is None else self._today - count
        self._month = None if self._month is None else self._month - count
