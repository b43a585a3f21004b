"""What happened with people, as segments ask for it: texts, clicks, calls, silence."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, Model, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contacts.segments import wording
from contacts.segments.asked.times import start_of
from contacts.segments.conditions import (
    Condition,
    Editor,
    Extra,
    Group,
    Operator,
    Option,
    Phrase,
    Vocabulary,
    Words,
    register,
)
from contacts.segments.wording import Part, Parts, expand
from sms.models import Call, Click, Conversation, Line, Message
from teams.models import Team


def _lines(team: Team) -> Sequence[Option]:
    return [Option(*row) for row in Line.objects.for_team(team).order_by("name").values_list("pk", "name")]


_VIA = ("line",)
_WHEN = (
    Operator("in_last", _("in the last"), Editor.DAYS, extras=_VIA),
    Operator("not_in_last", _("not in the last"), Editor.DAYS, extras=_VIA),
    Operator("before", _("before"), Editor.DAY, extras=_VIA),
    Operator("since", _("since"), Editor.DAY, extras=_VIA),
    Operator("ever", _("ever"), Editor.NOTHING, extras=_VIA),
    Operator("never", _("never"), Editor.NOTHING, extras=_VIA),
    Operator("at_least", _("at least so often"), Editor.TIMES, extras=("days", "line")),
)
_EXTRAS = (
    Extra("days", _("in the last days"), Editor.DAYS),
    Extra("line", _("through the line"), Editor.ONE, options=_lines),
)


def _happened(model: type[Model], rows: Q) -> Q:
    """One of `rows` is of the person. The person is of the team, and so are the rows: asking for the team once more
    would make the database read each row beside its index.
    """
    return Q(Exists(model._default_manager.filter(rows, contact=OuterRef("pk"))))


@dataclass(frozen=True)
class Happening(Condition):
    """Rows of a timeline table, one for each time that it happened."""

    operators: tuple[Operator, ...] = _WHEN
    extras: tuple[Extra, ...] = _EXTRAS
    model: type[Model] = Message
    # Which rows of it.
    rows: Q = field(default_factory=Q)
    # "clicked a link", "have not clicked a link", "have never clicked a link".
    did: Words = ""
    did_not: Words = ""
    never: Words = ""

    def q(self, team: Team, op: str, value: Any, *, now: datetime, **extra: Any) -> Q:
        rows = self.rows
        if "line" in extra:
            rows &= Q(line=extra["line"])
        if op == "at_least":
            return self._often(rows & Q(team=team), value, now=now, **extra)
        if op in ("in_last", "not_in_last"):
            rows &= Q(happened_at__gte=now - timedelta(days=value))
        elif op == "before":
            rows &= Q(happened_at__lt=start_of(value, team))
        elif op == "since":
            rows &= Q(happened_at__gte=start_of(value, team))
        found = _happened(self.model, rows)
        return ~found if op in ("not_in_last", "never") else found

    def _often(self, rows: Q, times: int, *, now: datetime, days: int | None = None, **extra: Any) -> Q:
        if days is not None:
            rows &= Q(happened_at__gte=now - timedelta(days=days))
        counted = self.model._default_manager.filter(rows).exclude(contact=None).order_by().values("contact")
        return Q(pk__in=counted.annotate(times=Count("pk")).filter(times__gte=times).values("contact"))

    def phrase(self, op: str, value: Any, vocabulary: Vocabulary, place: str, **extra: Any) -> Phrase:
        operator = self.operator(op)
        what = {"not_in_last": self.did_not, "never": self.never}.get(op, self.did)
        said: list[Parts] = [expand(str(what), place=place)]
        if op == "at_least":
            said.append(wording.times(value if isinstance(value, int) else 1, place=place))
            if isinstance(extra.get("days"), int):
                said.append(wording.when("in_last", extra["days"], place=place))
        else:
            said.append(wording.when(op, value, place=place))
        if "line" in extra:
            said.append(self._through(extra["line"], vocabulary, place))
        return Phrase(operator.lead, _spaced(said))

    def _through(self, line: Any, vocabulary: Vocabulary, place: str) -> Parts:
        options = vocabulary.choices(_lines)
        known = isinstance(line, int) and line in options
        name = str(options[line].label) if known else str(_("something deleted"))
        # Translators: %(line)s is the name of a line, at the end of "clicked a link in the last 14 days".
        return expand(str(_("through %(line)s")), {"line": name}, place=place)


def _spaced(said: Sequence[Parts]) -> list[Part]:
    """One after the other: what, how often, when, through what. The same order in English and French."""
    made: list[Part] = []
    for parts in said:
        if parts:
            made += [Part(" "), *parts] if made else parts
    return made


# A click that a robot may have made says nothing of a person.
_OPENED = Q(doubtful=False)
_THEIRS = Q(direction=Message.Direction.IN)
_OURS = Q(direction=Message.Direction.OUT)
# It left, or it may have: whoever must not be texted twice in a fortnight is left alone in doubt.
_LEFT = _OURS & Q(
    state__in=[
        Message.State.SENDING,
        Message.State.SUBMITTED,
        Message.State.SENT,
        Message.State.DELIVERED,
        Message.State.UNCERTAIN,
    ]
)
_SPOKE = Q(duration_s__gt=0) & ~Q(direction=Call.Direction.MISSED)
_MISSED = Q(direction=Call.Direction.MISSED)
# They did something, or spoke with us.
_FROM_THEM: tuple[tuple[type[Model], Q], ...] = (
    (Message, _THEIRS),
    (Call, Q(direction__in=[Call.Direction.INCOMING, Call.Direction.MISSED]) | _SPOKE),
    (Click, _OPENED),
)


@dataclass(frozen=True)
class Silent(Condition):
    """Nothing came from them: no text, no call, no click. Whoever never said anything is silent, too."""

    operators: tuple[Operator, ...] = (
        Operator("in_last", _("for at least"), Editor.DAYS, _("were not heard from %(when)s")),
        Operator("ever", _("ever since"), Editor.NOTHING, _("were [never heard from]")),
        Operator("not_in_last", _("not: heard from in the last"), Editor.DAYS, _("were heard from %(when)s")),
    )

    def q(self, team: Team, op: str, value: Any, *, now: datetime, **extra: Any) -> Q:
        heard = []
        for model, rows in _FROM_THEM:
            if op != "ever":
                rows = rows & Q(happened_at__gte=now - timedelta(days=value))
            heard.append(_happened(model, rows))
        # Each denied by itself: the database joins against what is missing, which it does not do for NOT (… OR …).
        first, *others = heard if op == "not_in_last" else [~each for each in heard]
        for each in others:
            first = first | each if op == "not_in_last" else first & each
        return first

    def phrase(self, op: str, value: Any, vocabulary: Vocabulary, place: str, **extra: Any) -> Phrase:
        operator = self.operator(op)
        when = wording.when(op, value, place=place)
        return Phrase(operator.lead, expand(str(operator.says), {"when": when}, place=place))


@dataclass(frozen=True)
class LastEvent(Condition):
    """When anything happened with them last, either way: what the inbox goes by."""

    operators: tuple[Operator, ...] = (
        Operator("in_last", _("in the last"), Editor.DAYS, _("had [their last event] %(when)s")),
        Operator("not_in_last", _("not in the last"), Editor.DAYS, _("had [no event] %(when)s")),
        Operator("before", _("before"), Editor.DAY, _("had [their last event] %(when)s")),
        Operator("since", _("since"), Editor.DAY, _("had [their last event] %(when)s")),
        Operator("never", _("never"), Editor.NOTHING, _("had [no event at all]")),
    )

    def q(self, team: Team, op: str, value: Any, *, now: datetime, **extra: Any) -> Q:
        rows = Q()
        if op in ("in_last", "not_in_last"):
            rows &= Q(last_at__gte=now - timedelta(days=value))
        elif op == "before":
            rows &= Q(last_at__lt=start_of(value, team))
        elif op == "since":
            rows &= Q(last_at__gte=start_of(value, team))
        found = _happened(Conversation, rows)
        return ~found if op in ("not_in_last", "never") else found

    def phrase(self, op: str, value: Any, vocabulary: Vocabulary, place: str, **extra: Any) -> Phrase:
        operator = self.operator(op)
        when = wording.when(op, value, place=place)
        return Phrase(operator.lead, expand(str(operator.says), {"when": when}, place=place))


CONDITIONS: tuple[Condition, ...] = (
    Happening(
        "texted",
        _("We texted them"),
        Group.HAPPENED,
        model=Message,
        rows=_LEFT,
        did=_("[were texted]"),
        did_not=_("[were not texted]"),
        never=_("[were never texted]"),
    ),
    Happening(
        "delivered",
        _("A text was delivered"),
        Group.HAPPENED,
        model=Message,
        rows=_OURS & Q(state=Message.State.DELIVERED),
        did=_("[received a text]"),
        did_not=_("[received no text]"),
        never=_("[never received a text]"),
    ),
    Happening(
        "clicked",
        _("Clicked a link"),
        Group.HAPPENED,
        model=Click,
        rows=_OPENED,
        did=_("[clicked a link]"),
        did_not=_("[clicked no link]"),
        never=_("[never clicked a link]"),
    ),
    Happening(
        "replied",
        _("Replied"),
        Group.HAPPENED,
        model=Message,
        rows=_THEIRS,
        did=_("[replied]"),
        did_not=_("[did not reply]"),
        never=_("[never replied]"),
    ),
    Happening(
        "called",
        _("Spoke on the phone"),
        Group.HAPPENED,
        model=Call,
        rows=_SPOKE,
        did=_("[spoke on the phone]"),
        did_not=_("[did not speak on the phone]"),
        never=_("[never spoke on the phone]"),
    ),
    Happening(
        "missed",
        _("Missed call"),
        Group.HAPPENED,
        model=Call,
        rows=_MISSED,
        did=_("[left a missed call]"),
        did_not=_("[left no missed call]"),
        never=_("[never left a missed call]"),
    ),
    Silent("silent", _("Silent"), Group.HAPPENED),
    LastEvent("last_event", pgettext_lazy("segment", "Last event"), Group.HAPPENED),
)


def register_all() -> None:
    register(*CONDITIONS)
