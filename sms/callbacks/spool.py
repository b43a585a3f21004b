"""Keeps callbacks on disk while the database is away, and brings them in, in order, when it is back.

A line of a spool file is JSON: the token's hash, the raw query in base64, the time of arrival. It is fsynced
before the gateway hears 200. Each process writes a file of its own; replaying takes a file away by renaming it to
a name that no other take ever had, and removes it once it is stored.
"""

import base64
import fcntl
import json
import os
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import structlog
from django.conf import settings
from django.db import connection, transaction

from sms import wake
from sms.callbacks.store import STORE

log = structlog.get_logger(__name__)


class SpoolFull(Exception):
    """The disk, or the spool's allowance, is full: the gateway must hear 503, never 200."""


def keep(token_hash: str, query: bytes) -> None:
    """Writes one callback to disk and waits until it is there. Raises SpoolFull."""
    entry = {
        "token": token_hash,
        "query": base64.b64encode(query).decode(),
        "at": datetime.now(UTC).isoformat(),
    }
    directory: Path = settings.SPOOL_DIR
    # Containers that share a disk may share process ids as well.
    path = directory / f"{socket.gethostname()}-{os.getpid()}.spool"
    try:
        _make(directory)
        with _opened(path) as file:
            size = os.fstat(file.fileno()).st_size
            if size > settings.SPOOL_MAX_BYTES:
                raise SpoolFull
            if size == 0:
                # Its name must outlive a loss of power too, before anybody relies on what is in it.
                _sync(directory)
            # The newline before: a line that a full disk cut short must not spoil this one.
            file.write(b"\n" + json.dumps(entry).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise SpoolFull from error


def replay(*, wait: bool = True) -> int:
    """Stores what waits on this machine's disk. How many callbacks came in. Cheap when there is none.

    Without `wait`, nothing when somebody else is at it. With it, all that was kept before is stored on return.
    """
    directory: Path = settings.SPOOL_DIR
    if not directory.is_dir():
        return 0
    with _alone(directory, wait=wait) as alone:
        if not alone:
            return 0
        # What an outage or a killed worker left comes first: it is older, and while it can't be stored nothing
        # is taken, so that the allowance bounds what lies here.
        count = _store_taken(directory)
        _take(directory)
        count += _store_taken(directory)
    if count:
        log.info("spool_replayed", callbacks=count)
        wake.callbacks()
    return count


def _make(directory: Path) -> None:
    try:
        directory.mkdir(parents=True, mode=0o700)
    except FileExistsError:
        return
    _sync(directory.parent)


def _sync(directory: Path) -> None:
    """Waits until the names in a folder are on disk."""
    folder = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """The process's file, locked for one writer."""
    while True:
        with path.open("ab") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            # While we waited for the lock it may have been taken away: whatever is written to it then is lost.
            if _is_named(file, path):
                yield file
                return


def _is_named(file: BinaryIO, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(file.fileno()), path.stat())
    except FileNotFoundError:
        return False


@contextmanager
def _alone(directory: Path, *, wait: bool) -> Iterator[bool]:
    """Holds the folder against others who replay, on all threads and processes of this machine. Whether it does.

    The lock is the kernel's: a worker that is killed leaves none behind.
    """
    folder = os.open(directory, os.O_RDONLY)
    try:
        yield _locks(folder, wait=wait)
    finally:
        os.close(folder)


def _locks(folder: int, *, wait: bool) -> bool:
    try:
        fcntl.flock(folder, fcntl.LOCK_EX if wait else fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _take(directory: Path) -> None:
    """Gives every file that is written to another name: who writes next begins a new one."""
    for path in directory.glob("*.spool"):
        # The time tells takes of one process apart that are as old as each other.
        taken = path.with_suffix(f".{time.time_ns()}-{uuid.uuid4().hex}.taken")
        with path.open("rb") as file:
            # Not between a writer's look at the name and its line.
            fcntl.flock(file, fcntl.LOCK_EX)
            path.rename(taken)


def _store_taken(directory: Path) -> int:
    """Stores what was taken, by whichever process, oldest first. How many callbacks came in."""
    return sum(_store(path) for path in sorted(directory.glob("*.taken"), key=_age))


def _age(path: Path) -> tuple[int, str]:
    """By the last line's writing, which renaming does not change."""
    return path.stat().st_mtime_ns, path.name


def _store(path: Path) -> int:
    """All of a file or nothing, then the file goes: after a crash between the two it is stored twice, and the
    second time makes no facts.
    """
    rows = sorted(_entries(path))
    # Durable: on return it is committed, or the file would be gone before what was in it is safe.
    with transaction.atomic(durable=True), connection.cursor() as cursor:
        for at, token_hash, query in rows:
            cursor.execute(STORE, [query, at, token_hash])
    path.unlink()
    return len(rows)


def _entries(path: Path) -> Iterator[tuple[datetime, str, bytes]]:
    for line in _read(path).splitlines():
        if not line:
            continue
        try:
            entry = json.loads(line)
            yield datetime.fromisoformat(entry["at"]), entry["token"], base64.b64decode(entry["query"])
        except (ValueError, KeyError, TypeError):
            # The disk was full or the machine died while this line was written: it was never acknowledged.
            log.warning("spool_line_unreadable", file=path.name)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        # A web process that was not restarted since the last release may still be writing to a file it lost.
        # Not held any longer: a writer that waits for this lock answers the gateway.
        fcntl.flock(file, fcntl.LOCK_EX)
        return file.read()
