"""What the consent section of a person's page says: one statement, whatever the length of the ledger."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from contacts.models import ConsentChange, Contact
from contacts.privacy.forms import GrantForm, WordsForm

Kind = ConsentChange.Kind


@dataclass(frozen=True)
class Shown:
    # "opted_out" above all; then a ground of Contact.Consent, "withdrawn", or "" for nothing recorded.
    commercial: str
    since: datetime | None
    # The entry behind it: wording, source, proof, by whom.
    entry: ConsentChange | None
    # Beside a STOP: the ground that stands all the same, should they start again.
    below: str
    do_not_call_at: datetime | None
    calls: ConsentChange | None

    @property
    def proof_link(self) -> str:
        return link_of(self.entry.proof) if self.entry else ""


def consent(contact: Contact) -> dict[str, Any]:
    """Context of templates/sms/contact_consent.html."""
    changes = ConsentChange.objects.filter(contact=contact, team=contact.team_id).select_related("by")
    newest = {each.kind: each for each in changes.order_by("kind", "-happened_at", "-pk").distinct("kind")}
    kind = Kind.GRANTED
    commercial, since = str(contact.consent), contact.consent_at
    if contact.opted_out_at:
        kind, commercial, since = Kind.OPT_OUT, "opted_out", contact.opted_out_at
    elif commercial == Contact.Consent.WITHDRAWN:
        kind = Kind.WITHDRAWN
    entry = newest.get(kind) if commercial else None
    shown = Shown(
        commercial=commercial,
        since=since,
        entry=entry,
        below=contact.consent if contact.opted_out_at else "",
        do_not_call_at=contact.do_not_call_at,
        calls=newest.get(Kind.DO_NOT_CALL if contact.do_not_call_at else Kind.MAY_CALL),
    )
    return {"consent": shown}


def forms_of(contact: Contact) -> dict[str, Any]:
    """The forms that can be filled in now, by what they do, unbound."""
    ways = ["grant"]
    if contact.consent not in ("", Contact.Consent.WITHDRAWN):
        ways.append("withdraw")
    ways.append("opt_in" if contact.opted_out_at else "opt_out")
    ways.append("may_call" if contact.do_not_call_at else "do_not_call")
    return {do: form_of(do) for do in ways}


def form_of(do: str, given: Any = None) -> Any:
    """The form of one of the ways; each has ids of its own, since they stand on one page."""
    return (GrantForm if do == "grant" else WordsForm)(given, auto_id=f"{do}_%s")


def link_of(proof: str) -> str:
    """`proof` where it is an address that a browser may follow, else ""."""
    try:
        parts = urlsplit(proof.strip())
    except ValueError:
        return ""
    plain = not any(each.isspace() for each in proof.strip())
    return proof.strip() if plain and parts.scheme in ("http", "https") and parts.hostname else ""
