"""The list of a team's campaigns, newest first, a page at a time. Figures are those kept on each row."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sms.campaigns.report import numbers
from sms.models import Campaign
from teams.models import Team

State = Campaign.State
PAGE = 30

FILTERS: dict[str, tuple[Promise, tuple[str, ...]]] = {
    "": (pgettext_lazy("campaigns", "All"), ()),
    "draft": (_("Drafts"), (State.DRAFT,)),
    "alive": (_("Under way"), (State.SCHEDULED, State.RUNNING, State.PAUSED)),
    "ended": (pgettext_lazy("campaigns", "Ended"), (State.FINISHED, State.CANCELLED)),
}
# The rates of a row, as the list's columns.
RATES = ("delivered", "clicked", "replied", "opted_out")


@dataclass(frozen=True)
class Row:
    """`done` of `planned` people had their turn. `rates` as "32.8 %", "" where there is none."""

    campaign: Campaign
    address: str
    planned: int
    done: int
    rates: Sequence[str]

    @property
    def begun(self) -> bool:
        return self.campaign.state != State.DRAFT


@dataclass(frozen=True)
class Page:
    """`next`: the last one's id, before which the following page begins; None at the end."""

    rows: Sequence[Row]
    next: int | None = None


def page(team: Team, state: str = "", *, before: int | None = None, size: int = PAGE) -> Page:
    """One statement. `state`: a key of FILTERS."""
    found: QuerySet[Campaign] = Campaign.objects.for_team(team)
    if among := FILTERS[state][1]:
        found = found.filter(state__in=among)
    if before is not None:
        found = found.filter(pk__lt=before)
    found = (
        found.select_related("started_by", "created_by").defer("audience", "text", "zones").order_by("-pk")
    )
    shown = list(found[: size + 1])
    return Page([_row(each) for each in shown[:size]], shown[size - 1].pk if len(shown) > size else None)


def _row(campaign: Campaign) -> Row:
    figures = campaign.counts
    planned = numbers.count(figures, "planned")
    rest = numbers.count(figures, "waiting") + numbers.count(figures, "cancelled")
    draft = campaign.state == State.DRAFT
    return Row(
        campaign,
        reverse("sms:campaign-audience" if draft else "sms:campaign", args=[campaign.pk]),
        planned,
        planned - rest,
        [numbers.percent(numbers.share(figures, result)) for result in RATES],
    )


def running(team: Team, most: int) -> int:
    """How many run at this moment, at most `most`."""
    return Campaign.objects.for_team(team).filter(state=State.RUNNING).order_by()[:most].count()
