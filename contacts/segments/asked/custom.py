"""The fields that a team added: asked by what they hold. Values: contacts/custom.py."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import BooleanField, F, Func, Q, TextField, Value
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Coalesce
from django.db.models.lookups import Exact, GreaterThan, GreaterThanOrEqual, In, LessThan, LessThanOrEqual
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext, pgettext_lazy

from contacts import fields
from contacts.models import CustomField
from contacts.segments import wording
from contacts.segments.asked import text
from contacts.segments.asked.person import any_of
from contacts.segments.conditions import Condition, Editor, Group, Lead, Operator, Option, Phrase, Vocabulary
from contacts.segments.wording import Part, expand
from teams.models import Team

Kind = CustomField.Kind


def of_team(team: Team) -> Iterator[Condition]:
    for field in CustomField.objects.for_team(team):
        yield of_field(field)


def of_field(field: CustomField) -> Condition:
    make = _KINDS[field.kind]
    # Translators: a field of the team within a sentence, "whose Budget is over 3".
    noun = pgettext("whose", "%(label)s") % {"label": field.label}
    condition: Condition = make(
        fields.CUSTOM + field.key, field.label, Group.OWN, options=_choices(field), noun=noun
    )
    return condition


def _choices(field: CustomField) -> Any:
    def options(team: Team) -> Sequence[Option]:
        return [Option(choice, choice) for choice in field.choices]

    return options


@dataclass(frozen=True)
class _Own(Condition):
    @property
    def _key(self) -> str:
        return self.key.removeprefix(fields.CUSTOM)

    @property
    def _written(self) -> Coalesce:
        """The value as text; "" for none."""
        return Coalesce(KeyTextTransform(self._key, "custom"), Value(""), output_field=TextField())

    def _known(self, op: str) -> Q:
        return text.compared(self._written, op, None)


@dataclass(frozen=True)
class _Text(_Own):
    operators: tuple[Operator, ...] = text.OPERATORS

    def q(self, team: Team, op: str, value: Any, *, now: datetime, **extra: Any) -> Q:
        return text.compared(self._written, op, value)


# Comparisons of JSON path: another kind of value, left from before, fulfils none of them.
_PATHS = {"is": "@ == {0}", "over": "@ > {0}", "under": "@ < {0}", "between": "@ >= {0} && @ <= {1}"}


@dataclass(frozen=True)
class _Number(_Own):
    operators: tuple[Operator, ...] = (
        Operator("is", pgettext_lazy("number", "is"), Editor.NUMBER, _("%(field)s is %(value)s"), Lead.WHOSE),
        Operator("over", _("is over"), Editor.NUMBER, _("%(field)s is over %(value)s"), Lead.WHOSE),
        Operator("under", _("is under"), Editor.NUMBER, _("%(field)s is under %(value)s"), Lead.WHOSE),
        Operator("between", _("is between"), Editor.BETWEEN, _("%(field)s is between %(value)s"), Lead.WHOSE),
        *text.KNOWN,
    )

    def q(self, team: Team, op: str, value: Any, *, now: datetime, **extra: Any) -> Q:
        if op in ("known", "unknown"):
            return self._known(op)
        numbers = value if isinstance(value, list) else [value]
        # Keys are [a-z][a-z0-9_]*, numbers are numbers: nothing here was written by anybody.
        test = _PATHS[op].format(*(format(Decimal(str(number)), "f") for number in numbers))
        path = Value(f'$."{self._key}" ? ({test})')
        return Q(
            Func(
                F("custom"),
                path,
                template="jsonb_path_exists(%(expressions)s::jsonpath)",
                output_field=BooleanField(),
            )
        )


@dataclass(frozen=True)
class _Date(_Own):
    operators: tuple[Operator, ...] = (
        Operator("is", pgettext_lazy("day", "is"), Editor.DAY, _("%(field)s is %(value)s"), Lead.WHOSE),
        Operator("before", _("before"), Editor.DAY, _("%(field)s is %(when)s"), Lead.WHOSE),
        Operator("since", _("since"), Editor.DAY, _("%(field)s is %(when)s"), Lead.WHOSE),
        Operator("in_last", _("in the last"), Editor.DAYS, _("%(field)s is %(when)s"), Lead.WHOSE),
        Operator("in_next", _("in the next"), Editor.DAYS, _("%(field)s is %(when)s"), Lead.WHOSE),
        *text.KNOWN,
    )

    def q(self, team: Team, op: str, value: Any, *, now: datetime, **extra: Any) -> Q:
        """Days are compared as they are written: YYYY-MM-DD. Today is today where the team is."""
        if op in ("known", "unknown"):
            return self._known(op)
        written = self._written
        if op in ("in_last", "in_next"):
            today = now.astimezone(ZoneInfo(team.time_zone)).date()
            other = today + timedelta(days=-value if op == "in_last" else value)
            first, last = sorted([today.isoformat(), other.isoformat()])
            return Q(GreaterThanOrEqual(written, Value(first))) & Q(LessThanOrEqual(written, Value(last)))
        if op == "is":
            return Q(Exact(written, Value(value)))
        if op == "since":
            return Q(GreaterThanOrEqual(written, Value(value)))
        return Q(GreaterThan(written, Value(""))) & Q(LessThan(written, Value(value)))

    def phrase(self, op: str, value: Any, vocabulary: Vocabulary, place: str, **extra: Any) -> Phrase:
        if op not in ("before", "since", "in_last", "in_next"):
            return super().phrase(op, value, vocabulary, place, **extra)
        operator = self.operator(op)
        said = {"field": [Part(str(self.noun))], "when": wording.when(op, value, place=place)}
        return Phrase(operator.lead, expand(str(operator.says), said, place=place))


@dataclass(frozen=True)
class _YesNo(_Own):
    operators: tuple[Operator, ...] = (
        Operator("yes", pgettext_lazy("answer", "yes"), Editor.NOTHING, _("%(field)s is [yes]"), Lead.WHOSE),
        Operator("no", pgettext_lazy("answer", "no"), Editor.NOTHING, _("%(field)s is [no]"), Lead.WHOSE),
        *text.KNOWN,
    )

    def q(self, team: Team, op: str, value: Any, *, now: datetime, **extra: Any) -> Q:
        if op in ("known", "unknown"):
            return self._known(op)
        return Q(Exact(self._written, Value("true" if op == "yes" else "false")))


@dataclass(frozen=True)
class _Choice(_Own):
    operators: tuple[Operator, ...] = (*any_of(), *text.KNOWN)

    def q(self, team: Team, op: str, value: Any, *, now: datetime, **extra: Any) -> Q:
        if op in ("known", "unknown"):
            return self._known(op)
        found = Q(In(self._written, value))
        return found if op == "any" else ~found


_KINDS: dict[str, type[_Own]] = {
    Kind.TEXT: _Text,
    Kind.NUMBER: _Number,
    Kind.DATE: _Date,
    Kind.YES_NO: _YesNo,
    Kind.CHOICE: _Choice,
}
