"""What was answered 200 while the database was away is stored once, in order, whoever else writes and replays."""

import errno
import fcntl
import os
import resource
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import pytest
from django.db import DatabaseError, connection, transaction
from pytest_django import Settings

from sms import tasks
from sms.callbacks import apply, spool
from sms.callbacks.store import hash_of
from sms.models import Callback, Line, Message
from sms.people import privacy
from tests.faults.test_callbacks_survive import text_query
from tests.ports import free_port
from tests.processes import wait_until
from tests.tcp_gate import Gate

pytestmark = pytest.mark.django_db(transaction=True)

Keep = Callable[[int], None]


@pytest.fixture
def folder(tmp_path: Path, settings: Settings) -> Path:
    settings.SPOOL_DIR = tmp_path / "spool"
    return tmp_path / "spool"


@pytest.fixture
def keep(line: Line, folder: Path) -> Keep:
    """Keeps a callback that a number tells from others."""
    token_hash = hash_of(line.callback_path.rpartition("/")[2])
    return lambda number: spool.keep(token_hash, str(number).encode())


@pytest.fixture
def gate(line: Line) -> Iterator[Gate]:
    """Stands between this process and the database."""
    given = connection.settings_dict
    with Gate(str(given["HOST"]), int(given["PORT"]), free_port()) as gate:
        connection.close()
        with mock.patch.dict(given, PORT=gate.port):
            yield gate
        connection.close()


def sweep() -> None:
    """As a worker does, with a connection of its own."""
    try:
        tasks.sweep()
    finally:
        connection.close()


def sweep_during_outage() -> None:
    with pytest.raises(DatabaseError):
        sweep()


def stored() -> list[int]:
    """The numbers of the callbacks in the order in which they will be applied."""
    return [int(bytes(query)) for query in Callback.objects.order_by("id").values_list("query", flat=True)]


def at_once(*jobs: Callable[[], object]) -> None:
    with ThreadPoolExecutor(len(jobs)) as pool:
        for each in [pool.submit(job) for job in jobs]:
            each.result()


def test_outage_of_several_sweeps_loses_nothing(keep: Keep, folder: Path, gate: Gate) -> None:
    gate.shut()
    for number in range(40):
        keep(number)
        if number % 10 == 9:
            sweep_during_outage()
    gate.open()
    sweep()
    assert stored() == list(range(40))
    assert not list(folder.iterdir())


def test_what_an_outage_leaves_is_stored_before_what_came_later(keep: Keep, folder: Path, gate: Gate) -> None:
    for number in range(3):
        gate.shut()
        keep(number)
        sweep_during_outage()
        keep(number + 100)
        gate.open()
        sweep()
    assert stored() == [0, 100, 1, 101, 2, 102]


def test_files_of_other_processes_are_stored_too(keep: Keep, folder: Path) -> None:
    """Of a web process that ended, and of a worker that was killed between taking and storing."""
    for number, name in enumerate(["gone-7.8.taken", "gone-7.9-ab.taken", "gone-7.spool", "gone-9.spool"]):
        keep(number)
        (path,) = folder.glob(f"*-{os.getpid()}.spool")
        path.rename(folder / name)
    sweep()
    assert stored() == [0, 1, 2, 3]
    assert not list(folder.iterdir())


def test_replays_at_once_store_each_callback_once(keep: Keep, folder: Path) -> None:
    for first in range(0, 400, 40):
        for number in range(first, first + 40):
            keep(number)
        at_once(sweep, sweep, sweep, sweep)
        # One that finds another at it leaves it to that one.
        assert stored() == list(range(first + 40))
    assert not list(folder.iterdir())


def test_take_never_replaces_what_is_not_stored(keep: Keep, folder: Path, gate: Gate) -> None:
    """Many sweeps at once while the database is away, as slow ones pile up."""
    gate.shut()
    for number in range(12):
        keep(number)
        at_once(*[sweep_during_outage] * 3)
    gate.open()
    sweep()
    assert stored() == list(range(12))


def test_callbacks_kept_during_replays_are_stored_once(keep: Keep, folder: Path) -> None:
    ended = threading.Event()

    def replay_on_and_on() -> None:
        while not ended.is_set():
            spool.replay()
        connection.close()

    def write() -> None:
        try:
            with ThreadPoolExecutor(16) as writers:
                list(writers.map(keep, range(1200)))
        finally:
            ended.set()

    at_once(write, replay_on_and_on, replay_on_and_on)
    spool.replay()
    assert sorted(stored()) == list(range(1200))
    assert not list(folder.iterdir())


