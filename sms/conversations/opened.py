"""One conversation as a member opens it: the person, their numbers, where an answer goes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import JSONObject
from django.http import Http404
from django.utils import timezone

from contacts import phones
from contacts.models import Contact, ContactPhone, Tag
from sms.models import Conversation, Line
from teams import live
from teams.access import Member


@dataclass(frozen=True)
class Opened:
    """A contact with its conversation, which is not stored yet where nothing ever happened (`stored`)."""

    member: Member
    contact: Contact
    conversation: Conversation
    stored: bool
    several_lines: bool

    @property
    def waiting_since(self) -> datetime | None:
        return self.conversation.waiting_since


_NUMBERS = ArraySubquery(
    ContactPhone.objects.filter(contact=OuterRef("pk"))
    .order_by("-is_primary", "id")
    .values(row=JSONObject(id="id", number="number", textable="textable", is_primary="is_primary"))
)
_TAGS = ArraySubquery(Tag.objects.filter(contacts=OuterRef("pk")).order_by("name").values("name"))


def open_contact(member: Member, contact_id: int) -> Opened:
    """Raises Http404 for another team's contact and for a conversation that `member` does not see.

    One statement; the person's numbers and the names of their tags come with them.
    """
    seen = Conversation.objects.visible_to(member).filter(contact=OuterRef("pk"))
    other_line = Line.objects.for_team(member.team).exclude(pk=OuterRef("conversation__line"))
    contact = (
        Contact.objects.for_team(member.team)
        .filter(Q(conversation=None) | Exists(seen))
        .select_related("owner", "conversation__line", "conversation__assignee")
        .annotate(several_lines=Exists(other_line), numbers_now=_NUMBERS, tags_now=_TAGS)
        .filter(pk=contact_id)
        .first()
    )
    if contact is None:
        raise Http404
    # Known by the join: asking for it costs no further statement, also where there is none.
    conversation: Conversation | None = getattr(contact, "conversation", None)
    return Opened(
        member=member,
        contact=contact,
        conversation=conversation or Conversation(contact=contact, team=member.team, last_at=timezone.now()),
        stored=conversation is not None,
        several_lines=bool(getattr(contact, "several_lines", False)),
    )


def numbers_of(contact: Contact) -> list[ContactPhone]:
    """The person's numbers, the primary one first. No statement for a person of `open_contact`."""
    known: list[dict[str, Any]] | None = getattr(contact, "numbers_now", None)
    if known is not None:
        return [ContactPhone(team_id=contact.team_id, contact=contact, **row) for row in known]
    return list(ContactPhone.objects.filter(contact=contact).order_by("-is_primary", "id"))


def name_of(contact: Contact, numbers: list[ContactPhone], region: str) -> str:
    """The person's name, else their number as people write it, else ""."""
    return contact.name or (phones.display(numbers[0].number, region) if numbers else "")


def mark_read(conversation: Conversation) -> None:
    """Whoever opened the thread has seen what was unread; the other browsers are told."""
    if conversation.unread and Conversation.objects.filter(pk=conversation.pk, unread__gt=0).update(unread=0):
        conversation.unread = 0
        live.announce([conversation.team_id])
