"""The gateway over HTTP: one request, one typed result. Never raises for the network or for content.

The access key travels in the body, so: TLS verified, no proxy or other setting from the environment, no
redirect followed, and neither a body nor a request in any error.
"""

from __future__ import annotations

import json
import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlsplit

import requests

from sms.gateway import contacts
from sms.gateway.addresses import check_base_url, join
from sms.gateway.contacts import BookPerson, PushResult
from sms.gateway.errors import BaseUrlRefused, Transport, describe, name_transport
from sms.gateway.results import HeldReason, LineAccess, Outcome, OutgoingMessage, SendResult
from sms.gateway.v1 import RAW_KEPT, build_payload, read_response, storable
from sms.gateway.wire import CONNECT_S, Exchange, WatchedAdapter

DEADLINE_S = 20.0
MOST_BYTES = 1 << 20  # of an answer; a batch of 100 with long texts takes a tenth of it
CHUNK_BYTES = 1 << 14
MOST_SESSIONS = 64  # a thread's, before the one used longest ago is closed

_mine = threading.local()


class _Oversized(Exception):
    """The answer is longer than any true one."""


class _Session(requests.Session):
    """A session for which a redirect is an answer like any other: requests would read its whole body."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        return None


def _session(access: LineAccess) -> requests.Session:
    """This thread's session of the line, so that its connection stays open between two batches."""
    sessions: OrderedDict[int, requests.Session] | None = getattr(_mine, "sessions", None)
    if sessions is None:
        sessions = _mine.sessions = OrderedDict()
    session = sessions.pop(access.line_id, None)
    if session is None:
        session = _Session()
        session.trust_env = False
        session.verify = True
        session.headers.update(
            {"User-Agent": "Ligne", "Accept": "application/json", "Accept-Encoding": "identity"}
        )
        session.mount("https://", WatchedAdapter())
        session.mount("http://", WatchedAdapter())
    sessions[access.line_id] = session
    while len(sessions) > MOST_SESSIONS:
        sessions.popitem(last=False)[1].close()
    return session


def close_sessions() -> None:
    """Close what this thread holds open. For the end of a worker and for tests."""
    sessions: OrderedDict[int, requests.Session] | None = getattr(_mine, "sessions", None)
    while sessions:
        sessions.popitem()[1].close()


def _read(response: requests.Response, body: bytearray) -> None:
    """Read the answer's body into `body`, piece by piece, so that what came is there when it breaks off."""
    while chunk := response.raw.read1(CHUNK_BYTES, decode_content=True):
        body += chunk
        if len(body) > MOST_BYTES:
            raise _Oversized


def _all(messages: Sequence[OutgoingMessage], outcome: Outcome) -> dict[str, Outcome]:
    return {each.id_sms_api: outcome for each in messages}


@dataclass(frozen=True, slots=True)
class _Answer:
    """What came back of one request. `broken` is None when all of it did; `written`: something has left."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    broken: Transport | None = None
    words: str = ""
    written: bool = False


def _post(access: LineAccess, address: str, payload: Any, deadline_s: float) -> _Answer:
    data = json.dumps(payload).encode()
    session = _session(access)
    response: requests.Response | None = None
    body = bytearray()
    failure: Exception | None = None
    with Exchange(deadline_s) as exchange:
        try:
            response = session.post(
                address,
                data=data,
                headers={"Content-Type": "application/json"},
                timeout=(min(CONNECT_S, deadline_s), deadline_s),
                allow_redirects=False,
                stream=True,
            )
            _read(response, body)
        except _Oversized as error:
            failure = error
        except Exception as error:  # noqa: BLE001 - whatever broke, what is known to have left decides
            failure = error
        if failure is not None or exchange.expired:
            # Never reuse a connection in an unknown state.
            if response is not None:
                response.close()
            session.close()
    broken, words = _broken(failure, exchange)
    return _Answer(
        status=None if response is None else response.status_code,
        headers={} if response is None else response.headers,
        body=bytes(body),
        broken=broken,
        words=words,
        written=exchange.written,
    )


def _broken(failure: Exception | None, exchange: Exchange) -> tuple[Transport | None, str]:
    """Where an exchange broke off, and what about it is worth telling; (None, "") when it didn't."""
    if isinstance(failure, _Oversized):
        return Transport.OVERSIZED, f"more than {MOST_BYTES} bytes"
    if failure is not None:
        return name_transport(failure, written=exchange.written, expired=exchange.expired), describe(failure)
    # The deadline looks like an end to an answer without a length, and to headers.
    return (Transport.DEADLINE, "the answer broke off") if exchange.expired else (None, "")


def _result(answer: _Answer, messages: Sequence[OutgoingMessage], secret: str) -> SendResult:
    """What became of the messages. When the exchange broke off they are retryable only when nothing of the
    request has left; what came before the break counts when it says enough: a status that refuses, or the whole
    JSON.
    """
    if answer.status is not None:
        known = read_response(answer.status, answer.headers, answer.body, messages, secret=secret)
        enough = 300 <= answer.status < 500 or all(
            each.state != "uncertain" for each in known.outcomes.values()
        )
        if answer.broken is None or enough:
            return known
    transport = answer.broken or Transport.LOST
    return SendResult(
        outcomes=_all(messages, Outcome("uncertain" if answer.written else "retryable", transport.value)),
        status=answer.status,
        raw=storable(answer.body.decode("utf-8", "replace"), RAW_KEPT, secret),
        error=f"{transport.value}: {answer.words}",
    )


def _address(access: LineAccess, path: str) -> str:
    """Where a request goes. Raises BaseUrlRefused for an address that may not get the access key."""
    address = join(access.base_url, path)
    hosts = access.allowed_hosts
    check_base_url(address, _own_host(address) if hosts is None else hosts)
    return address


def send(
    access: LineAccess, messages: Sequence[OutgoingMessage], *, deadline_s: float = DEADLINE_S
) -> SendResult:
    """Hand a batch to the gateway in one request and say what became of each message.

    Returns within `deadline_s` seconds (a name server that doesn't answer can only delay it before anything
    is written). Every `id_sms_api` of `messages` is in the outcomes. Must not be called inside a database
    transaction.
    """
    if not messages:
        return SendResult({})
    try:
        address = _address(access, access.send_path)
    except BaseUrlRefused as error:
        reason, words = HeldReason.ADDRESS, str(error)
        return SendResult(
            _all(messages, Outcome("held", reason.value, words=words)), line_held=reason, error=words
        )
    return _result(
        _post(access, address, build_payload(access, messages), deadline_s), messages, access.access_key
    )


def push_contacts(
    access: LineAccess, people: Sequence[BookPerson], *, deadline_s: float = DEADLINE_S
) -> PushResult:
    """Hand people to the phone's address book in one request. As `send`: never raises, never in a transaction."""
    try:
        address = _address(access, access.contact_path)
    except BaseUrlRefused as error:
        return replace(contacts.nothing_told(people, str(error)), stopped=HeldReason.ADDRESS)
    answer = _post(access, address, contacts.build_payload(access, people), deadline_s)
    if answer.broken is not None or answer.status is None:
        return contacts.nothing_told(
            people, f"{answer.broken or Transport.LOST}: {answer.words}", answer.status
        )
    return contacts.read_answer(answer.status, answer.headers, answer.body, people, secret=access.access_key)


def _own_host(address: str) -> frozenset[str]:
    """The address's own host, when the list was checked by whoever built the access."""
    try:
        return frozenset({urlsplit(address).hostname or ""})
    except ValueError:
        return frozenset()
