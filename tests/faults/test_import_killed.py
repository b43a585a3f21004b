"""An import is killed again and again; what comes out is what an undisturbed one gives."""

from functools import partial
from pathlib import Path

import pytest
from django.core.files.base import ContentFile

from contacts.imports import uploads, work
from contacts.models import Contact, ContactPhone, Import, ImportRow
from contacts.tasks import sweep
from teams.models import Team
from tests.contacts.imports.given import counts
from tests.processes import Worker, running_worker, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

ROWS, TWICE = 3_000, 90
# Small pieces and a short lease: a kill falls in the middle, and nobody waits long.
SLOW = {"LIGNE_IMPORT_LEASE_S": "2", "LIGNE_IMPORT_CHUNK": "5"}
QUICK = {"LIGNE_IMPORT_LEASE_S": "2", "LIGNE_IMPORT_CHUNK": "500"}


def text() -> bytes:
    """Rows of which some have no number and some have an earlier row's."""
    rows = ["Prénom;Nom;Téléphone"]
    for at in range(ROWS):
        number = "test" if at % 20 == 7 else f"06 39 98 {at // 100:02d} {at % 100:02d}"
        if at >= ROWS - TWICE:
            number = f"06 39 98 00 {at % 5:02d}"
        rows.append(f"Prénom {at};Nom {at};{number}")
    return "\n".join(rows).encode()


def expected() -> tuple[int, int, int, int, int]:
    bad = len([at for at in range(ROWS - TWICE) if at % 20 == 7])
    return ROWS - TWICE - bad, 0, 0, bad, TWICE


def state(import_: Import) -> str:
    return str(Import.objects.values_list("state", flat=True).get(pk=import_.pk))


def place(import_: Import, field: str) -> int:
    return int(Import.objects.values_list(field, flat=True).get(pk=import_.pk))


def _further(import_: Import, field: str, before: int) -> bool:
    # What a worker's clock asks for every five seconds: to look for what a killed one left behind.
    sweep.delay()
    return place(import_, field) > before


def killed_on_the_way(import_: Import, field: str, tmp_path: Path, times: int) -> None:
    """Workers that each get a few chunks further and are then killed in the middle of one."""
    for _ in range(times):
        before = place(import_, field)
        worker = Worker(tmp_path, **SLOW)
        try:
            wait_until(partial(_further, import_, field, before), what="a chunk is done", every_s=0.3)
        finally:
            worker.kill()


def test_import_that_is_killed_three_times_ends_with_exact_counts(team: Team, tmp_path: Path) -> None:
    import_ = uploads.take(team, ContentFile(text(), name="people.csv"), None)
    assert work.start_check(import_, import_.mapping)
    killed_on_the_way(import_, "staged_line", tmp_path, 2)
    assert state(import_) == "checking"
    with running_worker(tmp_path, **QUICK):
        wait_until(lambda: state(import_) == "checked", what="it is checked")
    import_.refresh_from_db()
    assert (import_.rows, counts(import_)) == (ROWS, expected())
    assert not Contact.objects.exists()

    assert work.start_run(import_)
    killed_on_the_way(import_, "done_line", tmp_path, 3)
    assert state(import_) == "running"
    assert 0 < place(import_, "done_rows") < ROWS
    with running_worker(tmp_path, **QUICK):
        wait_until(lambda: state(import_) == "finished", what="it is finished")
    import_.refresh_from_db()
    assert (import_.done_rows, counts(import_)) == (ROWS, expected())
    assert Contact.objects.count() == ContactPhone.objects.count() == expected()[0]
    assert ImportRow.objects.count() == ROWS
    assert Contact.objects.values("first_name").distinct().count() == expected()[0]


def test_revert_that_is_killed_is_brought_to_its_end(team: Team, tmp_path: Path) -> None:
    import_ = uploads.take(team, ContentFile(text(), name="people.csv"), None)
    assert work.start_direct(import_, import_.mapping)
    work.run(import_.pk)
    import_.refresh_from_db()
    assert counts(import_) == expected()
    assert work.start_revert(import_)
    killed_on_the_way(import_, "reverted", tmp_path, 2)
    with running_worker(tmp_path, **QUICK):
        wait_until(lambda: state(import_) == "reverted", what="it is taken back")
    import_.refresh_from_db()
    assert (import_.reverted, import_.left_alone) == (expected()[0], 0)
    assert not Contact.objects.exists()
