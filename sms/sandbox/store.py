"""What survives a restart, in one SQLite file of the pretend gateway's own.

Counts of accepted ids are written before the request that brought them is answered: they are what tests of
faults rely on. Everything else follows within a tenth of a second. `synchronous=OFF`: a killed process loses
nothing of what was committed, a machine that loses power may, which a pretend phone can afford.
"""

import json
import logging
import sqlite3
import threading
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .records import ENTRY_FIELDS, Delays, Entry, Line, entry_of_row, entry_row

log = logging.getLogger(__name__)

_COLUMNS = ", ".join(ENTRY_FIELDS)
_SCHEMA = f"""
CREATE TABLE IF NOT EXISTS entries ({_COLUMNS}, PRIMARY KEY (seq));
CREATE TABLE IF NOT EXISTS accepted (id PRIMARY KEY, times);
CREATE TABLE IF NOT EXISTS lines (login PRIMARY KEY, data);
CREATE TABLE IF NOT EXISTS people (login, number, name, PRIMARY KEY (login, number));
CREATE TABLE IF NOT EXISTS settings (name PRIMARY KEY, data);
"""
# The columns are this package's own field names; the values are bound.
_PUT_ENTRY = f"INSERT OR REPLACE INTO entries ({_COLUMNS}) VALUES ({', '.join('?' * len(ENTRY_FIELDS))})"  # noqa: S608
_ALL_ENTRIES = f"SELECT {_COLUMNS} FROM entries ORDER BY seq"  # noqa: S608
_FLUSH_EVERY_S = 0.1


class Store:
    """Writes behind: `later` marks, a thread commits. path None = in memory only."""

    def __init__(self, path: Path | None) -> None:
        if path is not None:
            path.parent.mkdir(parents=True, exist_ok=True)
        self._lock = threading.Lock()
        self._db = sqlite3.connect(path or ":memory:", check_same_thread=False, isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=OFF")
        columns = [row[1] for row in self._db.execute("PRAGMA table_info(entries)")]
        if columns and columns != list(ENTRY_FIELDS):
            # Conversations of an earlier version: addresses and settings are worth keeping, these are not.
            self._db.execute("DROP TABLE entries")
        self._db.executescript(_SCHEMA)
        self._marks = threading.Lock()
        self._dirty: dict[int, Entry] = {}
        self._gone: list[tuple[int]] = []
        self._wake = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="sandbox-store", daemon=True)
        self._thread.start()

    # --- Reading, once at the start ---

    def entries(self) -> Iterable[Entry]:
        return [entry_of_row(row) for row in self._db.execute(_ALL_ENTRIES)]

    def accepted(self) -> dict[str, int]:
        return dict(self._db.execute("SELECT id, times FROM accepted ORDER BY rowid").fetchall())

    def lines(self) -> list[Line]:
        rows = self._db.execute("SELECT data FROM lines ORDER BY rowid")
        return [Line(**json.loads(row[0])) for row in rows]

    def people(self) -> dict[tuple[str, str], str]:
        rows = self._db.execute("SELECT login, number, name FROM people")
        return {(login, number): name for login, number, name in rows}

    def delays(self) -> Delays:
        row = self._db.execute("SELECT data FROM settings WHERE name = 'delays'").fetchone()
        if row is None:
            return Delays()
        known: dict[str, Any] = json.loads(row[0])
        known["retry_after_s"] = tuple(known["retry_after_s"])
        return Delays(**known)

    # --- Writing ---

    def later(self, entry: Entry) -> None:
        """Have this entry written as it stands when the thread gets to it."""
        with self._marks:
            self._dirty[entry.seq] = entry
        self._wake.set()

    def forget(self, entry: Entry) -> None:
        with self._marks:
            self._dirty.pop(entry.seq, None)
            self._gone.append((entry.seq,))
        self._wake.set()

    def put_accepted(self, counts: list[tuple[str, int]], dropped: list[str]) -> None:
        self._write("INSERT OR REPLACE INTO accepted (id, times) VALUES (?, ?)", counts)
        if dropped:
            self._write("DELETE FROM accepted WHERE id = ?", [(each,) for each in dropped])

    def clear_accepted(self) -> None:
        self._write("DELETE FROM accepted", [()])

    def put_line(self, line: Line) -> None:
        self._write(
            "INSERT INTO lines (login, data) VALUES (?, ?)"
            " ON CONFLICT (login) DO UPDATE SET data = excluded.data",
            [(line.login, json.dumps(asdict(line)))],
        )

    def put_person(self, login: str, number: str, name: str) -> None:
        self._write(
            "INSERT OR REPLACE INTO people (login, number, name) VALUES (?, ?, ?)", [(login, number, name)]
        )

    def forget_person(self, login: str, number: str) -> None:
        self._write("DELETE FROM people WHERE login = ? AND number = ?", [(login, number)])

    def put_delays(self, delays: Delays) -> None:
        row = (json.dumps(asdict(delays)),)
        self._write("INSERT OR REPLACE INTO settings (name, data) VALUES ('delays', ?)", [row])

    def clear(self) -> None:
        """Conversations, people and counts go; lines and settings stay."""
        with self._lock, self._marks:
            self._dirty.clear()
            self._gone.clear()
            self._db.executescript("DELETE FROM entries; DELETE FROM people; DELETE FROM accepted;")

    def flush(self) -> None:
        with self._lock:
            with self._marks:
                dirty, self._dirty = self._dirty, {}
                gone, self._gone = self._gone, []
            if not dirty and not gone:
                return
            self._db.execute("BEGIN")
            self._db.executemany(_PUT_ENTRY, [entry_row(entry) for entry in dirty.values()])
            self._db.executemany("DELETE FROM entries WHERE seq = ?", gone)
            self._db.execute("COMMIT")

    def close(self) -> None:
        self._stopping = True
        self._wake.set()
        self._thread.join(timeout=2)
        self.flush()
        with self._lock:
            self._db.close()

    def _write(self, sql: str, rows: list[Any]) -> None:
        with self._lock:
            self._db.execute("BEGIN")
            self._db.executemany(sql, rows)
            self._db.execute("COMMIT")

    def _run(self) -> None:
        while not self._stopping:
            self._wake.wait()
            if self._stopping:
                return
            self._wake.clear()
            try:
                self.flush()
            except sqlite3.Error:
                # A full disk must not end the pretend gateway; what comes next is tried again.
                log.exception("the pretend gateway could not write")
            # What happens meanwhile is written together.
            threading.Event().wait(_FLUSH_EVERY_S)
