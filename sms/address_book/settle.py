"""Writes down what the gateway answered about people, and what follows for the book. Never holds the line.

A refused key, a missing licence or a wrong path stops the book alone, until somebody looks: whether the line may
send, sending finds out by itself, and an account may well send that has no address book.
"""

from collections.abc import Sequence
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from sms.address_book.changed import Changed
from sms.gateway.contacts import PushResult
from sms.models import AddressBook, AddressBookEntry, Line
from teams import audit, live

# Seconds after the first, the second … request in a row that brought nothing.
BACK_OFF_S = (30, 60, 300, 900, 3600)

# Whoever was erased or merged while the request was under way is not written down again: the next look finds
# their numbers under the person kept.
_WRITE = """
WITH told AS (
    SELECT * FROM unnest(%(contacts)s::bigint[], %(numbers)s::text[], %(digests)s::uuid[], %(results)s::text[],
                         %(details)s::text[]) AS t(contact_id, number, digest, result, detail)
), there AS MATERIALIZED (
    SELECT id FROM contacts_contact WHERE id = ANY(%(contacts)s) ORDER BY id FOR KEY SHARE
)
INSERT INTO sms_addressbookentry AS e (team_id, line_id, contact_id, number, digest, result, detail, pushed_at)
SELECT %(team)s, %(line)s, told.contact_id, told.number, told.digest, told.result, told.detail, clock_timestamp()
FROM told JOIN there ON there.id = told.contact_id ORDER BY told.number
ON CONFLICT (line_id, number) DO UPDATE SET contact_id = excluded.contact_id, digest = excluded.digest,
    result = excluded.result, detail = excluded.detail, pushed_at = excluded.pushed_at
"""

_RESULTS = {
    "made": AddressBookEntry.Result.MADE,
    "warned": AddressBookEntry.Result.WARNED,
    "refused": AddressBookEntry.Result.REFUSED,
}


def settle(line_id: int, team_id: int, worker: str, batch: Sequence[Changed], result: PushResult) -> bool:
    """Stores an answer in one transaction. True: the next request may follow."""
    with transaction.atomic():
        _write(line_id, team_id, batch, result)
        goes_on = _book(line_id, worker, len(batch), result)
        live.announce([team_id])
    return goes_on


def _write(line_id: int, team_id: int, batch: Sequence[Changed], result: PushResult) -> None:
    told = [
        (each, outcome)
        for each in batch
        if (outcome := result.outcomes[each.person.number]).state in _RESULTS
    ]
    if not told:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            _WRITE,
            {
                "team": team_id,
                "line": line_id,
                "contacts": [each.contact_id for each, _ in told],
                "numbers": [each.person.number for each, _ in told],
                "digests": [each.digest for each, _ in told],
                "results": [_RESULTS[outcome.state].value for _, outcome in told],
                "details": [(outcome.code or outcome.words)[:300] for _, outcome in told],
            },
        )


def _book(line_id: int, worker: str, size: int, result: PushResult) -> bool:
    """What the answer as a whole means for the book."""
    book = AddressBook.objects.select_for_update().filter(line=line_id, worker=worker).first()
    if book is None:
        return False
    if result.stopped is not None:
        book.stopped, book.last_error = result.stopped.value, result.error[:300]
        book.save(update_fields=["stopped", "last_error"])
        line = Line.objects.select_related("team").get(pk=line_id)
        audit.record(line.team, "line.address_book_stopped", line, reason=book.stopped)
        return False
    if result.too_large and size > 1:
        book.batch_limit, book.last_error = max(1, size // 2), result.error[:300]
        book.save(update_fields=["batch_limit", "last_error"])
        return True
    if any(outcome.state == "unknown" for outcome in result.outcomes.values()):
        wait = result.retry_after_s or BACK_OFF_S[min(book.failures, len(BACK_OFF_S) - 1)]
        book.failures += 1
        book.not_before = timezone.now() + timedelta(seconds=wait)
        book.last_error = result.error[:300]
        book.save(update_fields=["failures", "not_before", "last_error"])
        return False
    book.failures, book.not_before, book.last_error, book.pushed_at = 0, None, "", timezone.now()
    if book.batch_limit:
        book.batch_limit *= 2
    book.save(update_fields=["failures", "not_before", "last_error", "pushed_at", "batch_limit"])
    return True
