"""Hours as a person fills them in: what is stored, what is refused and where it is said."""

from typing import Any

import pytest
from django import forms
from django.http import QueryDict
from hypothesis import given
from hypothesis import strategies as st

from sms.lines.hours import HoursField, minutes, written
from sms.sending.windows import COMMERCIAL_DEFAULT, COMMERCIAL_LIMIT, Window, hours_of


class AnyForm(forms.Form):
    window = HoursField(label="Hours", unset="At any hour")


class LawForm(forms.Form):
    window = HoursField(label="Hours", unset="The usual ones", law=True)


def posted(days: dict[int, tuple[str, str]], *, chosen: bool = True) -> QueryDict:
    """As a browser sends it: times of closed days too, boxes only when they are ticked."""
    data = QueryDict(mutable=True)
    data["window"] = "chosen" if chosen else ""
    for day in range(7):
        begin, end = days.get(day, ("08:00", "20:00"))
        data[f"window-{day}-from"], data[f"window-{day}-to"] = begin, end
        if day in days:
            data[f"window-{day}"] = "on"
    return data


def stored(form: forms.Form) -> Any:
    assert form.is_valid(), form.errors
    return form.cleaned_data["window"]


def errors(form: forms.Form) -> dict[int, str]:
    assert not form.is_valid()
    return {day: row.error for day, row in enumerate(form["window"].rows) if row.error}  # type: ignore[attr-defined]


def test_ticked_days_are_open_and_the_others_closed() -> None:
    form = AnyForm(posted({0: ("08:00", "20:00"), 5: ("10:00", "18:30")}))
    assert stored(form) == [[480, 1200], None, None, None, None, [600, 1110], None]


def test_no_hours_of_its_own_is_none_whatever_the_days_say() -> None:
    assert stored(AnyForm(posted({0: ("08:00", "20:00")}, chosen=False))) is None
    # A program, or a page of before, that knows nothing of hours.
    assert stored(AnyForm({})) is None


def test_a_day_may_last_until_midnight() -> None:
    assert stored(AnyForm(posted({6: ("00:00", "00:00")})))[6] == [0, 1440]
    assert stored(AnyForm(posted({6: ("18:00", "24:00")})))[6] == [1080, 1440]


@pytest.mark.parametrize(
    ("typed", "minute"),
    [("08:00", 480), ("8:05", 485), ("8h30", 510), ("8 h 30", 510), ("8h", 480), ("8", 480), ("23:59", 1439),
     ("24:00", 1440), ("24:01", None), ("25:00", None), ("08:60", None), ("", None), ("midi", None), ("-1:00", None),
     ("08:00:00", None)],
)  # fmt: skip
def test_times_as_browsers_and_people_write_them(typed: str, minute: int | None) -> None:
    assert minutes(typed) == minute


@pytest.mark.parametrize(
    ("begin", "end", "says"),
    [
        ("20:00", "08:00", "It ends before it begins."),
        ("08:00", "08:00", "It ends before it begins."),
        ("", "20:00", "Say from when to when, as 08:00 to 20:00."),
        ("08:00", "late", "Say from when to when, as 08:00 to 20:00."),
    ],
)
def test_what_is_no_span_is_said_beside_its_day(begin: str, end: str, says: str) -> None:
    form = AnyForm(posted({1: ("08:00", "20:00"), 3: (begin, end)}))
    assert errors(form) == {3: says}
    # What was typed is still there.
    row = form["window"].rows[3]  # type: ignore[attr-defined]
    assert (row.typed.is_open, row.typed.begin, row.typed.end) == (True, begin, end)


def test_no_open_day_is_said_once() -> None:
    form = AnyForm(posted({}))
    assert errors(form) == {}
    assert form["window"].whole_error == "Open at least one day."  # type: ignore[attr-defined]


@pytest.mark.parametrize(("begin", "end"), [("07:59", "20:00"), ("08:00", "22:01"), ("08:00", "00:00")])
def test_hours_outside_the_law_are_refused_beside_their_day(begin: str, end: str) -> None:
    form = LawForm(posted({2: (begin, end)}))
    assert errors(form) == {2: "Commercial texts may leave from 08:00 to 22:00 only."}
    assert stored(AnyForm(posted({2: (begin, end)})))[2]


def test_the_law_closes_sundays() -> None:
    form = LawForm(posted({0: ("08:00", "20:00"), 6: ("10:00", "12:00")}))
    assert errors(form) == {6: "No commercial text may leave on a Sunday."}
    assert form["window"].rows[6].shut_by_law  # type: ignore[attr-defined]
    assert not AnyForm()["window"].rows[6].shut_by_law  # type: ignore[attr-defined]


times = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda each: each[0] < each[1])


@given(st.dictionaries(st.integers(0, 6), times, min_size=1))
def test_what_is_shown_is_stored_again(days: dict[int, tuple[int, int]]) -> None:
    window = [list(days[day]) if day in days else None for day in range(7)]
    shown = AnyForm(initial={"window": window})["window"].typed  # type: ignore[attr-defined]
    again = posted({day: (typed.begin, typed.end) for day, typed in enumerate(shown.days) if typed.is_open})
    assert shown.chosen
    assert stored(AnyForm(again)) == window


@given(st.dictionaries(st.integers(0, 6), times))
def test_whatever_the_law_form_takes_is_within_the_law(days: dict[int, tuple[int, int]]) -> None:
    form = LawForm(posted({day: (written(begin), written(end)) for day, (begin, end) in days.items()}))
    if form.is_valid():
        window = Window.parse(form.cleaned_data["window"])
        assert window & COMMERCIAL_LIMIT == window
        assert hours_of("commercial", own=window, team=None, lines=None).window == window


def test_days_without_hours_offer_the_usual_ones() -> None:
    shown = AnyForm()["window"].typed  # type: ignore[attr-defined]
    assert not shown.chosen
    assert [typed.is_open for typed in shown.days] == [True] * 6 + [False]
    assert (shown.days[5].begin, shown.days[5].end) == ("10:00", "18:00")
    assert all(typed.begin and typed.end for typed in shown.days)
    assert Window.parse(None) != COMMERCIAL_DEFAULT
