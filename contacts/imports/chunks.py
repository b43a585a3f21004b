"""Ten thousand rows of a file, cleaned and written as COPY takes them: all that is ever in memory of it."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from contacts.exports.cells import unguarded
from contacts.imports.cleaning import Bad, Cleaned, Cleaner
from contacts.imports.csv_rows import Row
from contacts.models import Import

SIZE = settings.IMPORT_CHUNK  # rows


@dataclass
class Chunk:
    first_line: int
    last_line: int
    rows: int
    # CSV, its columns as `layout` says; NULL is an empty field.
    data: str
    # Of rows that are imported: {line: what the file says of consent}.
    consents: dict[int, dict[str, Any]] = field(default_factory=dict)
    tags: set[str] = field(default_factory=set)
    lists: set[str] = field(default_factory=set)
    # How much of the file was read when the last row was.
    bytes_read: int = 0


def layout(cleaner: Cleaner) -> list[tuple[str, str]]:
    """(column, type) of a chunk, in order."""
    columns = [
        ("line", "integer"), ("number", "text"), ("problem", "text"), ("remarks", "text[]"), ("detail", "text"),
        ("raw", "jsonb"), ("name", "text"), ("use", "text"),
    ]  # fmt: skip
    columns += [(name, "text") for name in cleaner.columns]
    if cleaner.owner:
        columns.append(("owner_id", "bigint"))
    if cleaner.custom:
        columns.append(("custom", "jsonb"))
    for name in ("other_phones", "tags", "lists"):
        if getattr(cleaner, name):
            columns.append((name, "text[]"))
    return columns


def chunks(
    import_: Import,
    rows: Iterator[Row],
    cleaner: Cleaner,
    uses: Mapping[int, str],
    bytes_read: Callable[[], int],
    size: int = SIZE,
) -> Iterator[Chunk]:
    """`uses`: numbers that somebody chose in place of bad ones, by line."""
    writer = _Writer(import_, cleaner, uses)
    for row in rows:
        writer.add(row)
        if writer.rows == size:
            yield writer.chunk(bytes_read())
    if writer.rows:
        yield writer.chunk(bytes_read())


class _Writer:
    def __init__(self, import_: Import, cleaner: Cleaner, uses: Mapping[int, str]) -> None:
        self._mapping = list(import_.mapping)
        self._phone = self._mapping.index("phone")
        self._cleaner, self._uses = cleaner, uses
        # An export of ours guards what a spreadsheet would calculate; in a workbook nothing needs that.
        self._guarded = bool(import_.encoding)
        self._has = {
            name: getattr(cleaner, name) for name in ("owner", "custom", "other_phones", "tags", "lists")
        }
        # Columns after those of the row itself, for a row that has no values.
        self._empty = [""] * (len(layout(cleaner)) - 8)
        self._begin()

    def _begin(self) -> None:
        self.rows = 0
        self._first = self._last = 0
        self._text = io.StringIO()
        self._write = csv.writer(self._text, lineterminator="\n").writerow
        # The first line of each number of this chunk; earlier chunks are looked up in the database.
        self._lines: dict[str, int] = {}
        self._consents: dict[int, dict[str, Any]] = {}
        self._tags: set[str] = set()
        self._lists: set[str] = set()

    def add(self, row: Row) -> None:
        line, cells, flaw = row
        if not self.rows:
            self._first = line
        self.rows += 1
        self._last = line
        use = self._uses.get(line) if self._uses else None
        whole = "".join(cells)
        if self._guarded and "'" in whole:
            cells = list(map(unguarded, cells))
        try:
            if "\ufffd" in whole:
                self._refuse_broken(cells)
            if "\0" in whole:
                cells = self._without_nul(cells)
            cleaned = self._cleaner.row(cells, flaw, use)
        except Bad as bad:
            self._write_bad(line, cells, "", bad.code, bad.detail)
            return
        kept = self._lines.setdefault(cleaned.number, line)
        if kept != line:
            self._write_bad(line, cells, cleaned.number, "duplicate", str(kept))
            return
        values = cleaned.values
        if cleaned.remarks:
            head = [line, cleaned.number, "", _array(cleaned.remarks), cleaned.detail, _json(cells)]
        else:
            head = [line, cleaned.number, "", "", "", ""]
        # The name of a plain row is made of its columns.
        self._write([*head, "", use or "", *values, *self._rest(line, cleaned)])

    def _refuse_broken(self, cells: list[str]) -> None:
        """A row in another encoding than its file's: a name must not be stored damaged. Raises Bad."""
        if any("\ufffd" in cell for cell, key in zip(cells, self._mapping, strict=False) if key):
            raise Bad("broken_characters")

    def _without_nul(self, cells: list[str]) -> list[str]:
        """The database stores no NUL: in a column that is imported, the row is left out. Raises Bad."""
        if any("\0" in cell for cell, key in zip(cells, self._mapping, strict=False) if key):
            raise Bad("nul")
        return [cell.replace("\0", "") for cell in cells]

    def _rest(self, line: int, cleaned: Cleaned) -> list[Any]:
        found: list[Any] = []
        has = self._has
        if has["owner"]:
            found.append(cleaned.owner_id or "")
        if has["custom"]:
            found.append(_json(cleaned.custom) if cleaned.custom else "")
        if has["other_phones"]:
            found.append(_array(cleaned.other_phones))
        if has["tags"]:
            found.append(_array(cleaned.tags))
            self._tags.update(cleaned.tags or ())
        if has["lists"]:
            found.append(_array(cleaned.lists))
            self._lists.update(cleaned.lists or ())
        if cleaned.consent:
            self._consents[line] = cleaned.consent
        return found

    def _write_bad(self, line: int, cells: list[str], number: str, code: str, detail: str) -> None:
        cells = [cell.replace("\0", "") for cell in cells]
        name = self._cleaner.name_of(cells, self._mapping)
        detail = detail.replace("\0", "")[:200]
        self._write([line, number, code, "", detail, _json(cells), name, "", *self._empty])

    def chunk(self, bytes_read: int) -> Chunk:
        """What was added since the last one."""
        made = Chunk(
            self._first, self._last, self.rows, self._text.getvalue(), self._consents, self._tags, self._lists,
            bytes_read,
        )  # fmt: skip
        self._begin()
        return made


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _array(values: list[str] | None) -> str:
    """PostgreSQL's writing of an array of text; "" for none."""
    if not values:
        return ""
    quoted = ('"' + each.replace("\\", "\\\\").replace('"', '\\"') + '"' for each in values)
    return "{" + ",".join(quoted) + "}"
