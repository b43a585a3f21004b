"""The values of conditions: what a control or a program gives, what is stored, what is shown."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Any

from django.utils import formats
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts import custom
from contacts.segments.wording import names

LONGEST = 200  # characters of a text
MOST_DAYS = 3650
MOST_TIMES = 1000
MOST_CHOSEN = 200


class Unfit(ValueError):
    """A field, an operator or a value that a condition can't have. Says why in a sentence."""


class Editor(Enum):
    """The control of a value, and so its form."""

    NOTHING = "nothing"  # the operator says it all
    TEXT = "text"
    NUMBER = "number"
    BETWEEN = "between"  # [from, to], two numbers
    DAY = "day"  # "YYYY-MM-DD"
    DAYS = "days"  # a number of days
    TIMES = "times"  # how often
    SEVERAL = "several"  # [value, …] of the options
    ONE = "one"  # one of the options


@dataclass(frozen=True)
class Option:
    value: int | str
    label: str | Promise


def clean(editor: Editor, value: Any, options: Mapping[Any, Option]) -> Any:
    """`value` as it is stored. Raises Unfit with a sentence for the reader."""
    return _CLEANERS[editor](value, options)


def show(editor: Editor, value: Any, options: Mapping[Any, Option]) -> str:
    """For a reader, in the current language; never raises, whatever was stored once."""
    if value is None or editor is Editor.NOTHING:
        return "…" if editor is not Editor.NOTHING else ""
    try:
        return _shown(editor, value, options)
    except (TypeError, ValueError, OverflowError):
        return str(value)[:LONGEST]


def _shown(editor: Editor, value: Any, options: Mapping[Any, Option]) -> str:
    match editor:
        case Editor.SEVERAL:
            return names([name_of(each, options) for each in value]) or "…"
        case Editor.ONE:
            return name_of(value, options)
        case Editor.DAY:
            return str(formats.date_format(date.fromisoformat(value), "SHORT_DATE_FORMAT"))
        case Editor.NUMBER:
            return str(formats.localize(value, use_l10n=True))
        case Editor.BETWEEN:
            low, high = (str(formats.localize(each, use_l10n=True)) for each in value)
            # Translators: two numbers.
            return _("%(low)s and %(high)s") % {"low": low, "high": high}
        case _:
            return str(value)


def name_of(value: Any, options: Mapping[Any, Option]) -> str:
    """What an option is called; of one that is gone, that it is."""
    try:
        option = options.get(value)
    except TypeError:
        option = None
    return str(option.label) if option else _("something deleted")


def _nothing(value: Any) -> None:
    if value is not None:
        raise Unfit(_("Nothing is to be filled in here."))


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Unfit(_("Fill this in."))
    written = " ".join(value.split())
    if len(written) > LONGEST:
        raise Unfit(_("Longer than %(count)s characters.") % {"count": LONGEST})
    if "\0" in written or any("\ud800" <= each <= "\udfff" for each in written):
        raise Unfit(_("This holds characters that can't be stored."))
    return written


def _number(value: Any) -> int | float:
    if isinstance(value, str):
        try:
            return custom.number(value.strip()) if value.strip() else _missing(_("Give a number."))
        except ValueError as error:
            raise Unfit(str(error)) from None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Unfit(_("Give a number."))
    if not math.isfinite(value) or abs(value) > custom.LARGEST:
        raise Unfit(_("That number is too large."))
    return int(value) if value == int(value) else value


def _missing(message: str) -> Any:
    raise Unfit(message)


def _between(value: Any) -> list[int | float]:
    if not isinstance(value, list) or len(value) != 2:
        raise Unfit(_("Give two numbers."))
    low, high = (_number(each) for each in value)
    if low > high:
        raise Unfit(_("The first number is the smaller one."))
    return [low, high]


def _day(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Unfit(_("Give a day."))
    try:
        return custom.day(value.strip()).isoformat()
    except ValueError as error:
        raise Unfit(str(error)) from None


def _whole(value: Any, most: int, missing: str) -> int:
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit() and len(value) < 20:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise Unfit(missing)
    if not 1 <= value <= most:
        raise Unfit(_("A number from 1 to %(most)d.") % {"most": most})
    return value


def _several(value: Any, options: Mapping[Any, Option]) -> list[int | str]:
    if not isinstance(value, list) or not value:
        raise Unfit(_("Choose at least one."))
    if len(value) > MOST_CHOSEN:
        raise Unfit(_("At most %(count)d can be chosen.") % {"count": MOST_CHOSEN})
    chosen: list[int | str] = []
    lost = 0
    for each in value:
        found = _option(each, options)
        if found is None:
            lost += 1
        elif found not in chosen:
            chosen.append(found)
    if lost:
        raise Unfit(
            ngettext("One that is chosen here is gone.", "%(n)d that are chosen here are gone.", lost)
            % {"n": lost}
        )
    return chosen


def _option(value: Any, options: Mapping[Any, Option]) -> int | str | None:
    """The option's own value: a form gives "3" where 3 is meant."""
    if isinstance(value, bool) or not isinstance(value, int | str):
        return None
    if value in options:
        return options[value].value
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        return options[int(value)].value if int(value) in options else None
    return None


_CLEANERS: dict[Editor, Callable[[Any, Mapping[Any, Option]], Any]] = {
    Editor.NOTHING: lambda value, options: _nothing(value),
    Editor.TEXT: lambda value, options: _text(value),
    Editor.NUMBER: lambda value, options: _number(value),
    Editor.BETWEEN: lambda value, options: _between(value),
    Editor.DAY: lambda value, options: _day(value),
    Editor.DAYS: lambda value, options: _whole(value, MOST_DAYS, _("Give a number of days.")),
    Editor.TIMES: lambda value, options: _whole(value, MOST_TIMES, _("Give a number of times.")),
    Editor.SEVERAL: _several,
    Editor.ONE: lambda value, options: _several([value], options)[0],
}
