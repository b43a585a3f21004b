"""The connections under the client: a total deadline that holds, and what is known to have been written.

requests has a time-out for connecting and one between two bytes; a server that drips a byte a second, in
its headers or its body, passes both for ever. Here a timer shuts the socket down when the time is over,
whatever the exchange is waiting for. And a connection notes whether anything of a request has left, which
no exception's type tells.
"""

from __future__ import annotations

import os
import socket
import threading
import time
from typing import Any

import urllib3.connection
import urllib3.connectionpool
from requests.adapters import HTTPAdapter
from urllib3 import PoolManager

from sms.gateway.errors import NothingWritten, Transport

CONNECT_S = 5.0  # for each address of the host

_current = threading.local()


class Exchange:
    """One request and its answer, with a deadline. Use as a context manager, in the thread that sends.

    `expired`: the deadline ended it. `written`: something of the request has left this machine. Headers
    that failed to leave whole count as nothing: no server takes a request without them and its body.
    """

    def __init__(self, deadline_s: float) -> None:
        self.ends_at = time.monotonic() + deadline_s
        self.expired = False
        self.written = False
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self._timer = threading.Timer(max(deadline_s, 0.0), self._expire)
        self._timer.daemon = True

    def __enter__(self) -> Exchange:
        _current.exchange = self
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        _current.exchange = None
        with self._lock:
            for each in self._sockets:
                each.close()
            self._sockets.clear()
            self.ends_at = 0.0

    def left_s(self) -> float:
        return self.ends_at - time.monotonic()

    def attach(self, connected: socket.socket) -> None:
        """Let the deadline end this connection.

        A duplicate of the descriptor is kept: the connection's own moves into a TLS layer, or is closed
        while the answer's body is still being read from it.
        """
        with self._lock:
            if self.expired:
                raise NothingWritten(Transport.CONNECT_TIMEOUT, "no time left after connecting")
            self._sockets.append(socket.socket(fileno=os.dup(connected.fileno())))

    @property
    def attached(self) -> bool:
        return bool(self._sockets)

    def _expire(self) -> None:
        with self._lock:
            if not self.ends_at:
                return  # it ended while the timer was firing
            self.expired = True
            for each in self._sockets:
                try:
                    each.shutdown(socket.SHUT_RDWR)
                except OSError:
                    continue  # closed by the other side already


def exchange() -> Exchange | None:
    """The exchange going on in this thread."""
    found: Exchange | None = getattr(_current, "exchange", None)
    return found


def connect(host: str, port: int) -> socket.socket:
    """A TCP connection to the first address of `host` that answers. Raises NothingWritten."""
    going_on = exchange()
    try:
        addresses = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NothingWritten(Transport.DNS, f"name not resolved: {error}") from error
    failed = NothingWritten(Transport.DNS, "name without an address")
    for family, kind, protocol, _, address in addresses:
        left = going_on.left_s() if going_on else CONNECT_S
        if left <= 0:
            raise NothingWritten(Transport.CONNECT_TIMEOUT, "no time left to connect")
        made = socket.socket(family, kind, protocol)
        try:
            made.settimeout(min(CONNECT_S, left))
            made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            made.connect(address)
            if going_on:
                going_on.attach(made)
        except TimeoutError:
            made.close()
            failed = NothingWritten(Transport.CONNECT_TIMEOUT, "no answer to connecting")
        except NothingWritten:
            made.close()
            raise
        except OSError as error:
            made.close()
            refused = isinstance(error, ConnectionRefusedError)
            step = Transport.REFUSED if refused else Transport.NOT_CONNECTED
            failed = NothingWritten(step, error.strerror or "not connected")
        else:
            return made
    raise failed


class _Watched:
    """What both kinds of connection add to urllib3's."""

    sock: socket.socket | None
    host: str
    port: int

    def _new_conn(self) -> socket.socket:
        return connect(self.host, self.port)

    def send(self, data: Any) -> None:
        going_on = exchange()
        if going_on is not None and self.sock is not None and not going_on.attached:
            going_on.attach(self.sock)  # a kept-alive connection
        super().send(data)  # type: ignore[misc]
        if going_on is not None:
            going_on.written = True


class _HTTPConnection(_Watched, urllib3.connection.HTTPConnection):
    pass


class _HTTPSConnection(_Watched, urllib3.connection.HTTPSConnection):
    pass


class _HTTPPool(urllib3.connectionpool.HTTPConnectionPool):
    ConnectionCls = _HTTPConnection


class _HTTPSPool(urllib3.connectionpool.HTTPSConnectionPool):
    ConnectionCls = _HTTPSConnection


class WatchedAdapter(HTTPAdapter):
    """requests' adapter over these connections: one kept alive, nothing ever tried again by itself."""

    def __init__(self) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)

    def init_poolmanager(self, connections: int, maxsize: int, block: bool = False, **kwargs: Any) -> None:
        self.poolmanager = PoolManager(num_pools=connections, maxsize=maxsize, block=block, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _HTTPPool, "https": _HTTPSPool}
