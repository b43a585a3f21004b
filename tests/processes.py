"""The product's own processes on the test database: a real web server and real workers."""

import atexit
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
from pathlib import Path
from urllib.parse import quote

import requests
from celery import current_app
from django.conf import settings
from django.db import connection

from tests.ports import free_port

REPO = Path(__file__).resolve().parent.parent
START_WITHIN_S = 30.0


def wait_until(done: Callable[[], object], within_s: float = 20.0, what: str = "") -> None:
    """Looks again and again; fails the test when it does not come true in time."""
    deadline = time.monotonic() + within_s
    while not done():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within_s} s: {what or done}")
        time.sleep(0.03)


def database_url() -> str:
    """The address of the database that this test run made."""
    given = connection.settings_dict
    user, password = quote(given["USER"], safe=""), quote(given["PASSWORD"], safe="")
    return f"postgresql://{user}:{password}@{given['HOST']}:{given['PORT']}/{given['NAME']}"


@cache
def static_root() -> str:
    """The collected static files, as ./run collects them; once a test run."""
    root = tempfile.mkdtemp(prefix="ligne-static-")
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "crm.settings.dev", "LIGNE_STATIC_ROOT": root}
    env["LIGNE_SECRET_KEY"] = settings.SECRET_KEY
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
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


@contextmanager
def running_web(data: Path, **env: str) -> Iterator[str]:
    """uvicorn with callbacks' door, pages and event stream. Gives its address."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    command = [
        sys.executable,
        "-m",
        "uvicorn",
        "crm.asgi:application",
        "--port",
        str(port),
        "--no-access-log",
    ]
    command += ["--log-level", "warning", "--timeout-graceful-shutdown", "3"]
    process = subprocess.Popen(command, cwd=REPO, env=environment(data, LIGNE_URL=url, **env))
    try:
        wait_until(lambda: _answers(process, f"{url}/healthz"), START_WITHIN_S, "the web server answers")
        yield url
    finally:
        _end(process)


def _answers(process: "subprocess.Popen[bytes]", url: str) -> bool:
    if process.poll() is not None:
        raise AssertionError(f"the web server ended with {process.returncode}")
    try:
        return requests.get(url, timeout=2).ok
    except requests.ConnectionError:
        return False


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
        wait_until(
            lambda: current_app.control.ping([self._name], timeout=0.5), START_WITHIN_S, "the worker answers"
        )

    def kill(self) -> None:
        """kill -9 of the worker and its beat."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            try:
                self.process.wait(5)
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


def _end(process: "subprocess.Popen[bytes]") -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(8)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
