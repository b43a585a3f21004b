"""A page of the contact list with everything that its rows show, and how many people there are."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection
from django.db.models import Value, prefetch_related_objects
from django.db.models.functions import Lower

from contacts.models import Contact, Tag
from contacts.models.contact import ContactQuerySet
from contacts.models.unaccent import Unaccent
from contacts.people import ordering, search
from contacts.people.ordering import BY_NAME, PAGE, Order, Place

# A list counts its people up to here; beyond, it says "1,000+".
COUNTED = 1000

# What stands beside people, in one statement: of each at most `most`, so that each is one look into an index. Of tags
# and lists the names are known from the menus.
_BESIDE = """
SELECT p.id, CASE WHEN is_primary THEN 'phone' ELSE 'other' END, n.id, n.number
FROM unnest(%(people)s::bigint[]) AS p(id) CROSS JOIN LATERAL (
    SELECT id, number, is_primary FROM contacts_contactphone WHERE contact_id = p.id LIMIT %(most)s) AS n
UNION ALL
SELECT p.id, 'tag', t.tag_id, '' FROM unnest(%(people)s::bigint[]) AS p(id) CROSS JOIN LATERAL (
    SELECT tag_id FROM contacts_contacttag WHERE %(tags)s AND contact_id = p.id LIMIT %(most)s) AS t
UNION ALL
SELECT p.id, 'list', m.list_id, '' FROM unnest(%(people)s::bigint[]) AS p(id) CROSS JOIN LATERAL (
    SELECT list_id FROM contacts_listmember WHERE %(lists)s AND contact_id = p.id LIMIT %(most)s) AS m
ORDER BY 2, 3
"""
# As many numbers, tags and lists of a person as a row can show.
MOST_BESIDE = 20


@dataclass
class Row:
    """A person as the table shows them. `number` is "" for none."""

    contact: Contact
    number: str = ""
    others: list[str] = field(default_factory=list)
    tags: list[str] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class RowPage:
    """`next` is the place that the following page begins after; None on the last one."""

    rows: list[Row]
    next: Place | None = None


def page(
    found: ContactQuerySet, *, order: Order = BY_NAME, after: Place | None = None, size: int = PAGE
) -> RowPage:
    """The next `size` of `found`. One statement, a second where a part of the order ends."""
    given = ordering.page(found.select_related("owner"), order=order, after=after, size=size)
    return RowPage([Row(contact) for contact in given.contacts], given.next)


def nearest(found: ContactQuerySet, words: str) -> RowPage:
    """Those whom `search.near` found, most alike first."""
    plain: Any = Unaccent(Lower(Value(words)))
    likeness = TrigramWordSimilarity(plain, "search_text")
    alike = found.select_related("owner").annotate(likeness=likeness).order_by("-likeness", "pk")
    return RowPage([Row(contact) for contact in alike[: search.NEAR]])


def complete(
    rows: list[Row], shows: Iterable[str], tags: Mapping[int, str], lists: Mapping[int, str]
) -> None:
    """Adds what stands beside people: numbers, and of `shows` "tags", "lists" and "conversation".

    One statement, one more for conversations, one for tags that `tags` doesn't name.
    """
    by_id = {row.contact.pk: row for row in rows}
    shows = set(shows)
    given: dict[str, Any] = {
        "people": list(by_id),
        "tags": "tags" in shows,
        "lists": "lists" in shows,
        "most": MOST_BESIDE,
    }
    tagged: dict[int, list[int]] = {}
    with connection.cursor() as cursor:
        cursor.execute(_BESIDE, given)
        for contact_id, kind, pk, number in cursor.fetchall():
            row = by_id[contact_id]
            if kind == "phone":
                row.number = number
            elif kind == "other":
                row.others.append(number)
            elif kind == "tag":
                tagged.setdefault(contact_id, []).append(pk)
            elif pk in lists:
                row.lists.append(lists[pk])
    for row in rows:
        if not row.number and row.others:
            row.number = row.others.pop(0)
    _name_tags(by_id, tagged, tags)
    if "conversation" in shows:
        # sms gives everybody with whom something happened a conversation, reached here by its name alone.
        prefetch_related_objects([row.contact for row in rows], "conversation")


def _name_tags(rows: Mapping[int, Row], tagged: Mapping[int, list[int]], names: Mapping[int, str]) -> None:
    unnamed = {pk for pks in tagged.values() for pk in pks} - names.keys()
    if unnamed:
        names = {**names, **dict(Tag.objects.filter(pk__in=unnamed).values_list("pk", "name"))}
    for contact_id, pks in tagged.items():
        rows[contact_id].tags = sorted((names[pk] for pk in pks if pk in names), key=str.casefold)


def count(found: ContactQuerySet) -> int:
    """How many there are, COUNTED + 1 for more than COUNTED."""
    return found.order_by()[: COUNTED + 1].count()
