"""One worker at a time works on an import: a lease on its row, by the database's clock.

Renewed with every chunk, in the chunk's own transaction: who lost it can write nothing more.
"""

import os
import socket
import threading
import time
from typing import Any

from django.conf import settings
from django.db import connection

from contacts.models import Import

# Longer than a chunk takes on a slow machine; the import of a killed worker goes on after it.
SECONDS = settings.IMPORT_LEASE_S


class Lost(Exception):
    """Another worker took the import over, or it is in another state by now."""


class Lease:
    def __init__(self, import_id: int, state: str, worker: str) -> None:
        self.import_id, self.state, self.worker = import_id, state, worker
        self._renewed = time.monotonic()

    def advance(self, sets: str = "", values: dict[str, Any] | None = None) -> bool:
        """Renews the lease and sets columns, in the caller's transaction. Whether the end was asked for.

        Raises Lost.
        """
        with connection.cursor() as cursor:
            cursor.execute(
                # The columns are this package's own words, never somebody's input.
                "UPDATE contacts_import SET lease_until = clock_timestamp()"  # noqa: S608
                " + %(seconds)s * interval '1 second'"
                f"{', ' + sets if sets else ''}"
                " WHERE id = %(id)s AND worker = %(worker)s AND state = %(state)s RETURNING stop_asked",
                {**(values or {}), **self._where(), "seconds": SECONDS},
            )
            row = cursor.fetchone()
        if row is None:
            raise Lost
        self._renewed = time.monotonic()
        return bool(row[0])

    def keep(self) -> None:
        """Renews it when a third of its time is over: for steps that write nothing."""
        if time.monotonic() - self._renewed > SECONDS / 3:
            self.advance()

    def end(self, state: str, sets: str = "", values: dict[str, Any] | None = None) -> bool:
        """Leaves the import in `state`; False when it was lost meanwhile."""
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE contacts_import SET state = %(to)s, worker = '',"  # noqa: S608
                " lease_until = NULL, stop_asked = false"
                f"{', ' + sets if sets else ''}"
                " WHERE id = %(id)s AND worker = %(worker)s AND state = %(state)s",
                {**(values or {}), **self._where(), "to": state},
            )
            return bool(cursor.rowcount)

    def release(self) -> None:
        """Whoever comes next may go on at once."""
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE contacts_import SET worker = '', lease_until = NULL"
                " WHERE id = %(id)s AND worker = %(worker)s AND state = %(state)s",
                self._where(),
            )

    def _where(self) -> dict[str, Any]:
        return {"id": self.import_id, "worker": self.worker, "state": self.state}


def take(import_id: int, state: str) -> Lease | None:
    """The lease on an import in this state; None while somebody else holds it, or in another state."""
    worker = f"{socket.gethostname()[:40]}:{os.getpid()}:{threading.get_ident():x}:{time.monotonic_ns():x}"[
        :80
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE contacts_import
            SET worker = %s, lease_until = clock_timestamp() + %s * interval '1 second'
            WHERE id = %s AND state = %s AND (lease_until IS NULL OR lease_until < clock_timestamp())
            """,
            [worker, SECONDS, import_id, state],
        )
        return Lease(import_id, state, worker) if cursor.rowcount else None


def left_behind() -> list[tuple[int, str]]:
    """(import, state) of work that nobody holds: its wake was lost, or its worker was killed."""
    working = (Import.State.CHECKING, Import.State.RUNNING, Import.State.REVERTING)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, state FROM contacts_import"
            " WHERE state = ANY(%s) AND (lease_until IS NULL OR lease_until < clock_timestamp()) ORDER BY id",
            [[state.value for state in working]],
        )
        return list(cursor.fetchall())
