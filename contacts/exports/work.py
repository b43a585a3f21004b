"""Makes exports: asked for by a person, written by a worker, found by the sweep when the worker was killed.

A worker holds an export by a lease on its row, which it renews with each chunk. The file grows on the worker's
disk and is stored in one transaction with the end: a killed worker leaves nothing, and the next begins anew.
"""

import tempfile
import uuid
from array import array
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import IO
from zoneinfo import ZoneInfo

import structlog
from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import translation
from django.utils.translation import gettext as _

from contacts.exports import columns
from contacts.exports.writers import MOST_ROWS_OF_A_SHEET, CsvWriter, Writer
from contacts.models import Export
from contacts.people.choice import Choice, Unknown
from contacts.segments.definition import Wrong
from teams import audit, files, live, wake
from teams.models import StoredFile, Team, User

log = structlog.get_logger(__name__)

KEEP = timedelta(days=7)
LEASE = timedelta(seconds=60)
# The end can't renew it: a million people take half a minute to pack and store.
LAST_LEASE = timedelta(minutes=10)
CHUNK = 1000  # people
_PIECE = 2**20  # bytes
TASK = "contacts.tasks.export_run"


class Refused(Exception):
    """This can't be made, for a reason that the person can read."""


class _LeaseLost(Exception):
    """Another worker has it, or it shall begin anew: what was written is thrown away."""


def make(team: Team, by: User | None, choice: Choice, columns: Sequence[str], format: str) -> Export:
    """An export of the people chosen, made by a worker soon. The same one once more while it is being made is
    the same export.
    """
    asked = {
        "team": team,
        "by": by,
        "query": choice.query(),
        "ids": list(choice.ids) if choice.ids is not None else None,
        "columns": list(columns),
        "format": format,
        "language": translation.get_language() or "en",
    }
    with transaction.atomic():
        # Two presses of one button wait for each other here.
        Team.objects.select_for_update().get(pk=team.pk)
        busy = (Export.State.WAITING, Export.State.RUNNING)
        export = Export.objects.filter(**asked, state__in=busy).first()
        if export is None:
            export = Export.objects.create(**asked)
            wake.after_commit(TASK, export.pk)
    return export


def due() -> list[int]:
    """Exports that nobody works on: not begun yet, or left by a killed worker."""
    left = Q(state=Export.State.RUNNING, lease_until__lt=Now())
    found = Export.objects.filter(Q(state=Export.State.WAITING) | left)
    return list(found.order_by("pk").values_list("pk", flat=True))


def wake_left_behind() -> None:
    """For the sweep."""
    for export_id in due():
        wake.now(TASK, export_id)


def forget(team: Team) -> None:
    """Removes the files of all exports, and lets those that are being made begin anew: somebody was erased.

    Inside the transaction of the erasure. A file that is stored at this moment is either seen here, or its
    worker finds that it lost the export.
    """
    running = Export.objects.for_team(team).filter(state=Export.State.RUNNING)
    running.update(state=Export.State.WAITING, worker="", lease_until=None)
    StoredFile.objects.filter(pk__in=Export.objects.for_team(team).exclude(file=None).values("file")).delete()


def run(export_id: int) -> None:
    """Makes the file, unless another worker does already."""
    worker = uuid.uuid4().hex
    free = Q(state=Export.State.WAITING) | Q(state=Export.State.RUNNING, lease_until__lt=Now())
    begun = Export.objects.filter(free, pk=export_id).update(
        state=Export.State.RUNNING, worker=worker, lease_until=Now() + LEASE, rows=0, total=0, error=""
    )
    if not begun:
        return
    export = Export.objects.select_related("team", "by").get(pk=export_id)
    live.announce([export.team_id])
    try:
        _make(export, worker)
    except _LeaseLost:
        log.info("export_lease_lost", export=export_id)
    except (Refused, Unknown, Wrong) as error:
        with translation.override(export.language):
            why = str(error) if isinstance(error, Refused) else _("What it was to hold is gone.")
        _fail(export, worker, why)
    except (OperationalError, InterfaceError):
        raise  # the database is away: the lease runs out, and the sweep finds it
    except Exception:
        log.exception("export_failed", export=export_id)
        with translation.override(export.language):
            why = _("It could not be written. The server's log says why.")
        _fail(export, worker, why)


def _make(export: Export, worker: str) -> None:
    ids = _ids(export)
    if export.format == Export.Format.XLSX and len(ids) > MOST_ROWS_OF_A_SHEET:
        with translation.override(export.language):
            raise Refused(_("A spreadsheet holds 1,048,575 people at most. CSV holds them all."))
    _renew(export, worker, 0, len(ids))
    with tempfile.TemporaryFile() as file:
        rows = _write(export, worker, ids, file)
        with transaction.atomic():
            stored = files.store(export.team, file_name(export), _pieces(file), by=export.by, keep=KEEP)
            done = Export.objects.filter(pk=export.pk, worker=worker).update(
                state=Export.State.FINISHED, file=stored, rows=rows, total=rows, finished_at=Now(),
                worker="", lease_until=None,
            )  # fmt: skip
            if not done:
                raise _LeaseLost
            audit.record(
                export.team, "export.made", export,
                actor=export.by, people=rows, format=export.format, columns=export.columns,
            )  # fmt: skip
            live.announce([export.team_id])


def _ids(export: Export) -> "array[int]":
    """Whom it holds, as chosen at this moment: eight bytes each, whatever becomes of them meanwhile."""
    people = Choice.parse(export.query, export.team).found(export.team)
    if export.ids is not None:
        people = people.filter(pk__in=export.ids)
    found = people.order_by("pk").values_list("pk", flat=True)
    return array("q", found.iterator(chunk_size=10_000))


def _write(export: Export, worker: str, ids: "array[int]", file: IO[bytes]) -> int:
    """How many people were written. Raises _LeaseLost."""
    fields = columns.chosen(export.team, export.columns)
    headers = columns.headers(fields, export.language)
    writer: Writer
    if export.format == Export.Format.XLSX:
        with translation.override(export.language):
            from contacts.exports.sheet import XlsxWriter  # not before: see there

            writer = XlsxWriter(file, headers, _("Contacts"))
    else:
        writer = CsvWriter(file, headers, export.language)
    rows = 0
    for begin in range(0, len(ids), CHUNK):
        for row in columns.rows(export.team, fields, ids[begin : begin + CHUNK].tolist(), export.language):
            writer.write(row)
            rows += 1
        _renew(export, worker, rows, len(ids))
    _renew(export, worker, rows, len(ids), LAST_LEASE)
    writer.finish()
    return rows


def _renew(export: Export, worker: str, rows: int, total: int, lease: timedelta = LEASE) -> None:
    held = Export.objects.filter(pk=export.pk, worker=worker).update(
        lease_until=Now() + lease, rows=rows, total=total
    )
    if not held:
        raise _LeaseLost


def _fail(export: Export, worker: str, why: str) -> None:
    Export.objects.filter(pk=export.pk, worker=worker).update(
        state=Export.State.FAILED, error=why[:300], finished_at=Now(), worker="", lease_until=None
    )
    live.announce([export.team_id])


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    while piece := file.read(_PIECE):
        yield piece


def file_name(export: Export) -> str:
    """contacts-2026-11-22-1432.csv"""
    with translation.override(export.language):
        name = _("contacts")
    asked = export.created_at.astimezone(ZoneInfo(export.team.time_zone))
    return f"{name}-{asked:%Y-%m-%d-%H%M}.{export.format}"
