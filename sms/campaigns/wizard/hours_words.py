"""Hours as a sentence says them: "Monday to Friday 08:00–20:00, Saturday 10:00–18:00"."""

from itertools import groupby

from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext as _

from sms.lines.hours import written
from sms.models import Campaign, Line
from sms.sending.windows import ALWAYS, COMMERCIAL_DEFAULT, DAY, Hours, Span, Window, hours_of


def of_window(window: Window) -> str:
    """Days of the same hours together; those that are closed are not named."""
    said = []
    for span, days in groupby(range(7), lambda day: window.days[day]):
        if span is not None:
            said.append(f"{_days(list(days))} {_span(span)}")
    return ", ".join(said)


def of_campaign(campaign: Campaign, lines: list[Line]) -> str:
    """When its texts may leave, as a whole sentence; of several lines with hours of their own, those of each."""
    hours = {line.name: _hours(campaign, line) for line in lines} or {"": _hours(campaign, None)}
    if len(set(hours.values())) == 1:
        return _sentence(next(iter(hours.values())))
    said = [
        _("%(line)s: %(hours)s") % {"line": name, "hours": _sentence(each)} for name, each in hours.items()
    ]
    return " ".join(said)


def usual(campaign: Campaign) -> str:
    """What a campaign keeps that has no hours of its own."""
    if campaign.kind != Campaign.Kind.COMMERCIAL:
        return _("At any hour that its lines allow")
    stored = campaign.team.commercial_window
    window = COMMERCIAL_DEFAULT if stored is None else Window.parse(stored)
    return _("The usual hours: %(hours)s") % {"hours": of_window(window)}


def _hours(campaign: Campaign, line: Line | None) -> Hours:
    own, team, of_line = (
        None if stored is None else Window.parse(stored)
        for stored in (campaign.window, campaign.team.commercial_window, line.window if line else None)
    )
    return hours_of(campaign.kind, own=own, team=team, lines=of_line)


def _sentence(hours: Hours) -> str:
    if hours.window.is_empty:
        return _("Never, because its hours and those of its line do not overlap.")
    if hours.window == ALWAYS:
        return _("At any hour.")
    said = {"hours": of_window(hours.window)}
    if hours.holidays:
        return _("%(hours)s, not on public holidays, in each recipient's local time.") % said
    return _("%(hours)s, in each recipient's local time.") % said


def _days(days: list[int]) -> str:
    first, last = str(WEEKDAYS[days[0]]), str(WEEKDAYS[days[-1]])
    if len(days) == 1:
        return first
    return _("%(first)s to %(last)s") % {"first": first, "last": last}


def _span(span: Span) -> str:
    if span == (0, DAY):
        return _("all day")
    return f"{written(span[0])}–{written(span[1])}"
