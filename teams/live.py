"""Tells the browsers of a team that something changed.

The notification carries a team and a sequence number and nothing else: PostgreSQL refuses more than 8,000
bytes and would roll the transaction back. Browsers fetch what they lack.
"""

from collections.abc import Iterable

from django.db import connection

CHANNEL = "ligne_live"


def announce(team_ids: Iterable[int]) -> None:
    """Sends one notification a team, delivered when the current transaction commits."""
    ids = sorted(set(team_ids))
    if not ids:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_notify(%s, t || ':' || nextval('teams_live_sequence')) FROM unnest(%s::bigint[]) AS t",
            [CHANNEL, ids],
        )
