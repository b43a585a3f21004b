"""Who belongs to a segment, as it is stored, sent and edited.

    {"match": "all" | "any", "conditions": [
        {"field": "tag", "op": "any", "value": [3]},
        {"match": "any", "conditions": [{"field": "clicked", "op": "in_last", "value": 14, "line": 2}, …]},
    ]}

One level of groups. What can stand in `field`, `op` and `value` is said by contacts/segments/conditions.py; a
condition may carry further keys of its own (`line`, `days`). No conditions at all is everybody.
"""

import dataclasses
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from contacts.segments.conditions import Unfit, Vocabulary
from teams.models import Team

# Conditions of one definition: each may be a look at millions of events.
MOST = 40

Json = Any
# The way to a condition: (2,), or (2, 1) in a group; () is the whole.
Path = tuple[int, ...]


@dataclass(frozen=True)
class Term:
    """One condition. `value` is None where its operator takes none."""

    field: str
    op: str
    value: Json = None
    extra: Mapping[str, Json] = dataclasses.field(default_factory=dict)

    def as_json(self) -> dict[str, Json]:
        made: dict[str, Json] = {"field": self.field, "op": self.op}
        if self.value is not None:
            made["value"] = self.value
        return made | {key: self.extra[key] for key in sorted(self.extra)}


@dataclass(frozen=True)
class Group:
    """Conditions of which every one holds, or at least one."""

    every: bool
    terms: tuple[Term, ...]

    def as_json(self) -> dict[str, Json]:
        return {"match": _match(self.every), "conditions": [term.as_json() for term in self.terms]}


@dataclass(frozen=True)
class Definition:
    every: bool = True
    items: tuple[Term | Group, ...] = ()

    def as_json(self) -> dict[str, Json]:
        return {"match": _match(self.every), "conditions": [item.as_json() for item in self.items]}

    def terms(self) -> Iterator[tuple[Path, Term]]:
        for number, item in enumerate(self.items):
            if isinstance(item, Term):
                yield (number,), item
            else:
                yield from (((number, inner), term) for inner, term in enumerate(item.terms))


@dataclass(frozen=True)
class Problem:
    path: Path
    message: str


class Wrong(Exception):
    """A definition that says nothing that can be looked for. `problems`: what, condition by condition."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("; ".join(problem.message for problem in problems))
        self.problems = problems

    def as_dict(self) -> dict[str, list[str]]:
        """{"conditions.2.1": [sentence, …]}; "definition" is the whole."""
        found: dict[str, list[str]] = {}
        for problem in self.problems:
            key = ".".join(["conditions", *map(str, problem.path)]) if problem.path else "definition"
            found.setdefault(key, []).append(problem.message)
        return found


def parse(data: Json, team: Team | None = None, *, vocabulary: Vocabulary | None = None) -> Definition:
    """The definition that `data` says. Raises Wrong, with a message for each condition that is not right.

    With a team (or its vocabulary) fields, operators, values and what they name are looked at as well, and
    values come out the way they are stored; without one only the form is.
    """
    problems: list[Problem] = []
    found = _read(data, problems)
    if vocabulary is None and team is not None:
        vocabulary = Vocabulary(team)
    if vocabulary is not None:
        found = _checked(found, vocabulary, problems)
    if problems:
        raise Wrong(problems)
    return found


def stored(
    data: Json, team: Team, *, vocabulary: Vocabulary | None = None
) -> tuple[Definition, list[Problem]]:
    """A definition as it can be shown and mended, with what is wrong about it by now. Never raises."""
    problems: list[Problem] = []
    found = _read(data, problems)
    _checked(found, vocabulary or Vocabulary(team), problems)
    return found, problems


def _match(every: bool) -> str:
    return "all" if every else "any"


def _read(data: Json, problems: list[Problem]) -> Definition:
    if not isinstance(data, dict):
        problems.append(Problem((), _("A definition is an object with “match” and “conditions”.")))
        return Definition()
    items: list[Term | Group] = []
    for number, each in enumerate(_conditions(data, (), problems)):
        if isinstance(each, dict) and "conditions" in each:
            inner = [
                _term(one, (number, place), problems)
                for place, one in enumerate(_conditions(each, (number,), problems))
            ]
            if not inner:
                problems.append(Problem((number,), _("This group is empty.")))
            items.append(Group(_every(each, (number,), problems), tuple(inner)))
        else:
            items.append(_term(each, (number,), problems))
    found = Definition(_every(data, (), problems), tuple(items))
    if sum(1 for _term_ in found.terms()) > MOST:
        problems.append(Problem((), _("At most %(count)d conditions.") % {"count": MOST}))
    return found


def _conditions(data: dict[str, Json], path: Path, problems: list[Problem]) -> list[Json]:
    given = data.get("conditions", [])
    if not isinstance(given, list):
        problems.append(Problem(path, _("“conditions” is a list.")))
        return []
    if unknown := sorted(set(data) - {"match", "conditions"}):
        problems.append(Problem(path, _("Unknown: %(keys)s.") % {"keys": ", ".join(map(str, unknown))[:100]}))
    # A definition of a million conditions is refused without being read.
    return given[: MOST + 1]


def _every(data: dict[str, Json], path: Path, problems: list[Problem]) -> bool:
    match = data.get("match", "all")
    if match not in ("all", "any"):
        problems.append(Problem(path, _("“match” is “all” or “any”.")))
    return bool(match != "any")


def _term(data: Json, path: Path, problems: list[Problem]) -> Term:
    if not isinstance(data, dict):
        problems.append(Problem(path, _("A condition is an object with “field”, “op” and “value”.")))
        return Term("", "")
    if "conditions" in data:
        problems.append(Problem(path, _("A group holds no other group.")))
    key, op = data.get("field"), data.get("op")
    extra = {
        str(each): data[each] for each in data if each not in ("field", "op", "value", "match", "conditions")
    }
    return Term(
        key if isinstance(key, str) else "", op if isinstance(op, str) else "", data.get("value"), extra
    )


def _checked(found: Definition, vocabulary: Vocabulary, problems: list[Problem]) -> Definition:
    """`found` with its values as they are stored; what is wrong is added to `problems`."""
    seen = {problem.path for problem in problems}

    def check(path: Path, term: Term) -> Term:
        if path in seen:
            return term
        try:
            return checked(term, vocabulary)
        except Unfit as error:
            problems.append(Problem(path, str(error)))
            return term

    items: list[Term | Group] = []
    for number, item in enumerate(found.items):
        if isinstance(item, Term):
            items.append(check((number,), item))
        else:
            terms = tuple(check((number, inner), term) for inner, term in enumerate(item.terms))
            items.append(Group(item.every, terms))
    return Definition(found.every, tuple(items))


def checked(term: Term, vocabulary: Vocabulary) -> Term:
    """`term` as it is stored. Raises Unfit with a sentence."""
    condition = vocabulary.condition(term.field)
    value = condition.clean(term.op, term.value, vocabulary)
    return Term(term.field, term.op, value, condition.clean_extra(term.op, term.extra, vocabulary))
