"""Free ports below 32768: the kernel hands out what is above to outgoing connections."""

import os
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
    """One that nobody listens on, searched from a place that differs between processes."""
    return next(port for port in range(21000 + os.getpid() % 5000, 32768) if is_free(port))


@contextmanager
def refusing_port() -> Iterator[int]:
    """A port that is taken and refuses every connection: nobody listens on it, and nobody else can."""
    with socket.socket() as holder:
        port = free_port()
        holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        holder.bind(("127.0.0.1", port))
        yield port
