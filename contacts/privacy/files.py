"""Files that hold somebody: imports, with what is kept of their rows, and exports.

A file that waits to be imported and holds the person goes as a whole: nobody can take a row out of a workbook.
Of an import that has ended no file is kept; what is kept of its rows stays, without theirs.
"""

from collections import Counter

from django.db import connection
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.models import Export, Import, ImportRow
from contacts.privacy.traces import Traces
from teams.models import StoredFile

State = Import.State


class Busy(Exception):
    """Not at this moment: `args[0]` is a sentence for the reader. Nothing of the person's was erased."""


_READ_NOW = (State.CHECKING, State.RUNNING)
# Rows with something in `raw` are those with a problem or a remark: few, and written as they stood in the file.
STEP = 2000

_ROWS = """
SELECT id FROM contacts_importrow WHERE run_id = ANY(%(runs)s) AND number = ANY(%(numbers)s)
UNION
SELECT id FROM contacts_importrow WHERE run_id = ANY(%(runs)s) AND (
    fields ->> 'use' = ANY(%(numbers)s)
    OR (number = '' AND lower(fields ->> 'name') = ANY(%(names)s))
)
"""


def forget(found: Traces) -> Counter[str]:
    """Imports, in statements of their own. Raises Busy while a file that may hold them is being read."""
    runs = list(Import.objects.filter(team=found.team_id).select_related("file"))
    if not runs:
        return Counter()
    if any(run.state in _READ_NOW for run in runs):
        raise Busy(_("A file of people is being read at this moment, and they may be in it. Try again soon."))
    rows = _rows(found, [run.pk for run in runs])
    for at in range(0, len(rows), STEP):
        part = ImportRow.objects.filter(pk__in=rows[at : at + STEP])
        part._raw_delete(part.db)
    files = 0
    for run in runs:
        _empty_names(run, found)
        if run.file_id and _holds(run, found):
            # Whoever is about to name its columns, or to write it, begins again with another.
            Import.objects.filter(pk=run.pk, state__in=(State.UPLOADED, State.CHECKED)).update(
                state=State.FAILED,
                finished_at=timezone.now(),
                error=_(
                    "The file was removed because somebody in it was erased. Upload it again without them."
                ),
            )
            StoredFile.objects.filter(pk=run.file_id).delete()
            files += 1
    return Counter({"import_rows": len(rows), "import_files": files})


def _rows(found: Traces, runs: list[int]) -> list[int]:
    """Ids of what is kept of the rows that are theirs."""
    with connection.cursor() as cursor:
        cursor.execute(
            _ROWS,
            {
                "runs": runs,
                "numbers": sorted(found.numbers),
                "names": sorted(each.lower() for each in found.names),
            },
        )
        rows = {row[0] for row in cursor.fetchall()}
    odd = ImportRow.objects.filter(run__in=runs, raw__isnull=False).values_list("pk", "raw", "detail")
    rows.update(pk for pk, raw, detail in odd.iterator(STEP) if found.stand_in(f"{raw} {detail}"))
    return sorted(rows)


def _empty_names(run: Import, found: Traces) -> None:
    """A file can be named after somebody, and its first row taken for the names of the columns."""
    if found.stand_in(run.name) or any(each in run.name.casefold() for each in found.literals):
        Import.objects.filter(pk=run.pk).update(name="–")
    if found.stand_in("\t".join(run.header)):
        Import.objects.filter(pk=run.pk).update(header=["–"] * len(run.header))


def _holds(run: Import, found: Traces) -> bool:
    from contacts.imports import reading

    try:
        rows = reading.of_import(run).rows()
        return any(found.stand_in("\t".join(row.cells)) for row in rows)
    except (reading.Unreadable, OSError):
        # A file that nobody can read is of no use to anybody.
        return True


def forget_exports(found: Traces) -> int:
    """Every export's file of the team, inside the erasure's transaction: each may hold the person."""
    from contacts.exports import work

    exports = Export.objects.filter(team=found.team_id)
    made = exports.exclude(file=None).count()
    exports.exclude(file=None).update(error=_("The file was removed because somebody in it was erased."))
    work.forget(found.team)
    for pk, query in exports.exclude(query="").values_list("pk", "query"):
        if found.stand_in(query):
            Export.objects.filter(pk=pk).update(query="", state=Export.State.FAILED)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE contacts_export SET ids = array_remove(ids, %s) WHERE team_id = %s AND %s = ANY(ids)",
            [found.contact_id, found.team_id, found.contact_id],
        )
    return made
