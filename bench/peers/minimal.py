"""Limit of the callbacks' door: the fastest server at hand, no look at the request, one INSERT over a pool.

`BENCH_LINE` holds "team,line": nothing is looked up.
"""

import asyncio
import os
from datetime import UTC, datetime
from typing import Any

from psycopg_pool import AsyncConnectionPool

TEAM, LINE = (int(each) for each in os.environ["BENCH_LINE"].split(","))
INSERT = """
INSERT INTO sms_callback (team_id, line_id, query, state, detail, parked_for, received_at)
VALUES (%s, %s, %s, 'received', '', '', %s)
"""


class Application:
    """A server of RSGI, granian's own interface."""

    def __init__(self) -> None:
        self._pool: AsyncConnectionPool[Any] | None = None
        self._opening = asyncio.Lock()

    async def _open(self) -> AsyncConnectionPool[Any]:
        async with self._opening:
            if self._pool is None:
                pool: AsyncConnectionPool[Any] = AsyncConnectionPool(
                    os.environ["DATABASE_URL"],
                    kwargs={"autocommit": True},
                    min_size=8,
                    max_size=8,
                    open=False,
                )
                await pool.open(wait=True)
                self._pool = pool
        return self._pool

    async def __rsgi__(self, scope: Any, protocol: Any) -> None:
        pool = self._pool or await self._open()
        async with pool.connection() as connection:
            await connection.execute(INSERT, [TEAM, LINE, scope.query_string.encode(), datetime.now(UTC)])
        protocol.response_bytes(200, [("content-type", "text/plain")], b"ok")


app = Application()
