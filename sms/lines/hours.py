"""A window as a person fills it in: no hours of one's own, or from when to when on each day of the week.

A field of any form; `<c-hours :bound="form.window" />` draws it. Needs no script.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.dates import WEEKDAYS
from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from sms.sending.windows import COMMERCIAL_DEFAULT, COMMERCIAL_LIMIT, DAY, Span, Window

# As browsers send it; as people type it where the browser knows no times.
_TIME = re.compile(r"([01]?[0-9]|2[0-4])(?:\s*[:hH]\s*([0-5][0-9])?)?", re.ASCII)
# What a ValidationError of one day is marked with; its `params` say which.
_OF_A_DAY = "day"


@dataclass(frozen=True)
class TypedDay:
    """A day as the form shows it: "08:00"; midnight at its end is "00:00"."""

    is_open: bool
    begin: str
    end: str


@dataclass(frozen=True)
class Typed:
    """What was filled in. `chosen`: hours of one's own; the days stand there all the same."""

    chosen: bool
    days: tuple[TypedDay, ...]


@dataclass(frozen=True)
class Row:
    """A day with all that its row needs."""

    name: str  # of its checkbox; its times add -from and -to
    label: str
    typed: TypedDay
    error: str
    # What a browser may offer; "" where the law sets no limit.
    earliest: str
    latest: str
    # The law closes this day: there is nothing to fill in.
    shut_by_law: bool


class HoursWidget(forms.Widget):
    """Reads the controls that templates/components/hours.html draws."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Typed:
        days = (
            TypedDay(
                is_open=bool(data.get(f"{name}-{day}")),
                begin=str(data.get(f"{name}-{day}-from") or "").strip(),
                end=str(data.get(f"{name}-{day}-to") or "").strip(),
            )
            for day in range(7)
        )
        return Typed(chosen=data.get(name) == "chosen", days=tuple(days))

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:
        return name not in data


class HoursField(forms.Field):
    """Cleans to a window as it is stored (sms/sending/windows.py), None for no hours of one's own.

    `unset` says what counts then, `chosen` the other choice. `law`: hours of commercial texts, whose limits are fixed.
    `default` is offered where there is none.
    """

    widget = HoursWidget

    def __init__(
        self,
        *,
        unset: str | Promise,
        chosen: str | Promise = "",
        default: Window = COMMERCIAL_DEFAULT,
        law: bool = False,
        **given: Any,
    ) -> None:
        super().__init__(**{"required": False, **given})
        self.unset, self.chosen = unset, chosen or _("Only at these hours")
        self.default, self.law = default, law

    def prepare_value(self, value: Any) -> Typed:
        if isinstance(value, Typed):
            return value
        window = Window.parse(value) if value else self.default
        return Typed(chosen=bool(value), days=tuple(map(self._shown, window.days, self.default.days)))

    def _shown(self, span: Span | None, default: Span | None) -> TypedDay:
        # Times for whoever opens a day that is closed.
        begin, end = span or default or next(each for each in self.default.days if each)
        return TypedDay(span is not None, written(begin), written(end))

    def clean(self, value: Typed) -> list[list[int] | None] | None:
        if not value.chosen:
            return None
        days: list[Span | None] = []
        wrong = []
        for day, typed in enumerate(value.days):
            try:
                days.append(self._span(day, typed) if typed.is_open else None)
            except forms.ValidationError as error:
                wrong.append(forms.ValidationError(error.message, code=_OF_A_DAY, params={"day": day}))
        if wrong:
            raise forms.ValidationError(wrong)
        if not any(days):
            raise forms.ValidationError(_("Open at least one day."))
        return Window(tuple(days)).as_json()

    def _span(self, day: int, typed: TypedDay) -> Span:
        begin, end = minutes(typed.begin), minutes(typed.end)
        if begin is None or end is None:
            raise forms.ValidationError(gettext("Say from when to when, as 08:00 to 20:00."))
        # Until midnight.
        end = end or DAY
        if begin >= end:
            raise forms.ValidationError(gettext("It ends before it begins."))
        if self.law:
            limit = COMMERCIAL_LIMIT.days[day]
            if limit is None:
                raise forms.ValidationError(gettext("No commercial text may leave on a Sunday."))
            if begin < limit[0] or end > limit[1]:
                allowed = {"from": written(limit[0]), "to": written(limit[1])}
                raise forms.ValidationError(
                    gettext("Commercial texts may leave from %(from)s to %(to)s only.") % allowed
                )
        return begin, end

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> "BoundHours":
        return BoundHours(form, self, field_name)


class BoundHours(BoundField):
    """The field within a form, as its template needs it."""

    field: HoursField

    @property
    def typed(self) -> Typed:
        value: Typed = self.value()
        return value

    @property
    def rows(self) -> list[Row]:
        wrong = {
            error.params["day"]: str(error.message)
            for error in self._wrong()
            if error.params and error.code == _OF_A_DAY
        }
        return [self._row(day, typed, wrong.get(day, "")) for day, typed in enumerate(self.typed.days)]

    def _row(self, day: int, typed: TypedDay, error: str) -> Row:
        limit = COMMERCIAL_LIMIT.days[day] if self.field.law else None
        return Row(
            name=f"{self.html_name}-{day}",
            label=capfirst(str(WEEKDAYS[day])),
            typed=typed,
            error=error,
            earliest=written(limit[0]) if limit else "",
            latest=written(limit[1]) if limit else "",
            shut_by_law=self.field.law and limit is None,
        )

    @property
    def whole_error(self) -> str:
        """What is wrong with no day in particular."""
        return " ".join(str(error.message) for error in self._wrong() if error.code != _OF_A_DAY)

    def _wrong(self) -> list[forms.ValidationError]:
        return self.errors.as_data() if self.form.is_bound else []


def written(minute: int) -> str:
    """A minute of the day as a time field shows it: "08:00"; the day's last moment is "00:00"."""
    return f"{minute // 60 % 24:02}:{minute % 60:02}"


def minutes(typed: str) -> int | None:
    """Minutes since midnight of "08:00", "8h30", "8"; None for what is no time of day."""
    found = _TIME.fullmatch(typed)
    if found is None:
        return None
    minute = int(found[1]) * 60 + int(found[2] or 0)
    return minute if minute <= DAY else None
