"""Does the work behind a key once, and gives later callers what the first one made."""

import hashlib
from collections.abc import Callable

from django.db import connection, transaction

from teams.models import IdempotencyKey, Team


class KeyReused(Exception):
    """The key came back with another request."""


def digest_of(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def once(
    *, team: Team, scope: str, key: str, digest: str, make: Callable[[], list[int]]
) -> tuple[list[int], bool]:
    """Ids made under `key`, and whether this call made them.

    `make` runs inside the transaction that holds the key: both are kept or neither is. A parallel caller
    with the same key waits for that commit. Raises KeyReused when the digest differs.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO teams_idempotencykey (team_id, scope, key, digest, made, created_at)"
                " VALUES (%s, %s, %s, %s, '[]', now()) ON CONFLICT (team_id, scope, key) DO NOTHING RETURNING id",
                [team.pk, scope, key, digest],
            )
            row = cursor.fetchone()
        if row is None:
            known = IdempotencyKey.objects.get(team=team, scope=scope, key=key)
            if known.digest != digest:
                raise KeyReused
            return known.made, False
        made = make()
        IdempotencyKey.objects.filter(pk=row[0]).update(made=made)
        return made, True
