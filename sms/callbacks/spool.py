"""Keeps callbacks on disk while the database is away, and brings them in, in order, when it is back.

A line of a spool file is JSON: the token's hash, the raw query in base64, the time of arrival. It is fsynced
before the gateway hears 200. Each process writes a file of its own; replaying takes a file away by renaming.
"""

import base64
import fcntl
import json
import os
import socket
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

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
        directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        if path.exists() and path.stat().st_size > settings.SPOOL_MAX_BYTES:
            raise SpoolFull
        with path.open("ab") as file:
            # Replaying renames the file under the same lock.
            fcntl.flock(file, fcntl.LOCK_EX)
            file.write(json.dumps(entry).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise SpoolFull from error


def replay() -> int:
    """Stores what waits on this machine's disk. How many callbacks came in. Cheap when there is none."""
    directory: Path = settings.SPOOL_DIR
    if not directory.is_dir():
        return 0
    count = 0
    for path in sorted(directory.glob("*.spool")):
        taken = path.with_suffix(f".{os.getpid()}.taken")
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            path.rename(taken)
    for taken in sorted(directory.glob("*.taken"), key=lambda each: each.stat().st_mtime):
        count += _store(taken)
        taken.unlink(missing_ok=True)
    if count:
        log.info("spool_replayed", callbacks=count)
        wake.callbacks()
    return count


def _store(path: Path) -> int:
    """All of a file or nothing: a second replay after a crash finds the file again."""
    rows = sorted(_entries(path))
    with transaction.atomic(), connection.cursor() as cursor:
        for at, token_hash, query in rows:
            cursor.execute(STORE, [query, at, token_hash])
    return len(rows)


def _entries(path: Path) -> Iterator[tuple[datetime, str, bytes]]:
    for line in path.read_bytes().splitlines():
        try:
            entry = json.loads(line)
            yield datetime.fromisoformat(entry["at"]), entry["token"], base64.b64decode(entry["query"])
        except (ValueError, KeyError):
            # The machine died while this line was written: it was never acknowledged.
            log.warning("spool_line_unreadable", file=path.name)
