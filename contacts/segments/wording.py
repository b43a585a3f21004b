"""Sentences whose underlined parts are the controls.

A translatable template holds the words: `[…]` is underlined and leads to the control of its condition, `%(name)s`
takes a value. A value that is text is underlined too; one that is made of parts is put in as it is.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

# More names than these are counted, not listed.
NAMED = 4


@dataclass(frozen=True)
class Part:
    """Words of a sentence. `place` is the condition that they are the control of: "2", or "2-1" in a group."""

    text: str
    place: str = ""
    # It names something that is gone.
    gone: bool = False


Parts = Sequence[Part]


class Lead(Enum):
    """How a phrase follows the word "people"."""

    WITH = "with"  # "with tag X", "on the list Y": by itself
    WHOSE = "whose"  # "company is X": after "whose"
    WHO = "who"  # "have not opted out": after "who"


@dataclass(frozen=True)
class Phrase:
    lead: Lead
    parts: Parts


_MARK = re.compile(r"\[([^\]]*)\]|%\((\w+)\)s")


def expand(template: str, values: Mapping[str, str | Parts] | None = None, *, place: str = "") -> list[Part]:
    """The parts of `template` with `values` put in."""
    values = values or {}
    made: list[Part] = []
    at = 0
    for found in _MARK.finditer(template):
        made.append(Part(template[at : found.start()]))
        at = found.end()
        value = values.get(found[2], "") if found[2] else _inside(found[1], values)
        made += [Part(value, place)] if isinstance(value, str) else value
    made.append(Part(template[at:]))
    return [part for part in made if part.text]


def _inside(template: str, values: Mapping[str, str | Parts]) -> str:
    """Underlined words, which may hold values that are text."""
    return re.sub(r"%\((\w+)\)s", lambda found: plain(values.get(found[1], "")), template)


def plain(parts: str | Parts) -> str:
    return parts if isinstance(parts, str) else "".join(part.text for part in parts)


def gone(parts: Parts) -> list[Part]:
    """The same parts, with those that are underlined marked as naming something that is gone."""
    return [replace(part, gone=True) if part.place else part for part in parts]


def joined(phrases: Sequence[Parts], *, every: bool) -> list[Part]:
    """ "A, B and C", or "A, B or C"."""
    made = list(phrases[0]) if phrases else []
    for number, phrase in enumerate(phrases[1:], start=2):
        both: dict[str, str | Parts] = {"first": made, "last": phrase}
        if number < len(phrases):
            template = pgettext("phrases in a row", "%(first)s, %(last)s")
        elif every:
            template = pgettext("phrases in a row", "%(first)s and %(last)s")
        else:
            template = pgettext("phrases in a row", "%(first)s or %(last)s")
        made = expand(template, both)
    return made


def names(given: Sequence[str], *, every: bool = False) -> str:
    """ "A, B or C"; of many the first ones, and how many more there are."""
    shown = list(given) if len(given) <= NAMED else list(given[: NAMED - 1])
    if len(shown) < len(given):
        more = len(given) - len(shown)
        shown.append(ngettext("%(n)d other", "%(n)d others", more) % {"n": more})
    return plain(joined([[Part(name)] for name in shown], every=every))


def days_back(days: int, *, place: str) -> list[Part]:
    template = ngettext("in the last [day]", "in the last [%(n)s days]", days)
    return expand(template, {"n": str(days)}, place=place)


def days_ahead(days: int, *, place: str) -> list[Part]:
    template = ngettext("in the next [day]", "in the next [%(n)s days]", days)
    return expand(template, {"n": str(days)}, place=place)


def times(count: int, *, place: str) -> list[Part]:
    template = ngettext("at least [%(n)s time]", "at least [%(n)s times]", count)
    return expand(template, {"n": str(count)}, place=place)


def before(day: str, *, place: str) -> list[Part]:
    # Translators: %(day)s is a date.
    return expand(_("before %(day)s"), {"day": day}, place=place)


def since(day: str, *, place: str) -> list[Part]:
    # Translators: %(day)s is a date.
    return expand(_("since %(day)s"), {"day": day}, place=place)


def when(op: str, value: object, *, place: str) -> list[Part]:
    """ "in the last 14 days", "before 24/11/2026": the time that an operator and its value say."""
    try:
        match op:
            case "in_last" | "not_in_last":
                return days_back(int(str(value)), place=place)
            case "in_next":
                return days_ahead(int(str(value)), place=place)
            case "before":
                return before(_day(value), place=place)
            case "since":
                return since(_day(value), place=place)
            case _:
                return []
    except ValueError:
        # What was stored once and reads no longer as that.
        return [Part("…", place)]


def _day(value: object) -> str:
    return str(formats.date_format(date.fromisoformat(str(value)), "SHORT_DATE_FORMAT"))
