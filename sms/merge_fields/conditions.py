"""The conditions of a text, as functions of somebody's values. An empty field equals nothing, and nothing else."""

from collections.abc import Callable
from datetime import date

from django.utils.translation import gettext as _
from liquid.builtin.expressions import BooleanExpression
from liquid.builtin.expressions.logical import (
    ContainsExpression,
    EqExpression,
    GeExpression,
    GtExpression,
    LeExpression,
    LogicalAndExpression,
    LogicalOrExpression,
    LtExpression,
    NeExpression,
)
from liquid.expression import Expression

from sms.merge_fields.expressions import Missing, Names, Reader, Run, Value, Values
from sms.merge_fields.wrong import Wrong

Test = Callable[[Values, Names], bool]

# Conditions inside each other: each is a call within a call.
DEEPEST = 50


def test_of(reader: Reader, expression: Expression, depth: int = 0) -> Test:
    if depth > DEEPEST:
        raise Wrong(_("A condition is too long."))
    match expression:
        case BooleanExpression():
            return test_of(reader, expression.expression, depth + 1)
        case LogicalAndExpression():
            both = (test_of(reader, each, depth + 1) for each in (expression.left, expression.right))
            return _both(*both)
        case LogicalOrExpression():
            either = (test_of(reader, each, depth + 1) for each in (expression.left, expression.right))
            return _either(*either)
    for kind, compare in _COMPARISONS.items():
        if isinstance(expression, kind):
            return _compared(reader, expression, compare)
    run = reader.simple(expression).run
    return lambda values, names: _is_true(run(values, names))


def same(subject: Run, wanted: list[Run]) -> Test:
    """Whether what `case` names is one of what `when` names."""
    return lambda values, names: any(_equal(subject(values, names), each(values, names)) for each in wanted)


def _both(left: Test, right: Test) -> Test:
    return lambda values, names: left(values, names) and right(values, names)


def _either(left: Test, right: Test) -> Test:
    return lambda values, names: left(values, names) or right(values, names)


def _compared(reader: Reader, expression: Expression, compare: Callable[[Value, Value], bool]) -> Test:
    left, right = (reader.simple(each).run for each in expression.children())
    return lambda values, names: compare(left(values, names), right(values, names))


def _is_true(value: Value) -> bool:
    return not (value is None or value is False or isinstance(value, Missing))


def _is_empty(value: Value) -> bool:
    return value is None or isinstance(value, Missing) or (isinstance(value, str) and not value.strip())


def _equal(left: Value, right: Value) -> bool:
    if _is_empty(left) or _is_empty(right):
        return _is_empty(left) and _is_empty(right)
    if isinstance(left, bool) or isinstance(right, bool):
        return left is right
    return _plain(left) == _plain(right)


def _less(left: Value, right: Value) -> bool:
    """Of two numbers, or of two texts; days are texts such as "2026-12-31" here."""
    one, other = _plain(left), _plain(right)
    if isinstance(one, str) and isinstance(other, str):
        return one < other
    numbers = isinstance(one, int | float) and isinstance(other, int | float)
    return numbers and one < other  # type: ignore[operator]


def _contains(left: Value, right: Value) -> bool:
    one, other = _plain(left), _plain(right)
    return isinstance(one, str) and isinstance(other, str) and other in one


def _plain(value: Value) -> str | int | float | None:
    if isinstance(value, date):
        return value.isoformat()
    return None if value is None or isinstance(value, Missing | bool) else value


_COMPARISONS: dict[type[Expression], Callable[[Value, Value], bool]] = {
    EqExpression: _equal,
    NeExpression: lambda left, right: not _equal(left, right),
    LtExpression: _less,
    GtExpression: lambda left, right: _less(right, left),
    LeExpression: lambda left, right: _less(left, right) or _equal(left, right),
    GeExpression: lambda left, right: _less(right, left) or _equal(left, right),
    ContainsExpression: _contains,
}
