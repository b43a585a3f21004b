"""People: found, written, and their story."""

from typing import Annotated, Any

import pydantic
from django.http import HttpRequest
from ninja import Query, Router, Schema, Status

from contacts.duplicates.gone import kept_of
from contacts.models import Contact
from crm.api import bodies, contact_filters, contact_shapes, keys, shapes, visible
from crm.api.contact_filters import ContactFilters
from crm.api.contact_forms import ContactAsked, ContactsAsked, NumberAsked
from crm.api.contact_writing import Mode, Written, write
from crm.api.errors import Invalid, NotFound
from crm.api.pages import LARGEST_ID, Paging, one
from crm.api.tokens import caller
from sms.conversations import timeline
from sms.conversations.timeline import Cursor, TimelineEvent
from teams.access import Member, Right

router = Router(tags=["Contacts"])

ERRORS = dict.fromkeys((401, 403, 422), shapes.ErrorShape)
WRITING_ERRORS = ERRORS | dict.fromkeys((400, 409, 413), shapes.ErrorShape)
KINDS = ("message", "click", "call", "qualification", "note")


@router.get(
    "/contacts", response={200: contact_shapes.ContactPage, **ERRORS}, summary="Contacts, newest first"
)
def list_contacts(request: HttpRequest, filters: Query[ContactFilters]) -> dict[str, Any]:
    """Everybody, or whom the filters leave; by `phone` one person at most."""
    return contact_filters.page(caller(request, Right.CONVERSE), filters)


@router.get(
    "/contacts/{int:contact_id}",
    response={200: contact_shapes.ContactShape, 404: shapes.ErrorShape, **ERRORS},
    summary="One contact",
)
def get_contact(request: HttpRequest, contact_id: int) -> dict[str, Any]:
    """The id of somebody who was merged gives the person kept, under that person's own id."""
    member = caller(request, Right.CONVERSE)
    found = _found(member, contact_id)
    return found if found is not None else _told(member, person(member, contact_id))


@router.post(
    "/contacts",
    response={201: contact_shapes.WrittenShape | list[contact_shapes.WrittenShape], **WRITING_ERRORS},
    openapi_extra=bodies.documented(ContactAsked, ContactsAsked) | {"parameters": [keys.PARAMETER]},
    summary="Add one contact, or up to 1,000",
)
def create_contacts(request: HttpRequest) -> Status[Any]:
    """Adds a person, or all of a list in one transaction: all, or none. A list is answered with a list.

    A person needs a number or a name. A number belongs to one person of a team: one that is known already is
    refused with 409 that names its contact, unless `upsert` is true: then that person is changed, and keeps
    the numbers they have. Whoever is new under a number that opted out is opted out from the beginning.
    """
    member = caller(request, Right.EDIT_CONTACTS)
    body = bodies.read(request)
    several = isinstance(body, dict) and "contacts" in body
    if several:
        form = bodies.validate(ContactsAsked, body)
        asked, mode = form.contacts, Mode.UPSERT if form.upsert else Mode.NEW
    else:
        asked, mode = [bodies.validate(ContactAsked, body)], Mode.NEW

    def place(index: int, field: str) -> str:
        return f"contacts.{index}.{field}" if several else field

    def make() -> list[int]:
        # The id of somebody who was here already is kept as its negative.
        return [
            each.contact_id if each.created else -each.contact_id
            for each in write(member, asked, place, mode)
        ]

    ids, _ = keys.once(request, member, ["contacts", body], make)
    items = _written(member, [Written(abs(each), each > 0) for each in ids])
    if several:
        return Status(201, items)
    if not items:
        raise NotFound  # they were erased since
    return Status(201, items[0])


class Whose(Schema):
    phone: Annotated[str, pydantic.Field(description="A number in any usual writing.")]


