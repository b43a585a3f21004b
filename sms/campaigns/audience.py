"""Whom a campaign is for, as it is stored, sent and edited.

    {"include": [{"segment": 1}, {"list": 2}, {"tag": 3}, {"campaign": 4, "result": "clicked"}, {"contacts": [5, 6]}],
     "exclude": [{"campaign": 4, "result": "all"}]}

Anyone in at least one of `include` and in none of `exclude`. Results are those of sms/campaigns/results.py.
"""

from collections.abc import Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from django.db.models import Model, Q
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from contacts.models import Contact, ContactList, ContactTag, ListMember, Segment, Tag
from contacts.models.contact import ContactQuerySet
from contacts.segments import definition, find
from contacts.segments.conditions import Unfit, Vocabulary
from sms.campaigns import results
from sms.models import Campaign
from teams.models import Team

# Parts of one audience, and people named one by one.
MOST, MOST_CONTACTS = 50, 10_000


class Wrong(ValueError):
    """An audience that can't be: `problems` are sentences by place ("include.2")."""

    def __init__(self, problems: dict[str, str]) -> None:
        super().__init__(" ".join(problems.values()))
        self.problems = problems


class Gone(LookupError):
    """It names something that was deleted: to leave that out could let in those whom it kept out."""


@dataclass(frozen=True)
class Item:
    """One part. `kind`: segment, list, tag, campaign or contacts; `name` is for people to read."""

    kind: str
    id: int = 0
    result: str = ""
    contacts: tuple[int, ...] = ()
    name: str = ""

    MODELS: ClassVar[Mapping[str, type[Model]]] = {
        "segment": Segment,
        "list": ContactList,
        "tag": Tag,
        "campaign": Campaign,
    }

    def as_json(self) -> dict[str, Any]:
        if self.kind == "contacts":
            return {"contacts": list(self.contacts)}
        return {self.kind: self.id} | ({"result": self.result} if self.kind == "campaign" else {})

    def q(self, team: Team, vocabulary: Vocabulary) -> Q:
        """Who is in it. Raises Gone."""
        if self.kind == "segment":
            return _in_segment(team, self.id, vocabulary)
        if self.kind == "list":
            return Q(pk__in=ListMember.objects.filter(list=self.id).values("contact_id"))
        if self.kind == "tag":
            return Q(pk__in=ContactTag.objects.filter(tag=self.id).values("contact_id"))
        if self.kind == "campaign":
            return results.in_campaigns([self.id], self.result)
        return Q(pk__in=RawSQL("SELECT unnest(%s::bigint[])", [[*self.contacts]]))  # noqa: S611 - no text of anybody's


def _in_segment(team: Team, segment_id: int, vocabulary: Vocabulary) -> Q:
    segment = Segment.objects.for_team(team).filter(pk=segment_id).first()
    if segment is None:
        raise Gone(segment_id)
    try:
        found = definition.parse(segment.definition, vocabulary=vocabulary)
        return find.compiled(team, found, vocabulary)
    except (definition.Wrong, Unfit) as error:
        raise Gone(segment_id) from error


