"""What is known of a person, by the keys that the table, imports, exports and the API share.

A key is the name of a standard field, or `custom.` and the key of a CustomField.
"""

from dataclasses import dataclass
from enum import Enum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.models import CustomField
from teams.models import Team

CUSTOM = "custom."


class Kind(Enum):
    TEXT = "text"
    PHONE = "phone"
    EMAIL = "email"
    LANGUAGE = "language"
    OWNER = "owner"  # a colleague, in a file by their e-mail
    TAGS = "tags"  # in a file separated by ";" or ","
    LISTS = "lists"
    CONSENT = "consent"  # a ground of Contact.Consent, in a file by its name in English or French or its code
    NUMBER = "number"
    DATE = "date"
    MOMENT = "moment"
    YES_NO = "yes_no"
    CHOICE = "choice"


@dataclass(frozen=True)
class Field:
    key: str
    label: str | Promise
    kind: Kind
    # Whether a file can fill it. Those of CONSENT_KEYS only with proof, when the person importing confirms.
    importable: bool = True
    custom: CustomField | None = None


STANDARD = (
    Field("first_name", _("First name"), Kind.TEXT),
    Field("last_name", _("Last name"), Kind.TEXT),
    Field("phone", _("Phone"), Kind.PHONE),
    Field("other_phones", _("Other phones"), Kind.PHONE),
    Field("email", _("E-mail"), Kind.EMAIL),
    Field("company", _("Company"), Kind.TEXT),
    Field("address", _("Address"), Kind.TEXT),
    Field("language", _("Language"), Kind.LANGUAGE),
    Field("owner", _("Owner"), Kind.OWNER),
    Field("tags", _("Tags"), Kind.TAGS),
    Field("lists", _("Lists"), Kind.LISTS),
    Field("consent", _("Consent"), Kind.CONSENT),
    Field("consent_at", _("Consent since"), Kind.MOMENT),
    Field("consent_source", _("Consent: source"), Kind.TEXT),
    Field("consent_wording", _("Consent: wording"), Kind.TEXT),
    Field("consent_proof", _("Consent: proof"), Kind.TEXT),
    Field("opted_out_at", _("Opted out"), Kind.MOMENT),
    Field("do_not_call_at", _("Do not call"), Kind.MOMENT),
    Field("created_at", _("Added"), Kind.MOMENT, importable=False),
)
CONSENT_KEYS = frozenset(
    {
        "consent",
        "consent_at",
        "consent_source",
        "consent_wording",
        "consent_proof",
        "opted_out_at",
        "do_not_call_at",
    }
)


def of_team(team: Team) -> list[Field]:
    """Every field of this team, standard ones first. One statement."""
    custom = CustomField.objects.for_team(team)
    return [*STANDARD, *(of_custom(field) for field in custom)]


def of_custom(field: CustomField) -> Field:
    return Field(CUSTOM + field.key, field.label, Kind(field.kind), custom=field)
