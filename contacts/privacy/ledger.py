"""The ledger of what people allow: entries are added, never changed, and the person's columns follow them.

`Contact.consent`, `consent_at` and `do_not_call_at` say what the newest entry says, by when it happened and not
by when it was written down: a withdrawal is not undone by a form that was signed before it. STOP and START are
contacts/privacy/opting.py.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from contacts.models import ConsentChange, Contact
from teams.models import User

Kind = ConsentChange.Kind


@dataclass(frozen=True)
class Entry:
    """One line of the ledger. `basis` belongs to a grant: opted_in, customer or professional."""

    contact_id: int
    kind: str
    at: datetime
    source: str
    basis: str = ""
    wording: str = ""
    proof: str = ""
    by_id: int | None = None
    # An import never gives back what somebody withdrew: such an entry is left out.
    imported_by_id: int | None = None


def grant(
    team_id: int,
    contacts: Iterable[int],
    *,
    basis: str,
    source: str,
    wording: str = "",
    proof: str = "",
    by: User | None = None,
    at: datetime | None = None,
    imported_by_id: int | None = None,
) -> int:
    """These people allow commercial texts, on the ground `basis` (of Contact.Consent). How many entries."""
    if basis not in GROUNDS:
        raise ValueError(f"no ground: {basis}")
    said = _said(source, wording, proof, by, at, imported_by_id)
    return record(team_id, [Entry(pk, Kind.GRANTED, basis=basis, **said) for pk in contacts])


def withdraw(
    team_id: int,
    contacts: Iterable[int],
    *,
    source: str,
    wording: str = "",
    proof: str = "",
    by: User | None = None,
    at: datetime | None = None,
) -> int:
    """These people took their consent back."""
    said = _said(source, wording, proof, by, at)
    return record(team_id, [Entry(pk, Kind.WITHDRAWN, **said) for pk in contacts])


def do_not_call(
    team_id: int,
    contacts: Iterable[int],
    *,
    source: str,
    wording: str = "",
    proof: str = "",
    by: User | None = None,
    at: datetime | None = None,
    imported_by_id: int | None = None,
) -> int:
    """These people asked not to be called."""
    said = _said(source, wording, proof, by, at, imported_by_id)
    return record(team_id, [Entry(pk, Kind.DO_NOT_CALL, **said) for pk in contacts])


def may_call(
    team_id: int,
    contacts: Iterable[int],
    *,
    source: str,
    wording: str = "",
    proof: str = "",
    by: User | None = None,
    at: datetime | None = None,
) -> int:
    """These people may be called again."""
    said = _said(source, wording, proof, by, at)
    return record(team_id, [Entry(pk, Kind.MAY_CALL, **said) for pk in contacts])


GROUNDS = frozenset({Contact.Consent.OPTED_IN, Contact.Consent.CUSTOMER, Contact.Consent.PROFESSIONAL})


def _said(
    source: str,
    wording: str,
    proof: str,
    by: User | None,
    at: datetime | None,
    imported_by_id: int | None = None,
) -> dict[str, Any]:
    return {
        "at": at or timezone.now(),
        "source": source[:80],
        "wording": wording,
        "proof": proof,
        "by_id": by.pk if by else None,
        "imported_by_id": imported_by_id,
    }


# Before the entries are compared with those that stand, nobody else may add one of the same person: what was
# committed while this waited must be seen by the next statement.
_LOCK = """
SELECT id FROM contacts_contact WHERE team_id = %s AND id = ANY(%s) ORDER BY id FOR NO KEY UPDATE
"""

_RECORD = """
WITH given AS (
    SELECT * FROM unnest(%(contacts)s::bigint[], %(kinds)s::text[], %(bases)s::text[], %(sources)s::text[],
                         %(wordings)s::text[], %(proofs)s::text[], %(by)s::bigint[], %(imports)s::bigint[],
                         %(at)s::timestamptz[])
        AS g(contact_id, kind, basis, source, wording, proof, by_id, imported_by_id, happened_at)
), wanted AS (
    SELECT given.* FROM given JOIN contacts_contact c ON c.id = given.contact_id AND c.team_id = %(team)s
    WHERE NOT (given.kind = 'granted' AND given.imported_by_id IS NOT NULL AND c.consent = 'withdrawn')
), entries AS (
    INSERT INTO contacts_consentchange (team_id, contact_id, kind, basis, source, wording, proof, by_id,
                                        imported_by_id, happened_at, received_at)
    SELECT %(team)s, contact_id, kind, basis, source, wording, proof, by_id, imported_by_id, happened_at,
           clock_timestamp()
    FROM wanted
    RETURNING id, contact_id, kind, basis, happened_at
), told AS (
    SELECT id, contact_id, kind, basis, happened_at FROM entries
    UNION ALL
    SELECT id, contact_id, kind, basis, happened_at FROM contacts_consentchange
        WHERE contact_id = ANY(%(contacts)s) AND kind IN ('granted', 'withdrawn', 'do_not_call', 'may_call')
    UNION ALL
    -- What a column says though no entry does.
    SELECT 0, id, CASE consent WHEN 'withdrawn' THEN 'withdrawn' ELSE 'granted' END,
           CASE consent WHEN 'withdrawn' THEN '' ELSE consent END, consent_at
        FROM contacts_contact WHERE id = ANY(%(contacts)s) AND consent <> '' AND consent_at IS NOT NULL
    UNION ALL
    SELECT 0, id, 'do_not_call', '', do_not_call_at
        FROM contacts_contact WHERE id = ANY(%(contacts)s) AND do_not_call_at IS NOT NULL
), texts AS (
    SELECT DISTINCT ON (contact_id) contact_id, kind, basis, happened_at
    FROM told WHERE kind IN ('granted', 'withdrawn')
    -- Of two of the same moment the refusal stands.
    ORDER BY contact_id, happened_at DESC, kind = 'withdrawn' DESC, id DESC
), calls AS (
    SELECT DISTINCT ON (contact_id) contact_id, kind, happened_at
    FROM told WHERE kind IN ('do_not_call', 'may_call')
    ORDER BY contact_id, happened_at DESC, kind = 'do_not_call' DESC, id DESC
), changed AS (
    UPDATE contacts_contact c SET
        consent = CASE WHEN t.contact_id IS NULL THEN c.consent
                       WHEN t.kind = 'withdrawn' THEN 'withdrawn' ELSE t.basis END,
        consent_at = CASE WHEN t.contact_id IS NULL THEN c.consent_at ELSE t.happened_at END,
        do_not_call_at = CASE WHEN k.contact_id IS NULL THEN c.do_not_call_at
                              WHEN k.kind = 'do_not_call' THEN k.happened_at END,
        updated_at = now()
    FROM (SELECT DISTINCT contact_id FROM wanted) w
    LEFT JOIN texts t USING (contact_id) LEFT JOIN calls k USING (contact_id)
    WHERE c.id = w.contact_id
)
SELECT count(*) FROM entries
"""


def record(team_id: int, entries: Sequence[Entry]) -> int:
    """Adds entries of people of the team, any number of people in two statements; others' are left out.

    How many were added. Each entry of an import can carry its own date, words and proof.
    """
    if not entries:
        return 0
    people = sorted({entry.contact_id for entry in entries})
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LOCK, [team_id, people])
        cursor.execute(
            _RECORD,
            {
                "team": team_id,
                "contacts": [entry.contact_id for entry in entries],
                "kinds": [str(entry.kind) for entry in entries],
                "bases": [str(entry.basis) for entry in entries],
                "sources": [entry.source for entry in entries],
                "wordings": [entry.wording for entry in entries],
                "proofs": [entry.proof for entry in entries],
                "by": [entry.by_id for entry in entries],
                "imports": [entry.imported_by_id for entry in entries],
                "at": [entry.at for entry in entries],
            },
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0
