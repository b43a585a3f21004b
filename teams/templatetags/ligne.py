"""What every page writes the same way: times, people, links, icons and form controls.

Times are shown in the reader's zone (the active one) and language, on a 24-hour clock; the exact time stands in
the title. static/src/js/relative.js says the same in the browser: change both together.
"""

import datetime
import re
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django import template
from django.forms import BoundField, CheckboxInput, Select, Textarea
from django.template import Context
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

register = template.Library()

VENDOR = Path(__file__).resolve().parents[2] / "static" / "vendor"
MINUTE, HOUR, DAY = 60, 3600, 86400
NBSP = "\u00a0"
ADDRESS_IN_TEXT = re.compile(r"https?://[^\s<>\"]+", re.IGNORECASE)
# Points and brackets after an address belong to the sentence, not to the address.
AFTER_ADDRESS = ".,;:!?)]}'’»"
FIRST_OF_MONTH = re.compile(r"\b1 (?=[^\W\d_])")

Moment = datetime.datetime | None


def _today() -> datetime.date:
    return timezone.localtime().date()


def _dated(value: datetime.datetime | datetime.date, written: str) -> str:
    """A date in words; its format knows no "1er", which French says of the first of a month and of no other day."""
    first = pgettext("the first day of a month, before its name", "1")
    return FIRST_OF_MONTH.sub(f"{first} ", str(date_format(value, written)))


def _day_or_date(value: datetime.datetime) -> str:
    """`Mon` within the last six days, `12 Nov` within the year, else `12 Nov 2025`."""
    local, today = timezone.localtime(value), _today()
    days = (today - local.date()).days
    if 0 <= days < 7:
        return str(date_format(local, pgettext("date format", "D")))
    written = pgettext("date format", "j M") if local.year == today.year else pgettext("date format", "j M Y")
    return _dated(local, written)


@register.filter
def clock(value: Moment) -> str:
    """`14:05`"""
    return str(date_format(timezone.localtime(value), "H:i")) if value else ""


@register.filter
def hour(value: Moment) -> str:
    """The time of day within a sentence: `14:05`, in French `14 h 05`."""
    written = pgettext("time format within a sentence", "H:i")
    return str(date_format(timezone.localtime(value), written)) if value else ""


