"""The gateway's API and its short links, answered before Django is asked: benches run against this."""

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.utils.encoding import iri_to_uri

from . import protocol
from .engine import Sandbox
from .faults import ONE_IN
from .protocol import Refused
from .records import WireRow

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

MAX_BODY = 8 * 1024 * 1024
_JSON = [(b"content-type", b"application/json")]
_TEXT = [(b"content-type", b"text/plain; charset=utf-8"), (b"x-content-type-options", b"nosniff")]


class ClientGone(Exception):
    """They closed the connection before the whole request was here."""


class Door:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._requests = 0

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> bool:
        """Whether the request was one of the gateway's, and so is answered."""
        path: str = scope["path"]
        if path.startswith("/l/"):
            await self._follow(path[3:].rstrip("/"), scope["method"], send)
            return True
        call = protocol.call_of_path(path)
        if call is None:
            return False
        await self._call(call, scope, receive, send)
        return True

    async def _follow(self, code: str, method: str, send: Send) -> None:
        gateway = self._sandbox.gateway
        # Someone who only asks about an address has not followed it.
        target = gateway.follow(code) if method == "GET" else gateway.target_of(code)
        if target is None:
            await _respond(send, 404, b"No such link", _TEXT)
            return
        location = iri_to_uri(target).encode("ascii")
        headers = [(b"location", location), (b"cache-control", b"no-store")]
        headers.append((b"referrer-policy", b"no-referrer"))
        await _respond(send, 302, b"", headers)

    async def _call(self, call: str, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        count = 0
        status = 200
        hangs = False
        try:
            raw = await _body(receive)
            self._fail_now_and_then()
            if scope["method"] != "POST":
                raise Refused(405, "VALIDATION_ERROR", "POST is the only method")
            answer, count = self._carry_out(call, raw, scope)
            hangs = self._sandbox.faults.hang and call == "sendsms"
        except Refused as refused:
            status, answer = refused.status, refused.answer
        except ClientGone:
            return
        row = WireRow(
            at=time.time(),
            outward=False,
            words=f"{scope['method']} {scope['path']}",
            messages=count if call == "sendsms" and status == 200 else None,
            status=None if hangs else status,
            ms=(time.perf_counter() - started) * 1000,
            problem="no answer" if hangs else "",
        )
        self._sandbox.memory.log_wire(row)
        if hangs and not await _until_they_leave(receive):
            status, answer = 503, {"success": False, "error": "Shutting down", "error_code": "PROXY_ERROR"}
        await _respond(send, status, json.dumps(answer).encode(), _JSON)

    def _fail_now_and_then(self) -> None:
        self._requests += 1
        if self._sandbox.faults.fail_one_in_five and self._requests % ONE_IN == 0:
            raise Refused(500, "PROXY_ERROR", "Internal error")

    def _carry_out(self, call: str, raw: bytes, scope: Scope) -> tuple[Any, int]:
        """The answer, and of how many messages."""
        request = protocol.read(raw)
        gateway = self._sandbox.gateway
        gateway.check_key(request)
        if call == "sendsms":
            answers = gateway.send(request, _base_url(scope))
            return answers, len(answers)
        if call == "contact":
            return gateway.contacts(request), 0
        return gateway.click_to_call(request), 0


def _base_url(scope: Scope) -> str:
    """What short links begin with: where the sandbox is known to be, else where it was asked."""
    known = os.environ.get("LIGNE_SANDBOX_URL", "").rstrip("/")
    if known:
        return known
    host, port = scope.get("server") or ("127.0.0.1", 80)
    return f"http://{host}:{port}"


async def _body(receive: Receive) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] != "http.request":
            raise ClientGone
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > MAX_BODY:
            raise Refused(413, "VALIDATION_ERROR", "The request is too large")
        if not message.get("more_body"):
            return b"".join(parts)


async def _until_they_leave(receive: Receive) -> bool:
    """False when this process is told to stop before."""
    try:
        while (await receive())["type"] != "http.disconnect":
            pass
    except asyncio.CancelledError:
        return False
    return True


async def _respond(send: Send, status: int, body: bytes, headers: list[tuple[bytes, bytes]]) -> None:
    length = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers + length})
    await send({"type": "http.response.body", "body": body})