def test_writer_that_waited_while_its_file_was_taken_begins_a_new_one(keep: Keep, folder: Path) -> None:
    keep(0)
    (path,) = folder.iterdir()
    with path.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        writer = threading.Thread(target=keep, args=(1,))
        writer.start()
        # It has opened the file and waits for the lock.
        time.sleep(0.3)
        path.rename(path.with_suffix(".taken"))
    writer.join()
    assert path.exists()
    spool.replay()
    assert stored() == [0, 1]


def test_writers_do_not_wait_for_the_database(keep: Keep, folder: Path) -> None:
    keep(0)
    replaying = threading.Thread(target=sweep)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE sms_callback IN EXCLUSIVE MODE")
        replaying.start()
        wait_until(lambda: any(folder.glob("*.taken")), what="the file is taken")
        for number in range(1, 20):
            keep(number)
        assert replaying.is_alive()
    replaying.join()
    sweep()
    assert stored() == list(range(20))


def test_file_stored_twice_makes_its_facts_once(line: Line, folder: Path) -> None:
    """A worker was killed after it had stored a file and before the file was gone."""
    spool.keep(hash_of(line.callback_path.rpartition("/")[2]), text_query("Bonjour").encode())
    with mock.patch.object(Path, "unlink", side_effect=OSError(errno.EROFS, "read-only")):
        sweep()
    sweep()
    assert Callback.objects.count() == 2
    assert not list(folder.iterdir())
    apply.drain()
    assert Message.objects.filter(direction="in").count() == 1


def test_missing_file_does_not_end_the_sweep(folder: Path) -> None:
    folder.mkdir()
    with (
        mock.patch.object(Path, "glob", return_value=[folder / "gone.taken"]),
        mock.patch("sms.sending.sweep.sweep") as sending,
    ):
        sweep()
    sending.assert_called_once_with()


def test_erasure_waits_until_another_replay_has_stored_everything(keep: Keep, folder: Path) -> None:
    keep(0)
    began, found = threading.Event(), []
    store = spool._store

    def slow_store(path: Path) -> int:
        began.set()
        time.sleep(0.5)
        return store(path)

    def bring_in() -> None:
        assert began.wait(30)
        privacy.bring_in()
        found.extend(stored())
        connection.close()

    with mock.patch.object(spool, "_store", slow_store):
        at_once(sweep, bring_in)
    assert found == [0]


@contextmanager
def no_room_after(size: int) -> Iterator[None]:
    """Every file may grow to `size` bytes: a write beyond it is cut short, then refused."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_full_disk_refuses_and_its_half_line_spoils_no_other(keep: Keep, folder: Path) -> None:
    keep(0)
    (path,) = folder.iterdir()
    size = path.stat().st_size
    with no_room_after(size + 20), pytest.raises(spool.SpoolFull):
        keep(1)
    assert path.stat().st_size == size + 20
    keep(2)
    spool.replay()
    assert stored() == [0, 2]


def test_disk_that_does_not_confirm_refuses(keep: Keep, folder: Path) -> None:
    keep(0)
    refusing = mock.patch("os.fsync", side_effect=OSError(errno.EIO, "Input/output error"))
    with refusing, pytest.raises(spool.SpoolFull):
        keep(1)
    keep(2)
    spool.replay()
    assert {0, 2} <= set(stored())


def test_full_allowance_refuses(keep: Keep, folder: Path, settings: Settings) -> None:
    keep(0)
    settings.SPOOL_MAX_BYTES = 10
    with pytest.raises(spool.SpoolFull):
        keep(1)
    spool.replay()
    keep(2)
    spool.replay()
    assert stored() == [0, 2]


def test_allowance_bounds_what_an_outage_leaves(
    keep: Keep, folder: Path, gate: Gate, settings: Settings
) -> None:
    """Sweeps take the file away; that must not give the disk away piece by piece."""
    settings.SPOOL_MAX_BYTES = 1000
    gate.shut()
    with pytest.raises(spool.SpoolFull):
        for number in range(100):
            keep(number)
            sweep_during_outage()


def test_new_file_has_its_name_on_disk_before_it_is_relied_on(keep: Keep, folder: Path) -> None:
    synced: list[int] = []
    fsync = os.fsync

    def noted(number: int) -> None:
        synced.append(os.fstat(number).st_ino)
        fsync(number)

    with mock.patch("os.fsync", noted):
        keep(0)
        keep(1)
    (path,) = folder.iterdir()
    assert synced == [each.stat().st_ino for each in (folder.parent, folder, path, path)]
