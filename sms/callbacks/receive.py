"""The callbacks' door: an ASGI application before Django's middleware, with a small pool of its own.

One statement a request, then 200; the worker is woken at most twenty times a second a process. While the
database is away the bytes go to disk, fsynced, and are answered 200 all the same; when the disk is full the
gateway hears 503.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import UTC, datetime
from typing import Any

import psycopg
import structlog
from django.conf import settings
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from sms import wake
from sms.callbacks import spool
from sms.callbacks.decode import is_empty
from sms.callbacks.store import STORE, TOKEN_PATTERN, hash_of
from teams.stream import connection_parameters

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

log = structlog.get_logger(__name__)

PATH = re.compile(rf"/cb/({TOKEN_PATTERN})/?")
# The vendor waits 5 s for an answer (H): the database must answer well before.
STORE_TIMEOUT_S = 3.0
WAKE_EVERY_S = 0.05
# After a failure callbacks go straight to disk; one probe this often finds the database back.
PROBE_EVERY_S = 0.5


class Door:
    """Answers /cb/<token>. Opened and closed by the server's lifespan; also opens itself when first used."""

    def __init__(self) -> None:
        self._pool: AsyncConnectionPool[Any] | None = None
        self._opening = asyncio.Lock()
        self._wake_task: asyncio.Task[None] | None = None
        # Runs while the database is away.
        self._probe_task: asyncio.Task[None] | None = None

    @staticmethod
    def token_in(path: str) -> str | None:
        """The token of a callback's path, None for any other path."""
        found = PATH.fullmatch(path)
        return found[1] if found else None

    async def __call__(self, token: str, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["method"] not in ("GET", "POST", "HEAD"):
            return await _answer(send, 405)
        query: bytes = scope["query_string"]
        if scope["method"] == "HEAD" or is_empty(query):
            # A monitor, a previewer, a person who opens the address: nothing to keep.
            return await _answer(send, 200)
        return await _answer(send, await self._keep(token, query))

    async def _keep(self, token: str, query: bytes) -> int:
        """Stores, or spools, and gives the status: 200, 404 for a token no line has, 503 when nothing took it."""
        token_hash = hash_of(token)
        if self._probe_task is None or self._probe_task.done():
            try:
                async with asyncio.timeout(STORE_TIMEOUT_S):
                    known = await self._store(token_hash, query)
            except (psycopg.Error, PoolTimeout, TimeoutError, OSError) as error:
                self._probe_task = asyncio.create_task(self._probe())
                log.warning("callbacks_go_to_disk", error=type(error).__name__)
            else:
                self._wake_soon()
                return 200 if known else 404
        try:
            await asyncio.to_thread(spool.keep, token_hash, query)
        except spool.SpoolFull:
            log.error("callback_refused_spool_full")
            return 503
        return 200

    async def _store(self, token_hash: str, query: bytes) -> bool:
        pool = self._pool or await self.open()
        async with pool.connection() as connection:
            cursor = await connection.execute(STORE, [query, datetime.now(UTC), token_hash])
            return bool(cursor.rowcount == 1)

    async def _probe(self) -> None:
        """Ends when the database answers again."""
        while True:
            await asyncio.sleep(PROBE_EVERY_S)
            try:
                async with asyncio.timeout(STORE_TIMEOUT_S):
                    async with await psycopg.AsyncConnection.connect(**self._parameters()) as connection:
                        await connection.execute("SELECT 1")
            except (psycopg.Error, TimeoutError, OSError):
                continue
            log.warning("callbacks_go_to_the_database_again")
            return

    @staticmethod
    def _parameters() -> dict[str, Any]:
        return connection_parameters("ligne callbacks")

    async def open(self) -> AsyncConnectionPool[Any]:
        async with self._opening:
            if self._pool is None:
                pool: AsyncConnectionPool[Any] = AsyncConnectionPool(
                    kwargs=self._parameters(),
                    min_size=1,
                    max_size=settings.CALLBACK_POOL_SIZE,
                    timeout=STORE_TIMEOUT_S,
                    reconnect_timeout=2,
                    open=False,
                )
                await pool.open()
                self._pool = pool
        return self._pool

    async def close(self) -> None:
        if self._probe_task is not None:
            self._probe_task.cancel()
        if self._wake_task is not None:
            await self._wake_task
        if self._pool is not None:
            await self._pool.close()
            self._pool = None

    def _wake_soon(self) -> None:
        """One wake for all callbacks of a moment."""
        if self._wake_task is None or self._wake_task.done():
            self._wake_task = asyncio.create_task(_wake_after())


async def _wake_after() -> None:
    await asyncio.sleep(WAKE_EVERY_S)
    await asyncio.to_thread(wake.now, "sms.tasks.callbacks_apply")


_BODIES = {200: b"ok", 404: b"Not Found", 405: b"Method Not Allowed", 503: b"Try again later"}


async def _answer(send: Send, status: int) -> None:
    body = _BODIES[status]
    headers = [(b"content-type", b"text/plain"), (b"content-length", str(len(body)).encode())]
    if status == 503:
        headers.append((b"retry-after", b"10"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
