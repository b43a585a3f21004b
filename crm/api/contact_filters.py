"""Which people a list is of."""

from datetime import datetime
from typing import Annotated, Any, Literal

import pydantic
from django.db.models import Q
from django.db.models.functions import Lower

from contacts.models import Contact, ContactList, ContactPhone, ContactTag, ListMember, Segment, Tag
from contacts.models.contact import ContactQuerySet
from contacts.people import search
from contacts.people.resolve import key_of
from contacts.segments import definition, find
from contacts.segments.conditions import Unfit, Vocabulary
from contacts.tags import tagging
from crm.api import contact_shapes
from crm.api.bodies import moment, storable
from crm.api.errors import Invalid
from crm.api.pages import LARGEST_ID, BlankIsNone, Id, Paging, by_time, newest_first
from teams.access import Member
from teams.models import Team


def _since(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    # A "+" that was not encoded arrives as a space.
    return moment(value.strip().replace(" ", "+") if "T" in value else value)


# People who share an e-mail address: a family, a shop. More is the work of a machine.
MOST_ALIKE = 1000

# A time in a query.
Since = Annotated[
    datetime,
    pydantic.BeforeValidator(_since),
    pydantic.WithJsonSchema({"type": "string", "format": "date-time"}),
]
Text = Annotated[
    Annotated[str, pydantic.Field(max_length=200), pydantic.AfterValidator(storable)] | None, BlankIsNone
]
Given = Annotated[bool | None, BlankIsNone]


class ContactFilters(Paging):
    """All of them narrow the list."""

    # Blank finds nobody: a program that lost the number must not take the first person of a list.
    phone: Annotated[
        str | None, pydantic.Field(description="A number in any usual writing, or a sender id as it came.")
    ] = None
    q: Annotated[Text, pydantic.Field(description="Words of the name, company, e-mail, number or tag.")] = (
        None
    )
    email: Annotated[Text, pydantic.Field(description="This e-mail address, whatever its case.")] = None
    tag: Annotated[Text, pydantic.Field(description="Who has this tag: its name or id.")] = None
    list: Annotated[Id | None, BlankIsNone, pydantic.Field(description="Who is on this list.")] = None
    segment: Annotated[Id | None, BlankIsNone, pydantic.Field(description="Who is in this segment.")] = None
    owner: Annotated[
        Annotated[int, pydantic.Field(ge=0, le=LARGEST_ID)] | None,
        BlankIsNone,
        pydantic.Field(description="Whose people: a user's id; 0: nobody's."),
    ] = None
    consent: Annotated[
        Literal["none", "opted_in", "customer", "professional", "withdrawn"] | None, BlankIsNone
    ] = None
    opted_out: Annotated[
        Given, pydantic.Field(description="true: only who opted out; false: only others.")
    ] = None
    updated_since: Annotated[
        Since | None,
        BlankIsNone,
        pydantic.Field(
            description="Who changed at this time or later, the longest ago first. Not who was erased or merged."
        ),
    ] = None


def page(member: Member, filters: ContactFilters, rows: ContactQuerySet | None = None) -> dict[str, Any]:
    """A page of the team's people (or of `rows`) whom the filters leave, as the API tells them."""
    found = _narrowed(
        member.team, rows if rows is not None else Contact.objects.for_team(member.team), filters
    )
    if filters.updated_since is None:
        people, next_cursor = newest_first(found, filters)
    else:
        people, next_cursor = by_time(found, filters, "updated_at")
    return {"items": contact_shapes.told(people), "next_cursor": next_cursor}


def _narrowed(team: Team, rows: ContactQuerySet, filters: ContactFilters) -> ContactQuerySet:
    if filters.phone is not None:
        known = ContactPhone.objects.for_team(team).filter(number__in=writings(filters.phone, team.region))
        rows = rows.filter(pk__in=known.values("contact_id"))
    if filters.q is not None:
        rows = rows.filter(search.matching(team, filters.q))
    if filters.email is not None:
        rows = rows.filter(pk__in=_with_email(team, filters.email))
    if filters.tag is not None:
        rows = rows.filter(
            pk__in=ContactTag.objects.filter(tag__in=_tags(team, filters.tag)).values("contact_id")
        )
    if filters.list is not None:
        on_it = ListMember.objects.filter(list=_one(ContactList, team, filters.list, "list"))
        rows = rows.filter(pk__in=on_it.values("contact_id"))
    if filters.segment is not None:
        rows = in_segment(rows, _one(Segment, team, filters.segment, "segment"))
    return rows.filter(_columns(filters))


def _with_email(team: Team, email: str) -> list[int]:
    """Ids of those with this address. Asked apart: beside an order, the database would walk along that one."""
    # Its index is of the lower case, and holds none of the empty ones.
    people = Contact.objects.for_team(team).alias(plain=Lower("email")).exclude(email="")
    return list(people.filter(plain=email.strip().lower()).values_list("pk", flat=True)[:MOST_ALIKE])


def _columns(filters: ContactFilters) -> Q:
    """What the person's own row says."""
    asked: dict[str, Any] = {}
    if filters.owner is not None:
        asked |= {"owner": filters.owner} if filters.owner else {"owner__isnull": True}
    if filters.consent is not None:
        asked["consent"] = "" if filters.consent == "none" else filters.consent
    if filters.opted_out is not None:
        asked["opted_out_at__isnull"] = not filters.opted_out
    if filters.updated_since is not None:
        asked["updated_at__gte"] = filters.updated_since
    return Q(**asked)


def in_segment(rows: ContactQuerySet, segment: Segment) -> ContactQuerySet:
    """Those of `rows` whom the segment means; nobody where its definition can't be read any more."""
    vocabulary = Vocabulary(segment.team)
    try:
        found = definition.parse(segment.definition, vocabulary=vocabulary)
        return rows.filter(find.compiled(segment.team, found, vocabulary))
    except (definition.Wrong, Unfit):
        return rows.none()


def writings(phone: str, region: str) -> set[str]:
    """Under which numbers somebody may be stored who is asked for as `phone`."""
    if "\x00" in phone:
        raise Invalid({"phone": "The character NUL stands in no number."})
    # A "+" that was not encoded arrives as a space, also inside an e-mail address.
    return {key_of(phone, region), key_of(phone.strip().replace(" ", "+"), region), phone.strip()} - {""}


def _tags(team: Team, named: str) -> list[int]:
    """Ids of the tag of this name, or with this id; [] for none."""
    found = [tag.pk for tag in tagging.named(team, [named], create=False).values()]
    if not found and named.isascii() and named.isdigit() and len(named) < 19:
        found = list(Tag.objects.for_team(team).filter(pk=int(named)).values_list("pk", flat=True))
    return found


def _one(model: Any, team: Team, pk: int, name: str) -> Any:
    found = model.objects.for_team(team).filter(pk=pk).first()
    if found is None:
        raise Invalid({name: f"The team has no such {name}."})
    found.team = team
    return found
