"""The columns of the contact list: which there are, and which somebody looks at."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts import custom, fields
from contacts.fields import Field
from contacts.models import Contact, CustomField
from contacts.people.ordering import Order


@dataclass(frozen=True)
class Column:
    """`key` as in contacts/fields.py, or "event" and "when": what happened last, and when."""

    key: str
    label: str | Promise
    # The order that its head turns; "" for none.
    order: str = ""
    # When the window narrows columns leave in the order p3, p2, p1; on a phone all of these have left.
    leaves: str = "p3"
    # What is fetched for it with a page of people.
    needs: str = ""
    custom: CustomField | None = None

    @property
    def numeric(self) -> bool:
        moment = self.key in ("when", "created_at", "consent_at")
        return moment or (self.custom is not None and self.custom.kind == CustomField.Kind.NUMBER)

    def shown(self, contact: Contact) -> str:
        """The value of a custom field, for a reader."""
        if self.custom is None:
            return ""
        return custom.show(self.custom, contact.custom.get(self.custom.key))


def _of(field: Field) -> Column:
    more = _MORE.get(field.key, {})
    return Column(field.key, field.label, **more, custom=field.custom)


_MORE: dict[str, dict[str, str]] = {
    "phone": {"leaves": "p1"},
    "email": {"order": "email"},
    "company": {"order": "company"},
    "owner": {"leaves": "p2"},
    "tags": {"leaves": "p2", "needs": "tags"},
    "lists": {"needs": "lists"},
    "consent": {"leaves": "p1"},
    "created_at": {"order": "added"},
}
# Names stand first whatever is chosen; the rest of a consent is on the person's page.
_SHOWN = (
    "phone", "company", "email", "tags", "consent", "owner", "lists", "address", "language", "other_phones",
    "consent_at", "created_at",
)  # fmt: skip
NAME = Column("name", _("Name"), order="name", leaves="")
EVENT = Column("event", _("Last event"), leaves="p1", needs="conversation")
WHEN = Column("when", _("When"), order="event", leaves="", needs="conversation")
# What the table opens with until somebody chooses.
USUAL = ("phone", "company", "tags", "consent", "owner", "event", "when")


def every(custom_fields: Iterable[CustomField]) -> list[Column]:
    """All columns of a team, in the order of the menu."""
    by_key = {field.key: field for field in fields.STANDARD}
    standard = [_of(by_key[key]) for key in _SHOWN]
    return [*standard, EVENT, WHEN, *(_of(fields.of_custom(each)) for each in custom_fields)]


def chosen(keys: Sequence[str], columns: Iterable[Column]) -> list[Column]:
    """Those of `keys`, in their order, without what is gone; the usual ones when nothing was chosen."""
    known = {column.key: column for column in columns}
    found = [known[key] for key in dict.fromkeys(keys) if key in known]
    return found or [known[key] for key in USUAL]


def needed(columns: Iterable[Column]) -> list[str]:
    """What a page of people is to be fetched with."""
    return sorted({column.needs for column in columns if column.needs})


def order_of(column: Column, present: Order) -> tuple[Order, str] | None:
    """The order that a press on its head gives, and `aria-sort` of the present one; None for no order."""
    if not column.order:
        return None
    if column.order != present.key:
        return Order(column.order).first, ""
    return present.turned, "descending" if present.down else "ascending"
