"""Taking an import back: people whom it made and nobody touched since are deleted, fields that still hold what it
wrote get back what they held before, and its tags and lists are taken off. Everything else is left alone.
"""

from collections.abc import Callable, Collection
from typing import Any

from django.db import connection, transaction

from contacts.imports import chunks, passing
from contacts.imports.lease import Lease
from contacts.models import Contact, Import, ImportChange
from contacts.privacy import opting

SIZE = chunks.SIZE // 5  # people a transaction

Touched = Callable[[Collection[int]], set[int]]
_touched: list[Touched] = []


def register(touched: Touched) -> None:
    """`touched` tells which of these people something happened with since (a message, a call, a note …): they
    are left alone. For the layers above, which know of such things.
    """
    _touched.append(touched)


# Kept in one place: every way in which the team itself touches somebody whom an import made.
_STILL_AS_MADE = """
SELECT p.id FROM contacts_contact p
LEFT JOIN contacts_importchange i ON i.run_id = %(run)s AND i.contact_id = p.id
WHERE p.id = ANY(%(ids)s)
  AND (p.updated_at = p.created_at OR p.updated_at = (i.after ->> 'updated_at')::timestamptz)
  AND NOT EXISTS (SELECT FROM contacts_contactphone n WHERE n.contact_id = p.id AND n.created_at > p.updated_at)
  AND NOT EXISTS (SELECT FROM contacts_followup f WHERE f.contact_id = p.id)
  AND NOT EXISTS (SELECT FROM contacts_consentchange c WHERE c.contact_id = p.id
                  AND c.imported_by_id IS DISTINCT FROM %(run)s)
  AND NOT EXISTS (SELECT FROM contacts_contacttag t WHERE t.contact_id = p.id
                  AND t.imported_by_id IS DISTINCT FROM %(run)s)
  AND NOT EXISTS (SELECT FROM contacts_listmember l WHERE l.contact_id = p.id
                  AND l.imported_by_id IS DISTINCT FROM %(run)s)
  AND NOT EXISTS (SELECT FROM contacts_merge m WHERE m.kept_id = p.id)
  AND NOT EXISTS (SELECT FROM contacts_importchange o WHERE o.contact_id = p.id AND o.run_id <> %(run)s)
ORDER BY p.id FOR UPDATE OF p
"""


def take_back(import_: Import, lease: Lease) -> None:
    """Raises passing.Interrupted, lease.Lost. Whoever goes on later finds only what is left to do."""
    # Memberships first: what is left alone below keeps only what others gave.
    while _step(lease, lambda: _take_off(import_, "contacts_contacttag")):
        pass
    while _step(lease, lambda: _take_off(import_, "contacts_listmember")):
        pass
    after = 0
    while found := _made_by(import_, after):
        after = found[-1]
        _step(lease, lambda found=found: _delete(import_, lease, found))  # type: ignore[misc]
    while _step(lease, lambda: _put_back(import_, lease)):
        pass
    lease.end(Import.State.REVERTED)


def _step(lease: Lease, do: Callable[[], int]) -> int:
    with transaction.atomic():
        done = do()
        lease.advance()
    if passing.ending.is_set():
        raise passing.Interrupted
    return done


# Not of the people whom it made: those are deleted with all they have, or keep it as everybody.
_TAKE_OFF = """
WITH chosen AS (
    SELECT t.ctid FROM {table} t JOIN contacts_contact p ON p.id = t.contact_id
    WHERE t.imported_by_id = %(run)s AND p.imported_by_id IS DISTINCT FROM %(run)s LIMIT %(size)s
), gone AS (
    DELETE FROM {table} WHERE ctid IN (SELECT ctid FROM chosen) RETURNING contact_id
), noted AS (
    UPDATE contacts_contact SET updated_at = now() WHERE id IN (SELECT contact_id FROM gone)
    RETURNING id
), moved AS (
    UPDATE contacts_importchange SET after = after || jsonb_build_object('updated_at', now())
    FROM noted WHERE run_id = %(run)s AND contact_id = noted.id
)
SELECT count(*) FROM gone
"""


