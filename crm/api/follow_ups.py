"""Follow-ups: what we owe a person, by whom, until when."""

from datetime import datetime, timedelta
from typing import Annotated, Any

import pydantic
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from ninja import Query, Router, Schema, Status

from contacts.follow_ups import doing
from contacts.models import Contact, FollowUp
from crm.api import bodies, contacts, keys, shapes
from crm.api.bodies import Asked, Line, Moment, NotBlank
from crm.api.contact_filters import Since
from crm.api.contact_forms import Owner
from crm.api.contact_references import Colleagues
from crm.api.errors import ApiError, Invalid, NotFound
from crm.api.pages import LARGEST_ID, BlankIsNone, Id, Paging, by_time, one
from crm.api.tokens import caller
from teams.access import Member, Right
from teams.models import User

router = Router(tags=["Follow-ups"])

ERRORS = dict.fromkeys((401, 403, 422), shapes.ErrorShape)
NOT_FOUND = {404: shapes.ErrorShape}
WRITING = dict.fromkeys((400, 409, 413), shapes.ErrorShape)
# Whoever writes a date further away mistook its form.
FURTHEST = timedelta(days=366 * 10)

What = Annotated[Line, pydantic.Field(max_length=200), NotBlank]


def _near(at: datetime) -> datetime:
    if abs(at - timezone.now()) > FURTHEST:
        raise ValueError("The time is more than ten years away.")
    return at


Due = Annotated[Moment, pydantic.AfterValidator(_near)]


class FollowUpAsked(Asked):
    contact: Annotated[Id, pydantic.Strict()]
    text: Annotated[What, pydantic.Field(description="What to do.")]
    due_at: Annotated[Due, pydantic.Field(description="With an offset; what is past is overdue at once.")]
    owner: Owner = None


class FollowUpChange(Asked):
    """What to change; what is not given stays."""

    text: What | None = None
    due_at: Due | None = None
    owner: Owner = None
    done: Annotated[
        Annotated[bool, pydantic.Strict()] | None,
        pydantic.Field(
            description="true: it was done, now, by whom the token speaks for; false: open again."
        ),
    ] = None


class FollowUpShape(Schema):
    id: int
    contact: int
    text: str
    due_at: datetime
    owner: Annotated[int | None, pydantic.Field(description="The user who does it; null: nobody's yet.")]
    done_at: datetime | None
    done_by: int | None
    created_by: int | None
    created_at: datetime
    updated_at: datetime


class FollowUpPage(Schema):
    items: list[FollowUpShape]
    next_cursor: str | None


class FollowUpFilters(Paging):
    done: Annotated[
        bool | None,
        BlankIsNone,
        pydantic.Field(
            description="false, or not given: what is open, the first due first; true: what was done last first."
        ),
    ] = None
    contact: Annotated[Id | None, BlankIsNone] = None
    owner: Annotated[
        Annotated[int, pydantic.Field(ge=0, le=LARGEST_ID)] | None,
        BlankIsNone,
        pydantic.Field(description="A user's id; 0: nobody's."),
    ] = None
    due_before: Annotated[Since | None, BlankIsNone] = None


@router.get("/follow-ups", response={200: FollowUpPage, **ERRORS}, summary="Follow-ups, the first due first")
def list_follow_ups(request: HttpRequest, filters: Query[FollowUpFilters]) -> dict[str, Any]:
    """Who sees only their own conversations sees their own, nobody's, and those they added."""
    rows = doing.visible_to(caller(request, Right.CONVERSE))
    rows = rows.filter(done_at__isnull=not filters.done)
    if filters.contact is not None:
        rows = rows.filter(contact=filters.contact)
    if filters.owner is not None:
        rows = rows.filter(owner=filters.owner or None)
    if filters.due_before is not None:
        rows = rows.filter(due_at__lt=filters.due_before)
    column, down = ("done_at", True) if filters.done else ("due_at", False)
    page, next_cursor = by_time(rows, filters, column, down=down)
    return {"items": [_follow_up(each) for each in page], "next_cursor": next_cursor}


