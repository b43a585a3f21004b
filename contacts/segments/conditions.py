"""What a segment can ask of a person: the kinds of conditions, and where features register theirs.

A condition has a key, operators and a `q` that finds the people. Whatever an operator denies is the exact
complement of what it affirms: "is not Paris" holds for those of whom no town is known.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Any, ClassVar

from django.db.models import Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from contacts.segments import values
from contacts.segments.values import Editor, Option, Unfit
from contacts.segments.wording import Lead, Part, Parts, Phrase, expand
from teams.models import Team

__all__ = [
    "Condition", "Editor", "Extra", "Group", "Lead", "Operator", "Option", "Options", "Phrase", "Unfit", "Vocabulary",
    "register", "register_family",
]  # fmt: skip

Words = str | Promise


class Group(Enum):
    """The headings of the menu of fields, in their order."""

    LABELS = "labels"
    PERSON = "person"
    OWN = "own"
    CONSENT = "consent"
    HAPPENED = "happened"
    ADDED = "added"

    @property
    def label(self) -> str:
        return str(_GROUPS[self])


_GROUPS = {
    Group.LABELS: gettext_lazy("Tags and lists"),
    Group.PERSON: gettext_lazy("Person"),
    Group.OWN: gettext_lazy("Fields of your team"),
    Group.CONSENT: gettext_lazy("Consent"),
    Group.HAPPENED: gettext_lazy("What happened"),
    Group.ADDED: gettext_lazy("Where they came from"),
}
# What may be chosen of something, in the order of the menu. The value is what is stored.
Options = Callable[[Team], Sequence[Option]]


@dataclass(frozen=True)
class Operator:
    key: str
    # In the menu, after the field: "is", "contains", "in the last".
    label: Words
    editor: Editor
    # The sentence, with %(value)s and %(field)s: contacts/segments/wording.py.
    says: Words = ""
    # How it follows "people".
    lead: Lead = Lead.WHO
    # Keys of the extras that it takes.
    extras: tuple[str, ...] = ()
    # What is chosen of, where the condition's own choice is not meant.
    options: Options | None = None


@dataclass(frozen=True)
class Extra:
    """One more, optional control of a condition: through which line, within how many days."""

    key: str
    label: Words
    editor: Editor
    options: Options | None = None


@dataclass(frozen=True)
class Condition:
    """One thing that can be asked. Subclasses say how it is found."""

    key: str
    label: Words
    group: Group
    operators: tuple[Operator, ...] = ()
    options: Options | None = None
    extras: tuple[Extra, ...] = ()
    # The field within a sentence: "company". Its label when empty.
    noun: Words = ""

    def q(self, team: Team, op: str, value: Any, *, now: datetime, **extra: Any) -> Q:
        """Who fulfils it. `value` and `extra` are as `clean` gave them."""
        raise NotImplementedError

    def operator(self, key: str) -> Operator:
        for operator in self.operators:
            if operator.key == key:
                return operator
        known = ", ".join(operator.key for operator in self.operators)
        raise Unfit(
            # Translators: %(operators)s are words of the API, as they stand.
            _("“%(field)s” can't be asked that way. Operators: %(operators)s.")
            % {"field": self.label, "operators": known}
        )

    def choices(self, operator: Operator, vocabulary: "Vocabulary") -> dict[Any, Option]:
        source = operator.options or self.options
        return vocabulary.choices(source) if source is not None else {}

    def clean(self, op: str, value: Any, vocabulary: "Vocabulary") -> Any:
        """`value` as it is stored. Raises Unfit."""
        operator = self.operator(op)
        return values.clean(operator.editor, value, self.choices(operator, vocabulary))

    def clean_extra(self, op: str, given: Mapping[str, Any], vocabulary: "Vocabulary") -> dict[str, Any]:
        taken = self.operator(op).extras
        extras = {extra.key: extra for extra in self.extras if extra.key in taken}
        if unknown := sorted(set(given) - set(extras)):
            raise Unfit(_("Unknown: %(keys)s.") % {"keys": ", ".join(unknown)[:100]})
        cleaned = {}
        for key, value in given.items():
            if value in (None, ""):
                continue
            source = extras[key].options
            choices = vocabulary.choices(source) if source is not None else {}
            cleaned[key] = values.clean(extras[key].editor, value, choices)
        return cleaned

    def phrase(self, op: str, value: Any, vocabulary: "Vocabulary", place: str, **extra: Any) -> Phrase:
        """What it says of people. The value may name what is gone by now."""
        operator = self.operator(op)
        shown = values.show(operator.editor, value, self.choices(operator, vocabulary))
        said: dict[str, str | Parts] = {"value": shown, "field": [Part(str(self.noun or self.label))]}
        return Phrase(operator.lead, expand(str(operator.says), said, place=place))


Family = Callable[[Team], Iterable[Condition]]

_registered: dict[str, Condition] = {}
_families: list[Family] = []


def register(*conditions: Condition) -> None:
    """Makes them part of every team's segments, in this order. Called when an app is ready."""
    for condition in conditions:
        if condition.key in _registered:
            raise ValueError(f"two conditions are called {condition.key}")
        _registered[condition.key] = condition


def register_family(family: Family) -> None:
    """Conditions that differ from team to team: custom fields."""
    _families.append(family)


@dataclass
class Vocabulary:
    """What the conditions of one team can ask and name; each choice is fetched once, when it is needed."""

    team: Team
    _choices: dict[Options, dict[Any, Option]] = field(default_factory=dict)
    _found: dict[str, Condition] | None = None

    MISSING: ClassVar[Words] = gettext_lazy("This field is gone.")

    def conditions(self) -> Iterator[Condition]:
        """In the order of the menu."""
        return iter(self._all().values())

    def condition(self, key: str) -> Condition:
        """Raises Unfit where there is none, or none any more."""
        # Custom fields are fetched only for a definition that asks for one.
        found = _registered.get(key) or self._all().get(key)
        if found is None:
            raise Unfit(str(self.MISSING) if key else _("Choose a field."))
        return found

    def choices(self, options: Options) -> dict[Any, Option]:
        if options not in self._choices:
            self._choices[options] = {option.value: option for option in options(self.team)}
        return self._choices[options]

    def _all(self) -> dict[str, Condition]:
        if self._found is None:
            own = [condition for family in _families for condition in family(self.team)]
            ranks = {group: rank for rank, group in enumerate(Group)}
            every = sorted([*_registered.values(), *own], key=lambda each: ranks[each.group])
            self._found = {each.key: each for each in every}
        return self._found


def now() -> datetime:
    """The moment that "in the last days" counts from."""
    return timezone.now()
