"""The product's own processes on the test database: a real web server and real workers."""

import atexit
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import count
from pathlib import Path
from urllib.parse import quote

import requests
from celery import current_app
from django.conf import settings
from django.db import connection

from tests.ports import free_port

REPO = Path(__file__).resolve().parent.parent
# Tests time nothing: a machine may do much else.
WITHIN_S = 120.0
END_WITHIN_S = 30.0


def wait_until(
    done: Callable[[], object], within_s: float = WITHIN_S, what: str = "", *, every_s: float = 0.03
) -> None:
    """Looks again and again; fails the test when it does not come true in time."""
    deadline = time.monotonic() + within_s
    while not done():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within_s} s: {what or done}")
        time.sleep(every_s)


def database_url() -> str:
    """The address of the database that this test run made."""
    given = connection.settings_dict
    user, password = quote(given["USER"], safe=""), quote(given["PASSWORD"], safe="")
    return f"postgresql://{user}:{password}@{given['HOST']}:{given['PORT']}/{given['NAME']}"


@cache
def static_root() -> str:
    """The collected static files, as ./run collects them; once for all processes of a test run."""
    root = os.environ.get("LIGNE_STATIC_ROOT", "")
    if not root:
        root = tempfile.mkdtemp(prefix="ligne-static-")
        atexit.register(shutil.rmtree, root, ignore_errors=True)
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "crm.settings.dev", "LIGNE_STATIC_ROOT": root}
    env["LIGNE_SECRET_KEY"] = settings.SECRET_KEY
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    with Path(f"{root}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (Path(root) / "staticfiles.json").exists():
            subprocess.run(command, cwd=REPO, env=env, check=True)
    return root


def environment(data: Path, **more: str) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": database_url(),
        "DJANGO_SETTINGS_MODULE": "crm.settings.dev",
        # The access keys of the test's lines were encrypted with it.
        "LIGNE_SECRET_KEY": settings.SECRET_KEY,
        "LIGNE_DATA": str(data),
        "LIGNE_STATIC_ROOT": static_root(),
        "LIGNE_LOG_LEVEL": "WARNING",
        **more,
    }


class Web:
    """uvicorn with callbacks' door, pages and event stream."""

    def __init__(self, data: Path, **env: str) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "uvicorn", "crm.asgi:application", "--port", str(port)]
        command += ["--no-access-log", "--log-level", "warning", "--timeout-graceful-shutdown", "3"]
        self.process = subprocess.Popen(command, cwd=REPO, env=environment(data, LIGNE_URL=self.url, **env))

    def wait_ready(self) -> None:
        """Returns when it answers."""
        wait_until(self._answers, what="the web server answers")

    def _answers(self) -> bool:
        if self.process.poll() is not None:
            raise AssertionError(f"the web server ended with {self.process.returncode}")
        try:
            return requests.get(f"{self.url}/healthz", timeout=10).ok
        except requests.ConnectionError:
            return False

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(END_WITHIN_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


@contextmanager
def running_web(data: Path, **env: str) -> Iterator[str]:
    """Gives its address."""
    web = Web(data, **env)
    try:
        web.wait_ready()
        yield web.url
    finally:
        web.stop()


class Worker:
    """A Celery worker with beat, as ./run starts it, in a process group of its own."""

    def __init__(self, data: Path, **env: str) -> None:
        command = [sys.executable, "-m", "celery", "-A", "crm", "worker", "--beat", "--pool", "threads"]
        command += ["--concurrency", "4", "--loglevel", "error", "--schedule", str(data / "beat")]
        self._name = f"w{time.monotonic_ns()}@test"
        command += ["--without-gossip", "--without-mingle", "--hostname", self._name]
        self.process = subprocess.Popen(
            command, cwd=REPO, env=environment(data, **env), start_new_session=True, stdout=subprocess.DEVNULL
        )

    def wait_ready(self) -> None:
        """Returns when it takes tasks."""
        patience = count(3)
        # Asked before it listens it never answers: asked again, with more patience each time.
        wait_until(
            lambda: current_app.control.ping([self._name], timeout=next(patience) / 10),
            what="the worker answers",
        )

    def kill(self) -> None:
        """kill -9 of the worker and its beat."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(END_WITHIN_S)
            except subprocess.TimeoutExpired:
                self.kill()


@contextmanager
def running_worker(data: Path, **env: str) -> Iterator[Worker]:
    worker = Worker(data, **env)
    try:
        worker.wait_ready()
        yield worker
    finally:
        worker.stop()
