"""The pretend gateway's state: bounded, guarded by one lock that is never held over the network or a wait."""

import threading
import time
from collections import deque
from dataclasses import replace
from itertools import islice
from typing import Any

from .records import EVENTS, Delays, Entry, Line, WireRow
from .store import Store

# Everything of every conversation; the oldest go first.
MAX_ENTRIES = 50_000
# Ids with their counts: what tests of faults read, so far more of them.
MAX_ACCEPTED = 1_000_000
MAX_PEOPLE = 20_000
MAX_WIRE = 100


class Memory:
    def __init__(self, store: Store) -> None:
        self.lock = threading.RLock()
        self.store = store
        # Rises with every change: pages ask whether it did.
        self.version = 0
        self.delays: Delays = store.delays()
        self.lines: dict[str, Line] = {line.login: line for line in store.lines()}
        self.people: dict[tuple[str, str], str] = store.people()
        self.accepted: dict[str, int] = store.accepted()
        self.entries: dict[int, Entry] = {}
        # By line and person; the one where something happened last comes last.
        self.threads: dict[tuple[str, str], deque[Entry]] = {}
        self.links: dict[str, Entry] = {}
        self.wire: deque[WireRow] = deque(maxlen=MAX_WIRE)
        self._seq = 0
        for entry in store.entries():
            self._seq = max(self._seq, entry.seq)
            self._keep(entry)

    # --- Lines and people ---

    def line(self, login: str) -> Line:
        """Never fails: any login is an account here."""
        with self.lock:
            line = self.lines.get(login)
            if line is None:
                line = self.lines[login] = Line(login=login)
                self.store.put_line(line)
                self.version += 1
            return line

    def change_line(self, login: str, *, callbacks: dict[str, str], name: str = "", number: str = "") -> Line:
        """Set the callbacks named, "" clearing one. An empty name or number leaves what is known."""
        with self.lock:
            line = self.line(login)
            line.callbacks.update({event: url for event, url in callbacks.items() if event in EVENTS})
            line.name = name or line.name
            line.number = number or line.number
            self.store.put_line(line)
            self.version += 1
            return line

    def name_person(self, login: str, number: str, name: str) -> None:
        with self.lock:
            self.people[login, number] = name
            self.store.put_person(login, number, name)
            if len(self.people) > MAX_PEOPLE:
                oldest = next(iter(self.people))
                del self.people[oldest]
                self.store.forget_person(*oldest)
            self.version += 1

    def change_delays(self, values: dict[str, Any]) -> None:
        with self.lock:
            self.delays = replace(self.delays, **values)
            self.store.put_delays(self.delays)
            self.version += 1

    # --- What happened ---

    def add(self, login: str, number: str, kind: str, **values: Any) -> Entry:
        with self.lock:
            self._seq += 1
            at = values.pop("at", None) or time.time()
            entry = Entry(seq=self._seq, login=login, number=number, kind=kind, at=at, **values)
            self._keep(entry)
            if len(self.entries) > MAX_ENTRIES:
                self._drop_oldest()
            self.changed(entry)
            return entry

    def changed(self, entry: Entry) -> None:
        """Call after an entry's fields were set."""
        with self.lock:
            self.version += 1
            if entry.seq in self.entries:
                self.store.later(entry)

    def count_accepted(self, ids: list[str]) -> None:
        """One more acceptance of each; on disk when this returns."""
        with self.lock:
            for id_sms_api in ids:
                self.accepted[id_sms_api] = self.accepted.get(id_sms_api, 0) + 1
            dropped = list(islice(self.accepted, max(0, len(self.accepted) - MAX_ACCEPTED)))
            for id_sms_api in dropped:
                del self.accepted[id_sms_api]
            self.store.put_accepted([(each, self.accepted.get(each, 0)) for each in ids], dropped)

    def clear_accepted(self) -> None:
        with self.lock:
            self.accepted.clear()
            self.store.clear_accepted()

    def thread(self, login: str, number: str, last: int = 200) -> list[Entry]:
        with self.lock:
            return list(self.threads.get((login, number), ()))[-last:]

    def numbers(self, login: str, last: int = 200) -> list[str]:
        """People of a line: those of the latest events first, then those only known by name."""
        with self.lock:
            met = (number for owner, number in reversed(self.threads) if owner == login)
            named = (number for owner, number in reversed(self.people) if owner == login)
            # A dictionary keeps the order and each number once.
            return list(dict.fromkeys([*islice(met, last), *islice(named, last)]))[:last]

    def latest_login(self) -> str:
        """Of the line where something happened last; "" when no line is known."""
        with self.lock:
            if self.threads:
                return next(reversed(self.threads))[0]
            return next(reversed(self.lines), "")

    def log_wire(self, row: WireRow) -> None:
        with self.lock:
            self.wire.appendleft(row)
            self.version += 1

    def clear(self) -> None:
        """Start over: what happened goes, addresses and delays stay."""
        with self.lock:
            for known in (self.entries, self.threads, self.links, self.people, self.accepted):
                known.clear()
            self.wire.clear()
            self.store.clear()
            self.version += 1

    def _keep(self, entry: Entry) -> None:
        self.entries[entry.seq] = entry
        key = (entry.login, entry.number)
        # Moved to the end: its conversation is now the latest.
        thread = self.threads.pop(key, None)
        if thread is None:
            thread = deque()
        thread.append(entry)
        self.threads[key] = thread
        if entry.code:
            self.links[entry.code] = entry

    def _drop_oldest(self) -> None:
        oldest = self.entries.pop(next(iter(self.entries)))
        thread = self.threads[oldest.login, oldest.number]
        thread.popleft()
        if not thread:
            del self.threads[oldest.login, oldest.number]
        if oldest.code:
            self.links.pop(oldest.code, None)
        self.store.forget(oldest)
