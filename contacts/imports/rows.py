"""The rows of a check, for the person who looks at them, and the rejects as a file."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext as _

from contacts import phones
from contacts.exports.cells import guarded, unguarded
from contacts.imports import problems
from contacts.models import ContactPhone, Import, ImportRow

# The filters above the rows, in their order. "look" is what needs a look: invalid, duplicate, warnings.
CHIPS = ("look", "all", "new", "update", "unchanged", "invalid", "duplicate", "warnings")

_WARNED = Q(problem="") & ~Q(remarks=[])
_BATCH = 1000


@dataclass(frozen=True)
class ShownRow:
    line: int
    # As it stands in the file where the row has a problem or a remark, else as people write it; "" for none.
    phone: str
    name: str
    # Sentences, in the current language: the problem, or the remarks. [] for a plain row.
    words: list[str]
    # new, update, unchanged, invalid, duplicate.
    outcome: str
    # "Left out", "Added", "Updated", "Unchanged".
    happens: str
    # "error", "duplicate", "warning" or "": the icon before the words.
    tone: str
    # The number that can be used instead ("06 39 98 02 14"), or "".
    suggestion: str


def counts(import_: Import) -> dict[str, int]:
    """{chip: rows}, from the import's own counters."""
    left_out = import_.invalid + import_.duplicates
    return {
        "look": left_out + import_.warnings,
        "all": import_.rows,
        "new": import_.created,
        "update": import_.updated,
        "unchanged": import_.unchanged,
        "invalid": import_.invalid,
        "duplicate": import_.duplicates,
        "warnings": import_.warnings,
    }


def page(import_: Import, chip: str = "look", after_line: int = 0, size: int = 50) -> list[ShownRow]:
    """The next rows of a chip, by line. Fewer than `size` is the end."""
    found = _of_chip(import_, chip).filter(line__gt=after_line).order_by("line")[:size]
    return [_shown(import_, row) for row in found]


def _of_chip(import_: Import, chip: str) -> "QuerySet[ImportRow]":
    rows = ImportRow.objects.filter(run=import_)
    match chip:
        case "all":
            return rows
        case "look":
            return rows.filter(~Q(problem="") | _WARNED)
        case "warnings":
            return rows.filter(_WARNED)
        case "new" | "update" | "unchanged" | "invalid" | "duplicate":
            return rows.filter(outcome=chip)
    raise ValueError(f"no such chip: {chip}")


def _shown(import_: Import, row: ImportRow) -> ShownRow:
    region = import_.team.region
    raw = row.raw[import_.mapping.index("phone")] if row.raw and "phone" in import_.mapping else None
    tones = {"duplicate": "duplicate", "": "warning" if row.remarks else ""}
    return ShownRow(
        line=row.line,
        phone=raw if raw is not None and "use" not in row.fields else phones.display(row.number, region),
        name=row.fields.get("name", ""),
        words=problems.sentences(row.problem, row.remarks, row.detail),
        outcome=row.outcome,
        happens=_happens(row.outcome),
        tone=tones.get(row.problem, "error"),
        suggestion=row.detail if row.problem == "letter" else "",
    )


def _happens(outcome: str) -> str:
    match outcome:
        case "new":
            return _("Added")
        case "update":
            return _("Updated")
        case "unchanged":
            return _("Unchanged")
    return _("Left out")


def use_suggestion(import_: Import, line: int) -> bool:
    """Puts the suggested number in place of the bad one; False when there is none (any more)."""
    with transaction.atomic():
        held = Import.objects.select_for_update().get(pk=import_.pk)
        row = ImportRow.objects.filter(run=import_, line=line, problem="letter").first()
        number = phones.normalise(row.detail, import_.team.region) if row else None
        if held.state != Import.State.CHECKED or row is None or number is None:
            return False
        _put(held, row, number)
    import_.refresh_from_db()
    return True


def _put(import_: Import, row: ImportRow, number: str) -> None:
    """The row becomes new or an update, unless another line has this number."""
    same = ImportRow.objects.filter(run=import_, number=number, outcome__in=["new", "update", "unchanged"])
    row.fields = {**row.fields, "use": number}
    row.number, row.problem, row.detail = number, "", ""
    first = same.filter(line__lt=row.line).order_by("line").first()
    later = same.filter(line__gt=row.line).order_by("line").first()
    if first is not None:
        row.problem, row.detail, row.outcome = "duplicate", str(first.line), "duplicate"
    else:
        known = ContactPhone.objects.for_team(import_.team).filter(number=number).exists()
        # What it changes is found out when it is written.
        row.outcome = "update" if known else "new"
        if not phones.is_mobile(number):
            row.remarks = ["landline"]
    row.save()
    moved = {"invalid": -1, _counter(row.outcome): 1, "warnings": len(row.remarks[:1])}
    if later is not None:
        moved["duplicates"] = moved.get("duplicates", 0) + 1
        moved[_counter(later.outcome)] = moved.get(_counter(later.outcome), 0) - 1
        later.problem, later.detail, later.outcome = "duplicate", str(row.line), "duplicate"
        later.save()
    Import.objects.filter(pk=import_.pk).update(**{name: F(name) + by for name, by in moved.items() if by})


def _counter(outcome: str) -> str:
    return {"new": "created", "update": "updated", "duplicate": "duplicates"}.get(outcome, outcome)


def rejects(import_: Import) -> Iterator[str]:
    """The rows left out as CSV, in pieces: line, reason, then the original columns, with the file's separator.

    The first piece begins with a byte order mark, by which spreadsheets know UTF-8.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=import_.delimiter or ";")

    def piece() -> str:
        text = buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()
        return text

    writer.writerow([_("Line"), _("Why"), *map(guarded, import_.header)])
    yield "\ufeff" + piece()
    after = 0
    left_out = ImportRow.objects.filter(run=import_, outcome__in=["invalid", "duplicate"])
    while found := list(left_out.filter(line__gt=after).order_by("line")[:_BATCH]):
        after = found[-1].line
        for row in found:
            why = "; ".join(problems.sentences(row.problem, row.remarks, row.detail))
            writer.writerow([row.line, why, *(guarded(unguarded(cell)) for cell in row.raw or [])])
        yield piece()
