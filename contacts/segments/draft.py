"""A definition while somebody edits it: what a form gives, whether it is finished or not.

The form names its conditions by place: "0", "1", and "1-0" within the group "1". A hidden `row` stands for each
condition, in order, and a hidden `group` for each group; the controls of a condition are `<place>-field`, `-op`,
`-value` (as often as it has values) and those of its extras. `<place>-was` says which control the value was given
in: one that was meant for another control is dropped.
"""

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict
from django.utils.translation import pgettext

from contacts.segments import definition
from contacts.segments.conditions import Condition, Editor, Extra, Operator, Option, Unfit, Vocabulary
from contacts.segments.definition import Definition, Group, Path, Problem, Term

# Beyond these a form is no form of ours.
MOST_ROWS = 2 * definition.MOST


@dataclass
class Row:
    """One condition. `value` is as JSON has it, or as it was typed."""

    field: str = ""
    op: str = ""
    value: Any = None
    extra: dict[str, Any] = dataclasses.field(default_factory=dict)
    # Added just now: the cursor goes there, and nothing is wrong about it yet.
    new: bool = False

    def as_json(self) -> dict[str, Any]:
        return Term(self.field, self.op, self.value, self.extra).as_json()


@dataclass
class Bracket:
    """A group."""

    every: bool = False
    rows: list[Row] = dataclasses.field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {"match": "all" if self.every else "any", "conditions": [row.as_json() for row in self.rows]}


@dataclass
class Draft:
    every: bool = True
    items: list[Row | Bracket] = dataclasses.field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "match": "all" if self.every else "any",
            "conditions": [item.as_json() for item in self.items],
        }

    def rows(self) -> Iterator[tuple[Path, Row]]:
        for number, item in enumerate(self.items):
            if isinstance(item, Row):
                yield (number,), item
            else:
                yield from (((number, inner), row) for inner, row in enumerate(item.rows))

    def add(self, group: int | None = None) -> None:
        """A condition at the end, of the whole or of a group. Nothing where there are enough."""
        if sum(1 for _row in self.rows()) >= definition.MOST:
            return
        row = Row(new=True)
        if group is None:
            self.items.append(row)
        elif 0 <= group < len(self.items) and isinstance(bracket := self.items[group], Bracket):
            bracket.rows.append(row)

    def add_group(self) -> None:
        self.items.append(Bracket(every=not self.every))
        self.add(len(self.items) - 1)

    def remove(self, path: Path) -> None:
        """A condition, or a whole group. One that is gone already stays gone."""
        number = path[0]
        if not 0 <= number < len(self.items):
            return
        bracket = self.items[number]
        if len(path) == 1:
            del self.items[number]
        elif isinstance(bracket, Bracket) and 0 <= path[1] < len(bracket.rows):
            del bracket.rows[path[1]]
            if not bracket.rows:
                del self.items[number]


def of_definition(found: Definition) -> Draft:
    items: list[Row | Bracket] = [
        _row(item) if isinstance(item, Term) else Bracket(item.every, [_row(term) for term in item.terms])
        for item in found.items
    ]
    return Draft(found.every, items)


def _row(term: Term) -> Row:
    return Row(term.field, term.op, term.value, dict(term.extra))


def of_form(data: QueryDict, vocabulary: Vocabulary) -> Draft:
    """What the form holds. Never raises: whatever is no form of ours is left out."""
    draft = Draft(every=data.get("match") != "any")
    groups: dict[str, Bracket] = {}
    for place in dict.fromkeys(data.getlist("row")[:MOST_ROWS]):
        row = _of_controls(data, place, vocabulary)
        group = place.rpartition("-")[0]
        if not group:
            draft.items.append(row)
            continue
        if group not in groups:
            groups[group] = Bracket(every=data.get(f"{group}-match") == "all")
            draft.items.append(groups[group])
        groups[group].rows.append(row)
    return draft


def _of_controls(data: QueryDict, place: str, vocabulary: Vocabulary) -> Row:
    row = Row(data.get(f"{place}-field", "")[:80])
    try:
        condition = vocabulary.condition(row.field)
    except Unfit:
        row.op, row.value = data.get(f"{place}-op", ""), data.getlist(f"{place}-value") or None
        return row
    named = {operator.key: operator for operator in condition.operators}
    operator = named.get(data.get(f"{place}-op", "")) or condition.operators[0]
    row.op = operator.key
    if data.get(f"{place}-was", "") == control(condition, operator):
        row.value = _value(operator.editor, data.getlist(f"{place}-value"))
    for extra in extras(condition, operator):
        if given := data.get(f"{place}-{extra.key}", "").strip():
            row.extra[extra.key] = given[:40]
    return row


