"""The load generator: raw HTTP over kept-alive connections, in a process of its own.

`python -m bench.load '{"port": …, "path": "/cb/…", "connections": 16, "seconds": 3, "kind": "status"}'` prints
JSON: answers, failures, seconds, and each answer's time in `times_s`. With `per_second` requests leave by the
clock, whatever the answers take, and `sent` tells when each did.
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import uvloop

from bench.payloads import MAKERS
from bench.processes import REPO

ANSWER_WITHIN_S = 30.0


@dataclass
class Load:
    """What the generator saw. `sent` by the number of the payload, in seconds since the epoch."""

    seconds: float = 0.0
    failures: int = 0
    times_s: list[float] = field(default_factory=list)
    sent: dict[str, float] = field(default_factory=dict)

    @property
    def answers(self) -> int:
        return len(self.times_s)


def generate(**options: Any) -> Load:
    """Runs the generator and waits for it."""
    argv = [sys.executable, "-m", "bench.load", json.dumps(options)]
    done = subprocess.run(argv, cwd=REPO, check=True, stdout=subprocess.PIPE)
    return Load(**json.loads(done.stdout))


class Client(asyncio.Protocol):
    """One connection. A server that closes it after an answer is connected to again, on the clock.

    As little as HTTP allows: the generator shares the machine's processors with what it measures.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[bool] | None = None
        self._data = b""

    async def get(self, target: bytes) -> bool:
        """One GET; whether the answer was 200. Raises OSError when the connection breaks before it."""
        loop = asyncio.get_running_loop()
        if self._transport is None:
            await loop.create_connection(lambda: self, "127.0.0.1", self._port)
            assert self._transport is not None
        self._answer = loop.create_future()
        self._transport.write(b"GET " + target + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
        return await self._answer

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport, self._data = cast(asyncio.Transport, transport), b""

    def data_received(self, data: bytes) -> None:
        self._data += data
        head, found, body = self._data.partition(b"\r\n\r\n")
        if not found:
            return
        head = head.lower()
        length = head.partition(b"content-length:")[2].partition(b"\r\n")[0]
        if len(body) < int(length or 0):
            return
        self._data = b""
        if b"connection: close" in head:
            self.close()
        self._done(head.startswith(b"http/1.1 200"))

    def connection_lost(self, exc: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._transport = None
            self._answer.set_exception(ConnectionResetError("closed before the answer"))

    def _done(self, fine: bool) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(fine)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()
            self._transport = None


@dataclass
class Plan:
    port: int
    path: str
    connections: int
    seconds: float
    kind: str = "status"
    first: int = 0
    per_second: float = 0.0


async def _run(plan: Plan) -> Load:
    load = Load()
    make = MAKERS[plan.kind]
    started = time.perf_counter()
    work = _by_the_clock if plan.per_second else _as_fast_as_answered
    await work(plan, load, lambda number: f"{plan.path}?{make(number)}".encode())
    load.seconds = time.perf_counter() - started
    return load


async def _as_fast_as_answered(plan: Plan, load: Load, target: Callable[[int], bytes]) -> None:
    until = time.perf_counter() + plan.seconds

    async def one(lane: int) -> None:
        client = Client(plan.port)
        number = plan.first + lane
        while time.perf_counter() < until:
            await _timed(client, target(number), load, time.perf_counter())
            number += plan.connections
        client.close()

    await asyncio.gather(*(one(lane) for lane in range(plan.connections)))


async def _by_the_clock(plan: Plan, load: Load, target: Callable[[int], bytes]) -> None:
    free: asyncio.Queue[Client] = asyncio.Queue()
    for _ in range(plan.connections):
        free.put_nowait(Client(plan.port))
    start, start_clock = time.perf_counter(), time.time()

    async def one(number: int, due: float) -> None:
        client = await free.get()
        # From when it should have left: a generator that waits for a connection is the server's delay.
        await _timed(client, target(number), load, due)
        free.put_nowait(client)

    async with asyncio.TaskGroup() as group:
        for index in range(int(plan.seconds * plan.per_second)):
            due = start + index / plan.per_second
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            load.sent[str(plan.first + index)] = start_clock + (due - start)
            group.create_task(one(plan.first + index, due))


async def _timed(client: Client, target: bytes, load: Load, since: float) -> None:
    try:
        async with asyncio.timeout(ANSWER_WITHIN_S):
            fine = await client.get(target)
    except OSError:
        client.close()
        fine = False
    if fine:
        load.times_s.append(time.perf_counter() - since)
    else:
        load.failures += 1


if __name__ == "__main__":
    found = uvloop.run(_run(Plan(**json.loads(sys.argv[1]))))
    json.dump(vars(found), sys.stdout)
