"""When something is due, in words, in the reader's zone."""

import datetime

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

register = template.Library()
MINUTE, HOUR = 60, 3600


@register.filter
def due(value: datetime.datetime) -> str:
    """The day and the hour, short: `Today 14:05`, `Tomorrow 09:00`, `Thu 26 Nov 09:00`, with another year's year."""
    local, today = timezone.localtime(value), timezone.localdate()
    clock = date_format(local, "H:i")
    named = {0: _("Today"), 1: _("Tomorrow"), -1: _("Yesterday")}.get((local.date() - today).days)
    return f"{named or due_day(value)} {clock}"


@register.filter
def due_day(value: datetime.datetime) -> str:
    """`Thu 26 Nov`, with another year's year."""
    local = timezone.localtime(value)
    same = local.year == timezone.localdate().year
    written = pgettext("date format", "D j M") if same else pgettext("date format", "D j M Y")
    return str(date_format(local, written))


@register.filter
def until(value: datetime.datetime) -> str:
    """How far away: `in 20 min`, `in 3 h`, `in 2 days`; of what is overdue `20 min late`, `2 days late`."""
    seconds = (value - timezone.now()).total_seconds()
    days = (timezone.localdate(value) - timezone.localdate()).days
    away = abs(seconds)
    if days and (away >= 12 * HOUR):
        said = ngettext("in %(n)d day", "in %(n)d days", days) if days > 0 else ""
        said = said or ngettext("%(n)d day late", "%(n)d days late", -days)
        return said % {"n": abs(days)}
    if away < MINUTE:
        return pgettext("due", "now")
    if away < HOUR:
        said = _("in %(n)d min") if seconds > 0 else _("%(n)d min late")
        return said % {"n": away // MINUTE}
    said = _("in %(n)d h") if seconds > 0 else _("%(n)d h late")
    return said % {"n": away // HOUR}