def control(condition: Condition, operator: Operator) -> str:
    """Which control a value was given in: of several fields only the text fields share one."""
    chosen = condition.key if operator.editor in (Editor.SEVERAL, Editor.ONE) else ""
    return f"{operator.editor.value}:{chosen}"


def extras(condition: Condition, operator: Operator) -> list[Extra]:
    return [extra for extra in condition.extras if extra.key in operator.extras]


def _value(editor: Editor, given: list[str]) -> Any:
    if editor is Editor.NOTHING or not given:
        return None
    if editor in (Editor.SEVERAL, Editor.BETWEEN):
        return given
    return given[0]


def finished(draft: Draft, vocabulary: Vocabulary) -> tuple[Definition, int]:
    """The conditions that can be looked for already, and how many can't."""
    left_out = 0

    def terms(rows: list[Row]) -> Iterator[Term]:
        nonlocal left_out
        for row in rows:
            try:
                yield definition.checked(Term(row.field, row.op, row.value, row.extra), vocabulary)
            except Unfit:
                left_out += 1

    items: list[Term | Group] = []
    for item in draft.items:
        if isinstance(item, Row):
            items += terms([item])
        elif inner := tuple(terms(item.rows)):
            items.append(Group(item.every, inner))
    return Definition(draft.every, tuple(items)), left_out


@dataclass(frozen=True)
class Control:
    """An extra control of a row."""

    extra: Extra
    value: str
    options: list[Option]


@dataclass(frozen=True)
class Shown:
    """A row as the page draws it. `options`: (option, whether it is chosen); what is gone comes first."""

    place: str
    # The word before it: "and", "or"; none before the first.
    lead: str
    row: Row
    condition: Condition | None
    operator: Operator | None
    values: list[str]
    options: list[tuple[Option, bool]]
    extras: list[Control]
    error: str

    @property
    def was(self) -> str:
        return control(self.condition, self.operator) if self.condition and self.operator else ""

    @property
    def editor(self) -> str:
        return self.operator.editor.value if self.operator else ""

    @property
    def chosen(self) -> list[Option]:
        return [option for option, chosen in self.options if chosen]


def shown(draft: Draft, vocabulary: Vocabulary, problems: list[Problem]) -> list[dict[str, Any]]:
    """The rows and groups of the page: {"row"}, or {"place", "lead", "every", "rows", "error"} of a group."""
    errors = {problem.path: problem.message for problem in problems}

    def rows(given: Sequence[tuple[Path, Row]], every: bool, first: int = 0) -> list[Shown]:
        return [
            _shown(path, row, _lead(number, every), vocabulary, errors.get(path, ""))
            for number, (path, row) in enumerate(given, start=first)
        ]

    made: list[dict[str, Any]] = []
    for number, item in enumerate(draft.items):
        if isinstance(item, Row):
            made.append({"row": rows([((number,), item)], draft.every, number)[0]})
            continue
        inner = [((number, place), row) for place, row in enumerate(item.rows)]
        group = {"place": str(number), "lead": _lead(number, draft.every), "every": item.every}
        made.append(group | {"rows": rows(inner, item.every), "error": errors.get((number,), "")})
    return made


def _lead(number: int, every: bool) -> str:
    if not number:
        return ""
    return pgettext("before a condition", "and") if every else pgettext("before a condition", "or")


def _shown(path: Path, row: Row, lead: str, vocabulary: Vocabulary, error: str) -> Shown:
    place = "-".join(map(str, path))
    try:
        condition = vocabulary.condition(row.field)
        operator = condition.operator(row.op)
    except Unfit:
        return Shown(place, lead, row, None, None, [], [], [], error)
    values = row.value if isinstance(row.value, list) else [row.value]
    written = ["" if each is None else str(each) for each in values]
    options = _options(condition.choices(operator, vocabulary), values)
    controls = [
        Control(
            extra,
            str(row.extra.get(extra.key, "")),
            list(vocabulary.choices(extra.options).values()) if extra.options else [],
        )
        for extra in extras(condition, operator)
    ]
    return Shown(place, lead, row, condition, operator, written, options, controls, error)


def _options(choices: dict[Any, Option], values: list[Any]) -> list[tuple[Option, bool]]:
    chosen = {str(each) for each in values if each is not None}
    known = [(option, str(option.value) in chosen) for option in choices.values()]
    there = {str(option.value) for option in choices.values()}
    return [(Option(each, ""), True) for each in sorted(chosen - there)] + known
