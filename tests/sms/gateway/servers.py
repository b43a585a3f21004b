"""Real servers on loopback that answer, or break, as they are told."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field


@dataclass
class Heard:
    """What a server was sent, and over how many connections."""

    url: str
    requests: list[bytes] = field(default_factory=list)
    connections: int = 0


Answer = Callable[[socket.socket], None]


def read_request(connection: socket.socket) -> bytes:
    """One whole request with its body; b"" when the other side closed."""
    data = b""
    while b"\r\n\r\n" not in data:
        chunk = connection.recv(65536)
        if not chunk:
            return b""
        data += chunk
    head, _, body = data.partition(b"\r\n\r\n")
    length = next(
        int(line.split(b":")[1]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")
    )
    while len(body) < length:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def reply(status: int, body: bytes = b"", headers: str = "", *, close: bool = False) -> Answer:
    """An ordinary answer."""
    ending = "Connection: close\r\n" if close else ""
    head = f"HTTP/1.1 {status} X\r\nContent-Length: {len(body)}\r\n{headers}{ending}\r\n".encode()

    def answer(connection: socket.socket) -> None:
        connection.sendall(head + body)
        if close:
            connection.close()

    return answer


def drip(start: bytes, each: bytes = b" ", *, every_s: float = 0.05) -> Answer:
    """`start`, then a byte at a time for as long as anybody listens."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(start)
        with suppress(OSError):
            for _ in range(400):
                connection.sendall(each)
                time.sleep(every_s)
        connection.close()

    return answer


def then_close(data: bytes = b"") -> Answer:
    """`data`, then an orderly end."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(data)
        connection.close()

    return answer


def then_reset(data: bytes = b"") -> Answer:
    """`data`, then a reset."""

    def answer(connection: socket.socket) -> None:
        connection.sendall(data)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\x00\x00\x00\x00\x00\x00\x00")
        connection.close()

    return answer


def silence(connection: socket.socket) -> None:
    """Says nothing until the other side gives up."""
    connection.settimeout(10)
    with suppress(OSError):
        connection.recv(1)
    connection.close()


def _serve(connection: socket.socket, answers: Iterator[Answer], heard: Heard) -> None:
    with suppress(OSError), connection:
        while request := read_request(connection):
            heard.requests.append(request)
            answer = next(answers, None)
            if answer is None:
                return
            answer(connection)


@contextmanager
def serving(*answers: Answer) -> Iterator[Heard]:
    """A server that gives `answers` in turn, one for each request, over as many connections as are made."""
    listener = socket.create_server(("127.0.0.1", 0))
    heard = Heard(f"http://127.0.0.1:{listener.getsockname()[1]}")
    waiting = iter(answers)

    def accept() -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                heard.connections += 1
                threading.Thread(target=_serve, args=(connection, waiting, heard), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield heard
    finally:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
