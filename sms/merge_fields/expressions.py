"""Fields, words and filters of a text, as functions of somebody's values."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from liquid.builtin.expressions import FilteredExpression
from liquid.builtin.expressions.arguments import PositionalArgument
from liquid.builtin.expressions.filtered import Filter as ReadFilter
from liquid.builtin.expressions.path import Path
from liquid.builtin.expressions.primitive import (
    Blank,
    FalseLiteral,
    FloatLiteral,
    IntegerLiteral,
    Nil,
    StringLiteral,
    TrueLiteral,
)
from liquid.builtin.expressions.primitive import Empty as EmptyWord
from liquid.expression import Expression

from sms.merge_fields import fields, filters, reading
from sms.merge_fields.filters import FILTERS, LONGEST
from sms.merge_fields.values import shown, tidy
from sms.merge_fields.wrong import Empty, Wrong


@dataclass(frozen=True)
class Missing:
    """What an empty field is: nothing in a condition, and not to be printed."""

    key: str


Value = Missing | str | int | float | bool | date | None
Values = Mapping[str, Any]
# What `assign` named.
Names = dict[str, Value]
Run = Callable[[Values, Names], Value]


@dataclass(frozen=True)
class Made:
    """An expression. `needs`: keys without which it cannot be printed; `sure`: there are no others."""

    run: Run
    needs: frozenset[str] = frozenset()
    sure: bool = True


def printed(value: Value, values: Values) -> str:
    """A value as it stands in the text. Raises Empty."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    if isinstance(value, Missing):
        raise Empty(value.key)
    return shown(value, language_of(values))


def language_of(values: Values) -> str:
    return str(values.get("language", "fr"))


class Reader:
    """Makes functions of what Liquid read, and notes which fields it names. Raises Wrong."""

    def __init__(self) -> None:
        self.fields: dict[str, None] = {}
        self.assigned: set[str] = set()

    def filtered(self, expression: Expression) -> Made:
        if not isinstance(expression, FilteredExpression):
            raise reading.unreadable(str(expression))
        made = self.simple(expression.left)
        for each in expression.filters or ():
            made = self._with_filter(made, each)
        return made

    def simple(self, expression: Expression) -> Made:
        """A field, a name or a word."""
        match expression:
            case Path():
                return self._path(expression)
            case TrueLiteral():
                return Made(lambda values, names: True)
            case FalseLiteral():
                return Made(lambda values, names: False)
            case Nil() | EmptyWord() | Blank():
                return Made(lambda values, names: None)
            case StringLiteral() | IntegerLiteral() | FloatLiteral():
                value: Value = expression.value
                return Made(lambda values, names: value)
        raise reading.unreadable(str(expression))

    def _path(self, path: Path) -> Made:
        parts = tuple(path.path)
        names = tuple(part for part in parts if isinstance(part, str))
        if len(names) < len(parts):
            raise reading.unreadable(str(path))
        if len(names) == 1 and names[0] in self.assigned:
            name = names[0]
            return Made(lambda _values, assigned: assigned.get(name), sure=False)
        key = fields.key_of(names)
        if key is None:
            raise _unknown(".".join(names))
        self.fields[key] = None
        return Made(_field(key), needs=frozenset({key}))

    def _with_filter(self, left: Made, read: ReadFilter) -> Made:
        if any(not isinstance(each, PositionalArgument) for each in read.args):
            raise reading.unreadable(str(read))
        arguments = [self.simple(each.value) for each in read.args]
        match read.name, arguments:
            case "default", [stand_in]:
                return _or_else(left, stand_in)
            case "date", [form]:
                return _as_date(left, form)
        return _through(left, read.name, arguments)


def _field(key: str) -> Run:
    """Reads a field; what is empty or blank is Missing."""
    *parents, name = fields.path_of(key)
    missing = Missing(key)
    first = parents[0]
    inner = parents[1] if len(parents) > 1 else ""

    def read(values: Values, _names: Names) -> Value:
        holder = values.get(first)
        if inner and holder is not None:
            holder = holder.get(inner)
        value = holder.get(name) if holder is not None else None
        if value.__class__ is str:
            if not value.isprintable() or "[" in value:
                value = tidy(value)
            return value if value and not value.isspace() else missing
        return value if isinstance(value, int | float | date) else missing

    return read


def _or_else(left: Made, stand_in: Made) -> Made:
    """`| default:`, for an empty field, nothing, false or no text."""
    run, other = left.run, stand_in.run

    def either(values: Values, names: Names) -> Value:
        value = run(values, names)
        empty = value is None or value is False or value == "" or isinstance(value, Missing)
        return other(values, names) if empty else value

    # The stand-in may be a field that is empty, too: only for those who need it.
    return Made(either, sure=left.sure and stand_in.sure and not stand_in.needs)


def _as_date(left: Made, form: Made) -> Made:
    run, after = left.run, form.run

    def write(values: Values, names: Names) -> Value:
        value, wanted = run(values, names), after(values, names)
        if isinstance(wanted, Missing):
            return wanted
        if not isinstance(value, date):
            return value
        return filters.write_date(value, printed(wanted, values), language_of(values))[:LONGEST]

    return Made(write, left.needs | form.needs, left.sure and form.sure)


def _through(left: Made, name: str, arguments: list[Made]) -> Made:
    known = FILTERS.get(name)
    if known is None:
        raise Wrong(_("There is no filter “%(word)s”.") % {"word": name})
    if not known.least <= len(arguments) <= known.most:
        raise Wrong(_("The filter “%(word)s” has too few or too many words behind it.") % {"word": name})
    call, run, rest = known.call, left.run, tuple(each.run for each in arguments)

    def through(values: Values, names: Names) -> Value:
        given = [run(values, names), *[each(values, names) for each in rest]]
        missing = next((each for each in given if isinstance(each, Missing)), None)
        return missing or call(*[printed(each, values) for each in given])[:LONGEST]

    needs = left.needs.union(*(each.needs for each in arguments))
    return Made(through, needs, left.sure and all(each.sure for each in arguments))


def _unknown(word: str) -> Wrong:
    if meant := fields.meant_by(word):
        said = _("There is no field “%(word)s”. Did you mean %(field)s?")
        return Wrong(said % {"word": word, "field": "{{ " + meant + " }}"})
    return Wrong(_("There is no field “%(word)s”.") % {"word": word})
