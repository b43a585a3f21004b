"""A scripted gateway: a real HTTP server that counts how often each id was accepted, and misbehaves on request."""

import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from tests.ports import free_port


class Gateway(ThreadingHTTPServer):
    """`mode`: ok, hang, reset, 401, 404, 429, 500, html, empty, truncated. `accepted` counts ids.

    `script`, when set, answers instead: it gets the handler after the request was read.
    """

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", free_port()), _Handler)
        self.mode = "ok"
        self.script: Callable[[BaseHTTPRequestHandler], None] | None = None
        self.latency_s = 0.0
        self.accepted: Counter[str] = Counter()
        self.requests: list[dict[str, Any]] = []
        self.lock = threading.Lock()
        self.in_request = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Gateway

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        mode = self.server.mode
        with self.server.lock:
            self.server.requests.append(body)
        if self.server.script is not None:
            return self.server.script(self)
        if mode in ("401", "404", "429"):
            return self._answer(int(mode), b"{}")
        with self.server.lock:
            self.server.accepted.update(each["id_sms_api"] for each in body["messages"])
        self.server.in_request.set()
        time.sleep(self.server.latency_s)
        return self._accepted(mode, body)

    def _accepted(self, mode: str, body: dict[str, Any]) -> None:
        results = json.dumps(
            [{"id_sms_api": each["id_sms_api"], "sms_per_message": 1, "sent": 1} for each in body["messages"]]
        ).encode()
        if mode == "hang":
            time.sleep(3)
            self.close_connection = True
        elif mode == "reset":
            self.connection.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00"
            )
            self.connection.close()
            self.close_connection = True
        elif mode == "500":
            self._answer(500, b"oops")
        elif mode == "html":
            self._answer(200, b"<html>503</html>")
        elif mode == "empty":
            self._answer(200, b"")
        elif mode == "truncated":
            self._answer(200, results[: len(results) // 2])
        else:
            self._answer(200, results)

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@contextmanager
def running_gateway() -> Iterator[Gateway]:
    gateway = Gateway()
    thread = threading.Thread(target=gateway.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield gateway
    finally:
        gateway.shutdown()
        gateway.server_close()
