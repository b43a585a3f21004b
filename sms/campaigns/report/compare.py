"""Campaigns side by side: the same figures of each, and which did best."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from sms.campaigns.report import file, numbers, words
from sms.campaigns.report.funnel import people
from sms.models import Campaign
from teams.models import Team

FEWEST, MOST = 2, 6
ROWS = (*numbers.FUNNEL, "failed", "uncertain", "skipped")
# Where more is better, and where less is. How far a campaign got is no merit.
MORE = frozenset({"delivered", "clicked", "replied", "called", "qualified"})
LESS = frozenset({"opted_out", "failed", "uncertain", "skipped"})


@dataclass(frozen=True)
class Cell:
    count: int
    share: float | None
    best: bool
    address: str

    @property
    def percent(self) -> str:
        return numbers.percent(self.share)


@dataclass(frozen=True)
class Line:
    result: str
    name: str
    cells: Sequence[Cell]


def chosen(team: Team, given: Iterable[str]) -> list[Campaign]:
    """Those of the team that were started, in the order given, each once. One statement."""
    ids = list(
        dict.fromkeys(int(each) for each in given if each.isascii() and each.isdigit() and len(each) < 19)
    )
    begun = (
        Campaign.objects.for_team(team)
        .exclude(state=Campaign.State.DRAFT)
        .select_related("team", "started_by")
    )
    found = begun.in_bulk(ids[: MOST + 1])
    return [found[pk] for pk in ids if pk in found]


def lines(campaigns: Sequence[Campaign]) -> list[Line]:
    return [_line(result, campaigns) for result in ROWS]


def _line(result: str, campaigns: Sequence[Campaign]) -> Line:
    shares = [numbers.share(each.counts, result) for each in campaigns]
    best = _best(result, shares)
    return Line(
        result,
        words.result(result, campaigns[0]),
        [
            Cell(
                numbers.count(campaign.counts, result),
                share,
                share is not None and round(share, 1) == best,
                people(campaign, result),
            )
            for campaign, share in zip(campaigns, shares, strict=True)
        ],
    )


def _best(result: str, shares: Sequence[float | None]) -> float | None:
    """As it is shown; None where nothing can be said: too few to compare, or all alike."""
    known = [round(share, 1) for share in shares if share is not None]
    if len(set(known)) < 2 or result not in MORE | LESS:
        return None
    return max(known) if result in MORE else min(known)


def as_file(campaigns: Sequence[Campaign], language: str) -> bytes:
    """The same as CSV: of each campaign a column of figures and one of shares."""
    head = [_("Figure")]
    for campaign in campaigns:
        head += [campaign.name, _("%(name)s, in percent") % {"name": campaign.name}]
    rows = [head]
    for line in lines(campaigns):
        cells = [line.name]
        for cell in line.cells:
            cells += [str(cell.count), cell.percent.removesuffix("%").rstrip(numbers.NBSP)]
        rows.append(cells)
    return (file.MARK + file.lines(rows, language)).encode()