def _take_off(import_: Import, table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_TAKE_OFF.format(table=table), {"run": import_.pk, "size": SIZE})
        return int(cursor.fetchone()[0])


def _made_by(import_: Import, after: int) -> list[int]:
    made = Contact.objects.for_team(import_.team).filter(imported_by=import_, pk__gt=after)
    return list(made.order_by("pk").values_list("pk", flat=True)[:SIZE])


def _delete(import_: Import, lease: Lease, ids: list[int]) -> int:
    """Deletes those whom nobody touched; the others are no import's any more."""
    with connection.cursor() as cursor:
        cursor.execute(_STILL_AS_MADE, {"run": import_.pk, "ids": ids})
        free = {row[0] for row in cursor.fetchall()}
    for touched in _touched:
        free -= touched(free) if free else set()
    ImportChange.objects.filter(run=import_, contact__in=ids).delete()
    Contact.objects.filter(pk__in=free).delete()
    left = Contact.objects.filter(pk__in=ids)
    alone = left.update(imported_by=None)
    _count(lease, reverted=len(free), left_alone=alone)
    return len(ids)


def _put_back(import_: Import, lease: Lease) -> int:
    """The next people who were there before: what still is as the import wrote it becomes what it was."""
    changes = list(ImportChange.objects.filter(run=import_).order_by("contact_id")[:SIZE])
    people = {
        person.pk: person
        for person in Contact.objects.select_for_update()
        .filter(pk__in=[change.contact_id for change in changes])
        .order_by("pk")
    }
    whole = partly = 0
    removed: list[opting.Held] = []
    for change in changes:
        person = people[change.contact_id]
        numbers = _take_numbers(person, change)
        removed += [(person.pk, number) for number in numbers]
        kept = _undo(person, change, touched=bool(numbers))
        whole, partly = whole + (not kept), partly + bool(kept)
    opting.left(removed)
    ImportChange.objects.filter(pk__in=[change.pk for change in changes]).delete()
    if changes:
        _count(lease, reverted=whole, left_alone=partly)
    return len(changes)


def _take_numbers(person: Contact, change: ImportChange) -> list[str]:
    """Takes away the further numbers that the import gave the person. Those that they still had."""
    given = person.phones.filter(number__in=change.after.get("numbers", []), is_primary=False)
    found = {phone.pk: phone.number for phone in given}
    person.phones.filter(pk__in=found).delete()
    return list(found.values())


def _undo(person: Contact, change: ImportChange, *, touched: bool) -> list[str]:
    """Writes what can be written back. The fields that somebody has changed since, and that stay.

    `touched`: the person is another than before in any case.
    """
    kept: list[str] = []
    changed: list[str] = []
    for name, before in change.before.items():
        after = change.after.get(name)
        if name == "custom":
            written = {key: value for key, value in after.items() if value != before.get(key)}
            kept += [key for key, value in written.items() if person.custom.get(key) != value]
            if _undo_custom(person, before, written):
                changed.append(name)
        elif getattr(person, name) == after:
            setattr(person, name, before)
            changed.append(name)
        else:
            kept.append(name)
    if changed or touched:
        person.save(update_fields=[*changed, "updated_at"])
    return kept


def _undo_custom(person: Contact, before: dict[str, Any], written: dict[str, Any]) -> bool:
    """Puts back the values that are still those of `written`. Whether one was."""
    values = dict(person.custom)
    for key, value in written.items():
        if values.get(key) == value:
            if key in before:
                values[key] = before[key]
            else:
                del values[key]
    changed: bool = values != person.custom
    person.custom = values
    return changed


def _count(lease: Lease, *, reverted: int, left_alone: int) -> None:
    lease.advance(
        "reverted = reverted + %(reverted)s, left_alone = left_alone + %(left)s",
        {"reverted": reverted, "left": left_alone},
    )
