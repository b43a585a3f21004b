"""Tags: words that a team puts on people."""

from typing import Annotated, Any

import pydantic
from django.http import HttpRequest
from ninja import Query, Router, Schema, Status

from contacts.models import Tag
from contacts.tags import naming, tagging
from crm.api import bodies, contact_forms, keys, shapes
from crm.api.bodies import Asked
from crm.api.errors import ApiError
from crm.api.pages import Paging, newest_first, one
from crm.api.tokens import caller
from teams import live
from teams.access import Member, Right

router = Router(tags=["Tags"])

ERRORS = dict.fromkeys((401, 403, 422), shapes.ErrorShape)
NOT_FOUND = {404: shapes.ErrorShape}
WRITING = dict.fromkeys((400, 409, 413), shapes.ErrorShape)


class TagShape(Schema):
    id: int
    name: str


class TagPage(Schema):
    items: list[TagShape]
    next_cursor: str | None


class TagAsked(Asked):
    name: Annotated[contact_forms.Tag, pydantic.Field(description="Accents and case make no other tag.")]


@router.get("/tags", response={200: TagPage, **ERRORS}, summary="Tags, newest first")
def list_tags(request: HttpRequest, paging: Query[Paging]) -> dict[str, Any]:
    member = caller(request, Right.CONVERSE)
    page, next_cursor = newest_first(Tag.objects.for_team(member.team), paging)
    return {"items": [_tag(each) for each in page], "next_cursor": next_cursor}


@router.get("/tags/{int:tag_id}", response={200: TagShape, **NOT_FOUND, **ERRORS}, summary="One tag")
def get_tag(request: HttpRequest, tag_id: int) -> dict[str, Any]:
    member = caller(request, Right.CONVERSE)
    return _tag(one(Tag.objects.for_team(member.team), tag_id))


@router.post(
    "/tags",
    response={201: TagShape, **ERRORS, **WRITING},
    openapi_extra=bodies.documented(TagAsked) | {"parameters": [keys.PARAMETER]},
    summary="Add a tag",
)
def create_tag(request: HttpRequest) -> Status[Any]:
    """409 when the team has a tag of this name. Tags of people are made by name, with no need of this."""
    member = caller(request, Right.EDIT_CONTACTS)
    body = bodies.read(request)
    name = bodies.validate(TagAsked, body).name

    def make() -> list[int]:
        _refuse_taken(member, name)
        made = tagging.named(member.team, [name])[name]
        live.announce([member.team.pk])
        return [made.pk]

    ids, _ = keys.once(request, member, ["tags", body], make)
    return Status(201, _tag(one(Tag.objects.for_team(member.team), ids[0])))


@router.patch(
    "/tags/{int:tag_id}",
    response={200: TagShape, **NOT_FOUND, **ERRORS, **WRITING},
    openapi_extra=bodies.documented(TagAsked),
    summary="Rename a tag",
)
def rename_tag(request: HttpRequest, tag_id: int) -> dict[str, Any]:
    """For managers and admins. 409 when another tag has this name: the tags' page can join the two."""
    member = caller(request, Right.MANAGE_FIELDS)
    tag = one(Tag.objects.for_team(member.team).select_related("team"), tag_id)
    name = bodies.validate(TagAsked, bodies.read(request)).name
    _refuse_taken(member, name, but=tag.pk)
    return _tag(naming.rename(tag, name, by=member.user))


@router.delete("/tags/{int:tag_id}", response={204: None, **NOT_FOUND, **ERRORS}, summary="Delete a tag")
def delete_tag(request: HttpRequest, tag_id: int) -> Status[None]:
    """Takes it off everybody. For managers and admins."""
    member = caller(request, Right.MANAGE_FIELDS)
    naming.delete(one(Tag.objects.for_team(member.team).select_related("team"), tag_id), by=member.user)
    return Status(204, None)


def _refuse_taken(member: Member, name: str, but: int | None = None) -> None:
    taken = tagging.named(member.team, [name], create=False).get(name)
    if taken is not None and taken.pk != but:
        raise ApiError(
            409, "name_taken", "There is a tag of this name.", {"name": f"Tag {taken.pk} has this name."}
        )


def _tag(row: Tag) -> dict[str, Any]:
    return {"id": row.pk, "name": row.name}
