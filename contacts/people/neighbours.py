"""Who stands before and after somebody in the table that they were opened from: by keyset, without counting."""

from dataclasses import dataclass, replace
from datetime import datetime

from contacts.models.contact import ContactQuerySet
from contacts.people.ordering import Order, Place, parts_of


@dataclass(frozen=True)
class Neighbours:
    """Ids of people; None at the ends of the table."""

    before: int | None = None
    after: int | None = None


def of(person_id: int, found: ContactQuerySet, order: Order) -> Neighbours:
    """Of somebody who is none of `found` any more: nobody. At most two statements for each of three questions."""
    here = _place(person_id, found, order)
    if here is None:
        return Neighbours()
    return Neighbours(_next(found, order, here, back=True), _next(found, order, here, back=False))


def _place(person_id: int, found: ContactQuerySet, order: Order) -> Place | None:
    for number, part in enumerate(parts_of(order)):
        rows = part.rows(found.filter(pk=person_id), order.down, None)
        # `place_key` is what `rows` orders by.
        for key in rows.values_list("place_key", flat=True)[:1]:  # type: ignore[misc]
            return Place(number, key.isoformat() if isinstance(key, datetime) else key, person_id)
    return None


def _next(found: ContactQuerySet, order: Order, here: Place, *, back: bool) -> int | None:
    parts = parts_of(order)
    way = range(here.part, -1, -1) if back else range(here.part, len(parts))
    for number in way:
        # Turned round, the part that always runs from the newest must run from the oldest.
        part, down = parts[number], order.down or parts[number].newest
        turned = replace(part, newest=False) if back else part
        rows = turned.rows(found, down != back, here if number == here.part else None)
        for pk in rows.values_list("pk", flat=True)[:1]:
            return int(pk)
    return None
