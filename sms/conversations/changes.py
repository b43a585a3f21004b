"""What was noted of a person, as it stands on the line: consent, follow-ups, merges, the import that brought them."""

from typing import Any

from contacts import phones
from contacts.models import ConsentChange, Contact, FollowUp, Merge
from sms.conversations.timeline import TimelineEvent
from teams.models import User

# Sources of the ledger that the page has words for; any other is the team's own words.
_WORDED = frozenset({"sms", "rep", "import", "api", "merge"})


def show(event: TimelineEvent) -> dict[str, Any]:
    """The variables of templates/sms/conversation_change.html."""
    row = event.row
    if isinstance(row, ConsentChange):
        return consent(row)
    if isinstance(row, FollowUp):
        return follow_up(row, done=event.kind == "done")
    if isinstance(row, Merge):
        return merge(row)
    return imported(row)


def consent(change: ConsentChange) -> dict[str, Any]:
    file = change.imported_by.name if change.imported_by else ""
    return {
        "change": change.kind,
        "basis": change.basis,
        "source": change.source if change.source in _WORDED else "",
        # A team's own words of where it came from; the name of a file beside a source of ours.
        "named": file if change.source == "import" else "" if change.source in _WORDED else change.source,
        "wording": change.wording,
        "proof": change.proof,
        "who": _short(change.by),
    }


def follow_up(row: FollowUp, *, done: bool) -> dict[str, Any]:
    return {
        "text": row.text,
        "who": _short(row.done_by if done else row.created_by),
        "owner": _short(row.owner),
        "due": row.due_at,
        "pk": row.pk,
    }


def merge(row: Merge) -> dict[str, Any]:
    """Who the other was, as far as was noted: a name, a company, a number."""
    gone: dict[str, Any] = row.gone if isinstance(row.gone, dict) else {}
    fields: dict[str, Any] = gone.get("fields") or {}
    name = " ".join(str(fields.get(part) or "") for part in ("first_name", "last_name")).strip()
    numbers = [_number(each) for each in gone.get("phones") or []]
    other = name or str(fields.get("company") or "") or next((each for each in numbers if each), "")
    return {"other": other, "who": _short(row.by)}


def _number(phone: Any) -> str:
    number = phone.get("number") if isinstance(phone, dict) else phone
    return phones.display(str(number), "FR") if number else ""


def imported(contact: Contact) -> dict[str, Any]:
    run = contact.imported_by
    return {"file": run.name if run else "", "who": _short(run.by) if run else ""}


def _short(user: User | None) -> str:
    return user.get_short_name() if user else ""
