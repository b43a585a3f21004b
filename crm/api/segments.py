"""Segments: who fulfils conditions, at any moment."""

from datetime import datetime
from typing import Annotated, Any

import pydantic
from django.db import transaction
from django.http import HttpRequest
from django.utils import translation
from ninja import Query, Router, Schema, Status

from contacts.models import Contact, Segment
from contacts.segments import definition, find, sentence
from contacts.segments.conditions import Vocabulary
from contacts.segments.definition import Definition, Wrong
from crm.api import bodies, contact_filters, contact_shapes, keys, named, shapes
from crm.api.bodies import Asked, Line, NotBlank, storable
from crm.api.contact_filters import ContactFilters
from crm.api.errors import MOST_FIELDS, Invalid
from crm.api.pages import Paging, newest_first, one
from crm.api.tokens import caller
from teams import audit
from teams.access import Member, Right

router = Router(tags=["Segments"])

ERRORS = dict.fromkeys((401, 403, 422), shapes.ErrorShape)
NOT_FOUND = {404: shapes.ErrorShape}
WRITING = dict.fromkeys((400, 409, 413), shapes.ErrorShape)
DEEPEST = 8


def _stored(value: Any, depth: int = 0) -> Any:
    """Sees that all texts inside can be stored. Its meaning is looked at with the team at hand."""
    if depth > DEEPEST:
        raise ValueError("This is nested too deeply.")
    if isinstance(value, str):
        storable(value)
    elif isinstance(value, dict):
        for key, each in value.items():
            storable(key)
            _stored(each, depth + 1)
    elif isinstance(value, list):
        for each in value:
            _stored(each, depth + 1)
    elif isinstance(value, float) and value in (float("inf"), float("-inf")):
        raise ValueError("A number is too large.")
    return value


DefinitionJson = Annotated[
    dict[str, Any],
    pydantic.AfterValidator(_stored),
    pydantic.Field(
        description='`{"match": "all" | "any", "conditions": [{"field", "op", "value"}, …]}`; a condition may be a '
        "group `{match, conditions}` of its own, one level deep."
    ),
]
Name = Annotated[Line, pydantic.Field(max_length=80), NotBlank]


class SegmentAsked(Asked):
    name: Name
    definition: DefinitionJson


class SegmentChange(Asked):
    name: Name | None = None
    definition: DefinitionJson | None = None


class PreviewAsked(Asked):
    definition: DefinitionJson


class SegmentShape(Schema):
    id: int
    name: str
    definition: dict[str, Any]
    sentence: Annotated[str, pydantic.Field(description="What it means, in the language of the request.")]
    created_at: datetime
    updated_at: datetime


class SegmentPage(Schema):
    items: list[SegmentShape]
    next_cursor: str | None


class PreviewShape(Schema):
    count: Annotated[
        int | None,
        pydantic.Field(description="Counted up to 10,000: 10001 = more. null: counting took too long."),
    ]
    sentence: str
    definition: Annotated[dict[str, Any], pydantic.Field(description="As it would be stored.")]


@router.get("/segments", response={200: SegmentPage, **ERRORS}, summary="Segments, newest first")
def list_segments(request: HttpRequest, paging: Query[Paging]) -> dict[str, Any]:
    member = caller(request, Right.CONVERSE)
    page, next_cursor = newest_first(Segment.objects.for_team(member.team), paging)
    vocabulary = Vocabulary(member.team)
    return {"items": [_segment(each, vocabulary) for each in page], "next_cursor": next_cursor}


@router.get(
    "/segments/{int:segment_id}", response={200: SegmentShape, **NOT_FOUND, **ERRORS}, summary="One segment"
)
def get_segment(request: HttpRequest, segment_id: int) -> dict[str, Any]:
    member = caller(request, Right.CONVERSE)
    return _segment(_of(member, segment_id), Vocabulary(member.team))


