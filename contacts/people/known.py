"""What is known of a person, one field a row, as their page shows it; each row can be changed where it stands."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from contacts import custom
from contacts.fields import CUSTOM
from contacts.languages import LANGUAGES
from contacts.models import Contact, CustomField

# Changed in place, in this order; the team's own fields follow.
STANDARD: dict[str, str | Promise] = {
    "company": _("Company"),
    "email": _("E-mail"),
    "address": _("Address"),
    "language": _("Language"),
    "owner": _("Owner"),
}
# Most people have none: shown once it is filled, and given on the form of all fields before.
_WHEN_FILLED = frozenset({"company"})


@dataclass(frozen=True)
class Row:
    """A field: its key (contacts/fields.py), its name, and its value for a reader; "" for nothing."""

    key: str
    label: str | Promise
    shown: str


def rows(contact: Contact, fields: Iterable[CustomField]) -> list[Row]:
    """Every field that stands on the page: the filled ones, and the empty ones that a team wants filled."""
    every = [row(contact, key, fields) for key in STANDARD]
    every += [row(contact, CUSTOM + field.key, [field]) for field in fields]
    return [each for each in every if each.shown or each.key not in _WHEN_FILLED]


def row(contact: Contact, key: str, fields: Iterable[CustomField]) -> Row:
    """Raises KeyError for a key that no row has."""
    if key.startswith(CUSTOM):
        field = next((each for each in fields if CUSTOM + each.key == key), None)
        if field is None:
            raise KeyError(key)
        return Row(key, field.label, custom.show(field, contact.custom.get(field.key)))
    return Row(key, STANDARD[key], _shown(contact, key))


def _shown(contact: Contact, key: str) -> str:
    if key == "owner":
        return str(contact.owner) if contact.owner else ""
    if key == "language":
        return str(capfirst(dict(LANGUAGES).get(contact.language, contact.language)))
    return str(getattr(contact, key))
