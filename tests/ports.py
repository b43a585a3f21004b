"""Free ports below 32768: the kernel hands out what is above to outgoing connections.

Several processes look for some at the same time, and take them a while after: they are drawn, by a dice that no
test seeds, so that two hardly ever get the same.
"""

import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """One that nobody listens on."""
    drawn = (20000 + secrets.randbelow(12000) for _ in range(1000))
    return next(port for port in drawn if is_free(port))


def free_pair() -> tuple[int, int]:
    """Two neighbours, away from those of `free_port`."""
    drawn = (10000 + 2 * secrets.randbelow(5000) for _ in range(1000))
    return next((port, port + 1) for port in drawn if is_free(port) and is_free(port + 1))


@contextmanager
def refusing_port() -> Iterator[int]:
    """A port that is taken and refuses every connection: nobody listens on it, and nobody else can."""
    with socket.socket() as holder:
        port = free_port()
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", port))
        yield port
