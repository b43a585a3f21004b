"""What stands in the columns of an export: their headers, and a person's values as an import reads them back."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.utils import translation

from contacts import custom
from contacts.fields import CUSTOM, Field, Kind, of_team
from contacts.models import ConsentChange, Contact, ContactList, ContactPhone, Tag
from teams.models import Team

# A number stays one where the file knows numbers (XLSX); everything else is text.
Cell = str | int | float
Row = list[Cell]
# What was read of somebody, by the names of the database.
Person = dict[str, Any]

# Between several values in one cell. No tag holds it.
BETWEEN = "; "
_GROUND = frozenset({"consent_source", "consent_wording", "consent_proof"})


def chosen(team: Team, keys: list[str]) -> list[Field]:
    """The fields of these keys, in their order, without those that are gone meanwhile."""
    known = {field.key: field for field in of_team(team)}
    return [known[key] for key in keys if key in known]


def headers(fields: list[Field], language: str) -> list[str]:
    """The names of `fields` in `language`. Of two that are the same, the second is its key."""
    taken: set[str] = set()
    names = []
    with translation.override(language):
        for field in fields:
            name = str(field.label)
            if name.casefold() in taken:
                name = field.key
            taken.add(name.casefold())
            names.append(name)
    return names


def rows(team: Team, fields: list[Field], ids: list[int], language: str) -> Iterator[Row]:
    """A row a person of `ids` that still exists, in their order. At most two statements."""
    keys = {field.key for field in fields}
    people = _people(team, keys, ids)
    grounds = _grounds(team, ids) if keys & _GROUND else {}
    with translation.override(language):
        values = [_value(field, team, grounds) for field in fields]
        for pk in ids:
            if pk in people:
                yield [value(people[pk]) for value in values]


def _people(team: Team, keys: set[str], ids: list[int]) -> dict[int, Person]:
    """What the columns need, as the database gives it: a model for each person would take three times as long."""
    of_person = OuterRef("pk")
    several: dict[str, QuerySet[Any]] = {
        "numbers": ContactPhone.objects.filter(contact=of_person)
        .order_by("-is_primary", "pk")
        .values("number"),
        "tag_names": Tag.objects.filter(contacts=of_person).order_by("name").values("name"),
        "list_names": ContactList.objects.filter(members=of_person).order_by("name").values("name"),
    }
    needed = {name for key in keys for name in _NEEDED.get(key, (key,))}
    if any(key.startswith(CUSTOM) for key in keys):
        needed.add("custom")
    needed = {name for name in needed if not name.startswith(CUSTOM)} - _GROUND
    found = Contact.objects.for_team(team).filter(pk__in=ids)
    gathered = {name: ArraySubquery(several[name]) for name in sorted(needed & several.keys())}
    return {each["pk"]: each for each in found.values("pk", *sorted(needed - several.keys()), **gathered)}


def _grounds(team: Team, ids: list[int]) -> dict[int, ConsentChange]:
    """By person: where their consent, or its withdrawal, came from."""
    changes = ConsentChange.objects.for_team(team).filter(
        contact__in=ids, kind__in=(ConsentChange.Kind.GRANTED, ConsentChange.Kind.WITHDRAWN)
    )
    newest = changes.order_by("contact_id", "-happened_at", "-id").distinct("contact_id")
    return {change.contact_id: change for change in newest}


def _value(field: Field, team: Team, grounds: dict[int, ConsentChange]) -> Callable[[Person], Cell]:
    if field.custom is not None:
        return _custom(field.custom.key, field.kind)
    if field.key in _GROUND:
        name = field.key.removeprefix("consent_")
        return lambda person: str(getattr(grounds[person["pk"]], name)) if person["pk"] in grounds else ""
    if field.kind is Kind.MOMENT:
        zone = ZoneInfo(team.time_zone)
        return lambda person: _moment(person[field.key], zone)
    return _STANDARD.get(field.key) or (lambda person: str(person[field.key]))


def _custom(key: str, kind: Kind) -> Callable[[Person], Cell]:
    def value(person: Person) -> Cell:
        stored: Any = person["custom"].get(key)
        return stored if kind is Kind.NUMBER and type(stored) in (int, float) else custom.write(stored)

    return value


def _moment(value: datetime | None, zone: ZoneInfo) -> str:
    """ISO 8601 by the team's clock: 2026-11-22T14:32:05.204817+01:00."""
    return value.astimezone(zone).isoformat() if value else ""


def _several(names: list[str]) -> str:
    """Split at ";" alone where there is one: a lone name with a comma keeps it."""
    joined = BETWEEN.join(names)
    return joined + ";" if len(names) == 1 and "," in joined else joined


_GROUNDS_OF_CONSENT = dict(Contact.Consent.choices)
# What a column reads of a person, where that is not called as the column.
_NEEDED = {
    "phone": ("numbers",),
    "other_phones": ("numbers",),
    "owner": ("owner__email",),
    "tags": ("tag_names",),
    "lists": ("list_names",),
}
_STANDARD: dict[str, Callable[[Person], str]] = {
    "phone": lambda person: "".join(person["numbers"][:1]),
    "other_phones": lambda person: BETWEEN.join(person["numbers"][1:]),
    "owner": lambda person: person["owner__email"] or "",
    "tags": lambda person: _several(person["tag_names"]),
    "lists": lambda person: _several(person["list_names"]),
    "consent": lambda person: str(_GROUNDS_OF_CONSENT[person["consent"]]) if person["consent"] else "",
}
