"""Who is meant: the people that a query string of the table chooses. Exports, bulk actions and the API use it.

Parameters, each at most once and all of them narrowing:

    q        words, as people type them into the search box
    near     "1": nobody matched `q` as it stands, so whoever is written nearly so
    segment  id of a segment           list  id of a list
    tag      id of a tag               owner id of a colleague, "0" for nobody
    out      "1": who opted out
    f        a filter in the segments' JSON
    sort     an order of contacts/people/ordering.py
    ids      people picked by hand, several in one "1,2,3" or as often as there are; only these of the others
    all      "1": not only the `ids` but all the others too
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models.expressions import RawSQL
from django.http import QueryDict

from contacts.models import Contact, ContactList, ContactTag, ListMember, Segment, Tag
from contacts.models.contact import ContactQuerySet
from contacts.people import ordering, search
from contacts.segments import definition, find
from contacts.segments.conditions import Unfit, Vocabulary
from teams.models import Membership, Team

MOST_WORDS = 200  # characters of `q`
MOST_FILTER = 20_000  # characters of `f`
_LARGEST_ID = 2**63 - 1


class Unknown(LookupError):
    """The query names a segment, list, tag, colleague or order that this team does not have."""


@dataclass(frozen=True)
class Choice:
    """What `parse` read: only what the team has."""

    words: str = ""
    near: bool = False
    segment: Segment | None = None
    list: ContactList | None = None
    tag: Tag | None = None
    owner: int | None = None  # 0: nobody's
    out: bool = False
    filter: str = ""
    sort: ordering.Order = ordering.BY_NAME
    ids: tuple[int, ...] | None = None

    @classmethod
    def parse(cls, query: QueryDict | str, team: Team) -> "Choice":
        """Raises Unknown. One statement for each of segment, list, tag and owner that is named."""
        given = QueryDict(query) if isinstance(query, str) else query
        picked = [] if given.get("all") == "1" else given.getlist("ids")
        ids = [each for several in picked for each in several.split(",") if each]
        return cls(
            words=" ".join(given.get("q", "")[:MOST_WORDS].replace("\0", " ").split()),
            near=given.get("near") == "1",
            segment=_one(Segment, team, given.get("segment")),
            list=_one(ContactList, team, given.get("list")),
            tag=_one(Tag, team, given.get("tag")),
            owner=_owner(team, given.get("owner")),
            out=given.get("out") == "1",
            filter=_filter(given.get("f", "")),
            sort=_order(given.get("sort")),
            ids=tuple(sorted({_id(each) for each in ids})) if ids else None,
        )

    def found(self, team: Team, vocabulary: Vocabulary | None = None) -> ContactQuerySet:
        """The people, without an order. Nobody where the segment's definition can't be read any more."""
        people = Contact.objects.for_team(team)
        for data in self.definitions:
            vocabulary = vocabulary or Vocabulary(team)
            try:
                people = people.filter(
                    find.compiled(team, definition.parse(data, vocabulary=vocabulary), vocabulary)
                )
            except (definition.Wrong, Unfit):
                return people.none()
        if self.words and self.near:
            people = people.filter(pk__in=search.near(team, self.words))
        elif self.words:
            people = people.filter(search.matching(team, self.words))
        if self.list is not None:
            people = people.filter(pk__in=ListMember.objects.filter(list=self.list).values("contact_id"))
        if self.tag is not None:
            people = people.filter(pk__in=ContactTag.objects.filter(tag=self.tag).values("contact_id"))
        if self.owner is not None:
            people = people.filter(owner_id=self.owner or None)
        if self.out:
            people = people.filter(opted_out_at__isnull=False)
        if self.ids is not None:
            # As one value, however many they are.
            picked = RawSQL("SELECT unnest(%s::bigint[])", [[*self.ids]])  # noqa: S611 - no text of anybody's
            people = people.filter(pk__in=picked)
        return people

    @property
    def definitions(self) -> Sequence[Any]:
        """What the segment and the free filter say, as JSON."""
        of_segment = [self.segment.definition] if self.segment else []
        return of_segment + ([json.loads(self.filter)] if self.filter else [])

    def count(self, team: Team, cap: int | None = None) -> int:
        """How many people, exactly; with `cap`, cap + 1 stands for more than `cap`."""
        found = self.found(team).order_by()
        return found[: cap + 1].count() if cap is not None else found.count()

    def query(self, **changed: Any) -> str:
        """The query string that `parse` reads back, without `ids`: those may be thousands."""
        return urlencode(self.parameters(**changed))

    def parameters(self, **changed: Any) -> dict[str, str]:
        """By name, in a fixed order, without those that say nothing; `changed` stand in place of its own."""
        own = {
            "q": self.words,
            "near": "1" if self.near else "",
            "segment": self.segment.pk if self.segment else "",
            "list": self.list.pk if self.list else "",
            "tag": self.tag.pk if self.tag else "",
            "owner": "" if self.owner is None else self.owner,
            "out": "1" if self.out else "",
            "f": self.filter,
            "sort": "" if self.sort == ordering.BY_NAME else str(self.sort),
        }
        return {name: str(value) for name, value in (own | changed).items() if str(value) != ""}

    @cached_property
    def narrowed(self) -> bool:
        """Whether anybody of the team may be left out."""
        return bool(self.parameters(sort="")) or self.ids is not None

    @property
    def picked(self) -> str:
        """The ids as one value of a form: "1,2,3"; "" where nobody was picked by hand."""
        return ",".join(map(str, self.ids or ()))

    def nearly(self) -> "Choice":
        return replace(self, near=True)


def _id(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20 and int(text) <= _LARGEST_ID):
        raise Unknown(text)
    return int(text)


def _one(model: Any, team: Team, text: str | None) -> Any:
    """The team's object of this id, None without one. Raises Unknown."""
    if not text:
        return None
    found = model.objects.filter(team=team, pk=_id(text)).first()
    if found is None:
        raise Unknown(text)
    return found


def _owner(team: Team, text: str | None) -> int | None:
    if not text:
        return None
    owner = _id(text)
    if owner and not Membership.objects.filter(team=team, user=owner).exists():
        raise Unknown(text)
    return owner


def _order(text: str | None) -> ordering.Order:
    try:
        return ordering.Order.parse(text) if text else ordering.BY_NAME
    except ValueError as error:
        raise Unknown(text) from error


def _filter(text: str) -> str:
    """The filter's JSON in one writing, so that the same filter is the same address."""
    if not text:
        return ""
    try:
        data = json.loads(text[: MOST_FILTER + 1]) if len(text) <= MOST_FILTER else None
    except (json.JSONDecodeError, RecursionError) as error:
        raise Unknown("f") from error
    if not isinstance(data, dict):
        raise Unknown("f")
    return json.dumps(data, separators=(",", ":"), ensure_ascii=False) if data.get("conditions") else ""
