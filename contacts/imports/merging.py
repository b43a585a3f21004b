"""Writes a chunk: new people, what changes of those who are there, their further numbers, tags and lists.

Runs in the transaction that also moves the import's own place in the file on. Every person is locked in the
order of their id, as everywhere.
"""

from collections.abc import Sequence

from django.db import connection

from contacts.imports import comparing, consents, grouping, staging
from contacts.imports.chunks import Chunk
from contacts.imports.cleaning import Cleaner
from contacts.models import Import, Tag
from contacts.privacy import opting

_TEXT = ("first_name", "last_name", "company", "email", "address", "language")

_ADD_PEOPLE = """
INSERT INTO contacts_contact (id, team_id, imported_by_id, created_at, updated_at, {names})
SELECT contact_id, %(team)s, %(run)s, now(), now(), {values}
FROM import_chunk c WHERE outcome = 'new' ORDER BY line
"""
# In the order of numbers, as callbacks add them: neither can wait for the other in a circle.
_ADD_NUMBERS = """
INSERT INTO contacts_contactphone (team_id, contact_id, number, textable, is_primary, created_at)
SELECT %(team)s, contact_id, number, true, true, now() FROM import_chunk WHERE outcome = 'new' ORDER BY number
ON CONFLICT (team_id, number) DO NOTHING
"""
# A callback or a colleague added the number a moment ago: their person stays, ours goes.
_YIELD = """
WITH taken AS (
    UPDATE import_chunk c SET contact_id = p.contact_id, outcome = 'unchanged'
    FROM import_chunk o, contacts_contactphone p
    WHERE o.line = c.line AND c.outcome = 'new' AND p.team_id = %(team)s AND p.number = c.number
      AND p.contact_id <> c.contact_id
    RETURNING o.contact_id
)
DELETE FROM contacts_contact WHERE id IN (SELECT contact_id FROM taken)
"""


def add(import_: Import, cleaner: Cleaner) -> None:
    """Makes the people who are new."""
    names = [name for name in cleaner.columns if name in _TEXT]
    # Columns without a default of the database.
    missing = [name for name in ("first_name", "last_name", "company", "email") if name not in names]
    values = [f"coalesce(c.{name}, '')" for name in names] + ["''"] * len(missing)
    if cleaner.owner:
        names, values = [*names, *missing, "owner_id"], [*values, "c.owner_id"]
    else:
        names = [*names, *missing]
    if cleaner.custom:
        names, values = [*names, "custom"], [*values, "coalesce(c.custom, '{}')"]
    given = {"team": import_.team_id, "run": import_.pk}
    with connection.cursor() as cursor:
        cursor.execute(_ADD_PEOPLE.format(names=", ".join(names), values=", ".join(values)), given)
        added = cursor.rowcount
        if added:
            cursor.execute(_ADD_NUMBERS, given)
            if cursor.rowcount < added:
                cursor.execute(_YIELD, given)


# Several rows can be about one person: the first, then the next on top of it.
_TURNS = """
SELECT coalesce(max(times), 0) FROM (
    SELECT count(*) AS times FROM import_chunk WHERE outcome = 'unchanged' GROUP BY contact_id
) AS t
"""
_TURN = """(
    SELECT *, row_number() OVER (PARTITION BY contact_id ORDER BY line) AS turn
    FROM import_chunk WHERE outcome IN ('unchanged', 'update')
)"""
_UPDATE = """
WITH target AS (
    SELECT p.id, c.line, {old}, {new}
    FROM {turn} c JOIN contacts_contact p ON p.id = c.contact_id
    WHERE c.turn = %(turn)s AND {differs}
    ORDER BY p.id FOR NO KEY UPDATE OF p
), changed AS (
    UPDATE contacts_contact p SET {sets}, updated_at = now() FROM target t WHERE p.id = t.id
    RETURNING t.line
), noted AS (
    INSERT INTO contacts_importchange AS i (run_id, contact_id, before, after)
    SELECT %(run)s, id, {before}, {after} || jsonb_build_object('updated_at', now()) FROM target
    ON CONFLICT (run_id, contact_id) DO UPDATE
    SET before = excluded.before || i.before, after = i.after || excluded.after
)
SELECT line FROM changed
"""


