"""How a person looks to a program."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import Field

from contacts.models import Contact, ContactPhone, ContactTag, ListMember
from teams.models import Team, User


class PhoneShape(Schema):
    number: Annotated[str, Field(description="E.164, or a sender id as it came (`INFO`).")]
    primary: bool
    textable: bool


class NamedShape(Schema):
    id: int
    name: str


class ConsentShape(Schema):
    state: Annotated[
        Literal["none", "opted_in", "customer", "professional", "withdrawn"],
        Field(description="On what ground commercial texts may be sent."),
    ]
    since: datetime | None


class ContactShape(Schema):
    id: int
    first_name: str
    last_name: str
    company: str
    email: str
    address: str
    language: Annotated[str, Field(description='ISO 639-1, two letters; "" = unknown.')]
    owner: Annotated[int | None, Field(description="The user who looks after them; null: nobody.")]
    owner_email: str | None
    phones: Annotated[list[PhoneShape], Field(description="The primary one first.")]
    tags: Annotated[list[str], Field(description="Names, in the order of the alphabet.")]
    lists: list[NamedShape]
    custom: Annotated[
        dict[str, str | int | float | bool],
        Field(description="The team's own fields by key, without the empty ones; days as `2026-12-31`."),
    ]
    consent: ConsentShape
    opted_out_at: Annotated[datetime | None, Field(description="Nothing is sent to them since then.")]
    do_not_call_at: Annotated[datetime | None, Field(description="They asked not to be called.")]
    created_at: datetime
    updated_at: datetime


class WrittenShape(ContactShape):
    created: Annotated[bool, Field(description="false: they were here already.")]


class ContactPage(Schema):
    items: list[ContactShape]
    next_cursor: str | None


def told(people: Sequence[Contact]) -> list[dict[str, Any]]:
    """These people in their order, with their numbers, tags, lists and owners: four statements, however many."""
    ids = [row.pk for row in people]
    phones, tags, lists = _phones(ids), _tags(ids), _lists(ids)
    owners = {row.owner_id for row in people if row.owner_id is not None}
    emails = dict(User.objects.filter(pk__in=owners).values_list("pk", "email")) if owners else {}
    return [
        {
            "id": row.pk,
            "first_name": row.first_name,
            "last_name": row.last_name,
            "company": row.company,
            "email": row.email,
            "address": row.address,
            "language": row.language,
            "owner": row.owner_id,
            "owner_email": emails.get(row.owner_id) if row.owner_id else None,
            "phones": phones.get(row.pk, []),
            "tags": tags.get(row.pk, []),
            "lists": lists.get(row.pk, []),
            "custom": row.custom,
            "consent": {"state": row.consent or "none", "since": row.consent_at},
            "opted_out_at": row.opted_out_at,
            "do_not_call_at": row.do_not_call_at,
            "created_at": row.created_at,
            "updated_at": row.updated_at,
        }
        for row in people
    ]


def _phones(ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    held = ContactPhone.objects.filter(contact__in=ids).order_by("-is_primary", "pk")
    found: dict[int, list[dict[str, Any]]] = {}
    for contact_id, number, primary, textable in held.values_list(
        "contact_id", "number", "is_primary", "textable"
    ):
        found.setdefault(contact_id, []).append({"number": number, "primary": primary, "textable": textable})
    return found


def _tags(ids: Sequence[int]) -> dict[int, list[str]]:
    stuck = ContactTag.objects.filter(contact__in=ids).order_by("tag__name", "tag_id")
    found: dict[int, list[str]] = {}
    for contact_id, name in stuck.values_list("contact_id", "tag__name"):
        found.setdefault(contact_id, []).append(name)
    return found


def _lists(ids: Sequence[int]) -> dict[int, list[dict[str, Any]]]:
    on = ListMember.objects.filter(contact__in=ids).order_by("list__name", "list_id")
    found: dict[int, list[dict[str, Any]]] = {}
    for contact_id, list_id, name in on.values_list("contact_id", "list_id", "list__name"):
        found.setdefault(contact_id, []).append({"id": list_id, "name": name})
    return found


def in_order(team: Team, ids: Iterable[int]) -> list[dict[str, Any]]:
    """These people in this order, without those who are gone by now."""
    wanted = list(ids)
    rows = Contact.objects.for_team(team).in_bulk(wanted)
    return told([rows[pk] for pk in wanted if pk in rows])
