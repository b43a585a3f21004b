"""People who may be the one that is about to be added: a word of warning, never a wall."""

from django.db.models import QuerySet, Value
from django.db.models.functions import Concat, Lower

from contacts.duplicates import near as duplicates
from contacts.models import Contact
from contacts.models.unaccent import Unaccent
from teams.models import Team

MOST = 3


def alike(
    team: Team,
    *,
    first_name: str,
    last_name: str,
    email: str,
    company: str = "",
    number: str = "",
    but: int | None = None,
) -> list[Contact]:
    """At most MOST people: those whom a scan for duplicates would find, the surest first, then those of this whole
    name whatever its accents and case.
    """
    surest = duplicates.near(
        team,
        first_name=first_name,
        last_name=last_name,
        company=company,
        email=email,
        numbers=[number] if number else [],
        but=but,
    )
    found = [each.contact for each in surest]
    named = _named(team, first_name=first_name, last_name=last_name, email=email, but=but)
    return [*found, *(each for each in named if each not in found)][:MOST]


def _named(
    team: Team, *, first_name: str, last_name: str, email: str, but: int | None = None
) -> list[Contact]:
    """Those of this e-mail or this whole name. Two statements."""
    everybody = Contact.objects.for_team(team).order_by()
    asked: list[QuerySet[Contact]] = []
    if mail := email.strip().lower():
        asked.append(everybody.exclude(email="").annotate(mail=Lower("email")).filter(mail=mail))
    # A first name alone is everybody's.
    if last_name.strip() and first_name.strip():
        name = " ".join(f"{first_name} {last_name}".split())
        written = Unaccent(Lower(Concat("first_name", Value(" "), "last_name")))
        # By the index of `matching`; the comparison is for the few that it finds.
        same = everybody.matching(name).annotate(written=written)
        asked.append(same.filter(written=Unaccent(Lower(Value(name)))))
    if not asked:
        return []
    ids = asked[0].values("pk").union(*(each.values("pk") for each in asked[1:]))
    found = Contact.objects.for_team(team).filter(pk__in=ids)
    if but is not None:
        found = found.exclude(pk=but)
    return list(found.prefetch_related("phones").order_by("pk")[:MOST])
