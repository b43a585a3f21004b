"""From numbers to people, for any count in a fixed number of statements; unknown numbers become contacts."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection

from contacts import phones
from contacts.models.phone import NUMBER_LENGTH
from contacts.privacy import opting, suppression


@dataclass(frozen=True)
class Person:
    """What a fact or a message needs to know of the contact behind a number."""

    contact_id: int
    opted_out: bool
    textable: bool


Key = tuple[int, str]  # team id, number: E.164 or a raw sender id


def key_of(number: str, region: str) -> str:
    """The writing under which a number is stored: E.164, or the raw sender id, trimmed and cut."""
    return phones.normalise(number, region) or " ".join(number.split())[:NUMBER_LENGTH]


_FIND = """
SELECT p.team_id, p.number, p.contact_id, c.opted_out_at IS NOT NULL, p.textable
FROM unnest(%s::bigint[], %s::text[]) AS k(team_id, number)
JOIN contacts_contactphone p USING (team_id, number)
JOIN contacts_contact c ON c.id = p.contact_id
"""

# Held until the facts that name them are written: whoever erases or merges a person waits for that, and whoever
# comes while they are being erased finds them gone and makes somebody new. In the order of keys.
_FIND_AND_HOLD = f"{_FIND} ORDER BY c.id FOR KEY SHARE OF c"

# The contact's id is drawn first and its row made only for numbers that were really new: when another
# transaction adds the same number meanwhile, ours waits for it and then makes nothing.
_ADD = """
WITH wanted AS (
    SELECT team_id, number, textable, nextval('contacts_contact_id_seq') AS contact_id
    FROM unnest(%s::bigint[], %s::text[], %s::boolean[]) AS k(team_id, number, textable)
), people AS (
    INSERT INTO contacts_contact (id, team_id, first_name, last_name, company, email, created_at, updated_at)
    SELECT contact_id, team_id, '', '', '', '', now(), now() FROM wanted
    RETURNING id
), numbers AS (
    INSERT INTO contacts_contactphone (team_id, contact_id, number, textable, is_primary, created_at)
    SELECT w.team_id, w.contact_id, w.number, w.textable, true, now()
    FROM wanted w JOIN people ON people.id = w.contact_id ORDER BY w.team_id, w.number
    ON CONFLICT (team_id, number) DO NOTHING
    RETURNING contact_id
)
SELECT id FROM people WHERE id NOT IN (SELECT contact_id FROM numbers)
"""


def find(keys: Iterable[Key], *, hold: bool = False) -> dict[Key, Person]:
    """The known ones among `keys`; with `hold` they stay until the transaction ends. One statement."""
    wanted = sorted(set(keys))
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            _FIND_AND_HOLD if hold else _FIND,
            [[team for team, _ in wanted], [number for _, number in wanted]],
        )
        return {(team, number): Person(*rest) for team, number, *rest in cursor.fetchall()}


def find_or_add(keys: Iterable[Key]) -> dict[Key, Person]:
    """A person for each of `keys`, whose numbers must be as `key_of` writes them. Inside a transaction.

    Whoever is new under a suppressed number is opted out from the beginning.
    """
    wanted = set(keys)
    known = find(wanted, hold=True)
    missing = sorted(wanted - known.keys())
    if not missing:
        return known
    with connection.cursor() as cursor:
        cursor.execute(
            _ADD,
            [
                [team for team, _ in missing],
                [number for _, number in missing],
                [phones.E164.fullmatch(number) is not None for _, number in missing],
            ],
        )
        # Somebody else added these numbers a moment ago: their people stay, ours go.
        surplus = [row[0] for row in cursor.fetchall()]
        if surplus:
            cursor.execute("DELETE FROM contacts_contact WHERE id = ANY(%s)", [surplus])
    new = find(missing, hold=True)
    suppressed = suppression.among(new)
    if suppressed:
        opting.brought({new[key].contact_id for key in suppressed})
        new = find(missing)
    return known | new
