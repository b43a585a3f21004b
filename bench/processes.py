"""Starts what is measured and what it is measured against, each as a process of its own."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import MappingProxyType

import psutil

REPO = Path(__file__).resolve().parent.parent
START_WITHIN_S = 60.0
NOTHING: Mapping[str, str] = MappingProxyType({})


def free_port() -> int:
    """Below 32768: the kernel hands out what is above to outgoing connections."""
    for port in range(20000 + os.getpid() % 8000, 32768):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise RuntimeError("no free port")


def wait_until(done: Callable[[], object], within_s: float, what: str, pause_s: float = 0.02) -> None:
    deadline = time.monotonic() + within_s
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {within_s:.0f} s: {what}")
        time.sleep(pause_s)


def listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _is_up(process: "subprocess.Popen[bytes]", port: int) -> bool:
    if process.poll() is not None:
        raise RuntimeError(f"ended with {process.returncode}")
    return listens(port)


@contextmanager
def running(
    argv: Sequence[str], env: Mapping[str, str] = NOTHING, *, port: int = 0
) -> Iterator["subprocess.Popen[bytes]"]:
    """`python -m …` in a process group of its own, until it listens on `port`. What it says is shown if it fails."""
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [sys.executable, *argv],
            cwd=REPO,
            env={**os.environ, **env},
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
        try:
            if port:
                wait_until(lambda: _is_up(process, port), START_WITHIN_S, " ".join(argv))
            yield process
        except BaseException:
            said.seek(0)
            words = said.read()[-3000:].decode(errors="replace")
            print(f"{' '.join(argv)} (exit {process.poll()}) said:\n{words}", file=sys.stderr)
            raise
        finally:
            end(process)


def end(process: "subprocess.Popen[bytes]") -> None:
    """SIGTERM to the whole group, SIGKILL when that does not help within seconds."""
    for sign in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, sign)
        try:
            process.wait(8)
            return
        except subprocess.TimeoutExpired:
            continue


@contextmanager
def web(data: Path, env: Mapping[str, str] = NOTHING) -> Iterator[str]:
    """The web process as `./run` starts it. Its address."""
    with web_process(data, env) as (address, _process):
        yield address


@contextmanager
def web_process(
    data: Path, env: Mapping[str, str] = NOTHING
) -> Iterator[tuple[str, "subprocess.Popen[bytes]"]]:
    """The same, with the process itself."""
    port = free_port()
    argv = ["-m", "uvicorn", "crm.asgi:application", "--host", "127.0.0.1", "--port", str(port)]
    argv += ["--timeout-graceful-shutdown", "3", "--no-access-log", "--log-level", "warning"]
    with running(argv, {**env, "LIGNE_DATA": str(data)}, port=port) as process:
        yield f"http://127.0.0.1:{port}", process


@contextmanager
def worker(data: Path, env: Mapping[str, str] = NOTHING) -> Iterator["subprocess.Popen[bytes]"]:
    """The worker process as `./run` starts it, with beat. Waits until it takes tasks."""
    argv = ["-m", "celery", "-A", "crm", "worker", "--beat", "--pool", "threads", "--concurrency", "8"]
    argv += ["--loglevel", "warning", "--schedule", str(data / "celerybeat-schedule")]
    argv += ["--without-gossip", "--without-mingle"]
    with celery(argv, data, {"MALLOC_ARENA_MAX": "1", **env}) as process:
        yield process


@contextmanager
def celery(
    argv: Sequence[str], data: Path, env: Mapping[str, str] = NOTHING
) -> Iterator["subprocess.Popen[bytes]"]:
    """Any worker, named so that it can be asked whether it is there."""
    from crm.celery import app

    name = f"bench{free_port()}-{time.monotonic_ns()}@bench"
    with running([*argv, "--hostname", name], {**env, "LIGNE_DATA": str(data)}) as process:

        def answers() -> object:
            if process.poll() is not None:
                raise RuntimeError(f"the worker ended with {process.returncode}")
            return app.control.inspect([name], timeout=0.5).ping()

        wait_until(answers, START_WITHIN_S, f"the worker {name} answers")
        yield process


class Memory:
    """Watches the largest resident memory of a process, and what its children do not share with it, in MB."""

    def __init__(self, pid: int) -> None:
        self._process = psutil.Process(pid)
        self._stop = threading.Event()
        self.peak_mb = 0.0
        self.children_mb = 0.0
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "Memory":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _watch(self) -> None:
        while True:
            with contextlib.suppress(psutil.Error):
                self.peak_mb = max(self.peak_mb, self._process.memory_info().rss / 2**20)
                children = self._process.children(recursive=True)
                own = sum(child.memory_full_info().uss for child in children)
                self.children_mb = max(self.children_mb, own / 2**20)
            if self._stop.wait(0.2):
                return
