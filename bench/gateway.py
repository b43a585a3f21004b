"""A pretend gateway as fast as Python gives: it takes every message and answers `/<milliseconds>/…` after it came.

`python -m bench.gateway PORT`. One process, one connection a sender, HTTP/1.1 kept alive.
"""

import asyncio
import json
import sys
import time
from typing import cast

import uvloop


class Connection(asyncio.Protocol):
    def __init__(self) -> None:
        self._data = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, found, body = self._data.partition(b"\r\n\r\n")
        if not found:
            return
        length = next(
            int(line.partition(b":")[2])
            for line in head.split(b"\r\n")
            if line.lower().startswith(b"content-length")
        )
        if len(body) < length:
            return
        self._data = b""
        answers_at = time.monotonic() + int(head.split(b" ", 2)[1].split(b"/")[1]) / 1000
        answer = _answer(body)
        wait_s = answers_at - time.monotonic()
        if wait_s > 0:
            asyncio.get_running_loop().call_later(wait_s, self._send, answer)
        else:
            self._send(answer)

    def _send(self, answer: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(answer)


def _answer(body: bytes) -> bytes:
    taken = [
        {"id_sms_api": each["id_sms_api"], "sms_per_message": 1, "sent": 1}
        for each in json.loads(body)["messages"]
    ]
    content = json.dumps(taken).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
    return head.encode() + content


async def _serve(port: int) -> None:
    server = await asyncio.get_running_loop().create_server(Connection, "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(_serve(int(sys.argv[1])))
