"""What a draft's lines bear, and when its last text would leave, in words: for the column beside the steps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from sms.campaigns import finish
from sms.campaigns.wizard.figures import Figures
from sms.models import Campaign, Line, LineRecipient
from sms.sending.budget import Day
from sms.sending.estimate import Finish
from teams.templatetags.ligne import moment, whole_day

# What ends so soon is not worth a time.
SOON = timedelta(minutes=10)


@dataclass(frozen=True)
class Use:
    """How much of a line's budgets is used: people this month, texts today. A budget of 0 is none."""

    line: Line
    month_used: int
    day_used: int

    @property
    def month_share(self) -> int:
        return min(100, 100 * self.month_used // max(1, self.line.month_budget))

    @property
    def day_share(self) -> int:
        return min(100, 100 * self.day_used // max(1, self.line.day_budget))


@dataclass(frozen=True)
class Forecast:
    """`finish` is None without lines, without people, and where those were not counted."""

    uses: list[Use]
    finish: Finish | None
    words: str

    @property
    def names(self) -> str:
        return ", ".join(_("“%(name)s”") % {"name": use.line.name} for use in self.uses)


def uses(lines: Sequence[Line]) -> list[Use]:
    """Of each line, in their order. One statement."""
    days = {line.pk: Day.of(line) for line in lines}
    months: set[date] = {day.month for day in days.values()}
    rows = LineRecipient.objects.filter(line__in=lines, month__in=months)
    used = {
        (line, month): count
        for line, month, count in rows.values_list("line", "month").annotate(count=Count("pk"))
    }
    return [
        Use(
            line,
            used.get((line.pk, days[line.pk].month), 0),
            line.sent_today if line.sent_on == days[line.pk].today else 0,
        )
        for line in lines
    ]


def of(campaign: Campaign, figures: Figures) -> Forecast:
    lines = list(campaign.lines.select_related("holder").order_by("name"))
    used = uses(lines)
    if not lines or not figures.receive:
        return Forecast(used, None, "")
    found = finish.of_draft(campaign, figures.receive)
    return Forecast(used, found, _words(campaign, lines, found, figures))


def _words(campaign: Campaign, lines: Sequence[Line], found: Finish, figures: Figures) -> str:
    """`At 80 texts a day this takes 13 working days, until Friday 11 December.`"""
    said = []
    if found.at is None:
        return _("Sending would never end: its hours never come, or its lines can't send anything.")
    if figures.capped:
        said.append(_("Counted for the first %(count)s people.") % {"count": intcomma(figures.receive)})
    said.append(_takes(lines, found, found.at))
    if found.left_out:
        said.append(
            ngettext(
                "%(count)s person will not be texted in time.",
                "%(count)s people will not be texted in time.",
                found.left_out,
            )
            % {"count": intcomma(found.left_out)}
        )
    return " ".join(said)


def _takes(lines: Sequence[Line], found: Finish, at: datetime) -> str:
    if at - timezone.now() < SOON and not found.left_out:
        return _("All of it leaves within minutes.")
    given = {"end": _end(at), "days": found.days}
    budget = sum(line.day_budget for line in lines)
    if found.limit == "day_budget" and all(line.day_budget for line in lines):
        said = ngettext(
            "At %(texts)s texts a day this takes %(days)d day, until %(end)s.",
            "At %(texts)s texts a day this takes %(days)d days, until %(end)s.",
            found.days,
        )
        return said % (given | {"texts": intcomma(budget)})
    if found.limit == "month_budget":
        return _("With the people a month that the lines allow, it takes until %(end)s.") % given
    if found.limit == "pace":
        return _("At this pace it takes until %(end)s.") % given
    if found.limit == "hours":
        return _("In these hours it takes until %(end)s.") % given
    return _("It takes until %(end)s.") % given


def _end(at: datetime) -> str:
    """A moment of today or tomorrow with its time; of a later day the day is enough."""
    day = timezone.localdate(at)
    return moment(at) if (day - timezone.localdate()).days < 2 else whole_day(day)
