"""./run: it comes up, stays up, goes down, and comes up again after the worst."""

import http.client
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .conftest import Start
from .supervised import RUN, Supervised, alive, environment

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at /proc")


def answers(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


def wait_until_healthy(run: Supervised, seconds: float = 120) -> None:
    until = time.monotonic() + seconds
    while True:
        try:
            if answers(run.port, "/readyz") == 200:
                return
        except OSError:
            pass
        assert time.monotonic() < until, "not healthy again"
        time.sleep(0.1)


def test_first_start_ends_with_the_address_and_the_demo_logins_and_stops_wholly(start: Start) -> None:
    run = start()
    line = run.wait_for("^Ligne is ready")
    assert line == f"Ligne is ready: http://127.0.0.1:{run.port}"
    run.wait_for(r"^  \S+@\S+ +\S+ +\w+$")
    assert answers(run.port, "/healthz") == 200
    assert answers(run.port, "/readyz") == 200
    family = run.family()
    assert len(family) >= 4  # web, worker, its beat, sandbox
    # On an idle machine a second; on a busy one the supervisor insists after five, and after two more for each store.
    assert run.stop(signal.SIGINT) < 30
    assert run.process.returncode == 0
    assert not [pid for pid in family if alive(pid)]


def test_second_start_makes_nothing_anew_and_a_dead_child_is_started_again_and_said(start: Start) -> None:
    run = start()
    run.wait_for("^Ligne is ready")
    # Which is why it takes a few seconds.
    assert not [line for line in run.lines if re.search("a new database|Static files|venv|packages", line)]
    for service in ("web", "postgres", "valkey", "worker", "sandbox"):
        old = run.pid_of(service)
        os.kill(old, signal.SIGKILL)
        run.wait_for(f"^! {service} was ended by SIGKILL: starting it again")
        run.wait_for(f"^  {service} is started again")
        assert run.pid_of(service) != old
    wait_until_healthy(run)


def test_a_second_run_on_the_same_data_says_where_the_first_is(start: Start, data: Path) -> None:
    first = start("--no-demo", "--host", "0.0.0.0")
    assert first.wait_for("^Ligne is ready") == f"Ligne is ready: http://127.0.0.1:{first.port}"
    first.wait_for("create_team")
    second = subprocess.run([RUN], env=environment(data), capture_output=True, text=True, timeout=300)
    assert second.returncode == 1
    assert f"already running at http://127.0.0.1:{first.port}" in second.stderr
    assert first.process.poll() is None


def test_start_after_kill_9(start: Start) -> None:
    run = start("--no-demo")
    for what in ("the supervisor", "everything"):
        run.wait_for("^Ligne is ready")
        family = [*run.family(), run.pid_of("postgres"), run.pid_of("valkey")]
        for pid in {run.process.pid, *(family if what == "everything" else [])}:
            os.kill(pid, signal.SIGKILL)
        run.process.wait()
        run = start("--no-demo")
        run.wait_for("^  Web, worker, sandbox gateway")
        assert not [pid for pid in family if alive(pid)], what
    run.wait_for("^Ligne is ready")


def test_a_stale_pid_of_another_program_is_neither_believed_nor_killed(start: Start, data: Path) -> None:
    innocent = subprocess.Popen(["sleep", "900"])
    try:
        pid_file = data / "postgres" / "postmaster.pid"
        pid_file.write_text(f"{innocent.pid}\n{data}/postgres\n")
        os.chown(pid_file, pid_file.parent.stat().st_uid, pid_file.parent.stat().st_gid)
        start("--no-demo").wait_for("^Ligne is ready")
        assert innocent.poll() is None
    finally:
        innocent.kill()
        innocent.wait()


def test_public_address_means_no_demo_logins(start: Start) -> None:
    run = start(LIGNE_PUBLIC_URL="https://ligne.example.com")
    run.wait_for("^Ligne is ready")
    run.wait_for("create_team")
    assert not [line for line in run.lines if re.match(r"^  \S+@\S+ ", line)]
