"""The figures of a campaign as its pages show them: how many, and of how many that is a share."""

from collections.abc import Mapping
from typing import Any

from django.utils.formats import number_format

from sms.campaigns import counts

# From everybody who was meant to get it to what came of it.
FUNNEL = (
    "planned", "submitted", "sent", "delivered", "clicked", "replied", "called", "qualified", "opted_out",
)  # fmt: skip
# What each is a share of.
SHARE_OF: dict[str, str] = {
    "planned": "all",
    "submitted": "planned",
    "sent": "submitted",
    "delivered": "submitted",
    "clicked": "delivered",
    "replied": "delivered",
    "called": "delivered",
    "qualified": "delivered",
    "opted_out": "delivered",
    "failed": "planned",
    "uncertain": "planned",
    "cancelled": "planned",
    "skipped": "all",
}
NBSP = "\u00a0"

Figures = Mapping[str, Any]


def count(figures: Figures, result: str) -> int:
    return counts.of_result(dict(figures), result)


def share(figures: Figures, result: str) -> float | None:
    """In percent; None where there is nobody that it could be a share of."""
    whole = count(figures, SHARE_OF[result])
    return 100 * count(figures, result) / whole if whole else None


def percent(value: float | None) -> str:
    """`32.8 %`, in French `32,8 %`; "" for None."""
    # `number_format` cuts off what does not fit; it does not round.
    return "" if value is None else f"{number_format(round(value, 1), 1)}{NBSP}%"