@register.filter
def ago(value: Moment) -> str:
    """When something happened, as short as it can be: `now`, `14 min`, `11:20`, `Mon`, `12 Nov`."""
    if not value:
        return ""
    seconds = (timezone.now() - value).total_seconds()
    if -MINUTE < seconds < MINUTE:
        return _("now")
    if 0 < seconds < HOUR:
        return _("%(n)d min") % {"n": seconds // MINUTE}
    if timezone.localtime(value).date() == _today():
        return clock(value)
    return _day_or_date(value)


@register.filter
def waited(value: Moment) -> str:
    """For how long someone waits: `now`, `14 min`, `3 h`, then the day it began: `Mon`, `12 Nov`."""
    if not value:
        return ""
    seconds = (timezone.now() - value).total_seconds()
    if HOUR <= seconds < DAY:
        return _("%(n)d h") % {"n": seconds // HOUR}
    if -MINUTE < seconds < MINUTE:
        return pgettext("for how long", "now")
    return ago(value) if seconds < HOUR else _day_or_date(value)


@register.filter
def day(value: datetime.datetime | datetime.date | None) -> str:
    """The day as a heading: `Today`, `Yesterday`, `Thursday 19 November`, with the year when it is another."""
    if not value:
        return ""
    date = timezone.localtime(value).date() if isinstance(value, datetime.datetime) else value
    today = _today()
    named = {0: _("Today"), 1: _("Yesterday"), -1: _("Tomorrow")}.get((today - date).days)
    return named or str(capfirst(whole_day(date)))


def whole_day(value: datetime.date) -> str:
    """`Thursday 19 November`, with the year when it is another; within a sentence."""
    return _dated(value, "l j F" if value.year == _today().year else "l j F Y")


@register.filter
def full_date(value: Moment) -> str:
    """`19 November 2026`; within a sentence."""
    return _dated(timezone.localtime(value), "j F Y") if value else ""


@register.filter
def moment(value: Moment) -> str:
    """A day and a time within a sentence: `today at 14:05`, `tomorrow at 09:00`, `Thursday 26 November at 09:00`."""
    if not value:
        return ""
    local = timezone.localtime(value)
    said = {"time": hour(value), "day": whole_day(local.date())}
    if local.date() == _today():
        return _("today at %(time)s") % said
    if local.date() - _today() == datetime.timedelta(days=1):
        return _("tomorrow at %(time)s") % said
    return _("%(day)s at %(time)s") % said


@register.filter
def exact(value: Moment) -> str:
    """The whole time, for a title: `Thursday 19 November 2026, 14:05:32`."""
    if not value:
        return ""
    return str(capfirst(_dated(timezone.localtime(value), "l j F Y, H:i:s")))


@register.filter
def duration(seconds: float | None) -> str:
    """A length of time: `22 s`, `4 min 12 s`, `1 h 05 min`; empty when it is not known."""
    if seconds is None:
        return ""
    whole = max(0, int(seconds))
    if whole < MINUTE:
        words = f"{whole} s"
    elif whole < HOUR:
        words = f"{whole // MINUTE} min" + (f" {whole % MINUTE} s" if whole % MINUTE else "")
    else:
        words = f"{whole // HOUR} h" + (
            f" {whole % HOUR // MINUTE:02d} min" if whole % HOUR >= MINUTE else ""
        )
    return words.replace(" ", NBSP)


@register.simple_tag
def when(value: Moment, style: str = "clock") -> SafeString:
    """A `<time>` written as `clock`, `ago` or `waited`; the last two are kept fresh by relative.js."""
    if not value:
        return SafeString("")
    written = {"clock": clock, "ago": ago, "waited": waited}[style](value)
    fresh = SafeString("") if style == "clock" else format_html(' data-relative="{}"', style)
    return format_html(
        '<time datetime="{}" title="{}"{}>{}</time>', value.isoformat(), exact(value), fresh, written
    )


@register.filter
def initials(name: object) -> str:
    """`Malik Oumar` → `MO`, `Le Berrigaud, Gaël` → `LG`, `ines@brehat.example` → `IN`; empty for nobody."""
    words = re.findall(r"[^\W\d_]+", str(name or "").split("@")[0])
    letters = words[0][:2] if len(words) == 1 else "".join(word[0] for word in words[:1] + words[-1:])
    return letters.upper()


@register.filter
def link_host(url: str | None) -> str:
    """An address as people say it: host and path, without scheme, `www.`, query or last slash."""
    if not url:
        return ""
    parts = urlsplit(url if "//" in url else f"//{url}")
    said = parts.netloc.rpartition("@")[2].removeprefix("www.") + parts.path.rstrip("/")
    return said if len(said) <= 60 else said[:59] + "…"


@register.filter
def linked(text: str | None) -> SafeString:
    """The text of a message with its http addresses as links and its line breaks kept; all else escaped."""
    if not text:
        return SafeString("")
    pieces, at = [], 0
    for found in ADDRESS_IN_TEXT.finditer(text):
        address = found.group().rstrip(AFTER_ADDRESS)
        pieces.append(escape(text[at : found.start()]))
        pieces.append(
            format_html(
                '<a href="{}" target="_blank" rel="nofollow noopener noreferrer">{}</a>',
                address,
                address.partition("://")[2],
            )
        )
        at = found.start() + len(address)
    pieces.append(escape(text[at:]))
    # Every piece is escaped above.
    return mark_safe("".join(pieces).replace("\r\n", "\n").replace("\n", "<br>"))  # noqa: S308


@cache
def _drawing(name: str) -> str:
    """The inside of a Lucide icon. Raises LookupError for one that `static/src/vendor.mjs` does not copy."""
    files = sorted(VENDOR.glob(f"lucide-*/{name}.svg")) if re.fullmatch(r"[a-z0-9-]+", name) else []
    if not files:
        raise LookupError(
            f"no icon {name!r}: add it to ICONS in static/src/vendor.mjs and run `npm run build`"
        )
    drawing = files[-1].read_text(encoding="utf-8")
    inside = drawing[drawing.index(">", drawing.index("<svg")) + 1 : drawing.rindex("</svg>")]
    return "".join(line.strip() for line in inside.splitlines())


@register.simple_tag
def icon(name: str, css: str = "", label: str = "") -> SafeString:
    """A Lucide icon: decoration unless `label` says what it means. `css` adds classes (i14, ink-err)."""
    means = format_html('role="img" aria-label="{0}"', label) if label else SafeString('aria-hidden="true"')
    return format_html(
        '<svg class="i {}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-linecap="round" '
        'stroke-linejoin="round" {}>{}{}</svg>',
        css,
        means,
        format_html("<title>{}</title>", label) if label else "",
        mark_safe(_drawing(name)),  # noqa: S308 - a file of ours
    )


@register.simple_tag
def control(field: BoundField, css: str = "", *, hint: bool = True, **attributes: Any) -> SafeString:
    """A form field's control in our clothes, tied to its hint and its error by `aria-describedby`.

    `hint=False` where the page does not show the field's help text.
    """
    widget = field.field.widget
    if isinstance(widget, CheckboxInput):
        kind = "checkbox"
    elif isinstance(widget, Select):
        kind = "select"
    else:
        kind = "textarea" if isinstance(widget, Textarea) else "input"
    # Django's own textarea is ten rows high.
    rows = {"rows": "3"} if kind == "textarea" and str(widget.attrs.get("rows")) == "10" else {}
    attrs = rows | {
        key.replace("_", "-"): value for key, value in attributes.items() if value not in ("", None, False)
    }
    attrs["class"] = " ".join(filter(None, [kind, css, widget.attrs.get("class", "")]))
    described = [f"{field.auto_id}_hint"] if hint and field.help_text else []
    described += [f"{field.auto_id}_error"] if field.errors else []
    if described:
        attrs["aria-describedby"] = " ".join(described)
    if field.errors:
        attrs["aria-invalid"] = "true"
    return field.as_widget(attrs=attrs)


@register.simple_tag(takes_context=True)
def current(context: Context, address: str, *but: str) -> SafeString:
    """`aria-current="page"` when the page shown is `address` or stands below it, and not below one of `but`."""
    request = context.get("request")
    path = request.path if request is not None else ""
    here = (
        bool(address) and path.startswith(address) and not any(each and path.startswith(each) for each in but)
    )
    return SafeString('aria-current="page"') if here else SafeString("")
