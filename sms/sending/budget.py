"""What a SIM's plan bears: texts a day, people a month, where the phone is. Campaigns keep to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import connection
from django.utils import timezone

from sms.models import Line

# Columns of the statement that takes the lease, in the order of Budget.
COLUMNS = """day_budget, month_budget, sent_on, sent_today,
          CASE WHEN month_budget > 0 THEN (SELECT count(*) FROM sms_linerecipient r
               WHERE r.line_id = sms_line.id AND r.month = %(month)s) ELSE 0 END"""


@dataclass(frozen=True)
class Day:
    """A day of a line's phone."""

    today: date
    zone: ZoneInfo

    @classmethod
    def of(cls, line: Line) -> "Day":
        zone = ZoneInfo(line.time_zone)
        return cls(timezone.localdate(timezone=zone), zone)

    @property
    def month(self) -> date:
        return self.today.replace(day=1)

    def starts(self, day: date) -> datetime:
        return datetime.combine(day, time.min, self.zone)


@dataclass(frozen=True)
class Budget:
    """Both budgets (0 = none) and what is used of them."""

    day: Day
    day_budget: int
    month_budget: int
    sent_on: date | None
    sent_then: int
    month_used: int

    @property
    def sent_today(self) -> int:
        return self.sent_then if self.sent_on == self.day.today else 0

    def left(self, most: int) -> int:
        """How many texts of campaigns may leave now, `most` at most. A month that is full is full for everybody:
        looking for those who were texted already would read the whole queue each time.
        """
        if self.day_budget:
            most = min(most, max(0, self.day_budget - self.sent_today))
        if self.month_budget:
            most = min(most, max(0, self.month_budget - self.month_used))
        return most

    @property
    def spent(self) -> bool:
        return self.left(1) == 0

    @property
    def renewed(self) -> datetime:
        """When there is room again, for one that is spent."""
        if self.month_budget and self.month_used >= self.month_budget:
            return self.day.starts((self.day.month + timedelta(days=32)).replace(day=1))
        return self.day.starts(self.day.today + timedelta(days=1))


_SPEND = """
UPDATE sms_line SET sent_on = %(today)s,
    sent_today = CASE WHEN sent_on = %(today)s THEN sent_today ELSE 0 END + %(count)s
WHERE id = %(line)s
"""

_MEET = """
INSERT INTO sms_linerecipient (line_id, month, number)
SELECT DISTINCT %(line)s, %(month)s::date, number FROM unnest(%(numbers)s::text[]) AS n(number) ORDER BY number
ON CONFLICT DO NOTHING
"""

_GIVE_BACK = """
UPDATE sms_line SET sent_today = greatest(0, sent_today - %s) WHERE id = %s AND day_budget > 0
"""


def spend(line_id: int, budget: Budget, numbers: Sequence[str]) -> None:
    """Counts what is about to leave. A statement for each budget that the line has."""
    if not numbers:
        return
    with connection.cursor() as cursor:
        if budget.day_budget:
            cursor.execute(_SPEND, {"line": line_id, "today": budget.day.today, "count": len(numbers)})
        if budget.month_budget:
            cursor.execute(_MEET, {"line": line_id, "month": budget.day.month, "numbers": list(numbers)})


def give_back(line_id: int, count: int) -> None:
    """So many provably did not leave: they are in the queue once more."""
    if count:
        with connection.cursor() as cursor:
            cursor.execute(_GIVE_BACK, [count, line_id])
