"""Fills a team with people and what happened with them."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from django.db import connection, transaction
from django.db.models import Q

from contacts.models import ContactList, CustomField, Tag
from crm.seed import campaigns as of_campaigns
from crm.seed import words
from crm.seed.events import EVENTS, SHARES
from crm.seed.people import MOST, PEOPLE, PERSON
from sms.gateway.addresses import is_loopback
from sms.lines.connect import NewLine, connect
from sms.models import Campaign, Line
from teams.models import Team, User

LINE = "Load test"
# The discard port of this machine: nobody answers, and the line is held besides.
NOWHERE = "http://127.0.0.1:9"
MOST_CAMPAIGNS = 100


class Refused(Exception):
    """The team can't be filled: its text says why."""


@dataclass(frozen=True)
class Filled:
    """How many rows were made, and in how many seconds."""

    contacts: int
    events: int
    campaigns: int
    seconds: float


def fill(team: Team, contacts: int, events: int, campaigns: int = 3) -> Filled:
    """Gives `team` so many people and events, in one transaction; beside these, what some campaigns sent, and the
    clicks on it. Raises Refused for a team whose lines may send, and for one that was filled before.
    """
    if not 0 < contacts <= MOST or events < 0 or not 0 <= campaigns <= MOST_CAMPAIGNS:
        raise Refused(f"From 1 to {MOST} contacts, no fewer than 0 events, up to {MOST_CAMPAIGNS} campaigns.")
    _refuse_what_sends(team)
    started = time.monotonic()
    with transaction.atomic():
        counts = {kind: int(events * share) for kind, share in SHARES.items()}
        counts["message"] += events - sum(counts.values())
        values = _values(team, contacts) | counts
        sizes = of_campaigns.sizes(campaigns, contacts, counts["message"])
        made = of_campaigns.make(team, Line.objects.get(pk=values["line"]), values["lists"], sizes)
        _run(values, made)
    with connection.cursor() as cursor:
        # What autovacuum does within a minute: the search index takes in what was put beside it.
        cursor.execute("SELECT gin_clean_pending_list('contact_search')")
        cursor.execute("ANALYZE")
    of_campaigns.count(made)
    return Filled(contacts, events, len(made), time.monotonic() - started)


def _refuse_what_sends(team: Team) -> None:
    lines = list(Line.objects.for_team(team))
    if any(line.name == LINE for line in lines):
        raise Refused("This team was filled before. Name another.")
    if any(not is_loopback(urlsplit(line.base_url).hostname or "") for line in lines):
        raise Refused("This team has a line that can send to real people. Name another.")


def _values(team: Team, contacts: int) -> dict[str, Any]:
    # NULL where the team has nobody: an array of one NULL is drawn from like any other.
    owners = list(User.objects.filter(memberships__team=team, is_active=True).values_list("pk", flat=True))
    return {
        "team": team.pk,
        "contacts": contacts,
        "line": _line(team).pk,
        "owners": owners or [None],
        "tags": _tags(team),
        "lists": _lists(team),
        "first": words.FIRST,
        "last": words.LAST,
        "trade": words.TRADE,
        "place": words.PLACE,
        "said": list(words.SAID),
        "wrote": list(words.WROTE),
        "noted": list(words.NOTED),
        "notes": list(words.NOTES),
    }


def _line(team: Team) -> Line:
    line = connect(team, NewLine(name=LINE, login="load", access_key="none", base_url=NOWHERE), by=None)
    Line.objects.filter(pk=line.pk).update(state=Line.State.HELD, held_reason="by_hand")
    return line


def _tags(team: Team) -> list[int]:
    known = {tag.name: tag.pk for tag in Tag.objects.for_team(team).filter(name__in=words.TAGS)}
    new = Tag.objects.bulk_create(Tag(team=team, name=name) for name in words.TAGS if name not in known)
    known |= {tag.name: tag.pk for tag in new}
    return [known[name] for name in words.TAGS]


def _lists(team: Team) -> list[int]:
    known = {each.name: each.pk for each in ContactList.objects.for_team(team).filter(name__in=words.LISTS)}
    new = [ContactList(team=team, name=name) for name in words.LISTS if name not in known]
    known |= {each.name: each.pk for each in ContactList.objects.bulk_create(new)}
    for key, label, kind, choices in words.FIELDS:
        if not CustomField.objects.for_team(team).filter(Q(key=key) | Q(label__iexact=label)).exists():
            CustomField.objects.create(team=team, key=key, label=label, kind=kind, choices=choices)
    return [known[name] for name in words.LISTS]


def _run(values: Mapping[str, Any], campaigns: Sequence[Campaign]) -> None:
    with connection.cursor() as cursor:
        # The same people and the same story each time.
        cursor.execute("SELECT setseed(0.42)")
        cursor.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")
        if cursor.fetchone() == (True,):
            # Every reference is right by the way it is made: checking 15 million takes longer than the rest.
            cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(PERSON, values)
        cursor.execute("CREATE UNIQUE INDEX ON seed_person (n) INCLUDE (id)")
        cursor.execute("ANALYZE seed_person")
        _each(cursor, PEOPLE, values)
        _each(cursor, EVENTS, values)
        # After the conversations, which know nothing of them.
        for campaign in campaigns:
            _each(cursor, of_campaigns.CAMPAIGN, {**values, **of_campaigns.values(campaign)})


def _each(cursor: Any, statements: str, values: Mapping[str, Any]) -> None:
    for statement in statements.split(";\n"):
        if statement.strip():
            cursor.execute(statement, values)
