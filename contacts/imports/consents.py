"""What a file says of consent, with proof and confirmed by the person importing: into the ledger.

A consent can be given on a newer date, and anything made stricter; an opt-out or a withdrawal is never undone.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from contacts.imports.chunks import Chunk
from contacts.models import ConsentChange, Contact, Import
from contacts.privacy import ledger, opting

SOURCE = "import"

_STAND = """
SELECT c.line, c.contact_id, coalesce(p.consent, ''), p.consent_at, p.opted_out_at, p.do_not_call_at
FROM import_chunk c LEFT JOIN contacts_contact p ON p.id = c.contact_id
WHERE c.line = ANY(%s) AND c.outcome IN ('new', 'unchanged', 'update') ORDER BY c.line
"""


class _Stands(NamedTuple):
    line: int
    contact_id: int
    consent: str
    consent_at: datetime | None
    opted_out_at: datetime | None
    do_not_call_at: datetime | None


def changing(chunk: Chunk) -> set[int]:
    """Lines whose consent columns would change something."""
    return {
        stands.line
        for stands, says in _meeting(chunk)
        if _ground(stands, says) or _opts_out(stands, says) or _stops_calls(stands, says)
    }


def write(import_: Import, chunk: Chunk) -> set[int]:
    """Writes the ledger. Lines of those who changed."""
    entries: list[ledger.Entry] = []
    wishes: list[opting.Wish] = []
    lines: set[int] = set()
    for stands, says in _meeting(chunk):
        said = {
            "contact_id": stands.contact_id,
            "source": says.get("consent_source", SOURCE)[:80],
            "wording": says.get("consent_wording", ""),
            "proof": says.get("consent_proof", import_.name),
            "imported_by_id": import_.pk,
        }
        if kind := _ground(stands, says):
            basis = says["consent"] if kind == ConsentChange.Kind.GRANTED else ""
            entries.append(
                ledger.Entry(kind=kind, at=says["consent_at"], basis=basis, by_id=import_.by_id, **said)
            )
            lines.add(stands.line)
        if _stops_calls(stands, says):
            kind = ConsentChange.Kind.DO_NOT_CALL
            entries.append(ledger.Entry(kind=kind, at=says["do_not_call_at"], by_id=import_.by_id, **said))
            lines.add(stands.line)
        if _opts_out(stands, says):
            wishes.append(opting.Wish(at=says["opted_out_at"], by=import_.by, **said))
            lines.add(stands.line)
    ledger.record(import_.team_id, entries)
    opting.opt_out(wishes)
    return lines


def _meeting(chunk: Chunk) -> Iterator[tuple[_Stands, dict[str, Any]]]:
    if not chunk.consents:
        return
    with connection.cursor() as cursor:
        cursor.execute(_STAND, [sorted(chunk.consents)])
        found = [_Stands(*row) for row in cursor.fetchall()]
    for stands in found:
        yield stands, chunk.consents[stands.line]


def _ground(stands: _Stands, says: dict[str, Any]) -> "ConsentChange.Kind | None":
    """The entry that the file's ground makes; None where the same or something stricter stands."""
    ground = says.get("consent")
    if not ground or stands.consent == ground or stands.consent == Contact.Consent.WITHDRAWN:
        return None
    if ground == Contact.Consent.WITHDRAWN:
        return ConsentChange.Kind.WITHDRAWN
    if stands.consent_at and stands.consent_at >= says["consent_at"]:
        return None
    return ConsentChange.Kind.GRANTED


def _opts_out(stands: _Stands, says: dict[str, Any]) -> bool:
    return "opted_out_at" in says and stands.opted_out_at is None


def _stops_calls(stands: _Stands, says: dict[str, Any]) -> bool:
    return "do_not_call_at" in says and stands.do_not_call_at is None
