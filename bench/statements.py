"""Counts the statements of any process, from outside: a proxy that reads PostgreSQL's protocol.

Each Query and each Execute message is one statement; BEGIN, COMMIT and their like are counted apart. Used in
passes that are not timed.
"""

import contextlib
import os
import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

from bench.processes import free_port

# What a client may ask before it starts: TLS and GSS encryption. Their answer is one byte.
ASKS = (80877103, 80877104)
CONTROL = (b"BEGIN", b"COMMIT", b"ROLLBACK", b"SAVEPOINT", b"RELEASE")


class Counter:
    """Reads one client's bytes, in whatever pieces they come."""

    def __init__(self) -> None:
        self.statements = 0
        self.control = 0
        self._rest = b""
        self._started = False

    def feed(self, data: bytes) -> tuple[int, int]:
        """How many statements, and how many of transaction control, end in `data`."""
        self._rest += data
        before = self.statements, self.control
        while self._take():
            pass
        return self.statements - before[0], self.control - before[1]

    def _take(self) -> bool:
        """One message off the front; False when it is not whole yet."""
        head = 1 if self._started else 0
        if len(self._rest) < head + 4:
            return False
        size = head + int(struct.unpack_from("!I", self._rest, head)[0])
        if len(self._rest) < size:
            return False
        if not self._started:
            code = struct.unpack_from("!I", self._rest, 4)[0]
            self._started = code not in ASKS
        elif self._rest[:1] == b"Q" and self._rest[5:size].lstrip().upper().startswith(CONTROL):
            self.control += 1
        elif self._rest[:1] in (b"Q", b"E"):
            self.statements += 1
        self._rest = self._rest[size:]
        return True


class Proxy:
    """Listens on a port of loopback and passes everything on to the server of `url`."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self._server = (parts.hostname or "127.0.0.1", parts.port or 5432)
        self._listener = socket.create_server(("127.0.0.1", free_port()))
        place = parts.netloc.rpartition("@")[0]
        self.url = urlunsplit(parts._replace(netloc=f"{place}@127.0.0.1:{self._listener.getsockname()[1]}"))
        self._lock = threading.Lock()
        self._statements = self._control = 0
        self._sockets: list[socket.socket] = []

    @property
    def count(self) -> tuple[int, int]:
        """Statements, and those of transaction control, since it listens."""
        with self._lock:
            return self._statements, self._control

    def serve(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            server = socket.create_connection(self._server)
            for each in (client, server):
                each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._sockets += [client, server]
            threading.Thread(target=self._pass, args=(client, server, Counter()), daemon=True).start()
            threading.Thread(target=self._pass, args=(server, client, None), daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, counter: Counter | None) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                if counter is not None:
                    found = counter.feed(data)
                    with self._lock:
                        self._statements += found[0]
                        self._control += found[1]
                target.sendall(data)
        for each in (source, target):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        for each in (self._listener, *self._sockets):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()


@contextmanager
def counting() -> Iterator[tuple[Proxy, dict[str, str]]]:
    """A proxy before DATABASE_URL, and the environment that makes a process use it in plain text."""
    proxy = Proxy(os.environ["DATABASE_URL"])
    threading.Thread(target=proxy.serve, daemon=True).start()
    try:
        yield proxy, {"DATABASE_URL": proxy.url, "PGSSLMODE": "disable", "PGGSSENCMODE": "disable"}
    finally:
        proxy.close()
