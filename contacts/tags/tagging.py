"""Puts tags on people and takes them off, for any number of people in a fixed number of statements."""

import re
from collections.abc import Collection, Iterable

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction

from contacts.models import Tag
from contacts.models.contact import ContactQuerySet
from teams.models import Team

LONGEST = 60  # characters of a name
# Between two tags, where people and files write several in one place: hence never part of a name.
_BETWEEN = re.compile(r"[,;\n]")
# What no name holds: controls, and marks that turn the direction of what stands around them.
_UNSEEN = re.compile(r"[\x00-\x1f\x7f\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")

_FIND = """
SELECT w.name, t.id, t.name, t.created_at
FROM unnest(%s::text[]) AS w(name)
JOIN contacts_tag t ON t.team_id = %s AND ligne_unaccent(lower(t.name)) = ligne_unaccent(lower(w.name))
"""
# Two writings of one name make one tag, the first one's; somebody else's of the same moment stays.
_ADD = """
INSERT INTO contacts_tag (team_id, name, created_at)
SELECT %s, name, now() FROM (
    SELECT DISTINCT ON (ligne_unaccent(lower(name))) name
    FROM unnest(%s::text[]) WITH ORDINALITY AS w(name, place)
    ORDER BY ligne_unaccent(lower(name)), place
) AS fresh
ON CONFLICT DO NOTHING
"""
# In the order of the people, so that two who tag the same crowd wait for each other and never lock.
_PUT = """
WITH people AS ({people}), added AS (
    INSERT INTO contacts_contacttag (contact_id, tag_id, created_at)
    SELECT c.id, t.id, now()
    FROM people p JOIN contacts_contact c ON c.id = p.id
    JOIN contacts_tag t ON t.id = ANY(%s) AND t.team_id = c.team_id
    ORDER BY c.id, t.id
    ON CONFLICT (contact_id, tag_id) DO NOTHING
    RETURNING contact_id
), locked AS (
    SELECT id FROM contacts_contact WHERE id IN (SELECT contact_id FROM added) ORDER BY id FOR NO KEY UPDATE
)
UPDATE contacts_contact c SET updated_at = now() FROM locked WHERE c.id = locked.id
"""
_TAKE = """
WITH people AS ({people}), gone AS (
    DELETE FROM contacts_contacttag
    WHERE tag_id = ANY(%s) AND contact_id IN (SELECT id FROM people)
    RETURNING contact_id
), locked AS (
    SELECT id FROM contacts_contact WHERE id IN (SELECT contact_id FROM gone) ORDER BY id FOR NO KEY UPDATE
)
UPDATE contacts_contact c SET updated_at = now() FROM locked WHERE c.id = locked.id
"""


def clean(name: str) -> str:
    """A name as it is kept: one line, at most LONGEST characters, without separators; "" for nothing."""
    plain = _UNSEEN.sub(" ", _BETWEEN.sub(" ", name))
    return " ".join(plain.split())[:LONGEST].rstrip()


def split(written: str) -> list[str]:
    """Names out of "a, b; c", in their order, each writing once."""
    return list(dict.fromkeys(name for part in _BETWEEN.split(written) if (name := clean(part))))


def named(team: Team, names: Iterable[str], create: bool = True) -> dict[str, Tag]:
    """The team's tags of these names, by the names as they were given; accents and case don't matter.

    Those that don't exist are made, or left out when `create` is False. Blank names are left out.
    """
    wanted = {name: plain for name in names if (plain := clean(name))}
    found = _find(team, wanted.values())
    missing = [plain for plain in dict.fromkeys(wanted.values()) if plain not in found]
    if missing and create:
        with connection.cursor() as cursor:
            cursor.execute(_ADD, [team.pk, missing])
        found |= _find(team, missing)
    return {name: found[plain] for name, plain in wanted.items() if plain in found}


def _find(team: Team, names: Iterable[str]) -> dict[str, Tag]:
    asked = list(dict.fromkeys(names))
    if not asked:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_FIND, [asked, team.pk])
        return {
            written: Tag(id=pk, team=team, name=name, created_at=created_at)
            for written, pk, name, created_at in cursor.fetchall()
        }


def put(tags: Iterable[Tag], people: ContactQuerySet) -> int:
    """Puts every one of `tags` on every one of `people`. How many people had not all of them before."""
    return _change(_PUT, tags, people)


def take(tags: Iterable[Tag], people: ContactQuerySet) -> int:
    """Takes `tags` off `people`. How many people had one of them."""
    return _change(_TAKE, tags, people)


def _change(statement: str, tags: Iterable[Tag], people: ContactQuerySet) -> int:
    ids = [tag.pk for tag in tags]
    try:
        chosen, values = people.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return 0
    if not ids:
        return 0
    with connection.cursor() as cursor:
        # The ORM's own statement, with its values apart; its column is named by the ORM, here it is `id`.
        chosen = f"SELECT p.* FROM ({chosen}) AS p(id)"  # noqa: S608
        cursor.execute(statement.format(people=chosen), [*values, ids])
        return int(cursor.rowcount)


def replace(people: ContactQuerySet, tags: Collection[Tag]) -> None:
    """Leaves `people` with these tags and no others."""
    team_ids = {tag.team_id for tag in tags}
    with transaction.atomic():
        others = Tag.objects.filter(contacts__in=people.order_by().values("pk")).exclude(
            pk__in=[tag.pk for tag in tags]
        )
        take(list(others.distinct()), people)
        if team_ids:
            put(tags, people)
