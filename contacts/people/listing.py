"""The contact list: search, and pages by keyset. No OFFSET, and no count of more than the cap."""

import base64
import binascii
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Func, Q, QuerySet, TextField, Value
from django.db.models.lookups import GreaterThan

from contacts import phones
from contacts.models import Contact, ContactPhone
from contacts.models.contact import SORT_NAME, ContactQuerySet
from teams.models import Team

PAGE = 50
# A list counts its people up to here; beyond, it says "1,000+".
COUNTED = 1000
# Fewer digits than these begin half of all numbers of a country.
DIGITS_THAT_TELL = 4
# Raw sender ids (INFO, an e-mail) that begin with the words searched.
SENDERS = 50


class _Row(Func):
    """A row of values, compared as one: what lets a keyset be one range of an index."""

    function = "ROW"
    output_field = TextField()


@dataclass(frozen=True)
class Place:
    """Where a page ended: the sort name and the id of its last contact."""

    name: str
    id: int

    def __str__(self) -> str:
        return base64.urlsafe_b64encode(json.dumps([self.name, self.id]).encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> "Place":
        """Raises ValueError for anything that `str` of a place did not give."""
        try:
            name, row_id = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        except (binascii.Error, UnicodeError, json.JSONDecodeError, TypeError, RecursionError) as error:
            raise ValueError("not a place") from error
        if not isinstance(name, str) or type(row_id) is not int or "\0" in name or not 0 < row_id < 2**63:
            raise ValueError("not a place")
        name.encode()  # a lone surrogate can't be asked of the database; UnicodeError is a ValueError
        return cls(name, row_id)


@dataclass(frozen=True)
class ContactPage:
    """`next` is the place that the following page begins after; None on the last one."""

    contacts: list[Contact]
    next: Place | None


def search(team: Team, words: str) -> ContactQuerySet:
    """The team's people who match: a number by its first digits however it is written, else names.

    Names forgive accents and case and may be cut anywhere; each word must be found. "" is everybody.
    """
    everybody = Contact.objects.for_team(team)
    words = " ".join(words.replace("\0", " ").split())
    if not words:
        return everybody
    begins = phones.beginnings(words, team.region)
    if begins and sum(each.isdigit() for each in words) >= DIGITS_THAT_TELL:
        numbers = _beginning_with(team, [*begins, words]).values("contact_id")
        # A company may be called "Studio 2000".
        by_name = everybody.matching(words).order_by().values("pk")
        return everybody.filter(pk__in=by_name.union(numbers, all=True))
    named = everybody.matching(words)
    senders = list(
        _beginning_with(team, {words, words.upper()}).values_list("contact_id", flat=True)[:SENDERS]
    )
    return named | everybody.filter(pk__in=senders) if senders else named


def _beginning_with(team: Team, starts: Iterable[str]) -> QuerySet[ContactPhone]:
    """Numbers with one of these beginnings. The range is for the index, whatever the database's collation."""
    condition = Q()
    for start in starts:
        after = start[:-1] + chr(ord(start[-1]) + 1)
        condition |= Q(number__gte=start, number__lt=after, number__startswith=start)
    return ContactPhone.objects.for_team(team).filter(condition)


def page(found: ContactQuerySet, *, after: Place | None = None, size: int = PAGE) -> ContactPage:
    """The next `size` of `found` by name. One statement, one more for their numbers."""
    rows = found.annotate(sort_name=SORT_NAME)
    if after is not None:
        rows = rows.filter(GreaterThan(_Row(SORT_NAME, F("pk")), _Row(Value(after.name), Value(after.id))))
    people = list(
        rows.select_related("owner").prefetch_related("phones").order_by(SORT_NAME, "pk")[: size + 1]
    )
    more = len(people) > size
    people = people[:size]
    last: Any = people[-1] if more else None
    return ContactPage(people, Place(last.sort_name, last.pk) if last else None)


def count(found: ContactQuerySet) -> int:
    """How many there are, COUNTED + 1 for more than COUNTED."""
    return found.order_by()[: COUNTED + 1].count()
