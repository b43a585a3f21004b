"""What the report of a campaign shows beside its funnel: who was left out and why, and the ways to its people."""

from dataclasses import dataclass

from django.contrib.humanize.templatetags.humanize import intcomma

from sms.campaigns import blockers
from sms.campaigns.report import numbers, recipients, words
from sms.campaigns.report.funnel import people
from sms.campaigns.report.numbers import Figures
from sms.models import Campaign

# The filters above the people, in their order.
PICKS = ("planned", "clicked_not_called", "replied", "failed", "uncertain", "waiting", "cancelled", "skipped")
# What the figures don't hold is counted up to here.
COUNTED = 1000
_HELD = frozenset({"all", "waiting", *numbers.SHARE_OF})


@dataclass(frozen=True)
class Reason:
    code: str
    words: str
    count: int
    address: str


@dataclass(frozen=True)
class Pick:
    """`count` as it is shown: "241", "1,000+", or "" where nobody counted."""

    result: str
    name: str
    count: str
    address: str
    on: bool


def left_out(campaign: Campaign, figures: Figures) -> list[Reason]:
    """In the order in which the reasons are told everywhere."""
    order = list(blockers.REASONS)
    codes = [key.removeprefix("skipped:") for key in figures.get("states", {}) if key.startswith("skipped:")]
    codes.sort(key=lambda code: (order.index(code) if code in order else len(order), code))
    return [
        Reason(
            code,
            words.reason(code, campaign),
            numbers.count(figures, f"skipped:{code}"),
            people(campaign, f"skipped:{code}"),
        )
        for code in codes
    ]


def picks(campaign: Campaign, figures: Figures, current: str) -> list[Pick]:
    """Those behind whom somebody is, and the one that is chosen. One statement at most."""
    found = []
    # One that is not among them stands in front, where it is seen on a phone.
    for result in PICKS if current in PICKS else (PICKS[0], current, *PICKS[1:]):
        count = counted(campaign, figures, result)
        if count not in ("", "0") or result in ("planned", current):
            name = words.EVERYONE if result == "planned" else words.result(result, campaign)
            found.append(Pick(result, str(name), count, people(campaign, result), result == current))
    return found


def counted(campaign: Campaign, figures: Figures, result: str) -> str:
    """How many have a result, as it is shown; "" for one that the figures don't hold. One statement at most."""
    if result in _HELD or result.startswith("skipped:"):
        return str(intcomma(numbers.count(figures, result)))
    if result != "clicked_not_called":
        return ""
    clicked = numbers.count(figures, "clicked")
    if clicked and numbers.count(figures, "called"):
        clicked = recipients.count(campaign, result, COUNTED)
        return f"{intcomma(COUNTED)}+" if clicked > COUNTED else str(intcomma(clicked))
    return str(intcomma(clicked))
