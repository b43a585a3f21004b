"""From a file that somebody chose to an Import whose columns can be named."""

import codecs
import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import islice
from pathlib import PurePath
from typing import Any

from django.core.files.base import File
from django.db import transaction
from django.utils.translation import gettext as _

from contacts import fields, phones
from contacts.imports import csv_rows, encodings, mapping, reading
from contacts.imports.unreadable import Unreadable
from contacts.models import Import
from teams import files
from teams.models import Team, User

__all__ = ["LARGEST", "MOST_COLUMNS", "Unreadable", "reread", "take"]

LARGEST = 200 * 2**20  # bytes
MOST_COLUMNS = 100
# Bytes without an end of line: no list of people, and more than one wants in memory.
LONGEST_LINE = 2**20
# The file waits for the run; then, or after this, it is removed.
KEPT = timedelta(days=30)
# Data rows that are looked at to guess what a column is.
SAMPLE_ROWS = 50

# What files of other kinds begin with.
_ARCHIVE = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_OTHERS = (
    b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"RIFF", b"%PDF", b"MZ", b"\x7fELF", b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf",
    b"BZh", b"SQLite format 3", b"\xca\xfe\xba\xbe", b"{\\rtf", b"PK\x05\x06",
)  # fmt: skip
# Codes that no text holds; a stray NUL is a matter of its row.
_UNPRINTED = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_VALUE = re.compile(r"[\d@]")


def take(team: Team, uploaded: "File[bytes]", by: User | None) -> Import:
    """Stores the file and finds out how it is read: state "uploaded", with encoding, delimiter (or sheet),
    header and a guessed mapping. Raises Unreadable with a plain sentence; nothing is kept then.
    """
    name = PurePath((uploaded.name or "").replace("\\", "/")).name[:200] or _("file")
    if uploaded.size > LARGEST:
        raise _too_large()
    seen = _Seen()
    with transaction.atomic():
        stored = files.store(team, name, seen.passing(uploaded.chunks()), by=by, keep=KEPT)
        import_ = Import(team=team, by=by, file=stored, name=name, size=stored.size)
        seen.refuse_other_kinds()
        if not seen.is_workbook:
            import_.encoding = seen.encoding()
            import_.delimiter = seen.delimiter(import_.encoding)
        _read_header(import_, None)
        import_.save()
    return import_


def reread(
    import_: Import,
    *,
    encoding: str | None = None,
    delimiter: str | None = None,
    sheet: str | None = None,
    has_header: bool | None = None,
) -> Import:
    """Reads the file another way, as the person chose: header and guessed mapping anew. What is None stays.

    Only in state "uploaded" or "checked" (which then is "uploaded" again). Raises Unreadable; the import is
    unchanged then.
    """
    again = Import.objects.select_related("file", "team").get(pk=import_.pk)
    if again.encoding:
        again.encoding = encoding or again.encoding
        again.delimiter = delimiter or again.delimiter
        if again.encoding not in dict(reading.ENCODINGS) or again.delimiter not in dict(reading.DELIMITERS):
            raise ValueError("no such encoding or delimiter")
    elif sheet is not None:
        again.sheet = sheet
    _read_header(again, has_header)
    again.state = Import.State.UPLOADED
    chosen = ("encoding", "delimiter", "sheet", "has_header", "header", "mapping", "state")
    values: dict[str, Any] = {name: getattr(again, name) for name in chosen}
    open_ = Import.objects.filter(pk=import_.pk, state__in=[Import.State.UPLOADED, Import.State.CHECKED])
    if open_.update(**values):
        for name in chosen:
            setattr(import_, name, values[name])
    return import_


