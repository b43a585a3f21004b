"""Every Celery task of this app: takes ids, calls one function."""

import threading
from collections.abc import Callable

from celery import shared_task

from contacts.duplicates import find
from contacts.exports import work as exporting
from contacts.imports import forgetting, work
from contacts.privacy import retention
from teams import files, wake

# Files take minutes. However many people bring theirs at once, most threads of a worker stay free to send and to
# take in replies; what finds no place is found by the next sweep.
FILES_AT_ONCE = 2
_places = threading.BoundedSemaphore(FILES_AT_ONCE)


def _with_a_place(work: Callable[[int], None], row_id: int) -> None:
    if not _places.acquire(blocking=False):
        return
    try:
        work(row_id)
    finally:
        _places.release()


@shared_task(name="contacts.tasks.import_check")
def import_check(import_id: int) -> None:
    _with_a_place(work.check, import_id)


@shared_task(name="contacts.tasks.import_run")
def import_run(import_id: int) -> None:
    _with_a_place(work.run, import_id)


@shared_task(name="contacts.tasks.import_revert")
def import_revert(import_id: int) -> None:
    _with_a_place(work.revert, import_id)


@shared_task(name="contacts.tasks.export_run")
def export_run(export_id: int) -> None:
    _with_a_place(exporting.run, export_id)


@shared_task(name="contacts.tasks.retention_look")
def retention_look() -> None:
    """Soon, for the teams that ask for it."""
    retention.look_asked()


@shared_task(name="contacts.tasks.retention_night")
def retention_night() -> None:
    retention.look_everywhere()


@shared_task(name="contacts.tasks.retention_erase")
def retention_erase() -> None:
    if retention.erase_asked():
        wake.now(retention.ERASE_TASK)


@shared_task(name="contacts.tasks.find_duplicates")
def find_duplicates(team_id: int) -> None:
    find.scan_team(team_id)


@shared_task(name="contacts.tasks.duplicates_night")
def duplicates_night() -> None:
    find.scan_all()


@shared_task(name="contacts.tasks.sweep")
def sweep() -> None:
    work.wake_left_behind()
    exporting.wake_left_behind()


@shared_task(name="contacts.tasks.housekeeping")
def housekeeping() -> None:
    forgetting.run()
    files.remove_expired()