@router.put(
    "/contacts",
    response={200: contact_shapes.WrittenShape, 201: contact_shapes.WrittenShape, **WRITING_ERRORS},
    openapi_extra=bodies.documented(ContactAsked),
    summary="Change whoever has a number, or add them",
)
def upsert_contact(request: HttpRequest, whose: Query[Whose]) -> Status[Any]:
    """200: the person was here and was changed as PATCH does; 201: they are new, with `phone` as a number.

    `phones` of the body are added to those that the person has, and none is taken away.
    """
    member = caller(request, Right.EDIT_CONTACTS)
    asked = bodies.validate(ContactAsked, bodies.read(request))
    # A "+" that was not encoded arrives as a space.
    number = whose.phone if "\x00" not in whose.phone else ""
    asked.phones = [NumberAsked(number), *(asked.phones or [])]

    def place(_index: int, field: str) -> str:
        name, _, rest = field.partition(".")
        if name != "phones" or not rest:
            return field
        return "phone" if rest == "0" else f"phones.{int(rest) - 1}"

    written = write(member, [asked], place, Mode.UPSERT)
    items = _written(member, written)
    if not items:
        raise NotFound
    return Status(201 if written[0].created else 200, items[0])


@router.patch(
    "/contacts/{int:contact_id}",
    response={200: contact_shapes.ContactShape, 404: shapes.ErrorShape, **WRITING_ERRORS},
    openapi_extra=bodies.documented(ContactAsked),
    summary="Change a contact",
)
def change_contact(request: HttpRequest, contact_id: int) -> dict[str, Any]:
    """What is not given stays. `phones`, `tags` and `lists` are the whole sets; "" empties a text.

    There is no way to delete a person here: to erase one is an admin's act, on the person's page.
    """
    member = caller(request, Right.EDIT_CONTACTS)
    asked = bodies.validate(ContactAsked, bodies.read(request))
    target = person(member, contact_id)
    write(member, [asked], lambda _, field: field, Mode.CHANGE, target=target)
    return _told(member, target)


@router.get(
    "/contacts/{int:contact_id}/timeline",
    response={200: shapes.TimelinePage, 404: shapes.ErrorShape, **ERRORS},
    summary="What happened with a contact, newest first",
)
def contact_timeline(request: HttpRequest, contact_id: int, paging: Query[Paging]) -> dict[str, Any]:
    """Messages both ways, clicks, calls, qualifications and notes, by the time when they happened."""
    member = caller(request, Right.CONVERSE)
    rows = visible.contacts(member)
    known = contact_id <= LARGEST_ID and rows.filter(pk=contact_id).exists()
    target = contact_id if known else one(rows, person(member, contact_id)).pk
    page = timeline.page(target, before=_before(paging.cursor), limit=paging.size, kinds=KINDS)
    return {
        "items": [_event(event) for event in page.events],
        "next_cursor": str(page.next) if page.next else None,
    }


def person(member: Member, contact_id: int) -> int:
    """The id of this person of the team, or of whom they were merged into. Raises NotFound."""
    if not 0 < contact_id <= LARGEST_ID:
        raise NotFound
    if Contact.objects.for_team(member.team).filter(pk=contact_id).exists():
        return contact_id
    kept = kept_of(member.team, contact_id)
    if kept is None:
        raise NotFound
    return kept


def _told(member: Member, contact_id: int) -> dict[str, Any]:
    found = _found(member, contact_id)
    if found is None:
        raise NotFound
    return found


def _found(member: Member, contact_id: int) -> dict[str, Any] | None:
    told = contact_shapes.in_order(member.team, [contact_id]) if contact_id <= LARGEST_ID else []
    return told[0] if told else None


def _written(member: Member, written: list[Written]) -> list[dict[str, Any]]:
    created = {each.contact_id: each.created for each in written}
    return [
        {**told, "created": created[told["id"]]} for told in contact_shapes.in_order(member.team, created)
    ]


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
    if event.kind == "message":
        told["campaign"] = row.campaign_id
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
