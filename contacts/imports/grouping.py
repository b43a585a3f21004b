"""Puts the people of a chunk on the tags and lists that the file or the import names. Nobody is taken off."""

from collections.abc import Iterable, Sequence

from django.db import connection

from contacts.imports import staging
from contacts.imports.chunks import Chunk
from contacts.models import ContactList, Import, Tag
from contacts.tags import tagging

_PUT = """
WITH added AS (
    INSERT INTO {table} ({owner}, contact_id, imported_by_id, {at})
    SELECT DISTINCT w.id, c.contact_id, %(run)s::bigint, now()
    FROM import_chunk c {among}
    WHERE c.outcome IN ('new', 'unchanged', 'update')
    ORDER BY c.contact_id, w.id
    ON CONFLICT ({owner}, contact_id) DO NOTHING
    RETURNING contact_id
), touched AS (
    UPDATE contacts_contact p SET updated_at = now()
    WHERE p.id IN (SELECT contact_id FROM added) AND p.imported_by_id IS DISTINCT FROM %(run)s
    RETURNING p.id
)
SELECT c.line FROM import_chunk c JOIN touched ON touched.id = c.contact_id
"""
_EVERYBODY = "CROSS JOIN unnest(%(ids)s::bigint[]) AS w(id)"
_NAMED = """
CROSS JOIN LATERAL unnest(c.{column}) AS n(name)
JOIN unnest(%(names)s::text[], %(ids)s::bigint[]) AS w(name, id) ON w.name = n.name
"""


def put_tags(import_: Import, chunk: Chunk, everybody: Iterable[Tag]) -> set[int]:
    lines = _put("contacts_contacttag", "tag_id", "created_at", import_, [tag.pk for tag in everybody])
    if chunk.tags:
        named = {name: tag.pk for name, tag in tagging.named(import_.team, sorted(chunk.tags)).items()}
        lines |= _put("contacts_contacttag", "tag_id", "created_at", import_, named, "tags")
    return lines


def put_on_lists(import_: Import, chunk: Chunk) -> set[int]:
    lines: set[int] = set()
    if import_.target_list_id:
        lines = _put("contacts_listmember", "list_id", "added_at", import_, [import_.target_list_id])
    if chunk.lists:
        named = list_ids(import_, sorted(chunk.lists))
        lines |= _put("contacts_listmember", "list_id", "added_at", import_, named, "lists")
    return lines


def _put(
    table: str, owner: str, at: str, import_: Import, ids: Sequence[int] | dict[str, int], column: str = ""
) -> set[int]:
    """Lines of people who were there before and got something new."""
    if not ids:
        return set()
    among = _NAMED.format(column=column) if isinstance(ids, dict) else _EVERYBODY
    values: dict[str, object] = {"run": import_.pk}
    if isinstance(ids, dict):
        values |= {"names": list(ids), "ids": list(ids.values())}
    else:
        values["ids"] = list(ids)
    with connection.cursor() as cursor:
        return staging.lines_of(cursor, _PUT.format(table=table, owner=owner, at=at, among=among), values)


_ADD_LISTS = """
INSERT INTO contacts_contactlist (team_id, name, created_by_id, created_at)
SELECT %s, name, %s, now() FROM (
    SELECT DISTINCT ON (lower(name)) name FROM unnest(%s::text[]) AS name ORDER BY lower(name), name
) AS n
ON CONFLICT (team_id, lower(name)) DO NOTHING
"""


def list_ids(import_: Import, names: Sequence[str], *, create: bool = True) -> dict[str, int]:
    """Ids of the team's lists by these names, whatever their case; those that don't exist are made."""
    with connection.cursor() as cursor:
        if create:
            cursor.execute(_ADD_LISTS, [import_.team_id, import_.by_id, list(names)])
    known = {
        name.lower(): pk for pk, name in ContactList.objects.for_team(import_.team).values_list("pk", "name")
    }
    return {name: known[name.lower()] for name in names if name.lower() in known}
