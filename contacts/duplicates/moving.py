"""Gives what hangs on one person to another: numbers, tags, lists, follow-ups, the ledger, what imports noted.

Layers above register what they add (`register`). Everything is set-based, whatever has gathered on a person.
"""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True)
class Move:
    """From whom to whom, inside the transaction of a merge that holds both people's rows."""

    team_id: int
    kept_id: int
    gone_id: int
    # Whether the person kept must not be texted: what is queued for either is not sent.
    opted_out: bool = False


Mover = Callable[[Move], None]
_movers: list[Mover] = []


def register(mover: Mover) -> None:
    """A layer above tells how its tables follow. Once, when the application starts."""
    if mover not in _movers:
        _movers.append(mover)


# Tables with one row a person and something else: what the person kept has already stays as it is.
_ONCE = (
    ("contacts_contacttag", "tag_id"),
    ("contacts_listmember", "list_id"),
    ("contacts_importchange", "run_id"),
)
_MANY = ("contacts_followup", "contacts_consentchange")

_MOVE_ONCE = """
WITH gone AS (DELETE FROM {table} t USING {table} k
    WHERE t.contact_id = %(gone)s AND k.contact_id = %(kept)s AND k.{column} = t.{column} RETURNING t.id)
UPDATE {table} SET contact_id = %(kept)s WHERE contact_id = %(gone)s AND id NOT IN (SELECT id FROM gone)
"""

_MOVE_MANY = "UPDATE {table} SET contact_id = %(kept)s WHERE contact_id = %(gone)s"

# That somebody else is another person than the one who goes holds of the person kept too.
_PAIRS = """
WITH touched AS (
    DELETE FROM contacts_duplicatepair WHERE %(gone)s IN (first_id, second_id)
    RETURNING CASE WHEN first_id = %(gone)s THEN second_id ELSE first_id END AS other, why, likeness, found_at,
              dismissed_by_id, dismissed_at
)
INSERT INTO contacts_duplicatepair AS p
    (team_id, first_id, second_id, why, likeness, found_at, dismissed_by_id, dismissed_at)
SELECT %(team)s, least(other, %(kept)s), greatest(other, %(kept)s), why, likeness, found_at, dismissed_by_id,
       dismissed_at
FROM touched WHERE other <> %(kept)s
ON CONFLICT (first_id, second_id) DO UPDATE
    SET dismissed_by_id = excluded.dismissed_by_id, dismissed_at = excluded.dismissed_at
    WHERE p.dismissed_at IS NULL AND excluded.dismissed_at IS NOT NULL
"""


# That somebody's time is over was said of less than is known now: a proposal to erase goes, the word that they are
# to be kept stays, the longer one.
_RETENTION = """
DELETE FROM contacts_retentionproposal p
WHERE p.contact_id IN (%(kept)s, %(gone)s) AND (p.kept_until IS NULL OR EXISTS (
    SELECT 1 FROM contacts_retentionproposal other
    WHERE other.contact_id IN (%(kept)s, %(gone)s) AND other.contact_id <> p.contact_id
      AND (other.kept_until, other.contact_id) > (p.kept_until, p.contact_id)))
"""


def numbers(move: Move, primary_id: int | None) -> None:
    """All numbers to the person kept, `primary_id` the one that is texted."""
    # One primary a person is a rule of the database at every moment: first none, then all there, then one.
    _run(
        "UPDATE contacts_contactphone SET is_primary = false"
        " WHERE contact_id IN (%(kept)s, %(gone)s) AND is_primary",
        move,
    )
    _run(_MOVE_MANY.format(table="contacts_contactphone"), move)
    if primary_id is not None:
        _run(
            "UPDATE contacts_contactphone SET is_primary = true WHERE id = %(primary)s",
            move,
            primary=primary_id,
        )


def belongings(move: Move) -> None:
    """Tags, lists, follow-ups, ledger, imports' notes, proposals, and earlier merges into the one who goes."""
    for table, column in _ONCE:
        _run(_MOVE_ONCE.format(table=table, column=column), move)
    for table in _MANY:
        _run(_MOVE_MANY.format(table=table), move)
    _run(_PAIRS, move)
    _run(_RETENTION, move)
    _run(_MOVE_MANY.format(table="contacts_retentionproposal"), move)
    _run("UPDATE contacts_merge SET kept_id = %(kept)s WHERE kept_id = %(gone)s", move)


def above(move: Move) -> None:
    """What the layers above keep of people."""
    for mover in _movers:
        mover(move)


def _run(statement: str, move: Move, **more: int) -> None:
    values = {"team": move.team_id, "kept": move.kept_id, "gone": move.gone_id, **more}
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
