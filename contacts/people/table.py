"""The contact list as one person sees it: what the page, its rows that follow, and its menus are drawn from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict

from contacts.models import SavedView
from contacts.models.contact import ContactQuerySet
from contacts.people import columns, listing
from contacts.people.choice import Choice
from contacts.people.columns import Column
from contacts.people.listing import RowPage
from contacts.people.offers import Offers, offered
from contacts.people.ordering import PAGE, Place
from contacts.segments import definition, sentence
from contacts.segments.conditions import Vocabulary
from contacts.segments.wording import Part
from teams.access import Member

# A reload gives back as many rows as the reader had, up to this many.
MOST_ROWS = 500


@dataclass(frozen=True)
class Head:
    column: Column
    # Where a press leads, "" where it can't be an order; and `aria-sort`.
    query: str = ""
    sort: str = ""


@dataclass(frozen=True)
class Toggle:
    """A filter that is on or off. `query` is where a press leads."""

    name: str
    query: str
    on: bool = False


@dataclass
class Table:
    """Raises choice.Unknown, and ValueError for a place that is none, when it is made by `of`."""

    member: Member
    choice: Choice
    offers: Offers
    view: SavedView | None = None
    after: Place | None = None
    size: int = PAGE
    exactly: bool = False
    page: RowPage = field(default_factory=lambda: RowPage([]))

    @classmethod
    def of(cls, member: Member, query: QueryDict) -> "Table":
        """What the address asks for, with its page of people."""
        given = query.copy()
        found = offered(member)
        if "sort" not in given and found.usual.query:
            given["sort"] = QueryDict(found.usual.query).get("sort", "")
        table = cls(
            member=member,
            choice=Choice.parse(given, member.team),
            offers=found,
            view=found.view(given.get("view", "")),
            after=Place.parse(str(given["after"])) if "after" in given else None,
            size=_size(given.get("rows", "")),
            exactly=given.get("exact") == "1",
        )
        table._read()
        return table

    def _read(self) -> None:
        if self.choice.near:
            self.page = listing.nearest(self.found, self.choice.words)
        else:
            self.page = listing.page(self.found, order=self.choice.sort, after=self.after, size=self.size)
        if self.choice.words and not self.choice.near and not self.page.rows and self.after is None:
            nearly = self.choice.nearly()
            found = listing.nearest(nearly.found(self.member.team, self._vocabulary), nearly.words)
            if found.rows:
                self.choice, self.page = nearly, found
                self.__dict__.pop("found", None)
        tags = {each.id: each.name for each in self.offers.tags}
        lists = {each.id: each.name for each in self.offers.lists}
        listing.complete(self.page.rows, columns.needed(self.columns), tags, lists)

    @cached_property
    def _vocabulary(self) -> Vocabulary:
        return Vocabulary(self.member.team)

    @cached_property
    def found(self) -> ContactQuerySet:
        return self.choice.found(self.member.team, self._vocabulary)

    @cached_property
    def every_column(self) -> list[Column]:
        return columns.every(self.offers.fields)

    @cached_property
    def columns(self) -> list[Column]:
        kept = self.view if self.view is not None and self.view.columns else self.offers.usual
        return columns.chosen(kept.columns, self.every_column)

    @property
    def columns_menu(self) -> list[tuple[Column, bool]]:
        """Those that are shown in their order, then the others."""
        shown = set(self.columns)
        return [(each, True) for each in self.columns] + [
            (each, False) for each in self.every_column if each not in shown
        ]

    @property
    def heads(self) -> list[Head]:
        made = []
        for column in self.columns:
            turned = columns.order_of(column, self.choice.sort)
            made.append(Head(column, self.link(sort=turned[0]), turned[1]) if turned else Head(column))
        return made

    @property
    def name_head(self) -> Head:
        turned = columns.order_of(columns.NAME, self.choice.sort)
        return Head(columns.NAME, self.link(sort=turned[0]), turned[1]) if turned else Head(columns.NAME)

    @cached_property
    def count(self) -> int:
        """How many there are; more than `most` is only "more", unless all were to be counted."""
        if self.after is None and self.page.next is None:
            return len(self.page.rows)
        return self.choice.count(self.member.team) if self.exactly else listing.count(self.found)

    @property
    def most(self) -> int:
        return listing.COUNTED

    @property
    def capped(self) -> bool:
        return not self.exactly and self.count > listing.COUNTED

    @property
    def sentence(self) -> list[Part]:
        """Who the segment, or the free filter, means: for a reader."""
        parts: list[Part] = []
        for data in self.choice.definitions:
            found, _problems = definition.stored(data, self.member.team, vocabulary=self._vocabulary)
            parts += [Part(" · ")] if parts else []
            parts += sentence.parts(self.member.team, found, vocabulary=self._vocabulary)
        return parts

    def parameters(self, **changed: Any) -> Mapping[str, str]:
        """The address of what is shown, always with its order; `changed` stand in place of its own."""
        changed = {"sort": self.choice.sort, **changed}
        given = self.choice.parameters(**changed)
        view = changed.get("view", self.view.pk if self.view else "")
        return given | ({"view": str(view)} if view else {})

    def link(self, **changed: Any) -> str:
        """`near` is found again where it is needed."""
        return urlencode(self.parameters(**{"near": "", **changed}))

    @property
    def here(self) -> Mapping[str, str]:
        return self.parameters()

    @property
    def more(self) -> str:
        return urlencode({**self.parameters(), "after": str(self.page.next)})

    @property
    def searching(self) -> Mapping[str, str]:
        """What the search box keeps beside its words."""
        return self.parameters(q="", near="")

    @property
    def query(self) -> str:
        return urlencode(self.parameters())

    @property
    def everybody(self) -> Toggle:
        order = urlencode({"sort": self.choice.sort})
        return Toggle("", order, self.view is None and not self.choice.narrowed)

    @property
    def views(self) -> list[Toggle]:
        return [
            Toggle(each.name, _query_of(each), self.view is not None and self.view.pk == each.pk)
            for each in self.offers.views
        ]

    @property
    def view_changed(self) -> bool:
        """Whether something else is looked at by now than the view that is open was kept with."""
        if self.view is None:
            return False
        kept = QueryDict(self.view.query)
        return {**kept.dict(), "sort": kept.get("sort", "name")} != self.choice.parameters(
            near="", sort=self.choice.sort
        )

    @property
    def segments(self) -> list[Toggle]:
        chosen = self.choice.segment.pk if self.choice.segment else None
        return [
            Toggle(
                each.name, self.link(segment="" if each.id == chosen else each.id, view=""), each.id == chosen
            )
            for each in self.offers.segments
        ]

    @property
    def opens_so(self) -> bool:
        """Whether the table opens with the order that is shown."""
        return QueryDict(self.offers.usual.query).get("sort", "name") == str(self.choice.sort)


def _size(text: str) -> int:
    return (
        max(PAGE, min(int(text), MOST_ROWS)) if text.isascii() and text.isdigit() and len(text) < 6 else PAGE
    )


def _query_of(view: SavedView) -> str:
    kept = QueryDict(view.query).dict()
    return urlencode({**kept, "sort": kept.get("sort", "name"), "view": view.pk})
