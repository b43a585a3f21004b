"""Writes people: new ones, changes, and upserts by number, a thousand in as many statements as one.

new       nobody may have one of the numbers
change    of one person; its numbers, tags and lists become those that were given
upsert    whoever has one of the numbers is changed, keeping the numbers they have; all others are new
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from contacts.models import Contact, ContactPhone
from contacts.privacy import opting
from crm.api import contact_labels
from crm.api.contact_forms import ContactAsked
from crm.api.contact_numbers import Given, Numbers, write_numbers
from crm.api.contact_references import Place, Problems, References, numbers_of
from crm.api.errors import MOST_FIELDS, ApiError, NotFound
from teams import live
from teams.access import Member

TEXTS = ("first_name", "last_name", "company", "email", "address", "language")
# How often a writing begins anew when somebody else added one of its numbers in the same moment.
ATTEMPTS = 3


class Mode(Enum):
    NEW = "new"
    CHANGE = "change"
    UPSERT = "upsert"


@dataclass(frozen=True)
class Written:
    contact_id: int
    created: bool


class Meanwhile(Exception):
    """A number changed hands between two statements."""


@dataclass
class Item:
    """One person asked for: what was said, and what it comes to."""

    index: int
    asked: ContactAsked
    numbers: dict[str, Given] = field(default_factory=dict)
    contact: Contact = field(default_factory=Contact)
    held: list[ContactPhone] = field(default_factory=list)
    created: bool = True
    changed: bool = False


def write(
    member: Member, asked: Sequence[ContactAsked], place: Place, mode: Mode, *, target: int | None = None
) -> list[Written]:
    """All of `asked` in their order, or none. `target` is the person of a change.

    Raises Invalid, NotFound, and ApiError 409 where a number is somebody else's.
    """
    for _ in range(ATTEMPTS):
        try:
            with transaction.atomic():
                return _Writing(member, asked, place, mode, target).run()
        except (IntegrityError, Meanwhile):
            continue
    raise ApiError(409, "busy", "The same numbers are being written by somebody else. Try again.")


class _Writing:
    def __init__(
        self, member: Member, asked: Sequence[ContactAsked], place: Place, mode: Mode, target: int | None
    ) -> None:
        self.member, self.team, self.place, self.mode = member, member.team, place, mode
        self.target = target
        self.items = [Item(index, each) for index, each in enumerate(asked)]
        self.problems = Problems(place)

    def run(self) -> list[Written]:
        self.references = References(self.team, [item.asked for item in self.items], self.place)
        self._find()
        for item in self.items:
            self._fill(item)
        numbers = {item.index: self._numbers(item) for item in self.items}
        self.problems.refuse()
        Contact.objects.bulk_create(item.contact for item in self.items if item.created)
        given = write_numbers((item.contact, numbers[item.index]) for item in self.items)
        opting.brought(given)
        touched = contact_labels.write({item.contact.pk: item.index for item in self.items}, self.references)
        touched |= {item.contact.pk for item in self.items if item.changed or numbers[item.index].changes}
        _update([item.contact for item in self.items if not item.created and item.contact.pk in touched])
        live.announce([self.team.pk])
        with connection.cursor() as cursor:
            # Now and not at the end of a longer transaction: a tag or a list may have ended meanwhile.
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        return [Written(item.contact.pk, item.created) for item in self.items]

    def _find(self) -> None:
        """Who is meant by each, and their rows locked in the order of their ids."""
        if self.mode is Mode.CHANGE:
            meant = {0: self.target}
        else:
            for item in self.items:
                item.numbers = numbers_of(self.team, item.index, item.asked.phones or (), (), self.problems)
            self._once_each({number: item.index for item in self.items for number in item.numbers})
            self.problems.refuse()
            meant = self._meant()
        locked = Contact.objects.for_team(self.team).filter(pk__in=[pk for pk in meant.values() if pk])
        rows = {row.pk: row for row in locked.select_for_update(no_key=True).order_by("pk")}
        held: dict[int, list[ContactPhone]] = {pk: [] for pk in rows}
        for phone in ContactPhone.objects.filter(contact__in=list(rows)) if rows else ():
            held[phone.contact_id].append(phone)
        for item in self.items:
            pk = meant.get(item.index)
            if pk is None:
                item.contact = Contact(team=self.team)
            elif pk in rows:
                item.contact, item.held, item.created = rows[pk], held[pk], False
                if self.mode is Mode.UPSERT and item.numbers.keys().isdisjoint(p.number for p in item.held):
                    raise Meanwhile
            elif self.mode is Mode.CHANGE:
                raise NotFound
            else:
                raise Meanwhile
        if self.mode is Mode.CHANGE:
            self._of_change(self.items[0])

    def _of_change(self, item: Item) -> None:
        stands = [phone.number for phone in item.held]
        item.numbers = numbers_of(self.team, 0, item.asked.phones or (), stands, self.problems)
        self.problems.refuse()
        owners = self._owners(set(item.numbers))
        self._refuse_taken({each: pk for each, pk in owners.items() if pk != item.contact.pk})

    def _once_each(self, last: dict[str, int]) -> None:
        """One number can't be two people's, and an upsert can't change one person twice."""
        for item in self.items:
            for number in item.numbers:
                if last[number] != item.index:
                    at = self.place(last[number], "phones")
                    self.problems.add(item.index, self._phone(item, number), f"{at} has this number too.")

    def _owners(self, numbers: set[str]) -> dict[str, int]:
        found = ContactPhone.objects.for_team(self.team).filter(number__in=numbers)
        return dict(found.values_list("number", "contact_id")) if numbers else {}

    def _meant(self) -> dict[int, int | None]:
        """The person whom each upsert means, by index."""
        owners = self._owners({number for item in self.items for number in item.numbers})
        if self.mode is Mode.NEW:
            self._refuse_taken(owners)
        meant: dict[int, int | None] = {}
        first: dict[int, int] = {}
        wrong: dict[str, str] = {}
        for item in self.items:
            people = {number: owners[number] for number in item.numbers if number in owners}
            if len(set(people.values())) > 1 and len(wrong) < MOST_FIELDS:
                wrong |= {
                    self.place(item.index, self._phone(item, number)): f"This is the number of contact {pk}."
                    for number, pk in people.items()
                }
            for pk in people.values():
                if first.setdefault(pk, item.index) != item.index:
                    at = self.place(first[pk], "phones")
                    self.problems.add(item.index, "phones", f"{at} means the same person, contact {pk}.")
                meant[item.index] = pk
        if wrong:
            raise ApiError(409, "number_taken", "These numbers belong to different people.", wrong)
        self.problems.refuse()
        return meant

    def _refuse_taken(self, taken: dict[str, int]) -> None:
        if not taken:
            return
        wrong = {
            self.place(item.index, self._phone(item, number)): f"Contact {taken[number]} has this number."
            for item in self.items
            for number in item.numbers
            if number in taken
        }
        fields = dict(list(wrong.items())[:MOST_FIELDS])
        raise ApiError(409, "number_taken", "A number belongs to one person only.", fields)

    def _phone(self, item: Item, number: str) -> str:
        return f"phones.{item.numbers[number].place}"

    def _fill(self, item: Item) -> None:
        """Puts what was given into the person."""
        contact, asked, index = item.contact, item.asked, item.index
        before = _stored(contact)
        for name in TEXTS:
            if (value := getattr(asked, name)) is not None:
                setattr(contact, name, value)
        if "owner" in asked.model_fields_set:
            contact.owner_id = self.references.owners[index]
        own = dict(contact.custom)
        for key, value in self.references.custom[index].items():
            own.pop(key, None)
            if value is not None:
                own[key] = value
        contact.custom = own
        item.changed = _stored(contact) != before

    def _numbers(self, item: Item) -> Numbers:
        given = item.asked.phones is not None
        numbers = Numbers.of(item.held, item.numbers, replace=given and self.mode is Mode.CHANGE)
        if not item.contact.name and not numbers.final:
            self.problems.add(
                item.index, "phones", "Give a number or a name, so that this person can be found."
            )
        return numbers


def _stored(contact: Contact) -> tuple[Any, ...]:
    return (*(getattr(contact, name) for name in TEXTS), contact.owner_id, contact.custom)


_UPDATE = """
UPDATE contacts_contact c SET first_name = g.first_name, last_name = g.last_name, company = g.company,
    email = g.email, address = g.address, language = g.language, owner_id = g.owner_id, custom = g.custom::jsonb,
    updated_at = %s
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[],
            %s::text[])
    AS g(id, first_name, last_name, company, email, address, language, owner_id, custom)
WHERE c.id = g.id
"""


def _update(people: list[Contact]) -> None:
    """Stores the fields of people whose rows are locked; also of those of whom only tags or numbers changed."""
    if not people:
        return
    columns = [[getattr(each, name) for each in people] for name in ("pk", *TEXTS, "owner_id")]
    own = [json.dumps(each.custom) for each in people]
    with connection.cursor() as cursor:
        cursor.execute(_UPDATE, [timezone.now(), *columns, own])
