"""A database of its own for each run, on the server that DATABASE_URL names; gone afterwards."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import sql


def named(url: str, name: str) -> str:
    """`url` with another database's name."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


@contextmanager
def created(server_url: str, also: str = "") -> Iterator[str]:
    """The URL of an empty new database, dropped at the end whoever is still connected. `also` tells a second one
    of this process from the first.
    """
    name = f"bench_{os.getpid()}{also}"
    database = sql.Identifier(name)
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(database))
        connection.execute(sql.SQL("CREATE DATABASE {}").format(database))
    try:
        yield named(server_url, name)
    finally:
        with psycopg.connect(server_url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(database))


def empty(*tables: str) -> None:
    """Empties these tables and whatever refers to them; with no name, every table that a job may fill."""
    from django.db import connection

    with connection.cursor() as cursor:
        found = [connection.ops.quote_name(each) for each in tables or _filled(cursor)]
        cursor.execute(f"TRUNCATE {', '.join(found)} CASCADE")


def _filled(cursor) -> list[str]:  # type: ignore[no-untyped-def]
    cursor.execute(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename ~ '^(sms|contacts|teams)_'"
    )
    return [row[0] for row in cursor.fetchall()]
