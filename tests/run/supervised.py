"""The real ./run as a subprocess, on data and ports of its own."""

import json
import os
import queue
import re
import signal
import subprocess
import threading
import time
from pathlib import Path
from typing import IO, Any

from tests.ports import free_pair

RUN = str(Path(__file__).resolve().parent.parent.parent / "run")
# What a surrounding ./run test hands down would make the inner ./run use the outer one's servers.
OUTER = ("DATABASE_URL", "CELERY_BROKER_URL", "DJANGO_SETTINGS_MODULE", "PORT", "DJANGO_ALLOW_ASYNC_UNSAFE")


def environment(data: Path, **more: str) -> dict[str, str]:
    inherited = {k: v for k, v in os.environ.items() if k not in OUTER and not k.startswith("LIGNE_")}
    return {**inherited, "LIGNE_DATA": str(data), **more}


class Supervised:
    """A ./run that serves; its output is read line by line in a thread."""

    def __init__(self, data: Path, *arguments: str, **env: str) -> None:
        self.data = data
        self.port, self.sandbox = free_pair()
        self.lines: list[str] = []
        self._queue: queue.Queue[str] = queue.Queue()
        self.process = subprocess.Popen(
            [RUN, "--port", str(self.port), *arguments],
            env=environment(data, **env),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self.process.stdout is not None
        threading.Thread(target=self._read, args=(self.process.stdout,), daemon=True).start()

    def _read(self, stream: IO[str]) -> None:
        for line in stream:
            self._queue.put(line.rstrip("\n"))
        stream.close()

    def wait_for(self, pattern: str, seconds: float = 120) -> str:
        """The first new line that matches. Fails with the whole output when none comes in time."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            try:
                line = self._queue.get(timeout=0.1)
            except queue.Empty:
                if self.process.poll() is not None and self._queue.empty():
                    break
                continue
            self.lines.append(line)
            if re.search(pattern, line):
                return line
        output = "\n".join(self.lines)
        raise AssertionError(f"no line like {pattern!r} within {seconds} s:\n{output}")

    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = json.loads((self.data / "run.json").read_text())
        return state

    def pid_of(self, service: str) -> int:
        return int(self.state()["processes"][service]["pid"])

    def family(self) -> list[int]:
        """Every process that this run started and that is still there, by the mark in its environment."""
        mark = f"LIGNE_RUN_ID={self.state()['run_id']}".encode()
        return [pid for pid in processes() if mark in environ_of(pid)]

    def stop(self, number: int = signal.SIGTERM) -> float:
        """Ask it to stop; how many seconds that took."""
        began = time.monotonic()
        self.process.send_signal(number)
        self.process.wait(timeout=60)
        return time.monotonic() - began

    def make_sure_it_is_gone(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=60)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def processes() -> list[int]:
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit()]


def environ_of(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in ("Z", "X")