def _too_large() -> Unreadable:
    return Unreadable(
        _("This file is larger than %(most)s MB. Split it into several files and import them one by one.")
        % {"most": LARGEST // 2**20}
    )


class _Seen:
    """What was noticed of a file while it went by on its way into the database."""

    def __init__(self) -> None:
        self.head = b""
        # Pieces that are not UTF-8: what the guess of the encoding goes by, wherever in the file they stand.
        self._odd = b""
        self._is_utf8 = True
        self._longest = self._since_line = self._size = 0

    def passing(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """The same pieces. Raises Unreadable."""
        decoder = codecs.getincrementaldecoder("utf-8")()
        for piece in pieces:
            self._size += len(piece)
            if self._size > LARGEST:
                raise _too_large()
            if len(self.head) < encodings.SAMPLE:
                self.head += piece[: encodings.SAMPLE - len(self.head)]
            try:
                decoder.decode(piece)
            except UnicodeDecodeError as error:
                self._is_utf8 = False
                decoder.reset()
                if len(self._odd) < encodings.SAMPLE:
                    self._odd += piece[max(0, error.start - 2000) : error.start + 20_000] + b"\n"
            self._measure(piece)
            yield piece
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            self._is_utf8 = False

    def _measure(self, piece: bytes) -> None:
        first, last = piece.find(b"\n"), piece.rfind(b"\n")
        if first < 0:
            # Macs before 2001 ended lines with a carriage return.
            first, last = piece.find(b"\r"), piece.rfind(b"\r")
        if first < 0:
            self._since_line += len(piece)
        else:
            self._longest = max(self._longest, self._since_line + first)
            self._since_line = len(piece) - last
        self._longest = max(self._longest, self._since_line)

    @property
    def is_workbook(self) -> bool:
        return self.head.startswith(_ARCHIVE)

    def refuse_other_kinds(self) -> None:
        """Raises Unreadable for what is no text and no workbook."""
        if not self.head.strip():
            raise Unreadable(_("This file is empty."))
        if self.is_workbook:
            return
        if self.head.startswith(_OLD_EXCEL):
            raise Unreadable(_("This is the format of an old Excel. Save it as XLSX or as CSV."))
        wide = encodings.guess(self.head, is_utf8=self._is_utf8).startswith("utf-16")
        unprinted = 0 if wide else len(_UNPRINTED.findall(self.head))
        if self.head.startswith(_OTHERS) or unprinted * 50 > len(self.head):
            raise Unreadable(_("This is no list of people. Choose a CSV, TSV or XLSX file."))
        if self._longest > LONGEST_LINE:
            raise Unreadable(
                _("This file has lines of more than a million characters: it is no list of people.")
            )

    def encoding(self) -> str:
        is_utf8 = self._is_utf8 or encodings.mostly_utf8(self._odd)
        return encodings.guess(self.head if is_utf8 else self._sample(), is_utf8=is_utf8)

    def _sample(self) -> bytes:
        marked = encodings.guess(self.head, is_utf8=True)
        return self.head if marked.startswith("utf-16") else self._odd

    def delimiter(self, encoding: str) -> str:
        text = self.head.decode(encodings.opened_as(encoding), "replace").removeprefix("\ufeff")
        candidates = [each for each, _name in reading.DELIMITERS]
        named = reading.named_delimiter(text)
        if named in candidates:
            return named
        whole = text if len(self.head) < encodings.SAMPLE else text.rpartition("\n")[0]
        return csv_rows.delimiter_of(whole, candidates) or ","


def _read_header(import_: Import, has_header: bool | None) -> None:
    """Sets has_header (guessed when None), header and mapping. Raises Unreadable."""
    if not import_.encoding and not import_.sheet:
        import_.sheet = next(iter(reading.sheets(import_)), "")[:100]
    rows = list(islice(reading.of_import(import_).rows(), SAMPLE_ROWS + 1))
    if not rows:
        raise Unreadable(_("This file is empty."))
    first = [cell.strip() for cell in rows[0].cells]
    import_.has_header = _names(first, import_.team.region) if has_header is None else has_header
    data = [row.cells for row in (rows[1:] if import_.has_header else rows)]
    if not data:
        raise Unreadable(_("This file has a header and no rows under it."))
    width = len(first) if import_.has_header else max(len(row) for row in data)
    while width > 1 and not any(row[width - 1 : width] and row[width - 1].strip() for row in [first, *data]):
        width -= 1  # the empty columns that spreadsheets leave on the right
    if width > MOST_COLUMNS:
        raise Unreadable(
            _(
                "This file has %(count)s columns; at most %(most)s can be imported. Delete those that are not needed."
            )
            % {"count": width, "most": MOST_COLUMNS}
        )
    import_.header = _header(first if import_.has_header else [], width)
    import_.mapping = mapping.guess(import_.header, fields.of_team(import_.team), data, import_.team.region)


def _names(first: Sequence[str], region: str) -> bool:
    """Whether the first row names columns: names hold no number of a phone and no e-mail."""
    if mapping.knows_any(first):
        return True
    return not any(
        "@" in cell or phones.normalise(cell, region) or sum(map(str.isdigit, cell)) > 5 for cell in first
    )


def _header(first: Sequence[str], width: int) -> list[str]:
    """A name for each column: what is empty is numbered, what stands twice is told apart."""
    names: list[str] = []
    taken: set[str] = set()
    for at in range(width):
        name = " ".join(first[at].replace("\0", "").split())[:180] if at < len(first) else ""
        name = plain = name or _("Column %(number)s") % {"number": at + 1}
        again = 2
        while name.casefold() in taken:
            name = f"{plain} ({again})"
            again += 1
        taken.add(name.casefold())
        names.append(name)
    return names
