"""The orders of the contact list, and pages by keyset in each: every page is one range of one index.

An order has two parts: those who have what it goes by, then those who haven't, whichever way it runs.
"""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import DateTimeField, Expression, F, Func, Q, TextField, Value
from django.db.models.expressions import Combinable
from django.db.models.lookups import GreaterThan, LessThan

from contacts.models import Contact
from contacts.models.contact import LAST, SORT_COMPANY, SORT_EMAIL, SORT_NAME, ContactQuerySet

PAGE = 50
_LARGEST_ID = 2**63 - 1


class _Row(Func):
    """A row of values, compared as one: what lets a keyset be one range of an index."""

    function = "ROW"
    output_field = TextField()


@dataclass(frozen=True)
class Place:
    """Where a page ended: the part of its order, and there the key and the id of its last contact."""

    part: int
    key: str  # of moments in ISO 8601
    id: int

    def __str__(self) -> str:
        written = json.dumps([self.part, self.key, self.id])
        return base64.urlsafe_b64encode(written.encode()).decode().rstrip("=")

    @classmethod
    def parse(cls, text: str) -> "Place":
        """Raises ValueError for anything that `str` of a place did not give."""
        try:
            part, key, row_id = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        except (binascii.Error, UnicodeError, json.JSONDecodeError, TypeError, RecursionError) as error:
            raise ValueError("not a place") from error
        if part not in (0, 1) or type(part) is not int or not isinstance(key, str) or "\0" in key:
            raise ValueError("not a place")
        if type(row_id) is not int or not 0 < row_id <= _LARGEST_ID:
            raise ValueError("not a place")
        key.encode()  # a lone surrogate can't be asked of the database; UnicodeError is a ValueError
        return cls(part, key, row_id)


@dataclass(frozen=True)
class _Part:
    """Those of whom `holds` is true, by `key`, then by `id`."""

    holds: Q
    key: Combinable
    id: str = "pk"
    moment: bool = False
    # Runs from high to low whichever way the order is turned: the newest stand first.
    newest: bool = False

    def rows(self, found: ContactQuerySet, down: bool, after: Place | None) -> ContactQuerySet:
        down = down or self.newest
        key, row_id = self.key, F(self.id)
        found = found.filter(self.holds).annotate(place_key=key)
        if after is not None:
            compare = LessThan if down else GreaterThan
            found = found.filter(compare(_Row(key, row_id), _Row(self._value(after.key), Value(after.id))))
        ends = (key.desc(), row_id.desc()) if down else (key.asc(), row_id.asc())  # type: ignore[attr-defined]
        return found.order_by(*ends)

    def _value(self, key: str) -> Expression:
        """Raises ValueError when `key` is none of this part."""
        if not self.moment:
            return Value(key)
        at = datetime.fromisoformat(key)
        if at.tzinfo is None:
            raise ValueError("a moment without its zone")
        return Value(at, output_field=DateTimeField())


# The newest known first: where nothing else tells people apart.
_NEWEST = F("created_at")


def _text(key: Expression) -> tuple[_Part, _Part]:
    """By a text that is LAST where there is none: both parts are ranges of the same index."""
    return _Part(Q(LessThan(key, Value(LAST))), key), _Part(Q(_Same(key, Value(LAST))), key)


def parts_of(order: "Order") -> Sequence[_Part]:
    """Upwards, those without a text stand last by themselves: one part is enough."""
    parts = PARTS[order.key]
    return parts if order.down or parts[0].moment else (_Part(Q(), parts[0].key),)


class _Same(LessThan):
    lookup_name = "exact"

    def get_rhs_op(self, connection: Any, rhs: str) -> str:
        return f"= {rhs}"


# sms gives everybody with whom something happened a conversation, reached here by its name alone. Its team is
# the person's: said so that the database may begin at the conversations' index.
PARTS: dict[str, Sequence[_Part]] = {
    "name": _text(SORT_NAME),
    "company": _text(SORT_COMPANY),
    "email": _text(SORT_EMAIL),
    "added": (_Part(Q(), _NEWEST, moment=True),),
    "event": (
        _Part(
            Q(conversation__team_id=F("team_id")),
            F("conversation__last_at"),
            id="conversation__contact_id",
            moment=True,
        ),
        _Part(Q(conversation__isnull=True), _NEWEST, moment=True, newest=True),
    ),
}


@dataclass(frozen=True)
class Order:
    """`key` as in the address; `down` from high to low."""

    key: str
    down: bool = False

    def __str__(self) -> str:
        return f"-{self.key}" if self.down else self.key

    @classmethod
    def parse(cls, text: str) -> "Order":
        """Raises ValueError for what is no order."""
        key = text.removeprefix("-")
        if key not in PARTS:
            raise ValueError(text)
        return cls(key, text.startswith("-"))

    @property
    def turned(self) -> "Order":
        return Order(self.key, not self.down)

    @property
    def first(self) -> "Order":
        """As it begins when its head is pressed: moments with the newest first."""
        return Order(self.key, PARTS[self.key][0].moment)


BY_NAME = Order("name")


@dataclass(frozen=True)
class ContactPage:
    """`next` is the place that the following page begins after; None on the last one."""

    contacts: list[Contact]
    next: Place | None


def page(
    found: ContactQuerySet, *, order: Order = BY_NAME, after: Place | None = None, size: int = PAGE
) -> ContactPage:
    """The next `size` of `found`. One statement, a second where a part ends. Raises ValueError for a place of
    another order.
    """
    parts = parts_of(order)
    begin = after.part if after else 0
    if begin >= len(parts):
        raise ValueError("a place of another order")
    people: list[tuple[int, Any]] = []
    for number in range(begin, len(parts)):
        rows = parts[number].rows(found, order.down, after if number == begin else None)
        people += [(number, person) for person in rows[: size + 1 - len(people)]]
        if len(people) > size:
            break
    shown = people[:size]
    following = _place(*shown[-1]) if len(people) > size else None
    return ContactPage([person for _part, person in shown], following)


def _place(part: int, person: Any) -> Place:
    key = person.place_key
    return Place(part, key.isoformat() if isinstance(key, datetime) else key, person.pk)
