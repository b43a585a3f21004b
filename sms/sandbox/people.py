"""What a person does with their phone: answer, follow a link, call, let it ring; what the seller notes."""

import time

from . import payloads
from .callbacks_out import Callbacks, Delivery
from .gateway import Gateway
from .memory import Memory
from .records import Entry

STOP_WORD = "STOP"


class NothingToDo(Exception):
    """No link was ever sent to them, no call has rung, the text is empty."""


class People:
    def __init__(self, memory: Memory, gateway: Gateway, callbacks: Callbacks) -> None:
        self._memory = memory
        self._gateway = gateway
        self._callbacks = callbacks

    def text(self, login: str, number: str, text: str) -> Entry:
        """They write to the line."""
        if not text:
            raise NothingToDo("no text")
        now = time.time()
        entry = self._memory.add(login, number, "answer", text=text, at=now)
        payload = payloads.message(login, number, text, now)
        self._callbacks.deliver(Delivery(login, number, "message", lambda: payload))
        return entry

    def call(self, login: str, number: str, seconds: int) -> Entry:
        """They called and were answered for so many seconds, at least one. The call is dated now."""
        seconds = max(1, seconds)
        return self._rang(login, number, "incoming", seconds)

    def missed(self, login: str, number: str, rang_s: int) -> Entry:
        """They called and nobody answered. rang_s: how long it rang, which the gateway does not tell."""
        return self._rang(login, number, "missed", rang_s)

    def _rang(self, login: str, number: str, direction: str, seconds: int) -> Entry:
        now = time.time()
        entry = self._memory.add(login, number, "call", state=direction, duration_s=seconds, at=now)
        payload = payloads.call(login, number, direction, seconds, now)
        self._callbacks.deliver(Delivery(login, number, "calls", lambda: payload))
        return entry

    def click(self, login: str, number: str, link: str = "") -> str:
        """They follow the newest tracked link, or the one whose short or long address is `link`."""
        for entry in reversed(self._memory.thread(login, number, last=50_000)):
            if entry.code and link in ("", entry.code, entry.target, _short_of(entry)):
                return self._gateway.follow(entry.code) or ""
        raise NothingToDo("no link")

    def qualify(self, login: str, number: str, words: str) -> Entry:
        """On the SIM's phone the seller notes what came of the last call."""
        if not words:
            raise NothingToDo("no words")
        if not any(entry.kind == "call" for entry in self._memory.thread(login, number, last=50_000)):
            raise NothingToDo("no call")
        now = time.time()
        entry = self._memory.add(login, number, "qualification", text=words, at=now)
        payload = payloads.qualification(login, number, words, now)
        self._callbacks.deliver(Delivery(login, number, "qualification", lambda: payload))
        return entry

    # --- The line calls them (click-to-call) ---

    def ringing(self, login: str, number: str, state: str = "ringing") -> Entry | None:
        """The call that rings at theirs, or with state `talking` the one they are in."""
        for entry in reversed(self._memory.thread(login, number)):
            if entry.kind == "call" and entry.state == state:
                return entry
        return None

    def pick_up(self, login: str, number: str) -> None:
        with self._memory.lock:
            entry = self.ringing(login, number)
            if entry is None:
                raise NothingToDo("no call")
            entry.state, entry.at = "talking", time.time()
            self._memory.changed(entry)

    def let_it_ring(self, login: str, number: str) -> None:
        entry = self.ringing(login, number)
        if entry is None:
            raise NothingToDo("no call")
        self._gateway.end_call(entry, 0)

    def hang_up(self, login: str, number: str) -> None:
        entry = self.ringing(login, number, "talking")
        if entry is None:
            raise NothingToDo("no call")
        self._gateway.end_call(entry, max(1, round(time.time() - entry.at)))


def _short_of(entry: Entry) -> str:
    """The short address as it stands in the text."""
    before, _slash, _rest = entry.text.partition(f"/l/{entry.code}")
    return f"{before.split()[-1]}/l/{entry.code}" if before.split() else ""
