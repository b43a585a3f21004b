"""Errors of the gateway client, and how a failed exchange is named.

An exchange that failed before the request was written is provably not accepted and may be retried; once
any of it has left, only the gateway knows, and the messages are uncertain.
"""

from __future__ import annotations

import socket
import ssl
from enum import StrEnum


class BaseUrlRefused(ValueError):
    """A line's base URL or path is not one we may send an access key to. The message says why."""


class Transport(StrEnum):
    """Where an exchange broke. The first five are before anything was written."""

    DNS = "dns"
    REFUSED = "connect_refused"
    CONNECT_TIMEOUT = "connect_timeout"
    TLS = "tls"
    NOT_CONNECTED = "not_connected"  # any other failure before the request was written
    DEADLINE = "deadline"  # the whole exchange took longer than it may
    READ_TIMEOUT = "read_timeout"
    LOST = "connection_lost"  # reset, or closed before the answer was complete
    OVERSIZED = "body_over_limit"


class NothingWritten(OSError):
    """No connection could be made; `transport` says at which step. Nothing of the request has left."""

    def __init__(self, transport: Transport, detail: str) -> None:
        super().__init__(detail)
        self.transport = transport


def _chain(error: BaseException) -> list[BaseException]:
    """The error with what caused it, outermost first. urllib3 and requests keep causes in three places."""
    found: list[BaseException] = []
    waiting: list[object] = [error]
    while waiting and len(found) < 20:
        each = waiting.pop(0)
        if not isinstance(each, BaseException) or any(each is seen for seen in found):
            continue
        found.append(each)
        waiting += [each.__cause__, each.__context__, getattr(each, "reason", None), *each.args]
    return found


def name_transport(error: BaseException, *, written: bool, expired: bool) -> Transport:
    """Name the step at which an exchange broke.

    `written`: something of the request has left this machine. `expired`: our own total deadline ended it.
    The types alone can't tell: requests raises the same ConnectionError for a refused connection and for a
    reset after the whole request was read.
    """
    chain = _chain(error)
    if not written:
        for each in chain:
            if isinstance(each, NothingWritten):
                return each.transport
        if any(isinstance(each, ssl.SSLError) for each in chain):
            return Transport.TLS
        if expired or any(isinstance(each, TimeoutError) for each in chain):
            return Transport.CONNECT_TIMEOUT
        return Transport.NOT_CONNECTED
    if expired:
        return Transport.DEADLINE
    if any(isinstance(each, TimeoutError) for each in chain):
        return Transport.READ_TIMEOUT
    return Transport.LOST


def describe(error: BaseException) -> str:
    """A short account of an error for a log: the innermost system error's own words, never a request."""
    for each in reversed(_chain(error)):
        if isinstance(each, ssl.SSLCertVerificationError):
            return f"certificate: {each.verify_message}"
        if isinstance(each, ssl.SSLError):
            return f"TLS: {each.reason or 'handshake failed'}"
        if isinstance(each, socket.gaierror):
            return f"name not resolved: {each.strerror}"
        if isinstance(each, NothingWritten):
            return str(each)
        if isinstance(each, OSError) and each.strerror:
            return str(each.strerror)
    return type(error).__name__
