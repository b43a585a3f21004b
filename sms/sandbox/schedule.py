"""Work for later: one clock, and a few workers that keep the order of what concerns the same person."""

import heapq
import itertools
import logging
import threading
import time
from collections.abc import Callable
from queue import SimpleQueue

log = logging.getLogger(__name__)

WORKERS = 8


class Schedule:
    """`at` = seconds from now. Jobs with the same key run one after the other, in the order they fell due."""

    def __init__(self) -> None:
        self._due: list[tuple[float, int, int, Callable[[], None]]] = []
        self._count = itertools.count()
        self._clock = threading.Condition()
        self._stopping = False
        self._shards: list[SimpleQueue[Callable[[], None] | None]] = [SimpleQueue() for _ in range(WORKERS)]
        for number, shard in enumerate(self._shards):
            name = f"sandbox-callbacks-{number}"
            threading.Thread(target=self._work, args=(shard,), name=name, daemon=True).start()
        threading.Thread(target=self._tick, name="sandbox-clock", daemon=True).start()

    def after(self, seconds: float, key: str, job: Callable[[], None]) -> None:
        shard = hash(key) % WORKERS
        if seconds <= 0:
            self._shards[shard].put(job)
            return
        with self._clock:
            heapq.heappush(self._due, (time.monotonic() + seconds, next(self._count), shard, job))
            if self._due[0][3] is job:
                self._clock.notify()

    def clear(self) -> None:
        """Forget what is not yet due."""
        with self._clock:
            self._due.clear()

    def stop(self) -> None:
        with self._clock:
            self._stopping = True
            self._due.clear()
            self._clock.notify()
        for shard in self._shards:
            shard.put(None)

    def _tick(self) -> None:
        while True:
            with self._clock:
                if self._stopping:
                    return
                wait = self._due[0][0] - time.monotonic() if self._due else None
                if wait is None or wait > 0:
                    self._clock.wait(wait)
                    continue
                _at, _count, shard, job = heapq.heappop(self._due)
            self._shards[shard].put(job)

    @staticmethod
    def _work(shard: "SimpleQueue[Callable[[], None] | None]") -> None:
        while (job := shard.get()) is not None:
            try:
                job()
            except Exception:
                log.exception("a job of the pretend gateway failed")
