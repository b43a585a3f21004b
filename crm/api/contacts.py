"""People: found by number, and their story."""

from typing import Annotated, Any

import pydantic
from django.http import HttpRequest
from ninja import Query, Router

from contacts.models import Contact, ContactPhone
from contacts.people.resolve import key_of
from crm.api import shapes, visible
from crm.api.errors import Invalid
from crm.api.pages import LARGEST_ID, Paging, newest_first, one
from crm.api.tokens import caller
from sms.conversations import timeline
from sms.conversations.timeline import Cursor, TimelineEvent
from teams.access import Right

router = Router(tags=["Contacts"])

ERRORS = dict.fromkeys((401, 403, 422), shapes.ErrorShape)
KINDS = ("message", "click", "call", "qualification", "note")


class ContactFilters(Paging):
    # Blank finds nobody: a program that lost the number must not take the first person of a list.
    phone: Annotated[
        str | None, pydantic.Field(description="A number in any usual writing, or a sender id as it came.")
    ] = None


@router.get("/contacts", response={200: shapes.ContactPage, **ERRORS}, summary="Contacts, newest first")
def list_contacts(request: HttpRequest, filters: Query[ContactFilters]) -> dict[str, Any]:
    """Everybody, or whoever has this number: one person at most."""
    member = caller(request, Right.CONVERSE)
    rows = Contact.objects.for_team(member.team)
    if filters.phone is not None:
        numbers = _writings(filters.phone, member.team.region)
        known = ContactPhone.objects.for_team(member.team).filter(number__in=numbers)
        rows = rows.filter(pk__in=known.values("contact_id"))
    page, next_cursor = newest_first(rows.prefetch_related("phones"), filters)
    return {"items": [_contact(row) for row in page], "next_cursor": next_cursor}


@router.get(
    "/contacts/{int:contact_id}",
    response={200: shapes.ContactShape, 404: shapes.ErrorShape, **ERRORS},
    summary="One contact",
)
def get_contact(request: HttpRequest, contact_id: int) -> dict[str, Any]:
    member = caller(request, Right.CONVERSE)
    return _contact(one(Contact.objects.for_team(member.team).prefetch_related("phones"), contact_id))


@router.get(
    "/contacts/{int:contact_id}/timeline",
    response={200: shapes.TimelinePage, 404: shapes.ErrorShape, **ERRORS},
    summary="What happened with a contact, newest first",
)
def contact_timeline(request: HttpRequest, contact_id: int, paging: Query[Paging]) -> dict[str, Any]:
    """Messages both ways, clicks, calls, qualifications and notes, by the time when they happened."""
    member = caller(request, Right.CONVERSE)
    contact = one(visible.contacts(member), contact_id)
    page = timeline.page(contact.pk, before=_before(paging.cursor), limit=paging.size, kinds=KINDS)
    return {
        "items": [_event(event) for event in page.events],
        "next_cursor": str(page.next) if page.next else None,
    }


def _writings(phone: str, region: str) -> set[str]:
    """Under which numbers somebody may be stored who is asked for as `phone`."""
    if "\x00" in phone:
        raise Invalid({"phone": "The character NUL stands in no number."})
    # A "+" that was not encoded arrives as a space, also inside an e-mail address.
    return {key_of(phone, region), key_of(phone.strip().replace(" ", "+"), region), phone.strip()} - {""}


def _contact(row: Contact) -> dict[str, Any]:
    phones = sorted(row.phones.all(), key=lambda phone: (not phone.is_primary, phone.pk))
    return {
        "id": row.pk,
        "first_name": row.first_name,
        "last_name": row.last_name,
        "company": row.company,
        "email": row.email,
        "phones": [
            {"number": phone.number, "primary": phone.is_primary, "textable": phone.textable}
            for phone in phones
        ],
        "opted_out_at": row.opted_out_at,
        "created_at": row.created_at,
    }


def _before(text: str | None) -> Cursor | None:
    if text is None:
        return None
    try:
        cursor = Cursor.parse(text)
    except (ValueError, OverflowError):
        cursor = None
    if cursor is None or not 0 < cursor.id <= LARGEST_ID:
        raise Invalid({"cursor": "This is no cursor of this list."})
    return cursor


# What each kind tells beside its kind, id, times and line.
_TELLS: dict[str, tuple[str, ...]] = {
    "message": ("direction", "text", "url", "state", "state_reason", "id_sms_api", "segments"),
    "click": ("link", "id_sms_api", "doubtful"),
    "call": ("direction", "duration_s"),
    "qualification": ("source", "text"),
    "note": ("text",),
}


def _event(event: TimelineEvent) -> dict[str, Any]:
    row = event.row
    told: dict[str, Any] = {name: getattr(row, name) for name in _TELLS[event.kind]}
    if event.kind == "qualification":
        told["call"] = row.call_id
    if event.kind == "note":
        told["author"] = row.author_id
    return {
        "kind": event.kind,
        "id": row.pk,
        "happened_at": row.happened_at,
        "received_at": row.received_at,
        "line": getattr(row, "line_id", None),
        **told,
    }