@router.post(
    "/segments",
    response={201: SegmentShape, **ERRORS, **WRITING},
    openapi_extra=bodies.documented(SegmentAsked) | {"parameters": [keys.PARAMETER]},
    summary="Add a segment",
)
def create_segment(request: HttpRequest) -> Status[Any]:
    """409 when the team has a segment of this name; 422 names each condition that can't be asked."""
    member = caller(request, Right.EDIT_CONTACTS)
    body = bodies.read(request)
    asked = bodies.validate(SegmentAsked, body)

    def make() -> list[int]:
        found = _parsed(asked.definition, Vocabulary(member.team))
        made = Segment(team=member.team, name=asked.name, definition=found.as_json(), created_by=member.user)
        named.keep(made)
        return [made.pk]

    ids, _ = keys.once(request, member, ["segments", body], make)
    return Status(201, _segment(_of(member, ids[0]), Vocabulary(member.team)))


@router.post(
    "/segments/preview",
    response={200: PreviewShape, **ERRORS, **WRITING},
    openapi_extra=bodies.documented(PreviewAsked),
    summary="How many a definition means, and what it says",
)
def preview_segment(request: HttpRequest) -> dict[str, Any]:
    """Stores nothing."""
    member = caller(request, Right.CONVERSE)
    vocabulary = Vocabulary(member.team)
    found = _parsed(bodies.validate(PreviewAsked, bodies.read(request)).definition, vocabulary)
    people = find.people(member.team, found, vocabulary=vocabulary)
    count: int | None
    try:
        count = find.count_of(people)
    except find.TakesTooLong:
        count = None
    said = sentence.sentence(member.team, found, vocabulary=vocabulary)
    return {"count": count, "sentence": said, "definition": found.as_json()}


@router.patch(
    "/segments/{int:segment_id}",
    response={200: SegmentShape, **NOT_FOUND, **ERRORS, **WRITING},
    openapi_extra=bodies.documented(SegmentChange),
    summary="Change a segment",
)
def change_segment(request: HttpRequest, segment_id: int) -> dict[str, Any]:
    """What is not given stays."""
    member = caller(request, Right.EDIT_CONTACTS)
    row = _of(member, segment_id)
    asked = bodies.validate(SegmentChange, bodies.read(request))
    vocabulary = Vocabulary(member.team)
    if asked.definition is not None:
        row.definition = _parsed(asked.definition, vocabulary).as_json()
    if asked.name is not None:
        row.name = asked.name
    named.keep(row)
    return _segment(row, vocabulary)


@router.delete(
    "/segments/{int:segment_id}", response={204: None, **NOT_FOUND, **ERRORS}, summary="Delete a segment"
)
def delete_segment(request: HttpRequest, segment_id: int) -> Status[None]:
    """Its people stay. A saved view that shows it shows nothing more."""
    member = caller(request, Right.EDIT_CONTACTS)
    row = _of(member, segment_id)
    with transaction.atomic():
        audit.record(member.team, "segment.deleted", row, actor=member.user, name=row.name)
        row.delete()
    return Status(204, None)


@router.get(
    "/segments/{int:segment_id}/contacts",
    response={200: contact_shapes.ContactPage, **NOT_FOUND, **ERRORS},
    summary="Who is in a segment",
)
def segment_contacts(request: HttpRequest, segment_id: int, filters: Query[ContactFilters]) -> dict[str, Any]:
    """Newest contact first. Every filter of the contacts narrows it further.

    Nobody where the definition names something that is gone, such as a deleted tag.
    """
    member = caller(request, Right.CONVERSE)
    people = contact_filters.in_segment(Contact.objects.for_team(member.team), _of(member, segment_id))
    return contact_filters.page(member, filters, people)


def _parsed(data: Any, vocabulary: Vocabulary) -> Definition:
    try:
        with translation.override("en"):
            return definition.parse(data, vocabulary=vocabulary)
    except Wrong as wrong:
        fields = {
            key if key == "definition" else f"definition.{key}": " ".join(sentences)
            for key, sentences in wrong.as_dict().items()
        }
        raise Invalid(dict(list(fields.items())[:MOST_FIELDS])) from None


def _of(member: Member, segment_id: int) -> Segment:
    found = one(Segment.objects.for_team(member.team), segment_id)
    found.team = member.team
    return found


def _segment(row: Segment, vocabulary: Vocabulary) -> dict[str, Any]:
    found, _problems = definition.stored(row.definition, vocabulary.team, vocabulary=vocabulary)
    return {
        "id": row.pk,
        "name": row.name,
        "definition": row.definition,
        "sentence": sentence.sentence(vocabulary.team, found, vocabulary=vocabulary),
        "created_at": row.created_at,
        "updated_at": row.updated_at,
    }
