"""What bodies name (colleagues, lists, tags, the team's own fields, numbers), looked up for all of them at once."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.db.models import Q
from django.utils import translation

from contacts import custom, phones
from contacts.models import ContactList, CustomField
from contacts.tags import tagging
from crm.api.contact_forms import ContactAsked, NumberAsked
from crm.api.contact_numbers import Given
from crm.api.errors import MOST_FIELDS, Invalid
from crm.api.pages import LARGEST_ID
from teams.models import Membership, Team

# Where something stands: ("phones.0" of the third) as "contacts.2.phones.0", or as "phones.0" of the only one.
Place = Callable[[int, str], str]


class Problems:
    """What is wrong, by place; raised together."""

    def __init__(self, place: Place) -> None:
        self.place = place
        self.fields: dict[str, str] = {}

    def add(self, index: int, field: str, message: str) -> None:
        if len(self.fields) < MOST_FIELDS:
            self.fields.setdefault(self.place(index, field), message)

    def refuse(self) -> None:
        if self.fields:
            raise Invalid(self.fields)


def _id(named: int | str) -> int:
    """The id that this is, or is written as; 0 for none."""
    if isinstance(named, str):
        named = int(named) if named.isascii() and named.isdigit() and len(named) < 20 else 0
    return named if 0 < named <= LARGEST_ID else 0


def _ids(named: Iterable[int | str]) -> list[int]:
    return [found for each in named if (found := _id(each))]


class Colleagues:
    """The members of a team that `named` means: ids and e-mails. One statement, none without names."""

    def __init__(self, team: Team, named: Iterable[int | str | None]) -> None:
        wanted = {each for each in named if each is not None}
        emails = {each.casefold() for each in wanted if isinstance(each, str)}
        self._by_id: set[int] = set()
        self._by_email: dict[str, int] = {}
        if wanted:
            members = Membership.objects.filter(team=team).filter(
                Q(user__in=_ids(wanted))
                | Q(user__email__in=emails | {e for e in wanted if isinstance(e, str)})
            )
            for user_id, email in members.values_list("user_id", "user__email"):
                self._by_id.add(user_id)
                self._by_email[email.casefold()] = user_id

    def find(self, named: int | str) -> int | None:
        if isinstance(named, str) and named.casefold() in self._by_email:
            return self._by_email[named.casefold()]
        return found if (found := _id(named)) in self._by_id else None


class Lists:
    """The lists of a team that `named` means: ids and names. One statement, none without names."""

    def __init__(self, team: Team, named: Iterable[int | str]) -> None:
        wanted = set(named)
        self._by_id: set[int] = set()
        self._by_name: dict[str, int] = {}
        if wanted:
            names = [each for each in wanted if isinstance(each, str)]
            lists = ContactList.objects.for_team(team).filter(Q(pk__in=_ids(wanted)) | Q(name__in=names))
            for pk, name in lists.values_list("pk", "name"):
                self._by_id.add(pk)
                self._by_name[name] = pk

    def find(self, named: int | str) -> int | None:
        if isinstance(named, str) and named in self._by_name:
            return self._by_name[named]
        return found if (found := _id(named)) in self._by_id else None


class References:
    """Everything that `asked` names. Raises Invalid for what the team does not have and what can't be read.

    A fixed number of statements, at most six; new tags are made. Inside the transaction of the writing.
    """

    def __init__(self, team: Team, asked: Sequence[ContactAsked], place: Place) -> None:
        self.team = team
        self._problems = Problems(place)
        self._colleagues = Colleagues(team, (each.owner for each in asked))
        self._lists = Lists(team, (name for each in asked for name in _all(each.lists, each.add_lists)))
        own = any(each.custom for each in asked)
        fields = CustomField.objects.for_team(team) if own else CustomField.objects.none()
        self._fields = {field.key: field for field in fields}
        with translation.override("en"):
            self.owners = [self._owner(index, each) for index, each in enumerate(asked)]
            self.custom = [self._custom(index, each.custom or {}) for index, each in enumerate(asked)]
            self.lists = [self._on(index, "lists", each.lists) for index, each in enumerate(asked)]
            self.add_lists = [
                self._on(index, "add_lists", each.add_lists) for index, each in enumerate(asked)
            ]
        self._problems.refuse()
        tags = tagging.named(team, (name for each in asked for name in _all(each.tags, each.add_tags)))
        self.tags = [_tags(each.tags, tags) for each in asked]
        self.add_tags = [_tags(each.add_tags, tags) for each in asked]

    def _owner(self, index: int, asked: ContactAsked) -> int | None:
        if asked.owner is None:
            return None
        found = self._colleagues.find(asked.owner)
        if found is None:
            self._problems.add(index, "owner", "The team has no such colleague.")
        return found

    def _on(self, index: int, field: str, named: list[int | str] | None) -> set[int] | None:
        if named is None:
            return None
        found = set()
        for number, each in enumerate(named):
            pk = self._lists.find(each)
            if pk is None:
                self._problems.add(index, f"{field}.{number}", "The team has no such list.")
            else:
                found.add(pk)
        return found

    def _custom(self, index: int, given: dict[str, Any]) -> dict[str, custom.Value | None]:
        """What to store by key, None for what to empty."""
        read: dict[str, custom.Value | None] = {}
        for key, value in given.items():
            field = self._fields.get(key)
            if field is None:
                self._problems.add(index, f"custom.{key}", "The team has no field with this key.")
                continue
            try:
                read[key] = _typed(field, value)
            except ValueError as error:
                self._problems.add(index, f"custom.{key}", str(error))
        return read


def _typed(field: CustomField, value: Any) -> custom.Value | None:
    """A JSON value of the field's own type, or what people write for one. Raises ValueError with a sentence."""
    if value is None or isinstance(value, str):
        return custom.parse(field, value or "")
    fits = (
        field.kind == CustomField.Kind.YES_NO
        if isinstance(value, bool)
        else field.kind == CustomField.Kind.NUMBER
    )
    if not fits:
        raise ValueError("Give a text.")
    return custom.parse(field, custom.write(value))


def _tags(names: list[str] | None, tags: dict[str, Any]) -> set[int] | None:
    return None if names is None else {tags[name].pk for name in names if name in tags}


def _all(*several: list[Any] | None) -> Iterable[Any]:
    return (each for some in several for each in some or ())


def numbers_of(
    team: Team, index: int, asked: Sequence[NumberAsked], held: Iterable[str], problems: Problems
) -> dict[str, Given]:
    """By number, in the order asked; what is no number goes to `problems`.

    A sender id that is none (`INFO`) may stay with the person who has it: `held` are their numbers.
    """
    found: dict[str, Given] = {}
    stands = set(held)
    for place, each in enumerate(asked):
        number = each.written if each.written in stands else phones.normalise(each.written, team.region)
        if number is None:
            problems.add(index, f"phones.{place}", "This is no phone number.")
        else:
            before = found.get(number, Given(place))
            found[number] = Given(before.place, before.primary or each.primary)
    return found
