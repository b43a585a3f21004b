"""Who is on a list: for any number of people in one statement."""

from django.core.exceptions import EmptyResultSet
from django.db import connection

from contacts.models import ContactList
from contacts.models.contact import ContactQuerySet

# The people are locked in the order of their keys, here as everywhere. Their change is written down: an import
# that is taken back leaves alone whoever changed since.
_ADD = """
WITH people AS ({people}), added AS (
    INSERT INTO contacts_listmember (list_id, contact_id, added_at)
    SELECT %s, c.id, now() FROM people p JOIN contacts_contact c ON c.id = p.id
    WHERE c.team_id = %s
    ORDER BY c.id
    ON CONFLICT (list_id, contact_id) DO NOTHING
    RETURNING contact_id
), locked AS (
    SELECT id FROM contacts_contact WHERE id IN (SELECT contact_id FROM added) ORDER BY id FOR NO KEY UPDATE
)
UPDATE contacts_contact c SET updated_at = now() FROM locked WHERE c.id = locked.id
"""
_REMOVE = """
WITH people AS ({people}), gone AS (
    DELETE FROM contacts_listmember
    WHERE list_id = %s AND contact_id IN (SELECT id FROM people)
    RETURNING contact_id
), locked AS (
    SELECT id FROM contacts_contact
    WHERE team_id = %s AND id IN (SELECT contact_id FROM gone) ORDER BY id FOR NO KEY UPDATE
)
UPDATE contacts_contact c SET updated_at = now() FROM locked WHERE c.id = locked.id
"""


def add(to: ContactList, people: ContactQuerySet) -> int:
    """Puts `people` on the list, those of its team only. How many were not on it."""
    return _change(_ADD, to, people)


def remove(from_: ContactList, people: ContactQuerySet) -> int:
    """Takes `people` off the list. How many were on it."""
    return _change(_REMOVE, from_, people)


def _change(statement: str, of: ContactList, people: ContactQuerySet) -> int:
    try:
        chosen, values = people.order_by().values("pk").query.sql_with_params()
    except EmptyResultSet:
        return 0
    # The ORM's own statement, with its values apart; its column is called as here.
    chosen = f"SELECT p.* FROM ({chosen}) AS p(id)"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(statement.format(people=chosen), [*values, of.pk, of.team_id])
        return int(cursor.rowcount)
