"""The parts of an audience as chips, with how many are in each; and a few of those who get the text."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection

from contacts.models import Contact
from contacts.models.contact import ContactQuerySet
from contacts.segments import find
from contacts.segments.conditions import Vocabulary
from sms.campaigns import audience, people
from sms.campaigns.audience import Audience, Gone, Item
from sms.campaigns.wizard import wording
from sms.models import Campaign

COUNTED = find.COUNTED
FEW = 4


@dataclass(frozen=True)
class Chip:
    """`value`: what takes it out, "segment:5". `count`: COUNTED + 1 for more; None where that takes too long."""

    value: str
    kind: str
    name: str
    result: str
    gone: bool
    count: int | None

    @property
    def capped(self) -> bool:
        return self.count is not None and self.count > COUNTED


@dataclass(frozen=True)
class Side:
    """Include or Exclude."""

    key: str
    chips: list[Chip]


def sides(campaign: Campaign) -> list[Side]:
    """One statement for all counts."""
    found = audience.of(campaign)
    counts = iter(_counts(campaign, (*found.include, *found.exclude)))
    return [
        Side(key, [_chip(campaign, item, next(counts)) for item in items])
        for key, items in (("include", found.include), ("exclude", found.exclude))
    ]


def value_of(item: Item) -> str:
    """An item in the words of a form: it names the same part whoever changed the others meanwhile."""
    if item.kind == "contacts":
        return "contacts:" + hashlib.sha256(repr(item.contacts).encode()).hexdigest()[:16]
    return ":".join(filter(None, [item.kind, str(item.id), item.result]))


def with_part(found: Audience, side: str, value: str, campaign: Campaign) -> Audience:
    """`found` with one more part. Raises audience.Wrong for one that the team does not have."""
    kind, _colon, rest = value.partition(":")
    number, _colon, result = rest.partition(":")
    itself = kind == "campaign" and number == str(campaign.pk)
    if itself or not (number.isascii() and number.isdigit() and len(number) < 19):
        raise audience.Wrong({side: ""})
    data = {kind: int(number)} | ({"result": result or "all"} if kind == "campaign" else {})
    item = Audience.parse({side: [data]}, campaign.team)
    return found.with_item(side, getattr(item, side)[0])


def without_part(found: Audience, side: str, value: str) -> Audience:
    """Without the part of this value; as it is where somebody took it out a moment ago."""
    for number, item in enumerate(getattr(found, side)):
        if value_of(item) == value:
            return found.without(side, number)
    return found


def _chip(campaign: Campaign, item: Item, count: int | None) -> Chip:
    return Chip(
        value=value_of(item),
        kind=str(wording.KINDS[item.kind]),
        name=item.name,
        result=wording.result(item.result, campaign) if item.result else "",
        gone=not item.name and item.kind != "contacts",
        count=count,
    )


def _counts(campaign: Campaign, items: Sequence[Item]) -> list[int | None]:
    vocabulary = Vocabulary(campaign.team)
    arms: list[str] = []
    values: list[Any] = []
    for number, item in enumerate(items):
        statement, given = _statement(_of_item(campaign, item, vocabulary)[: COUNTED + 1])
        if statement:
            arms.append(f"SELECT {number}, count(*) FROM ({statement}) AS part")  # noqa: S608 - the ORM's
            values += given
    counts: dict[int, int] = {}
    if arms:
        try:
            with find.within(find.EDITING_S), connection.cursor() as cursor:
                cursor.execute(" UNION ALL ".join(arms), values)
                counts = dict(cursor.fetchall())
        except find.TakesTooLong:
            return [None for _item in items]
    return [counts.get(number, 0) for number in range(len(items))]


def _of_item(campaign: Campaign, item: Item, vocabulary: Vocabulary) -> ContactQuerySet:
    everybody = Contact.objects.for_team(campaign.team)
    try:
        return everybody.filter(item.q(campaign.team, vocabulary)).order_by()
    except Gone:
        return everybody.none()


def _statement(found: ContactQuerySet) -> tuple[str, Sequence[Any]]:
    try:
        return found.values("pk").query.sql_with_params()
    except EmptyResultSet:
        return "", ()


@dataclass(frozen=True)
class Some:
    """Somebody who gets the text, and the first part of the audience that they are in."""

    contact: Contact
    number: str
    part: str


def few(campaign: Campaign) -> list[Some]:
    """A few of those who get it. Nobody where finding them takes too long."""
    try:
        found = people.page(campaign, size=FEW)
        parts = _parts_of(campaign, [each.contact_id for each in found])
    except find.TakesTooLong:
        return []
    contacts = Contact.objects.in_bulk([each.contact_id for each in found])
    return [
        Some(contacts[each.contact_id], each.number, parts.get(each.contact_id, ""))
        for each in found
        if each.contact_id in contacts
    ]


def _parts_of(campaign: Campaign, ids: Sequence[int]) -> dict[int, str]:
    """By contact the name of the first part that holds them. One statement."""
    vocabulary = Vocabulary(campaign.team)
    items = audience.of(campaign).include
    arms: list[str] = []
    values: list[Any] = []
    for number, item in enumerate(items):
        statement, given = _statement(_of_item(campaign, item, vocabulary).filter(pk__in=ids))
        if statement:
            arms.append(f"SELECT {number}, id FROM ({statement}) AS part(id)")  # noqa: S608 - the ORM's
            values += given
    if not arms or not ids:
        return {}
    with find.within(find.EDITING_S), connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(arms), values)
        rows = sorted(cursor.fetchall(), reverse=True)
    return {contact_id: items[number].name for number, contact_id in rows}
