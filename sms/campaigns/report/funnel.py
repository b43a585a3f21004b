"""The funnel: the line with its volume around it, as the path of a drawing, and a bar for each step on a phone."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from sms.campaigns.report import numbers, words
from sms.campaigns.report.numbers import FUNNEL, Figures
from sms.models import Campaign

# The drawing's own units: it is stretched to the width of its place.
WIDTH, HEIGHT, BEND = 1000.0, 72.0, 14.0


@dataclass(frozen=True)
class Step:
    """`share` is "98.2 %" or ""; `width` of its bar in percent of the planned."""

    result: str
    name: str
    count: int
    share: str
    width: str
    address: str


@dataclass(frozen=True)
class Funnel:
    steps: Sequence[Step]
    # Everybody of the audience, those left out included.
    everybody: int
    path: str


def of(campaign: Campaign, figures: Figures) -> Funnel:
    planned = numbers.count(figures, "planned")
    shares = [numbers.count(figures, result) / planned if planned else 0.0 for result in FUNNEL]
    steps = [
        Step(
            result,
            words.result(result, campaign),
            numbers.count(figures, result),
            numbers.percent(numbers.share(figures, result)) if result != "planned" else "",
            f"{100 * min(1.0, part):.1f}",
            people(campaign, result),
        )
        for result, part in zip(FUNNEL, shares, strict=True)
    ]
    return Funnel(steps, numbers.count(figures, "all"), path(shares))


def people(campaign: Campaign, result: str, name: str = "sms:campaign-people") -> str:
    """The address of the people behind a number."""
    return f"{reverse(name, args=[campaign.pk])}?{urlencode({'result': result})}"


def path(shares: Sequence[float]) -> str:
    """The volume, as wide at each step as its share, with soft bends in between."""
    middle = HEIGHT / 2
    heights = [middle * min(1.0, share) for share in shares]
    step = WIDTH / len(heights)
    upper, lower = [f"M0 {middle - heights[0]:.1f}"], [f"L0 {middle + heights[0]:.1f}Z"]
    for number, (here, after) in enumerate(zip(heights, heights[1:], strict=False), start=1):
        at = number * step
        begin, end = at - BEND, at + BEND
        upper.append(_bend(begin, at, end, middle - here, middle - after))
        lower.append(_bend(end, at, begin, middle + after, middle + here))
    upper.append(f"H{WIDTH:.0f}V{middle + heights[-1]:.1f}")
    return "".join(upper + lower[::-1])


def _bend(begin: float, at: float, end: float, here: float, after: float) -> str:
    return f"L{begin:.1f} {here:.1f}C{at:.1f} {here:.1f} {at:.1f} {after:.1f} {end:.1f} {after:.1f}"
