"""What workers do with an import: check it, write it, take it back. Each can be killed and begun again.

A worker holds the import by a lease; whatever it wrote stands together with how far it got.
"""

import contextlib
from collections.abc import Callable

import structlog
from django.db import DatabaseError, InterfaceError, OperationalError, connection
from django.utils import translation
from django.utils.translation import gettext as _

from contacts.imports import choosing, comparing, lease, merging, passing
from contacts.imports import revert as reverting
from contacts.imports.asking import (
    REVERT_DAYS,
    cancel,
    recheck,
    revertable,
    start_check,
    start_direct,
    start_revert,
    start_run,
)
from contacts.imports.chunks import Chunk
from contacts.imports.cleaning import Cleaner
from contacts.imports.progress import Progress, progress
from contacts.imports.unreadable import Unreadable
from contacts.models import Import, ImportRow, Tag
from contacts.tags import tagging
from teams import live, wake

__all__ = [
    "REVERT_DAYS", "Progress", "cancel", "check", "progress", "recheck", "revert", "revertable", "run", "start_check",
    "start_direct", "start_revert", "start_run",
]  # fmt: skip

log = structlog.get_logger(__name__)
State = Import.State


def check(import_id: int) -> None:
    """checking → checked (or failed, cancelled): reads the file and says what would become of each row."""
    _hold(import_id, State.CHECKING, _check)


def run(import_id: int, told: Callable[[], None] | None = None) -> None:
    """running → finished (or failed, cancelled): reads the file and writes it. `told` is called after chunks."""
    _hold(import_id, State.RUNNING, lambda import_, held: _run(import_, held, told))


def revert(import_id: int) -> None:
    """reverting → reverted."""
    _hold(import_id, State.REVERTING, reverting.take_back)


_TASKS = {
    State.CHECKING: "contacts.tasks.import_check",
    State.RUNNING: "contacts.tasks.import_run",
    State.REVERTING: "contacts.tasks.import_revert",
}


def wake_left_behind() -> None:
    """Wakes a worker for whatever nobody works on."""
    for import_id, state in lease.left_behind():
        wake.now(_TASKS[State(state)], import_id)


_COUNTERS = (
    "created = created + %(new)s, updated = updated + %(update)s, unchanged = unchanged + %(unchanged)s,"
    " invalid = invalid + %(invalid)s, duplicates = duplicates + %(duplicate)s, warnings = warnings + %(warned)s,"
    " bytes_read = greatest(bytes_read, %(bytes)s)"
)


def _moved(line: str) -> Callable[[Chunk, dict[str, int], int], tuple[str, dict[str, object]]]:
    def sets(chunk: Chunk, outcomes: dict[str, int], warned: int) -> tuple[str, dict[str, object]]:
        outcomes = {
            name: outcomes.get(name, 0) for name in ("new", "update", "unchanged", "invalid", "duplicate")
        }
        values = {"warned": warned, "bytes": chunk.bytes_read, "line": chunk.last_line, "count": chunk.rows}
        return f"{_COUNTERS}, {line}", {**outcomes, **values}

    return sets


def _check(import_: Import, held: lease.Lease) -> None:
    if not import_.staged_line:
        # Numbers that somebody took in place of bad ones stay taken.
        ImportRow.objects.filter(run=import_).exclude(fields__has_key="use").delete()
    choosing.settle(import_, held)
    known = tagging.named(import_.team, import_.tag_names, create=False)
    tags = [known[name].pk if name in known else None for name in import_.tag_names]

    def treat(cleaner: Cleaner, chunk: Chunk) -> None:
        comparing.mark(import_, cleaner, chunk, tags)

    over = passing.Pass(import_, held, draw_ids=False, treat=treat).over
    over(import_.staged_line, _moved("staged_line = %(line)s, rows = rows + %(count)s"))
    held.end(State.CHECKED)


def _run(import_: Import, held: lease.Lease, told: Callable[[], None] | None) -> None:
    choosing.settle(import_, held)
    tags: list[Tag] = list(
        {tag.pk: tag for tag in tagging.named(import_.team, import_.tag_names).values()}.values()
    )

    def treat(cleaner: Cleaner, chunk: Chunk) -> None:
        merging.merge(import_, cleaner, chunk, tags)

    over = passing.Pass(import_, held, draw_ids=True, treat=treat, told=told).over
    over(
        import_.done_line,
        _moved(
            "done_line = %(line)s, done_rows = done_rows + %(count)s, rows = greatest(rows, done_rows + %(count)s)"
        ),
    )
    held.end(State.FINISHED, _ENDED)
    _drop_file(import_)


_ENDED = "finished_at = now(), file_id = NULL"


def _hold(import_id: int, state: str, step: Callable[[Import, lease.Lease], None]) -> None:
    """Does a step while nobody else does; what goes wrong becomes a state with a sentence."""
    held = lease.take(import_id, state)
    if held is None:
        return
    import_ = Import.objects.select_related("team", "by", "file").get(pk=import_id)
    try:
        # The sentence of a failure is for whoever imports.
        with translation.override((import_.by.language if import_.by else "") or translation.get_language()):
            _guarded(import_, held, step)
    finally:
        with contextlib.suppress(DatabaseError):
            live.announce([import_.team_id])


def _guarded(import_: Import, held: lease.Lease, step: Callable[[Import, lease.Lease], None]) -> None:
    try:
        step(import_, held)
    except passing.Stopped:
        held.end(State.CANCELLED, _ENDED)
        _drop_file(import_)
    except passing.Interrupted:
        held.release()
    except lease.Lost:
        log.info("import_taken_over", import_id=import_.pk)
    except Unreadable as unreadable:
        held.end(State.FAILED, "error = %(error)s, finished_at = now()", {"error": unreadable.sentence[:300]})
    except (OperationalError, InterfaceError):
        # The database went away: the sweep goes on from the last chunk when it is back.
        log.warning("import_interrupted", import_id=import_.pk, exc_info=True)
        connection.close_if_unusable_or_obsolete()
    except Exception:
        log.exception("import_failed", import_id=import_.pk, state=held.state)
        words = _("Something went wrong that we did not expect. What was written so far can be taken back.")
        held.end(State.FAILED, "error = %(error)s, finished_at = now()", {"error": words[:300]})
        raise


def _drop_file(import_: Import) -> None:
    """The file is somebody's data: it goes as soon as nothing will read it again."""
    if import_.file is not None and not Import.objects.filter(file=import_.file).exists():
        import_.file.delete()
        import_.file = None
