"""Callbacks on their way: fetched, tried again when refused or answered 5xx, and listed "On the wire"."""

import http.client
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from . import payloads
from .faults import Faults
from .memory import Memory
from .records import WireRow
from .schedule import Schedule

# The vendor wants an answer within 5 s (H, "Technical Notes").
TIMEOUT_S = 5.0

REFUSED, TIMED_OUT, ELSEWHERE = "refused", "timed out", "elsewhere"


@dataclass(slots=True)
class Delivery:
    """One callback. `payload` is made when it first leaves, so that its date is then; `done` follows it."""

    login: str
    number: str
    event: str
    payload: Callable[[], dict[str, str]]
    done: Callable[[], None] | None = None
    # Clicks are counted by the gateway's servers: they come even while the SIM's phone is offline.
    from_phone: bool = True
    body: str = ""
    tries: int = 0


@dataclass(slots=True, frozen=True)
class Answer:
    """status None = no HTTP answer, for the reason in `problem`."""

    status: int | None
    ms: float
    problem: str = ""

    @property
    def worth_another_try(self) -> bool:
        return self.problem != ELSEWHERE and (self.status is None or self.status >= 500)


class Callbacks:
    def __init__(self, memory: Memory, schedule: Schedule, faults: Faults) -> None:
        self._memory = memory
        self._schedule = schedule
        self._faults = faults
        self._waiting: list[Delivery] = []
        self._waiting_lock = threading.Lock()
        self._connections = threading.local()

    def deliver(self, delivery: Delivery, *, after_s: float = 0.0) -> None:
        key = f"{delivery.login} {delivery.number}"
        self._schedule.after(after_s, key, lambda: self._run(delivery))

    def release(self) -> None:
        """The SIM's phone is back: what waited goes, in order."""
        with self._waiting_lock:
            waiting, self._waiting = self._waiting, []
        for delivery in waiting:
            self.deliver(delivery)

    def forget(self) -> None:
        with self._waiting_lock:
            self._waiting.clear()

    def _run(self, delivery: Delivery) -> None:
        if self._faults.offline and delivery.from_phone:
            with self._waiting_lock:
                self._waiting.append(delivery)
            return
        # Made also when nobody listens: it is what marks a text as sent.
        delivery.body = delivery.body or payloads.json_stringify(delivery.payload())
        stored = self._memory.line(delivery.login).callbacks.get(delivery.event, "")
        if stored and not self._deliver_to(stored, delivery):
            return
        if delivery.done is not None:
            delivery.done()

    def _deliver_to(self, stored: str, delivery: Delivery) -> bool:
        """Whether it is over: delivered, or given up."""
        copies = 2 if self._faults.twice and delivery.event == "status" else 1
        for _copy in range(copies):
            answer = self._fetch(stored, delivery)
            if answer.worth_another_try:
                return self._failed(stored, delivery, answer)
            self._log(stored, delivery, answer)
        return True

    def _failed(self, stored: str, delivery: Delivery, answer: Answer) -> bool:
        waits = self._memory.delays.retry_after_s
        if delivery.tries >= len(waits):
            self._log(stored, delivery, answer, given_up=True)
            return True
        wait = waits[delivery.tries]
        delivery.tries += 1
        self._log(stored, delivery, answer, again_s=wait)
        self.deliver(delivery, after_s=wait)
        return False

    def _fetch(self, stored: str, delivery: Delivery) -> Answer:
        started = time.perf_counter()
        url = payloads.callback_url(stored, delivery.event, delivery.body)
        if payloads.callback_problem(url):
            return Answer(status=None, ms=0.0, problem=ELSEWHERE)
        try:
            status = self._get(url)
        except (OSError, http.client.HTTPException) as problem:
            # A connection that failed once is not used again.
            self._connections.__dict__.clear()
            reason = TIMED_OUT if isinstance(problem, TimeoutError) else REFUSED
            return Answer(status=None, ms=(time.perf_counter() - started) * 1000, problem=reason)
        return Answer(status=status, ms=(time.perf_counter() - started) * 1000)

    def _get(self, url: str) -> int:
        parts = urlsplit(url)
        target = parts.path or "/"
        if parts.query:
            target += "?" + parts.query
        name = f"{parts.scheme}://{parts.netloc}"
        kept: http.client.HTTPConnection | None = self._connections.__dict__.get(name)
        if kept is not None:
            try:
                return _request(kept, target)
            except (http.client.RemoteDisconnected, ConnectionError, http.client.CannotSendRequest):
                # The other side had closed the idle connection.
                kept.close()
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        fresh = kind(parts.hostname or "", parts.port, timeout=TIMEOUT_S)
        self._connections.__dict__[name] = fresh
        return _request(fresh, target)

    def _log(
        self,
        stored: str,
        delivery: Delivery,
        answer: Answer,
        again_s: float | None = None,
        given_up: bool = False,
    ) -> None:
        url = payloads.callback_url(stored, delivery.event, delivery.body)
        row = WireRow(
            at=time.time(),
            outward=True,
            words=payloads.abbreviated(url, delivery.body),
            messages=None,
            status=answer.status,
            ms=answer.ms,
            problem=answer.problem,
            again_s=again_s,
            given_up=given_up,
        )
        self._memory.log_wire(row)


def _request(connection: http.client.HTTPConnection, target: str) -> int:
    # Redirects are not followed: the vendor's document asks for an answer, not for another address.
    connection.request("GET", target, headers={"User-Agent": "inSIM sandbox", "Accept": "*/*"})
    response = connection.getresponse()
    response.read(64 * 1024)
    if not response.isclosed():
        connection.close()
    return response.status
