"""The sandbox as a real process, for any test that needs a gateway, and an ear for its callbacks."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import requests

from tests.ports import free_port

REPO = Path(__file__).resolve().parents[3]
# Tests time nothing: a machine may do much else.
START_WITHIN_S = 120.0
HEALTHY = dict.fromkeys(("late", "twice", "fail_one_in_five", "hang", "refuse_key", "offline"), False)


def direct_session() -> requests.Session:
    """This machine is never reached through a proxy."""
    session = requests.Session()
    session.trust_env = False
    return session


@dataclass
class SandboxProcess:
    """`url` has no slash at its end. The access key of every login is `sandbox`."""

    url: str
    process: "subprocess.Popen[bytes]"
    http: requests.Session = field(default_factory=direct_session)

    def api(self, method: str, path: str, body: object = None, **query: str) -> Any:
        """A call of the control API (`path` such as `accepted`); raises on anything but 200."""
        answer = self.http.request(
            method, f"{self.url}/sandbox/api/{path}", json=body, params=query, timeout=30
        )
        answer.raise_for_status()
        return answer.json()

    def send(self, *messages: dict[str, Any], login: str = "shop@example.com", **header: Any) -> Any:
        """One sendSms request; the list it answers."""
        body = {"header": {"login": login, "accessKey": "sandbox", **header}, "messages": list(messages)}
        answer = self.http.post(f"{self.url}/api/sendSms", json=body, timeout=30)
        answer.raise_for_status()
        return answer.json()

    def call_back(self, url: str, login: str = "shop@example.com") -> None:
        """Have all five events of the login reported to `url`."""
        events = ("status", "message", "clics", "calls", "qualification")
        self.api("PUT", "callbacks", {"login": login, **dict.fromkeys(events, url)})

    def begin_again(self) -> None:
        """For the next test: healthy, without a memory, telling nobody of anything, and that without delay."""
        self.api("PUT", "faults", HEALTHY)
        delays = {"sent_after_s": 0, "received_after_s": 0, "late_s": 30, "ring_for_s": 25}
        self.api("PUT", "settings", delays)
        self.api("POST", "start-over", {})
        self.call_back("")

    def person(self, action: str, number: str, login: str = "shop@example.com", **values: Any) -> None:
        self.api("POST", "person", {"login": login, "number": number, "action": action, **values})

    def wait_ready(self) -> None:
        deadline = time.monotonic() + START_WITHIN_S
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise RuntimeError(f"the sandbox ended with {self.process.returncode}")
            try:
                self.http.get(f"{self.url}/sandbox/api/settings", timeout=10)
            except requests.ConnectionError:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError("the sandbox did not start")

    def stop(self, kill: bool = False) -> None:
        if kill:
            self.process.kill()
        else:
            self.process.terminate()
        self.process.wait(timeout=30)
        self.http.close()


@contextmanager
def running_sandbox(
    port: int | None = None, *, data: Path | None = None, at_once: bool = True, **environment: str
) -> Iterator[SandboxProcess]:
    """data None keeps nothing; at_once has delivery reports come without delay."""
    port = port or free_port()
    env = {key: value for key, value in os.environ.items() if not key.startswith("LIGNE_")}
    env |= {"DJANGO_SETTINGS_MODULE": "crm.settings.sandbox", **environment}
    env |= {"LIGNE_DATA": str(data)} if data else {"LIGNE_SANDBOX_MEMORY": "1"}
    command = [sys.executable, "-m", "uvicorn", "sms.sandbox.asgi:application", "--host", "127.0.0.1"]
    command += ["--port", str(port), "--no-access-log", "--log-level", "warning"]
    command += ["--timeout-graceful-shutdown", "3"]
    process = subprocess.Popen(command, cwd=REPO, env=env)
    sandbox = SandboxProcess(f"http://127.0.0.1:{port}", process)
    try:
        sandbox.wait_ready()
        if at_once:
            sandbox.api("PUT", "settings", {"sent_after_s": 0, "received_after_s": 0})
        yield sandbox
    finally:
        if process.poll() is None:
            sandbox.stop()
        sandbox.http.close()


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A sandbox that was killed breaks its connections: nothing to report."""


@dataclass
class Heard:
    """One callback: the raw target of the request line, the parameter and its JSON, decoded once."""

    target: str
    parameter: str
    payload: dict[str, Any]
    at: float


class Ear:
    """A server that Ligne could be. `statuses` are answered in turn, then 200."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.statuses: list[int] = []
        self._open: list[socket.socket] = []
        self._server = _Server(("127.0.0.1", free_port()), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/cb/s3cr3t-token"
        listen = {"poll_interval": 0.05}
        threading.Thread(target=self._server.serve_forever, kwargs=listen, daemon=True).start()

    def wait(self, count: int, within_s: float = 60.0) -> list[Heard]:
        """At least `count` callbacks, in the order they came."""
        return self.wait_for(lambda: len(self.heard) >= count, within_s)

    def wait_for(self, done: Callable[[], bool], within_s: float = 60.0) -> list[Heard]:
        deadline = time.monotonic() + within_s
        while not done():
            if time.monotonic() > deadline:
                raise AssertionError(f"heard only {self.heard}")
            time.sleep(0.01)
        return list(self.heard)

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        # Kept-alive connections would otherwise go on being answered by their threads.
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        ear = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def setup(self) -> None:
                super().setup()
                ear._open.append(self.connection)

            def do_GET(self) -> None:
                parameter, _equals, encoded = urlsplit(self.path).query.partition("=")
                ear.heard.append(Heard(self.path, parameter, json.loads(unquote(encoded)), time.monotonic()))
                self.send_response(ear.statuses.pop(0) if ear.statuses else 200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: object) -> None:
                pass

        return Handler
