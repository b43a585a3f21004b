"""How many clicked, replied and opted out in the hours after it was sent to them: for the chart and its table."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone

from sms.campaigns.report import numbers, words
from sms.campaigns.report.numbers import Figures
from sms.models import Campaign

SERIES = ("clicked", "replied", "opted_out")
# The chart ends at the first of these hours behind which nothing happened.
ENDS = (12, 24, 48, 72)


@dataclass(frozen=True)
class Value:
    """So many until this hour, and what share of those it was delivered to; `plain` is for programs."""

    count: int
    share: str
    plain: str


@dataclass(frozen=True)
class Hour:
    hour: int
    values: Sequence[Value]


@dataclass(frozen=True)
class Rates:
    """`hours` from 0 on, as far as time has gone; the chart is `end` hours wide."""

    names: Sequence[tuple[str, str]]
    hours: Sequence[Hour]
    end: int


def of(campaign: Campaign, figures: Figures) -> Rates | None:
    """None while it was delivered to nobody."""
    delivered = numbers.count(figures, "delivered")
    if not delivered:
        return None
    made: dict[str, list[int]] = figures.get("hours", {})
    busy = max((len(made.get(kind, ())) for kind in SERIES), default=0)
    end = next((hour for hour in ENDS if hour >= busy), ENDS[-1])
    gone = max(1, busy, min(end, _hours_gone(campaign)))
    return Rates(
        [(kind, words.result(kind, campaign)) for kind in SERIES],
        [
            Hour(hour, [_value(sum(made.get(kind, ())[:hour]), delivered) for kind in SERIES])
            for hour in range(min(gone, end) + 1)
        ],
        end,
    )


def _value(count: int, delivered: int) -> Value:
    share = 100 * count / delivered
    return Value(count, numbers.percent(share), f"{share:.4f}")


def _hours_gone(campaign: Campaign) -> int:
    began = max(filter(None, (campaign.started_at, campaign.starts_at)), default=timezone.now())
    return int((timezone.now() - began).total_seconds() // 3600)
