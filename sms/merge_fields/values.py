"""The values that a text is rendered with: of a person from their columns, and of whoever writes to them."""

import re
import unicodedata
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from django.utils import formats, translation
from django.utils.translation import gettext

from contacts.models import CustomField
from sms.gateway.texts import LIVE
from sms.merge_fields.fields import AROUND, STANDARD, example_value
from sms.models import Line
from teams.models import Team

DATE = CustomField.Kind.DATE
Value = str | int | float | bool | date | None

# What stands in the text itself for the tracked link's place while it is rendered. No character of any language, and
# taken out of what people are called: only the text's own places become places.
PLACE = "\ufdd1"
_NAMES = ("first_name", "last_name", "company", "email", "address", "language")
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# Countries whose texts are in French; elsewhere days and numbers are written as English does.
_FRENCH = frozenset(
    [
        "FR",
        "GP",
        "MQ",
        "GF",
        "RE",
        "YT",
        "PM",
        "NC",
        "PF",
        "BL",
        "MF",
        "WF",
        "BE",
        "CH",
        "LU",
        "MC",
        "TN",
        "MA",
        "DZ",
        "SN",
        "CI",
    ]
)


def values_of(
    person: Mapping[str, Any],
    *,
    sender: str = "",
    line: str = "",
    team: str = "",
    fields: Mapping[str, str] = MappingProxyType({}),
    language: str = "fr",
) -> dict[str, Any]:
    """What a text is rendered with for one person.

    `person` has the columns of a contact (first_name, last_name, company, email, address, language, custom); what is
    missing is empty. The others are the same for everybody of a line: `shared_of`. `fields` has the kinds of the team's
    custom fields by key:
    that are days, `language` is that of the text: how days and numbers are written.
    """
    own = person.get("custom")
    known = own if isinstance(own, dict) else {}
    contact: dict[str, Any] = {name: person.get(name) for name in _NAMES}
    contact["custom"] = {key: _day(known[key]) if fields.get(key) == DATE else known[key] for key in known}
    return {
        "contact": contact,
        "sender": {"first_name": sender},
        "line": {"name": line},
        "team": {"name": team},
        "language": language,
    }


def shared_of(line: Line | None, team: Team) -> dict[str, Any]:
    """What `values_of` takes beside the person. One statement when the line comes with its holder."""
    holder = line.holder if line else None
    name = holder.full_name.split()[:1] if holder else []
    return {
        "sender": "".join(name),
        "line": line.name if line else "",
        "team": team.sender_name or team.name,
        "fields": dict(CustomField.objects.for_team(team).values_list("key", "kind")),
        "language": language_of(team),
    }


def language_of(team: Team) -> str:
    """The language of the team's texts."""
    return "fr" if team.region in _FRENCH else "en"


def example_of(team: Team) -> dict[str, Any]:
    """Values of somebody who does not exist, with every field of the team filled. One statement."""
    own = list(CustomField.objects.for_team(team))
    person: dict[str, Any] = {field.key: field.example for field in STANDARD} | {
        "language": language_of(team)
    }
    person["custom"] = {field.key: example_value(field) for field in own}
    around = {field.key: field.example for field in AROUND}
    return values_of(
        person,
        sender=around["sender.first_name"],
        line=around["line.name"],
        team=team.sender_name or team.name,
        fields={field.key: field.kind for field in own},
        language=language_of(team),
    )


def _day(value: Any) -> Any:
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            return value
    return value


def tidy(written: str) -> str:
    """Somebody's word as a part of a text: on one line, and without the gateway's own words."""
    if not written.isprintable():
        written = "".join(map(_character, written))
    return LIVE.sub(r"(\1)", written) if "[" in written else written


def _character(each: str) -> str:
    match unicodedata.category(each):
        case "Cc" | "Zl" | "Zp":
            return " "
        case "Cs" | "Cn" | "Co":
            return ""
        case _:
            return each


def shown(value: Value, language: str) -> str:
    """A value that is no text, as a reader of `language` writes it."""
    with translation.override(language):
        if isinstance(value, bool):
            return gettext("Yes") if value else gettext("No")
        if isinstance(value, date):
            return str(formats.date_format(value, "SHORT_DATE_FORMAT"))
        return str(formats.localize(value, use_l10n=True))
