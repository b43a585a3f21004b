"""Lists: people put together by hand, and who is on them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

import pydantic
from django.db import transaction
from django.http import HttpRequest
from ninja import Query, Router, Schema, Status

from contacts.lists import members
from contacts.models import Contact, ContactList, ListMember
from crm.api import bodies, contact_filters, contact_shapes, keys, named, shapes
from crm.api.bodies import Asked, Line, NotBlank
from crm.api.contact_filters import ContactFilters
from crm.api.contact_references import Problems
from crm.api.pages import Id, Paging, newest_first, one
from crm.api.tokens import caller
from teams import audit, live
from teams.access import Member, Right

router = Router(tags=["Lists"])

ERRORS = dict.fromkeys((401, 403, 422), shapes.ErrorShape)
NOT_FOUND = {404: shapes.ErrorShape}
WRITING = dict.fromkeys((400, 409, 413), shapes.ErrorShape)
MOST = 1000


class ListShape(Schema):
    id: int
    name: str
    created_at: datetime


class ListPage(Schema):
    items: list[ListShape]
    next_cursor: str | None


class ListAsked(Asked):
    name: Annotated[Line, pydantic.Field(max_length=80), NotBlank]


Ids = Annotated[list[Annotated[Id, pydantic.Strict()]], pydantic.Field(max_length=MOST)]


class MembersAsked(Asked):
    add: Annotated[Ids, pydantic.Field(description="Ids of contacts.")] = []
    remove: Annotated[Ids, pydantic.Field(description="Ids of contacts.")] = []


class MembersShape(Schema):
    added: Annotated[int, pydantic.Field(description="How many were not on the list before.")]
    removed: Annotated[int, pydantic.Field(description="How many were on it.")]


@router.get("/lists", response={200: ListPage, **ERRORS}, summary="Lists, newest first")
def list_lists(request: HttpRequest, paging: Query[Paging]) -> dict[str, Any]:
    member = caller(request, Right.CONVERSE)
    page, next_cursor = newest_first(ContactList.objects.for_team(member.team), paging)
    return {"items": [_list(each) for each in page], "next_cursor": next_cursor}


@router.get("/lists/{int:list_id}", response={200: ListShape, **NOT_FOUND, **ERRORS}, summary="One list")
def get_list(request: HttpRequest, list_id: int) -> dict[str, Any]:
    return _list(_of(caller(request, Right.CONVERSE), list_id))


@router.post(
    "/lists",
    response={201: ListShape, **ERRORS, **WRITING},
    openapi_extra=bodies.documented(ListAsked) | {"parameters": [keys.PARAMETER]},
    summary="Add a list",
)
def create_list(request: HttpRequest) -> Status[Any]:
    """409 when the team has a list of this name."""
    member = caller(request, Right.EDIT_CONTACTS)
    body = bodies.read(request)
    made = ContactList(team=member.team, name=bodies.validate(ListAsked, body).name, created_by=member.user)

    def make() -> list[int]:
        named.keep(made)
        return [made.pk]

    ids, _ = keys.once(request, member, ["lists", body], make)
    return Status(201, _list(_of(member, ids[0])))


@router.patch(
    "/lists/{int:list_id}",
    response={200: ListShape, **NOT_FOUND, **ERRORS, **WRITING},
    openapi_extra=bodies.documented(ListAsked),
    summary="Rename a list",
)
def rename_list(request: HttpRequest, list_id: int) -> dict[str, Any]:
    found = _of(caller(request, Right.EDIT_CONTACTS), list_id)
    found.name = bodies.validate(ListAsked, bodies.read(request)).name
    named.keep(found)
    return _list(found)


@router.delete("/lists/{int:list_id}", response={204: None, **NOT_FOUND, **ERRORS}, summary="Delete a list")
def delete_list(request: HttpRequest, list_id: int) -> Status[None]:
    """Its people stay."""
    member = caller(request, Right.EDIT_CONTACTS)
    found = _of(member, list_id)
    with transaction.atomic():
        audit.record(member.team, "list.deleted", found, actor=member.user, name=found.name)
        ContactList.objects.filter(pk=found.pk).delete()
    return Status(204, None)


@router.get(
    "/lists/{int:list_id}/members",
    response={200: contact_shapes.ContactPage, **NOT_FOUND, **ERRORS},
    summary="Who is on a list",
)
def list_members(request: HttpRequest, list_id: int, filters: Query[ContactFilters]) -> dict[str, Any]:
    """Newest contact first. Every filter of the contacts narrows it further."""
    member = caller(request, Right.CONVERSE)
    on_it = ListMember.objects.filter(list=_of(member, list_id)).values("contact_id")
    return contact_filters.page(member, filters, Contact.objects.for_team(member.team).filter(pk__in=on_it))


@router.post(
    "/lists/{int:list_id}/members",
    response={200: MembersShape, **NOT_FOUND, **ERRORS, **WRITING},
    openapi_extra=bodies.documented(MembersAsked) | {"parameters": [keys.PARAMETER]},
    summary="Put up to 1,000 people on a list, take others off",
)
def change_members(request: HttpRequest, list_id: int) -> dict[str, int]:
    """All of it, or nothing when one of the contacts is not the team's. Who is on it already stays so."""
    member = caller(request, Right.EDIT_CONTACTS)
    found = _of(member, list_id)
    body = bodies.read(request)
    asked = bodies.validate(MembersAsked, body)

    def make() -> list[int]:
        _refuse_unknown(member, asked)
        with transaction.atomic():
            people = Contact.objects.for_team(member.team)
            counts = [
                members.add(found, people.filter(pk__in=asked.add)) if asked.add else 0,
                members.remove(found, people.filter(pk__in=asked.remove)) if asked.remove else 0,
            ]
            live.announce([member.team.pk])
        return counts

    counts, _ = keys.once(request, member, ["members", found.pk, body], make)
    return {"added": counts[0], "removed": counts[1]}


def _refuse_unknown(member: Member, asked: MembersAsked) -> None:
    known = Contact.objects.for_team(member.team).filter(pk__in=[*asked.add, *asked.remove])
    ids = set(known.values_list("pk", flat=True))
    problems = Problems(lambda _, field: field)
    for name, given in (("add", asked.add), ("remove", asked.remove)):
        _name_missing(problems, name, given, ids)
    for index, each in enumerate(asked.remove):
        if each in set(asked.add):
            problems.add(0, f"remove.{index}", "This contact stands under “add” too.")
    problems.refuse()


def _name_missing(problems: Problems, name: str, given: Sequence[int], known: set[int]) -> None:
    for index, each in enumerate(given):
        if each not in known:
            problems.add(0, f"{name}.{index}", "The team has no such contact.")


def _of(member: Member, list_id: int) -> ContactList:
    found = one(ContactList.objects.for_team(member.team), list_id)
    found.team = member.team
    return found


def _list(row: ContactList) -> dict[str, Any]:
    return {"id": row.pk, "name": row.name, "created_at": row.created_at}