@dataclass(frozen=True)
class Audience:
    include: tuple[Item, ...] = ()
    exclude: tuple[Item, ...] = ()

    @classmethod
    def parse(cls, data: Any, team: Team) -> "Audience":
        """With the names of what the team has. Raises Wrong. One statement for each kind that is named."""
        problems: dict[str, str] = {}
        read = _read(data, problems)
        found = cls(*(_named(items, team, side, problems) for side, items in zip(_SIDES, read, strict=True)))
        if problems:
            raise Wrong(problems)
        return found

    @classmethod
    def stored(cls, data: Any, team: Team) -> "Audience":
        """What can still be shown of a stored one: parts that are gone have no name. Never raises."""
        read = _read(data, {})
        return cls(*(_named(items, team, side, {}) for side, items in zip(_SIDES, read, strict=True)))

    def as_json(self) -> dict[str, Any]:
        return {
            "include": [item.as_json() for item in self.include],
            "exclude": [item.as_json() for item in self.exclude],
        }

    @property
    def gone(self) -> list[Item]:
        return [item for item in (*self.include, *self.exclude) if not item.name and item.kind != "contacts"]

    def people(self, team: Team) -> ContactQuerySet:
        """In no order. Nobody without an `include`, and nobody where something that it names is gone."""
        everybody = Contact.objects.for_team(team)
        if not self.include or self.gone:
            return everybody.none()
        vocabulary = Vocabulary(team)
        try:
            wanted = Q()
            for item in self.include:
                wanted |= item.q(team, vocabulary)
            found = everybody.filter(wanted)
            for item in self.exclude:
                found = found.exclude(item.q(team, vocabulary))
        except Gone:
            return everybody.none()
        return found

    def with_item(self, side: str, item: Item) -> "Audience":
        """One part more, unless it is there."""
        items = getattr(self, side)
        return self if item in items else replace(self, **{side: (*items, item)})

    def without(self, side: str, number: int) -> "Audience":
        items = getattr(self, side)
        return replace(self, **{side: (*items[:number], *items[number + 1 :])})


_SIDES = ("include", "exclude")


def of(campaign: Campaign) -> Audience:
    """What its row says. Looked up once for each state of the row: a page asks for it with every figure."""
    known: tuple[Any, Audience] | None = campaign.__dict__.get("_audience")
    if known is None or known[0] != campaign.audience:
        known = deepcopy(campaign.audience), Audience.stored(campaign.audience, campaign.team)
        campaign.__dict__["_audience"] = known
    return known[1]


def _read(data: Any, problems: dict[str, str]) -> tuple[list[Item], list[Item]]:
    if not isinstance(data, dict) or set(data) - set(_SIDES):
        problems["audience"] = _("An audience is an object with “include” and “exclude”.")
        return [], []
    sides = []
    for side in _SIDES:
        given = data.get(side, [])
        if not isinstance(given, list) or len(given) > MOST:
            problems[side] = _("This is a list of at most %(count)d parts.") % {"count": MOST}
            given = []
        items = []
        for number, each in enumerate(given):
            item = _item(each)
            if item is None:
                problems[f"{side}.{number}"] = _(
                    "A part names a segment, a list, a tag, a campaign or contacts."
                )
            else:
                items.append(item)
        sides.append(items)
    return sides[0], sides[1]


def _item(data: Any) -> Item | None:
    if not isinstance(data, dict):
        return None
    if set(data) == {"contacts"}:
        ids = data["contacts"]
        fits = isinstance(ids, list) and len(ids) <= MOST_CONTACTS and all(_is_id(each) for each in ids)
        return Item("contacts", contacts=tuple(dict.fromkeys(ids))) if fits else None
    kind = next((kind for kind in Item.MODELS if kind in data), "")
    if not kind or not _is_id(data[kind]) or set(data) - ({kind, "result"} if kind == "campaign" else {kind}):
        return None
    result = data.get("result", "all")
    if kind == "campaign" and not (isinstance(result, str) and results.known(result)):
        return None
    return Item(kind, data[kind], result if kind == "campaign" else "")


def _is_id(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**63


def _named(items: Sequence[Item], team: Team, side: str, problems: dict[str, str]) -> tuple[Item, ...]:
    names = {
        kind: _names(model, team, {item.id for item in items if item.kind == kind})
        for kind, model in Item.MODELS.items()
        if any(item.kind == kind for item in items)
    }
    named = []
    for number, item in enumerate(items):
        name = names.get(item.kind, {}).get(item.id, "")
        if not name and item.kind != "contacts":
            problems[f"{side}.{number}"] = _("This is not there any more.")
        named.append(replace(item, name=name))
    return tuple(named)


def _names(model: type[Model], team: Team, ids: Iterable[int]) -> dict[int, str]:
    rows = model._default_manager.filter(team=team, pk__in=list(ids))
    return dict(rows.values_list("pk", "name"))