def update(import_: Import, cleaner: Cleaner) -> set[int]:
    """Changes the people who are there, and notes what they were before. The lines of those who changed.

    The note holds the moment too: who was changed later than that was changed by somebody else.
    """
    found = comparing.columns(cleaner, overwrite=import_.overwrite)
    if not found:
        return set()
    statement = _UPDATE.format(
        turn=_TURN,
        old=", ".join(f"{each.old} AS old_{each.name}" for each in found),
        new=", ".join(f"{each.new} AS new_{each.name}" for each in found),
        differs=comparing.differs(found),
        sets=", ".join(f"{each.name} = t.new_{each.name}" for each in found),
        before=_noted("old", found),
        after=_noted("new", found),
    )
    lines: set[int] = set()
    with connection.cursor() as cursor:
        cursor.execute(_TURNS)
        turns = cursor.fetchone()[0]
        for turn in range(1, turns + 1):
            lines |= staging.lines_of(cursor, statement, {"turn": turn, "run": import_.pk})
    return lines


def _noted(side: str, found: Sequence[comparing.Column]) -> str:
    """The fields that changed, as JSON."""
    return " || ".join(
        f"CASE WHEN old_{each.name} IS DISTINCT FROM new_{each.name}"
        f" THEN jsonb_build_object('{each.name}', {side}_{each.name}) ELSE '{{}}' END"
        for each in found
    )


_ADD_OTHERS = """
WITH added AS (
    INSERT INTO contacts_contactphone (team_id, contact_id, number, textable, is_primary, created_at)
    SELECT %(team)s, contact_id, other, true, false, now() FROM (
        SELECT DISTINCT ON (other) contact_id, other
        FROM import_chunk, unnest(other_phones) AS other
        WHERE outcome IN ('new', 'unchanged', 'update') ORDER BY other, line
    ) AS o ORDER BY other
    ON CONFLICT (team_id, number) DO NOTHING
    RETURNING contact_id, number
), noted AS (
    INSERT INTO contacts_importchange AS i (run_id, contact_id, before, after)
    SELECT %(run)s, contact_id, '{}', jsonb_build_object('numbers', jsonb_agg(number), 'updated_at', now())
    FROM added GROUP BY contact_id
    ON CONFLICT (run_id, contact_id) DO UPDATE SET after = i.after || excluded.after || jsonb_build_object(
        'numbers', coalesce(i.after -> 'numbers', '[]') || (excluded.after -> 'numbers'))
), touched AS (
    UPDATE contacts_contact SET updated_at = now() WHERE id IN (SELECT contact_id FROM added)
)
SELECT c.line, c.contact_id FROM import_chunk c WHERE c.contact_id IN (SELECT contact_id FROM added)
"""


def add_numbers(import_: Import) -> set[int]:
    """Gives people their further numbers; one that is somebody else's stays theirs."""
    with connection.cursor() as cursor:
        cursor.execute(_ADD_OTHERS, {"team": import_.team_id, "run": import_.pk})
        found = cursor.fetchall()
    people = {contact_id for _line, contact_id in found}
    if people:
        # A suppressed number opts out whoever gets it; who opted out has all numbers suppressed.
        opting.brought(people)
    return {line for line, _contact_id in found}


def merge(import_: Import, cleaner: Cleaner, chunk: Chunk, tags: Sequence[Tag]) -> None:
    """Everything of a chunk that `staging.look_up` has looked at; outcomes become what happened."""
    add(import_, cleaner)
    lines = update(import_, cleaner)
    if cleaner.other_phones:
        lines |= add_numbers(import_)
    lines |= grouping.put_tags(import_, chunk, tags)
    lines |= grouping.put_on_lists(import_, chunk)
    if chunk.consents:
        lines |= consents.write(import_, chunk)
    staging.mark_updated(lines)
