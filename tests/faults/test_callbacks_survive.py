"""Acknowledged means stored: floods, disorder, a database that goes away, a full disk, a broker that is gone."""

import json
import random
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

import pytest
import requests
from django.db import connection

from sms.callbacks import apply, spool
from sms.models import Callback, Line, Message
from sms.sending.queue import Draft, enqueue
from teams.models import Team
from tests.ports import free_port
from tests.processes import database_url, running_web, running_worker, wait_until
from tests.tcp_gate import Gate

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]


def status_query(id_sms_api: str, status: str) -> str:
    payload = {"user": "u", "phone_number": "+33639984217", "status": status, "id_sms_api": id_sms_api}
    return "status=" + quote(json.dumps(payload))


def text_query(words: str) -> str:
    payload = {
        "title": "incoming_sms",
        "from": "+33639984217",
        "message": words,
        "date": "2026-11-22T10:00:00.000Z",
    }
    return "message=" + quote(json.dumps(payload))


def make_sent(team: Team, line: Line, count: int) -> list[str]:
    drafts = [Draft(line=line, number=f"+3363998{index:04d}", text="Bonjour") for index in range(count)]
    messages = enqueue(team, drafts, by=None)
    Message.objects.update(state="submitted")
    return [message.id_sms_api for message in messages]


@contextmanager
def gate_before_database() -> Iterator[tuple[str, Gate]]:
    """The database's address behind a gate that the test can shut."""
    given = connection.settings_dict
    with Gate(str(given["HOST"]), int(given["PORT"]), free_port()) as gate:
        yield database_url().replace(f":{given['PORT']}/", f":{gate.port}/"), gate


@contextmanager
def web_behind_gate(data: Path) -> Iterator[tuple[str, Gate]]:
    """A web server that reaches the database through a gate that the test can shut."""
    with gate_before_database() as (url, gate), running_web(data, DATABASE_URL=url) as web:
        yield web, gate


def test_one_callback_many_times_at_once_is_one_fact(team: Team, line: Line, tmp_path: Path) -> None:
    with running_web(tmp_path) as url:
        address = f"{url}{line.callback_path}?{text_query('Bonjour')}"
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: requests.get(address, timeout=60).status_code, range(480)))
    assert set(answers) == {200}
    assert Callback.objects.count() == 480
    together([apply.drain] * 2)
    assert Message.objects.filter(direction="in").count() == 1
    assert set(Callback.objects.values_list("state", flat=True)) == {"applied"}


def test_statuses_in_any_order_end_in_the_highest(team: Team, line: Line, tmp_path: Path) -> None:
    ids = make_sent(team, line, 50)
    queries = [status_query(each, status) for each in ids for status in ("sent", "received")] * 10
    random.Random(7).shuffle(queries)
    with running_web(tmp_path) as url, running_worker(tmp_path), requests.Session() as session:
        for query in queries:
            assert session.get(f"{url}{line.callback_path}/?{query}", timeout=60).status_code == 200
        wait_until(lambda: not Callback.objects.filter(state="received").exists(), what="all are applied")
    assert set(Message.objects.values_list("state", flat=True)) == {"delivered"}
    assert Message.objects.exclude(sent_at=None).exclude(delivered_at=None).count() == 50


def test_callbacks_are_kept_while_the_database_is_away(
    team: Team, line: Line, tmp_path: Path, settings: object
) -> None:
    ids = make_sent(team, line, 100)
    settings.SPOOL_DIR = tmp_path / "spool"  # type: ignore[attr-defined]
    with web_behind_gate(tmp_path) as (url, gate), requests.Session() as session:
        address = url + line.callback_path
        assert session.get(f"{address}?{status_query(ids[0], 'sent')}", timeout=60).status_code == 200
        gate.shut()
        for each in ids:
            for status in ("sent", "received"):
                assert session.get(f"{address}?{status_query(each, status)}", timeout=60).status_code == 200
        gate.open()
        assert session.get(f"{url}/healthz", timeout=60).status_code == 200
    stored = Callback.objects.count()
    assert spool.replay() + stored == 201
    assert not list((tmp_path / "spool").iterdir())
    apply.drain()
    assert set(Message.objects.values_list("state", flat=True)) == {"delivered"}


def test_callbacks_are_kept_while_a_worker_sweeps_without_a_database(
    team: Team, line: Line, tmp_path: Path
) -> None:
    folder = tmp_path / "spool"
    # Without a pool a sweep fails at once; with one it waits ten seconds for the database first.
    without_pool = {"LIGNE_DB_POOL": "0"}
    with (
        gate_before_database() as (database, gate),
        running_worker(tmp_path, DATABASE_URL=database, **without_pool),
        running_web(tmp_path, DATABASE_URL=database) as url,
        requests.Session() as session,
    ):
        address = url + line.callback_path
        sent = 0

        def arrive() -> None:
            nonlocal sent
            answer = session.get(f"{address}?{text_query(f'Bonjour {sent}')}", timeout=60)
            assert answer.status_code == 200
            sent += 1

        gate.shut()
        arrive()
        wait_until(lambda: any(folder.glob("*.taken")), what="a sweep took the file")
        # Three sweeps more, each of which finds new callbacks.
        until = time.monotonic() + 6.5
        while time.monotonic() < until:
            arrive()
            time.sleep(0.05)
        gate.open()
        wait_until(lambda: Message.objects.filter(direction="in").count() == sent, what="all are applied")
        wait_until(lambda: not any(folder.iterdir()), what="the spool is empty")
    assert Callback.objects.count() == sent


def test_full_spool_is_503_and_never_200(team: Team, line: Line, tmp_path: Path) -> None:
    (tmp_path / "spool").write_text("a file where the folder should be: nothing can be written")
    with web_behind_gate(tmp_path) as (url, gate):
        address = f"{url}{line.callback_path}?{text_query('Bonjour')}"
        gate.shut()
        assert requests.get(address, timeout=60).status_code == 503
        gate.open()
        wait_until(lambda: requests.get(address, timeout=60).status_code == 200, what="it recovers by itself")


def test_broker_that_is_away_loses_nothing(team: Team, line: Line, tmp_path: Path) -> None:
    with running_web(tmp_path, CELERY_BROKER_URL="redis://127.0.0.1:9/0") as url:
        for number in range(20):
            answer = requests.get(f"{url}{line.callback_path}?{text_query(f'Bonjour {number}')}", timeout=60)
            assert answer.status_code == 200
    with running_worker(tmp_path):
        wait_until(lambda: Message.objects.filter(direction="in").count() == 20, what="the sweep found them")


def test_callback_that_breaks_its_batch_is_quarantined_alone(
    team: Team, line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    from django.utils import timezone

    from sms.callbacks import facts

    for number in range(9):
        Callback.objects.create(
            team=team, line=line, query=text_query(f"Bonjour {number}").encode(), received_at=timezone.now()
        )
    write = facts.write

    def breaks(items: list[object]) -> None:
        if any("Bonjour 4" in str(item) for item in items):
            raise ValueError("broken")
        write(items)  # type: ignore[arg-type]

    monkeypatch.setattr(facts, "write", breaks)
    apply.drain()
    assert Message.objects.filter(direction="in").count() == 8
    assert Callback.objects.get(state="quarantined").detail == "ValueError: broken"


def together(jobs: list[object]) -> None:
    """Runs the jobs at the same time, each with a connection of its own."""

    def run(job: object) -> None:
        try:
            job()  # type: ignore[operator]
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(job,)) for job in jobs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