@router.get(
    "/follow-ups/{int:follow_up_id}",
    response={200: FollowUpShape, **NOT_FOUND, **ERRORS},
    summary="One follow-up",
)
def get_follow_up(request: HttpRequest, follow_up_id: int) -> dict[str, Any]:
    return _follow_up(one(doing.visible_to(caller(request, Right.CONVERSE)), follow_up_id))


@router.post(
    "/follow-ups",
    response={201: FollowUpShape, **ERRORS, **WRITING},
    openapi_extra=bodies.documented(FollowUpAsked) | {"parameters": [keys.PARAMETER]},
    summary="Add a follow-up",
)
def create_follow_up(request: HttpRequest) -> Status[Any]:
    member = caller(request, Right.EDIT_CONTACTS)
    body = bodies.read(request)
    asked = bodies.validate(FollowUpAsked, body)

    def make() -> list[int]:
        try:
            target = contacts.person(member, asked.contact)
        except NotFound:
            raise Invalid({"contact": "The team has no such contact."}) from None
        owner = _owner(member, asked.owner)
        contact = Contact.objects.get(pk=target)
        return [doing.add(contact, asked.text, asked.due_at, owner=owner, by=member.user).pk]

    ids, _ = keys.once(request, member, ["follow-ups", body], make)
    return Status(201, _follow_up(one(FollowUp.objects.for_team(member.team), ids[0])))


@router.patch(
    "/follow-ups/{int:follow_up_id}",
    response={200: FollowUpShape, **NOT_FOUND, **ERRORS, **WRITING},
    openapi_extra=bodies.documented(FollowUpChange),
    summary="Change a follow-up, tick it off or open it again",
)
def change_follow_up(request: HttpRequest, follow_up_id: int) -> dict[str, Any]:
    """409 when what is done already would be changed: open it again first, or with the same request."""
    member = caller(request, Right.EDIT_CONTACTS)
    rows = doing.visible_to(member)
    asked = bodies.validate(FollowUpChange, bodies.read(request))
    with transaction.atomic():
        row = one(rows, follow_up_id)
        if asked.done is False:
            doing.reopen(row)
        _change(member, row, asked)
        if asked.done:
            doing.done(row, by=member.user)
    # Who gave it away may see it no more; what they changed is told all the same.
    return _follow_up(one(FollowUp.objects.for_team(member.team), follow_up_id))


@router.delete(
    "/follow-ups/{int:follow_up_id}",
    response={204: None, **NOT_FOUND, **ERRORS},
    summary="Delete a follow-up",
)
def delete_follow_up(request: HttpRequest, follow_up_id: int) -> Status[None]:
    member = caller(request, Right.EDIT_CONTACTS)
    doing.remove(one(doing.visible_to(member), follow_up_id))
    return Status(204, None)


def _change(member: Member, row: FollowUp, asked: FollowUpChange) -> None:
    """Text, time and owner, where one of them is given."""
    given = asked.model_fields_set
    new_owner = "owner" in given
    if asked.text is None and asked.due_at is None and not new_owner:
        return
    owner = _owner(member, asked.owner) if new_owner else row.owner
    changed = doing.edit(row, text=asked.text or row.text, due_at=asked.due_at or row.due_at, owner=owner)
    if not changed:
        raise ApiError(409, "done", "This follow-up is done.", {"done": "Open it again with false."})


def _owner(member: Member, named: int | str | None) -> User | None:
    if named is None:
        return None
    found = Colleagues(member.team, [named]).find(named)
    if found is None:
        raise Invalid({"owner": "The team has no such colleague."})
    return User.objects.get(pk=found)


def _follow_up(row: FollowUp) -> dict[str, Any]:
    names = ("text", "due_at", "done_at", "created_at", "updated_at")
    ids = {
        "id": row.pk,
        "contact": row.contact_id,
        "owner": row.owner_id,
        "done_by": row.done_by_id,
        "created_by": row.created_by_id,
    }
    return {**ids, **{name: getattr(row, name) for name in names}}
