"""The inbox's rows: a page by keyset, and what each row says."""

import base64
import binascii
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import OuterRef, Q, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from contacts import phones
from contacts.models import ContactPhone
from sms.conversations.folders import Folder
from sms.models import Conversation
from sms.models.conversation import ConversationQuerySet
from teams.templatetags.ligne import duration, link_host

PAGE = 50
# A refetch gives back as many rows as the reader had loaded, up to this many.
MOST_REFETCHED = 300
_LARGEST_ID = 2**63 - 1

# Conversation.last_kind → the row's icon.
ICONS = {"stop": "stopped", "incoming": "call-in", "outgoing": "call-out", "unknown": "call"}


@dataclass(frozen=True)
class RowCursor:
    """The place of a conversation in the inbox."""

    at: datetime
    contact_id: int

    def __str__(self) -> str:
        return (
            base64.urlsafe_b64encode(f"{self.at.isoformat()}|{self.contact_id}".encode()).decode().rstrip("=")
        )

    @classmethod
    def parse(cls, text: str) -> "RowCursor":
        """Raises ValueError for anything that `str` of a cursor did not give."""
        try:
            at, contact_id = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode().split("|")
        except (binascii.Error, UnicodeDecodeError) as error:
            raise ValueError("not a cursor") from error
        moment, number = datetime.fromisoformat(at), int(contact_id)
        if moment.tzinfo is None or not 0 <= number <= _LARGEST_ID:
            raise ValueError("not a cursor")
        return cls(moment, number)


@dataclass(frozen=True)
class Row:
    """One conversation as `c-row` shows it."""

    contact_id: int
    href: str
    name: str
    snippet: str
    kind: str
    at: datetime
    waiting: datetime | None
    assignee: str
    unread: bool
    current: bool


@dataclass(frozen=True)
class RowPage:
    rows: list[Row]
    next: RowCursor | None = None


def number_of(contact: str) -> Subquery:
    """The primary number, else the oldest, of the contact that the column `contact` names."""
    numbers = ContactPhone.objects.filter(contact=OuterRef(contact)).order_by("-is_primary", "id")
    return Subquery(numbers.values("number")[:1])


def page(
    found: ConversationQuerySet,
    *,
    folder: Folder,
    region: str,
    before: RowCursor | None = None,
    loaded: int = 0,
    current: int | None = None,
) -> RowPage:
    """The rows after `before`, newest first; or from the top, as many as were `loaded`. One statement.

    `region` is how numbers are written, `current` the contact whose thread is open.
    """
    limit = max(PAGE, min(loaded, MOST_REFETCHED))
    if before is not None:
        # The first condition bounds the scan of the index; the second decides within one instant.
        found = found.filter(last_at__lte=before.at).filter(
            Q(last_at__lt=before.at) | Q(contact_id__lt=before.contact_id)
        )
    rows = list(
        found.select_related("contact")
        # A team's people are few: joined, each would be read again for every row.
        .prefetch_related("assignee")
        .annotate(number=number_of("contact"))
        .order_by(*_order(folder))[: limit + 1]
    )
    shown = rows[:limit]
    last = RowCursor(shown[-1].last_at, shown[-1].contact_id) if len(rows) > limit else None
    return RowPage([_row(each, folder, region, current) for each in shown], last)


def _order(folder: Folder) -> tuple[str, ...]:
    """Newest first. In one folder nobody is assigned: an order that says so leaves only the index that knows them;
    else the whole inbox's would be read until enough of them were found.
    """
    newest = ("-last_at", "-contact_id")
    return ("assignee_id", *newest) if folder == Folder.UNASSIGNED else newest


def loaded_rows(given: Iterable[str]) -> int:
    """How many rows a browser has: each page that it loaded says its own number."""
    return sum(int(each) for each in given if each.isascii() and each.isdigit() and len(each) < 5)


def thread_address(contact_id: int, folder: Folder) -> str:
    return address_with_folder("sms:thread", contact_id, folder)


def address_with_folder(name: str, contact_id: int, folder: Folder) -> str:
    """An address of one conversation that remembers from which folder it was opened."""
    where = "" if folder == Folder.ALL else f"?{urlencode({'folder': folder.value})}"
    return reverse(name, args=[contact_id]) + where


def _row(conversation: Conversation, folder: Folder, region: str, current: int | None) -> Row:
    number: Any = getattr(conversation, "number", None)
    return Row(
        contact_id=conversation.contact_id,
        href=thread_address(conversation.contact_id, folder),
        name=conversation.contact.name or phones.display(number or "", region) or _("No number"),
        snippet=snippet(conversation),
        kind=conversation.trouble or ICONS.get(conversation.last_kind, conversation.last_kind),
        at=conversation.last_at,
        waiting=conversation.waiting_since,
        assignee=str(conversation.assignee) if conversation.assignee else "",
        unread=conversation.unread > 0,
        current=conversation.contact_id == current,
    )


def snippet(conversation: Conversation) -> str:
    """What happened last, in a few words; what went wrong stands before it."""
    said = _last_event(conversation.last_kind, " ".join(conversation.preview.split()))
    if not conversation.trouble:
        return said
    wrong = _("Failed") if conversation.trouble == "failed" else _("Not sure it went out")
    # Beside what happened last, not as its outcome: the text that failed may be an older one.
    return f"{wrong} · {said}" if said else wrong


def _last_event(kind: str, preview: str) -> str:
    if kind in ("incoming", "outgoing", "unknown", "missed"):
        length = duration(int(preview)) if preview.isascii() and preview.isdigit() else ""
        if kind == "missed":
            return _("Missed call, rang %(time)s") % {"time": length} if length else _("Missed call")
        return _("Call, %(time)s") % {"time": length} if length else _("Call")
    if kind == "stop":
        return _("%(text)s, opted out") % {"text": preview}
    if kind == "click":
        return _("Opened %(link)s") % {"link": link_host(preview)} if preview else _("Opened the link")
    if kind == "qualification":
        return _("Call noted: %(text)s") % {"text": preview} if preview else _("Call noted")
    if kind == "note":
        return _("Note: %(text)s") % {"text": preview}
    return preview
