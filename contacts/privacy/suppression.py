"""Numbers that a team must not text whoever holds them: known by a keyed hash, so that a list outlives erasure.

The key is derived from the installation's secrets as the one of teams/encryption.py is, and like there the
newest one writes and every one of them reads. A digest can't be made anew without its number: whoever changes
a secret keeps the old one among the fallbacks.
"""

import hashlib
import hmac
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from django.conf import settings
from django.db import connection

from contacts.models import Suppression


@dataclass(frozen=True)
class Known:
    """What stands against a number: a Suppression.Reason, and since when."""

    reason: str
    since: datetime


@lru_cache(maxsize=4)
def _keys(secrets: tuple[str, ...]) -> tuple[bytes, ...]:
    return tuple(
        hashlib.sha256(b"ligne suppression:" + secret.encode()).digest() for secret in dict.fromkeys(secrets)
    )


def _current() -> tuple[bytes, ...]:
    """Newest first."""
    return _keys((*settings.ENCRYPTION_KEYS, settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


def digests(number: str) -> list[bytes]:
    """HMAC-SHA-256 of a number as `resolve.key_of` writes it, under every key, the newest first."""
    written = number.encode()
    return [hmac.digest(key, written, "sha256") for key in _current()]


Key = tuple[int, str]  # team id, number as `resolve.key_of` writes it

# A number that is written again gets its digest under the newest key, and keeps the earlier date. An opt-out is
# the person's word and is never weakened to the note that somebody was erased.
_PUT = """
WITH given AS (
    SELECT team_id, number, min(since) AS since,
           (array_agg(digest) FILTER (WHERE newest))[1] AS digest, array_agg(digest) AS all_digests
    FROM unnest(%(teams)s::bigint[], %(numbers)s::text[], %(since)s::timestamptz[], %(digests)s::bytea[],
                %(newest)s::boolean[]) AS d(team_id, number, since, digest, newest)
    GROUP BY team_id, number
), older AS (
    DELETE FROM contacts_suppression s USING given
    WHERE s.team_id = given.team_id AND s.digest = ANY(given.all_digests) AND s.digest <> given.digest
    RETURNING given.team_id, given.number, s.reason, s.since
), entries AS (
    SELECT given.team_id, given.digest,
           CASE WHEN bool_or(older.reason = 'opted_out') THEN 'opted_out' ELSE %(reason)s END AS reason,
           least(given.since, min(older.since)) AS since
    FROM given LEFT JOIN older USING (team_id, number) GROUP BY given.team_id, given.digest, given.since
)
INSERT INTO contacts_suppression AS s (team_id, digest, reason, since)
SELECT team_id, digest, reason, since FROM entries ORDER BY team_id, digest
ON CONFLICT (team_id, digest) DO UPDATE SET
    reason = CASE WHEN s.reason = 'opted_out' THEN s.reason ELSE excluded.reason END,
    since = least(s.since, excluded.since)
    WHERE s.reason = 'erased' AND excluded.reason <> 'erased' OR excluded.since < s.since
"""

_AMONG = """
SELECT d.team_id, d.number, s.reason, s.since
FROM unnest(%s::bigint[], %s::text[], %s::bytea[]) AS d(team_id, number, digest)
JOIN contacts_suppression s ON s.team_id = d.team_id AND s.digest = d.digest
ORDER BY s.reason = 'opted_out', s.since DESC
"""

_TAKE = """
DELETE FROM contacts_suppression s USING unnest(%s::bigint[], %s::bytea[]) AS d(team_id, digest)
WHERE s.team_id = d.team_id AND s.digest = d.digest
"""


def add(team_id: int, numbers: Iterable[str], reason: str, since: datetime) -> None:
    """Nobody of this team may be texted on these numbers from now on. One statement."""
    put(((team_id, number, since) for number in numbers), reason)


def put(entries: Iterable[tuple[int, str, datetime]], reason: str) -> None:
    """The same for (team id, number, since) of any teams. One statement."""
    rows = [
        (team_id, number, since, digest, at == 0)
        for team_id, number, since in entries
        if number
        for at, digest in enumerate(digests(number))
    ]
    if not rows:
        return
    teams, numbers, since, digest_column, newest = zip(*rows, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(
            _PUT,
            {
                "reason": Suppression.Reason(reason).value,
                "teams": list(teams),
                "numbers": list(numbers),
                "since": list(since),
                "digests": list(digest_column),
                "newest": list(newest),
            },
        )


def lift(team_id: int, numbers: Iterable[str]) -> int:
    """These numbers may be texted again, for whatever reason they stood here. How many did."""
    return take((team_id, number) for number in numbers)


def take(keys: Iterable[Key]) -> int:
    """The same for numbers of any teams. One statement."""
    rows = [(team_id, digest) for team_id, number in set(keys) for digest in digests(number)]
    if not rows:
        return 0
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, [[team for team, _ in rows], [digest for _, digest in rows]])
        return int(cursor.rowcount)


def known(team_id: int, numbers: Iterable[str]) -> dict[str, Known]:
    """Those of `numbers` that must not be texted. One statement; none without numbers."""
    return {number: found for (_, number), found in among((team_id, number) for number in numbers).items()}


def among(keys: Iterable[Key]) -> dict[Key, Known]:
    """The same for numbers of any teams. One statement; none without keys."""
    rows = [(team, number, digest) for team, number in set(keys) if number for digest in digests(number)]
    if not rows:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(_AMONG, [list(column) for column in zip(*rows, strict=True)])
        # An opt-out comes last and stands above a note of erasure.
        return {(team, number): Known(reason, since) for team, number, reason, since in cursor.fetchall()}


def any_of(team_id: int) -> bool:
    """Whether the team has a suppression at all: a long import need not ask a chunk at a time."""
    return Suppression.objects.filter(team_id=team_id).exists()
