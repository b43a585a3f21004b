"""The templates that the composer offers, said to the person who is written to."""

from dataclasses import dataclass
from typing import Any

from contacts.models import Contact
from sms import merge_fields, tracked_link
from sms.message_templates.gaps import with_gaps
from sms.models import Line, MessageTemplate
from teams.models import Team

COLUMNS = ("first_name", "last_name", "company", "email", "address", "language", "custom")


@dataclass(frozen=True)
class Offered:
    """`text`: as it goes into the composer. `wrong`: why it cannot be used, "" when it can."""

    id: int
    name: str
    text: str
    url: str
    wrong: str = ""

    @property
    def shown(self) -> str:
        """As a list shows it: the address in its place."""
        return tracked_link.as_read(self.text, self.url)


def offered(team: Team, contact: Contact | None, line: Line | None) -> list[Offered]:
    """All of the team's, by name. For nobody in particular as they are written: they are filled in when sent."""
    found = MessageTemplate.objects.for_team(team)
    shared = merge_fields.shared_of(line, team) if contact is not None else {}
    return [_offer(each, team, contact, shared) for each in found]


def one_of(team: Team, wanted: str, contact: Contact | None, line: Line | None) -> Offered | None:
    """The template with the id `wanted`, of an address that anybody can type."""
    if not (wanted.isascii() and wanted.isdigit() and len(wanted) < 19):
        return None
    found = MessageTemplate.objects.for_team(team).filter(pk=int(wanted)).first()
    if found is None:
        return None
    shared = merge_fields.shared_of(line, team) if contact is not None else {}
    made = _offer(found, team, contact, shared)
    return None if made.wrong else made


def person_of(contact: Contact) -> dict[str, Any]:
    """The columns that merge fields name."""
    return {name: getattr(contact, name) for name in COLUMNS}


def _offer(template: MessageTemplate, team: Team, contact: Contact | None, shared: dict[str, Any]) -> Offered:
    text, wrong = template.text, ""
    if contact is not None:
        try:
            compiled = merge_fields.compile(text)
            text = with_gaps(compiled, merge_fields.values_of(person_of(contact), **shared), team)
        except merge_fields.Wrong as error:
            wrong = str(error)
    return Offered(template.pk, template.name, text, template.url, wrong)
