"""What can be put into an audience: segments, lists, tags and earlier campaigns, found by their names."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet, Value
from django.db.models.functions import Lower
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from contacts.models import ContactList, Segment, Tag
from contacts.models.unaccent import Unaccent
from sms.campaigns.wizard import wording
from sms.models import Campaign
from teams.models import Team

# Of each kind; more of them are found by their names.
MOST = 12
LONGEST = 80


@dataclass(frozen=True)
class Offer:
    """`value`: "segment:5". `results`: of a campaign, what can be chosen of it, as (value, words)."""

    value: str
    name: str
    results: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Kind:
    heading: str | Promise
    offers: list[Offer]
    more: bool


def of(team: Team, words: str = "") -> list[Kind]:
    """By kind, without the kinds that have nothing of this name. One statement each."""
    words = words.strip()[:LONGEST]
    begun = Campaign.objects.for_team(team).exclude(state=Campaign.State.DRAFT).order_by("-pk")
    sources: list[tuple[str, str | Promise, QuerySet[Any]]] = [
        ("segment", _("Segments"), Segment.objects.for_team(team).order_by("name", "pk")),
        ("list", _("Lists"), ContactList.objects.for_team(team).order_by("name", "pk")),
        ("tag", _("Tags"), Tag.objects.for_team(team).order_by("name", "pk")),
        ("campaign", _("Earlier campaigns"), begun),
    ]
    return [kind for source in sources if (kind := _kind(*source, words)).offers]


def _kind(kind: str, heading: str | Promise, found: QuerySet[Any], words: str) -> Kind:
    for word in words.split():
        # As people are found: whatever the accents and case.
        found = found.alias(plain=Unaccent(Lower("name"))).filter(
            plain__contains=Unaccent(Lower(Value(word)))
        )
    rows = list(found.values_list("pk", "name")[: MOST + 1])
    offers = [Offer(f"{kind}:{pk}", name, _results(pk) if kind == "campaign" else ()) for pk, name in rows]
    return Kind(heading, offers[:MOST], len(offers) > MOST)


def _results(campaign_id: int) -> tuple[tuple[str, str], ...]:
    return tuple((f"campaign:{campaign_id}:{code}", str(words)) for code, words in wording.RESULTS.items())
