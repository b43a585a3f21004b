"""What can be inserted into a text, by keys that campaigns and reasons keep.

A key is the name of a contact's field ("first_name"), `custom.` and the key of a CustomField ("custom.town"), or the
writing itself for what does not depend on the person ("sender.first_name").
"""

import re
import unicodedata
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contacts import custom
from contacts.models import CustomField
from teams.models import Team

CUSTOM = "custom."
# As CustomField.key, which the database keeps to 40 characters.
_CUSTOM_KEY = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
# Words of Liquid, which after a dot would not be read as a name; a test holds them to the library's.
RESERVED = frozenset(
    [
        "and",
        "as",
        "blank",
        "cols",
        "contains",
        "continue",
        "else",
        "empty",
        "false",
        "for",
        "if",
        "in",
        "limit",
        "nil",
        "not",
        "null",
        "offset",
        "or",
        "required",
        "reversed",
        "true",
        "with",
    ]
)


@dataclass(frozen=True)
class Field:
    """`example`: what it may say, for a preview."""

    key: str
    label: str | Promise
    example: str

    @property
    def writing(self) -> str:
        """As it stands in a text: `{{ contact.first_name }}`, `{{ contact.custom.town }}`."""
        return "{{ " + written(self.key) + " }}"


STANDARD = (
    Field("first_name", _("First name"), "Camille"),
    Field("last_name", _("Last name"), "Martin"),
    Field("company", _("Company"), "Atelier Martin"),
    Field("email", _("E-mail"), "camille@example.com"),
    Field("address", _("Address"), "12 rue des Lilas, 69003 Lyon"),
)
# Known, and of use in a condition only: {% if contact.language == "en" %}.
UNLISTED = (Field("language", _("Language"), "fr"),)
SENDER = "sender.first_name"
AROUND = (
    Field(SENDER, _("Sender's first name"), "Malik"),
    Field("line.name", pgettext_lazy("merge field", "Line"), "Malik"),
    Field("team.name", pgettext_lazy("merge field", "Team"), "Ligne"),
)
_CONTACT = frozenset(field.key for field in (*STANDARD, *UNLISTED))
_AROUND = frozenset(field.key for field in AROUND)
_LABELS = {field.key: field.label for field in (*STANDARD, *UNLISTED, *AROUND)}


def catalogue(team: Team) -> list[Field]:
    """Every field of this team, in the order in which they are offered. One statement."""
    own = CustomField.objects.for_team(team)
    return [*STANDARD, *(of_custom(field) for field in own), *AROUND]


def of_custom(field: CustomField) -> Field:
    return Field(CUSTOM + field.key, field.label, custom.show(field, example_value(field)))


def key_of(path: tuple[str, ...]) -> str | None:
    """The key of what a text names, or None: ("contact", "custom", "town") is "custom.town"."""
    match path:
        case ("contact", name) if name in _CONTACT:
            return name
        case ("contact", "custom", name) if _CUSTOM_KEY.fullmatch(name):
            return CUSTOM + name
        case _:
            key = ".".join(path)
            return key if key in _AROUND else None


def path_of(key: str) -> tuple[str, ...]:
    parts = tuple(key.split("."))
    return parts if key in _AROUND else ("contact", *parts)


def written(key: str) -> str:
    """A key as it stands between braces: `contact.first_name`."""
    *parents, name = path_of(key)
    joined = ".".join(parents)
    return f'{joined}["{name}"]' if name in RESERVED else f"{joined}.{name}"


def label(key: str, team: Team | None) -> str:
    """A field's name as people read it; of a field that is gone, its key."""
    if key in _LABELS:
        return str(_LABELS[key])
    name = key.removeprefix(CUSTOM)
    known = CustomField.objects.for_team(team).filter(key=name).first() if team else None
    return known.label if known else name


def meant_by(word: str) -> str:
    """The writing that somebody may have meant who wrote `word`: `contact.first_name` for "firstname"; else ""."""
    wanted = _plain(word.rpartition(".")[2])
    named = (
        (key, {_plain(key), _plain(key.rpartition(".")[2]), _plain(str(_LABELS[key]))}) for key in _LABELS
    )
    return next((written(key) for key, names in named if wanted in names), "") if wanted else ""


def _plain(word: str) -> str:
    """Letters alone, without accents and case."""
    apart = unicodedata.normalize("NFKD", word.casefold())
    return re.sub(r"[^a-z]", "", apart)


def example_value(field: CustomField) -> custom.Value:
    """A value as `Contact.custom` keeps it."""
    match field.kind:
        case CustomField.Kind.NUMBER:
            return 3
        case CustomField.Kind.DATE:
            return "2026-12-31"
        case CustomField.Kind.YES_NO:
            return True
        case CustomField.Kind.CHOICE if field.choices:
            return str(field.choices[0])
        case _:
            return field.label
