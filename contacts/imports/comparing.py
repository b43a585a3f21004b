"""What an update changes of somebody: the same expressions tell it in a check and write it in a run.

Empty cells never erase. Without "overwrite" only what is empty is filled; with it, what the file says replaces.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.backends.utils import CursorWrapper

from contacts.imports import consents, grouping, staging
from contacts.imports.chunks import Chunk
from contacts.imports.cleaning import Cleaner
from contacts.models import Import
from contacts.tags import tagging


@dataclass(frozen=True)
class Column:
    """A column of contacts_contact: its value, and what it will be, of `p` (the person) and `c` (the row)."""

    name: str
    new: str

    @property
    def old(self) -> str:
        return f"p.{self.name}"


def columns(cleaner: Cleaner, *, overwrite: bool) -> list[Column]:
    found = [Column(name, _text(name, overwrite=overwrite)) for name in cleaner.columns]
    if cleaner.owner:
        order = "c.owner_id, p.owner_id" if overwrite else "p.owner_id, c.owner_id"
        found.append(Column("owner_id", f"coalesce({order})"))
    if cleaner.custom:
        # The right side of || wins.
        order = (
            "p.custom || coalesce(c.custom, '{}')" if overwrite else "coalesce(c.custom, '{}') || p.custom"
        )
        found.append(Column("custom", order))
    return found


def _text(name: str, *, overwrite: bool) -> str:
    if overwrite:
        return f"coalesce(c.{name}, p.{name})"
    return f"CASE WHEN p.{name} = '' THEN coalesce(c.{name}, '') ELSE p.{name} END"


def differs(found: Sequence[Column]) -> str:
    """Whether anything changes; a numeric column is compared as the text columns are."""
    new, old = ", ".join(each.new for each in found), ", ".join(each.old for each in found)
    return f"({new}) IS DISTINCT FROM ({old})" if len(found) > 1 else f"{new} IS DISTINCT FROM {old}"


_DIFFERING = """
SELECT c.line FROM import_chunk c JOIN contacts_contact p ON p.id = c.contact_id
WHERE c.outcome = 'unchanged' AND {differs}
"""
_NEW_NUMBER = """
SELECT c.line FROM import_chunk c
WHERE c.outcome = 'unchanged' AND EXISTS (
    SELECT FROM unnest(c.other_phones) AS o(number) WHERE NOT EXISTS (
        SELECT FROM contacts_contactphone p WHERE p.team_id = %(team)s AND p.number = o.number))
"""
_NOT_ON = """
SELECT c.line FROM import_chunk c
WHERE c.outcome = 'unchanged' AND EXISTS (
    SELECT FROM {wanted} WHERE w.id IS NULL OR NOT EXISTS (
        SELECT FROM {table} t WHERE t.contact_id = c.contact_id AND t.{owner} = w.id))
"""
_EVERYBODY = "unnest(%(ids)s::bigint[]) AS w(id)"
_NAMED = """unnest(c.{column}) AS n(name)
    LEFT JOIN unnest(%(names)s::text[], %(ids)s::bigint[]) AS w(name, id) ON w.name = n.name"""


def mark(import_: Import, cleaner: Cleaner, chunk: Chunk, tags: Sequence[int | None]) -> None:
    """Sets the outcome of those who are there and would change. `tags`: ids, None for one that is yet to be made."""
    lines = consents.changing(chunk)
    lists = [import_.target_list_id] if import_.target_list_id else []
    with connection.cursor() as cursor:
        found = columns(cleaner, overwrite=import_.overwrite)
        if found:
            lines |= staging.lines_of(cursor, _DIFFERING.format(differs=differs(found)))
        if cleaner.other_phones:
            lines |= staging.lines_of(cursor, _NEW_NUMBER, {"team": import_.team_id})
        for ids, table, owner in (
            (tags, "contacts_contacttag", "tag_id"),
            (lists, "contacts_listmember", "list_id"),
        ):
            if ids:
                statement = _NOT_ON.format(wanted=_EVERYBODY, table=table, owner=owner)
                lines |= staging.lines_of(cursor, statement, {"ids": list(ids)})
        if chunk.tags:
            named = tagging.named(import_.team, sorted(chunk.tags), create=False)
            known = {name: tag.pk for name, tag in named.items()}
            lines |= _not_on(cursor, "contacts_contacttag", "tag_id", "tags", known)
        if chunk.lists:
            known = grouping.list_ids(import_, sorted(chunk.lists), create=False)
            lines |= _not_on(cursor, "contacts_listmember", "list_id", "lists", known)
    staging.mark_updated(lines)


def _not_on(cursor: CursorWrapper, table: str, owner: str, column: str, known: dict[str, int]) -> set[int]:
    statement = _NOT_ON.format(wanted=_NAMED.format(column=column), table=table, owner=owner)
    return staging.lines_of(cursor, statement, {"names": list(known), "ids": list(known.values())})
