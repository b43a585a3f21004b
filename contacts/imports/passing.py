"""One pass over the file, chunk by chunk: each is a transaction that also moves the import's place on.

The next chunk is read and cleaned in a thread of its own while the last one is written.
"""

import threading
import time
from collections.abc import Callable, Iterator

from django.db import DatabaseError, IntegrityError, OperationalError, connection, transaction

from contacts import fields
from contacts.imports import chunks, reading, staging
from contacts.imports.ahead import ahead
from contacts.imports.chunks import Chunk
from contacts.imports.cleaning import Cleaner
from contacts.imports.lease import Lease
from contacts.models import Import, ImportRow
from contacts.privacy import suppression
from teams import live

# Set when this worker is asked to end: a pass stops after its chunk and leaves the rest to another.
ending = threading.Event()

TRIES = 3
# After these chunks the tables have grown so much that plans made before would be bad ones.
_LEARN = frozenset({1, 8, 64})
# A person of the chunk was merged or erased while it was written, or two transactions waited for each other.
_AGAIN = ("40001", "40P01")


class Stopped(Exception):
    """Somebody asked for the end of it."""


class Interrupted(Exception):
    """This worker ends; another goes on."""


class Pass:
    """`draw_ids`: whether new people are made. `treat` does what is to be done with a chunk that was looked up."""

    def __init__(
        self,
        import_: Import,
        lease: Lease,
        *,
        draw_ids: bool,
        treat: Callable[[Cleaner, Chunk], None],
        told: Callable[[], None] | None = None,
    ) -> None:
        self._import, self._lease, self._told_of = import_, lease, told
        self._draw_ids, self._treat = draw_ids, treat
        self._cleaner = Cleaner(
            import_.team,
            import_.header,
            import_.mapping,
            fields.of_team(import_.team),
            consent_confirmed=import_.consent_confirmed,
        )
        self._layout = chunks.layout(self._cleaner)
        self._suppressions = suppression.any_of(import_.team_id)
        self._told = 0.0

    def over(
        self, after_line: int, sets: Callable[[Chunk, dict[str, int], int], tuple[str, dict[str, object]]]
    ) -> None:
        """All rows that begin after `after_line`. `sets`: the import's columns that a chunk moves on, given its
        outcomes and remarks. Raises Stopped, Interrupted, lease.Lost, Unreadable.
        """
        for number, chunk in enumerate(self._chunks(after_line), 1):
            stop = self._write(chunk, sets)
            if number in _LEARN and chunk.rows == chunks.SIZE:
                staging.learn()
            if self._told_of:
                self._told_of()
            if stop:
                raise Stopped
            if ending.is_set():
                raise Interrupted

    def _chunks(self, after_line: int) -> Iterator[Chunk]:
        uses = dict(
            ImportRow.objects.filter(run=self._import, fields__has_key="use", line__gt=after_line)
            .values_list("line", "fields__use")
        )  # fmt: skip
        inside = connection.in_atomic_block
        source = reading.of_import(self._import)

        def make() -> Iterator[Chunk]:
            rows = reading.open_rows(self._import, after_line, source)
            for chunk in chunks.chunks(self._import, rows, self._cleaner, uses, lambda: source.bytes_read):
                if not inside:
                    # The pool's connections are few, and the next piece of the file may not be needed for long.
                    connection.close()
                yield chunk

        # Inside somebody's transaction there is one connection, and one thread may use it.
        return make() if inside else ahead(make)

    def _write(
        self, chunk: Chunk, sets: Callable[[Chunk, dict[str, int], int], tuple[str, dict[str, object]]]
    ) -> bool:
        for left in reversed(range(TRIES)):
            try:
                with transaction.atomic():
                    staging.copy(chunk, self._layout)
                    staging.look_up(
                        self._import, chunk, draw_ids=self._draw_ids, suppressions=self._suppressions
                    )
                    self._treat(self._cleaner, chunk)
                    staging.keep(self._import, self._layout)
                    self._tell()
                    return self._lease.advance(*sets(chunk, *staging.count()))
            except DatabaseError as error:
                if not left or not _passes(error):
                    raise
        raise AssertionError("unreachable")

    def _tell(self) -> None:
        """At most once a second: browsers fetch the bar anew."""
        if time.monotonic() - self._told > 1:
            live.announce([self._import.team_id])
            self._told = time.monotonic()


def _passes(error: DatabaseError) -> bool:
    """Whether the same may well succeed a moment later."""
    if isinstance(error, IntegrityError):
        return True
    return isinstance(error, OperationalError) and getattr(error.__cause__, "sqlstate", "") in _AGAIN
