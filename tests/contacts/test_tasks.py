"""Files that are read or written leave most of a worker to sending and to replies."""

import threading
import time

import pytest

from contacts import tasks
from contacts.imports import work


def test_no_more_than_two_files_are_worked_on_at_once_in_a_process(monkeypatch: pytest.MonkeyPatch) -> None:
    go, begun = threading.Event(), []

    def slow(import_id: int) -> None:
        begun.append(import_id)
        go.wait(60)

    monkeypatch.setattr(work, "run", slow)
    threads = [threading.Thread(target=tasks.import_run, args=[number]) for number in range(5)]
    for thread in threads:
        thread.start()
    # The three that found no place are back at once.
    deadline = time.monotonic() + 60
    while sum(thread.is_alive() for thread in threads) > tasks.FILES_AT_ONCE and time.monotonic() < deadline:
        time.sleep(0.01)
    assert len(begun) == tasks.FILES_AT_ONCE
    go.set()
    for thread in threads:
        thread.join()
    tasks.import_run(99)
    assert begun[-1] == 99


def test_a_place_is_given_back_when_the_work_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(import_id: int) -> None:
        raise RuntimeError

    monkeypatch.setattr(work, "run", fails)
    for number in range(tasks.FILES_AT_ONCE + 1):
        with pytest.raises(RuntimeError):
            tasks.import_run(number)
