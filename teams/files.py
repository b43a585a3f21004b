"""Files in the database, written and read in pieces: none is ever whole in memory."""

import io
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from teams.models import StoredChunk, StoredFile, Team, User

CHUNK = 2**20  # bytes


def store(team: Team, name: str, data: Iterable[bytes], *, by: User | None, keep: timedelta) -> StoredFile:
    """Writes `data` as a file that is removed after `keep`. Each piece is one statement."""
    with transaction.atomic():
        file = StoredFile.objects.create(team=team, name=name[:200], by=by, expires_at=timezone.now() + keep)
        for number, piece in enumerate(_pieces(data)):
            StoredChunk.objects.create(file=file, number=number, data=piece)
            file.size += len(piece)
        file.save(update_fields=["size"])
    return file


def read(file: StoredFile) -> Iterator[bytes]:
    """The file from its beginning, a chunk at a time."""
    for number in range(-(-file.size // CHUNK)):
        yield _chunk(file.pk, number)


def opened(file: StoredFile) -> io.BufferedReader:
    """The file as one that can be read and sought in."""
    return io.BufferedReader(_Stored(file), CHUNK)


def remove_expired() -> None:
    StoredFile.objects.filter(expires_at__lt=timezone.now()).delete()


def _pieces(data: Iterable[bytes]) -> Iterator[bytes]:
    """`data` again, in pieces of exactly CHUNK bytes, but for the last."""
    waiting = bytearray()
    for each in data:
        waiting += each
        while len(waiting) >= CHUNK:
            yield bytes(waiting[:CHUNK])
            del waiting[:CHUNK]
    if waiting:
        yield bytes(waiting)


def _chunk(file_id: int, number: int) -> bytes:
    """Raises FileNotFoundError when the file was removed meanwhile."""
    found = StoredChunk.objects.filter(file_id=file_id, number=number).values_list("data", flat=True).first()
    if found is None:
        raise FileNotFoundError(f"chunk {number} of file {file_id}")
    return bytes(found)


class _Stored(io.RawIOBase):
    def __init__(self, file: StoredFile) -> None:
        self._file_id = file.pk
        self._size = file.size
        self._at = 0
        self._number = -1
        self._held = b""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        begin = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, begin + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        if self._at >= self._size:
            return 0
        number, begin = divmod(self._at, CHUNK)
        if number != self._number:
            self._held, self._number = _chunk(self._file_id, number), number
        piece = self._held[begin : begin + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)
