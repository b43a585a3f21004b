"""How many people a draft reaches: from those who match, through each reason to leave some out, to those who get it."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.contrib.humanize.templatetags.humanize import intcomma
from django.urls import reverse

from contacts.segments import find
from sms.campaigns import blockers
from sms.campaigns.wizard import wording
from sms.models import Campaign

# While somebody edits, people are counted up to here.
COUNTED = find.COUNTED
# In the address of people: everybody of the audience, left out or not.
ALL = "all"


@dataclass(frozen=True)
class Reason:
    code: str
    words: str
    count: int
    address: str


@dataclass(frozen=True)
class Figures:
    """`known` is False where counting takes too long; `capped`: "10,000+", and the figures are of so many."""

    known: bool = False
    capped: bool = False
    match: int = 0
    receive: int = 0
    reasons: list[Reason] = field(default_factory=list)

    @property
    def left_out(self) -> int:
        return self.match - self.receive

    @property
    def match_shown(self) -> str:
        return f"{intcomma(COUNTED)}+" if self.capped else str(intcomma(self.match))

    @property
    def receive_shown(self) -> str:
        """Of more than are counted, those among them are the fewest that it can be."""
        return f"{intcomma(min(self.receive, COUNTED))}+" if self.capped else str(intcomma(self.receive))


def of(campaign: Campaign, *, exact: bool = False) -> Figures:
    """`exact`: all of them, however many; that may take longer."""
    try:
        cap, seconds = (None, find.ASKED_S) if exact else (COUNTED, find.EDITING_S)
        found = blockers.counts(campaign, cap=cap, seconds=seconds)
    except find.TakesTooLong:
        return Figures()
    reasons = [
        Reason(code, wording.reason(code, campaign), count, people_address(campaign, code))
        for code, count in found.reasons.items()
    ]
    return Figures(True, found.capped, found.match, found.receive, reasons)


def people_address(campaign: Campaign, reason: str, **more: Any) -> str:
    """The page of the people left out for a reason; "" is those who get it, "all" everybody of the audience."""
    return f"{reverse('sms:campaign-left-out', args=[campaign.pk])}?{urlencode({'reason': reason, **more})}"
