"""The event stream: one LISTEN connection a process, fanned out to the browsers of each team."""

import asyncio
import contextlib
from collections import defaultdict
from collections.abc import AsyncIterator
from typing import Any

import psycopg
import structlog
from django.db import connections
from psycopg import sql

from teams.live import CHANNEL

log = structlog.get_logger(__name__)

# A comment this often keeps proxies from closing a silent stream, and finds tabs that went away.
HEARTBEAT_S = 20.0
RECONNECT_S = 1.0


class Fanout:
    """Listens while somebody is connected, and hands each team's numbers to that team's queues."""

    def __init__(self) -> None:
        self._queues: dict[int, set[asyncio.Queue[str]]] = defaultdict(set)
        self._listener: asyncio.Task[None] | None = None
        self._listening = asyncio.Event()

    async def subscribe(self, team_id: int) -> AsyncIterator[str]:
        """Sequence numbers of the team's changes; "" as a sign of life. A slow tab keeps only the newest.

        The first is "connected", once nothing can be missed any more: what changed between the page and
        this moment was announced to nobody.
        """
        queue: asyncio.Queue[str] = asyncio.Queue(maxsize=1)
        self._queues[team_id].add(queue)
        self._ensure_listening()
        try:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._listening.wait(), HEARTBEAT_S)
            yield "connected"
            while True:
                try:
                    yield await asyncio.wait_for(queue.get(), HEARTBEAT_S)
                except TimeoutError:
                    yield ""
        finally:
            self._queues[team_id].discard(queue)
            if not self._queues[team_id]:
                del self._queues[team_id]

    async def close(self) -> None:
        if self._listener is not None:
            self._listener.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._listener
            self._listener = None

    def _ensure_listening(self) -> None:
        if self._listener is None or self._listener.done():
            self._listener = asyncio.create_task(self._listen())

    async def _listen(self) -> None:
        while True:
            try:
                await self._listen_once()
            except (psycopg.Error, OSError) as error:
                log.warning("live_listener_lost", error=type(error).__name__)
            finally:
                self._listening.clear()
            await asyncio.sleep(RECONNECT_S)
            # What was announced meanwhile is not known: everybody looks again.
            for team_id in list(self._queues):
                self._hand(team_id, "reconnected")

    async def _listen_once(self) -> None:
        connection = await psycopg.AsyncConnection.connect(**connection_parameters())
        async with connection:
            await connection.execute(sql.SQL("LISTEN {}").format(sql.Identifier(CHANNEL)))
            self._listening.set()
            async for notification in connection.notifies():
                team, _, number = notification.payload.partition(":")
                if team.isdigit():
                    self._hand(int(team), number)

    def _hand(self, team_id: int, number: str) -> None:
        for queue in self._queues.get(team_id, ()):
            if queue.full():
                queue.get_nowait()
            queue.put_nowait(number)


def connection_parameters(name: str = "ligne live") -> dict[str, Any]:
    """Those of Django's connection, for a connection of our own that commits by itself."""
    parameters = connections["default"].get_connection_params()
    for django_only in (
        "cursor_factory",
        "context",
        "pool",
        "server_side_binding",
        "isolation_level",
        "assume_role",
    ):
        parameters.pop(django_only, None)
    return {**parameters, "autocommit": True, "application_name": name}


fanout = Fanout()
