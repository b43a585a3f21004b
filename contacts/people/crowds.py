"""Statements about very many people at once."""

from django.db import connection


def expect_many() -> None:
    """Has the rest of the transaction planned for many rows, whatever the statistics say, or said.

    Right after an import PostgreSQL may take a table of 50,000 people for one of a single row, and look through all of
    them once for each of them: a minute's work becomes an hour's. So it does with what it planned while there were
    few, such as its own checks of foreign keys, which a connection keeps planned for its whole life.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off; DISCARD PLANS")
