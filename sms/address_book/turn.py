"""Whose turn it is: which books are due, who works on one, and when it is looked at again.

The lease stands on the book's own row, not on the line's: a sender never waits for it. The other way round a
push gives way: it begins, and goes on, only while no sender holds the line.
"""

from dataclasses import dataclass

from django.conf import settings
from django.db import connection, transaction

from sms.models import AddressBook, Line

# Woken at once by the sweep. Most have nothing to push and are done within milliseconds.
WOKEN = 20

# What keeps a book from being pushed now, whoever asks: it is not wanted, the line is held, tests or backs off,
# the book itself is stopped or backs off, or a text is just on its way through the line.
_MAY = """
    l.push_contacts AND l.state = 'active' AND NOT l.test_mode
    AND (l.not_before IS NULL OR l.not_before <= clock_timestamp())
    AND NOT (l.sender <> '' AND l.lease_until > clock_timestamp())
    AND b.stopped = '' AND (b.not_before IS NULL OR b.not_before <= clock_timestamp())
"""

_DUE = f"""
SELECT b.line_id FROM sms_addressbook b JOIN sms_line l ON l.id = b.line_id
WHERE {_MAY} AND (b.next_at IS NULL OR b.next_at <= clock_timestamp())
  AND (b.lease_until IS NULL OR b.lease_until < clock_timestamp())
ORDER BY b.next_at NULLS FIRST, b.line_id LIMIT %s
"""  # noqa: S608 - our own words

# No more at once than the settings say, over all workers: gateways that hang must not keep the threads that send.
# Counted one after the other; the lock goes with its short transaction.
_ONE_AT_A_TIME = "SELECT pg_advisory_xact_lock(7264002)"
_TAKE = f"""
UPDATE sms_addressbook b
SET worker = %(worker)s, lease_until = clock_timestamp() + %(lease)s * interval '1 second'
FROM sms_line l
WHERE b.line_id = %(line)s AND l.id = b.line_id AND {_MAY}
  AND (b.worker = %(worker)s OR b.lease_until IS NULL OR b.lease_until < clock_timestamp())
  AND (SELECT count(*) FROM sms_addressbook other
       WHERE other.lease_until > clock_timestamp() AND other.line_id <> b.line_id) < %(at_once)s
RETURNING b.batch_limit
"""  # noqa: S608 - our own words

_RELEASE = """
UPDATE sms_addressbook SET worker = '', lease_until = NULL,
    next_at = clock_timestamp() + %(rest)s * interval '1 second',
    complete_at = CASE WHEN %(complete)s THEN clock_timestamp() ELSE complete_at END
WHERE line_id = %(line)s AND worker = %(worker)s
"""


@dataclass(frozen=True)
class Turn:
    """What a worker may do with a book now: how many people a request may carry."""

    batch: int


def due(most: int) -> list[int]:
    """Lines whose book is to be looked at, the longest waiting first."""
    wanting = Line.objects.filter(push_contacts=True, address_book=None)
    AddressBook.objects.bulk_create([AddressBook(line=line) for line in wanting], ignore_conflicts=True)
    with connection.cursor() as cursor:
        cursor.execute(_DUE, [most])
        return [row[0] for row in cursor.fetchall()]


def take(line_id: int, worker: str) -> Turn | None:
    """Takes the book, or keeps it for another request. None: not now, or not this worker's."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_ONE_AT_A_TIME)
        cursor.execute(
            _TAKE,
            {
                "line": line_id,
                "worker": worker,
                "lease": settings.ADDRESS_BOOK_DEADLINE_S + 10,
                "at_once": settings.ADDRESS_BOOKS_AT_ONCE,
            },
        )
        row = cursor.fetchone()
    return Turn(min(row[0] or settings.ADDRESS_BOOK_BATCH, settings.ADDRESS_BOOK_BATCH)) if row else None


def release(line_id: int, worker: str, *, rest_s: float, complete: bool) -> None:
    """Gives it back, to be looked at in `rest_s` seconds. `complete`: everybody is in it."""
    with connection.cursor() as cursor:
        cursor.execute(_RELEASE, {"line": line_id, "worker": worker, "rest": rest_s, "complete": complete})
