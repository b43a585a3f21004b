"""What is kept of an import, and how long: its rows hold people's data."""

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from contacts.imports.asking import REVERT_DAYS
from contacts.models import Import, ImportChange, ImportRow
from teams.models import StoredFile

# Plain rows say nothing that the people do not say themselves.
PLAIN_KEPT = timedelta(hours=1)
KEPT = timedelta(days=REVERT_DAYS)
SIZE = 20_000  # rows a statement

State = Import.State
_ENDED = (State.FINISHED, State.CANCELLED, State.FAILED, State.REVERTED)


def run() -> None:
    """Deletes plain rows soon after an import ended, and its rejects, changes and file when it can't be taken
    back any more. Imports that nobody went on with are cancelled then.
    """
    now = timezone.now()
    Import.objects.filter(state__in=[State.UPLOADED, State.CHECKED], created_at__lt=now - KEPT).update(
        state=State.CANCELLED, finished_at=now
    )
    ended = Import.objects.filter(state__in=_ENDED)
    plain = ended.filter(finished_at__lt=now - PLAIN_KEPT).values_list("pk", flat=True)
    for import_id in plain.filter(pk__in=ImportRow.objects.values("run_id")):
        _delete(import_id, "outcome IN ('new', 'update', 'unchanged') AND remarks = '{}'")
    old = ended.filter(finished_at__lt=now - KEPT)
    for import_id in old.values_list("pk", flat=True).filter(pk__in=ImportRow.objects.values("run_id")):
        _delete(import_id, "true")
    ImportChange.objects.filter(run__in=old).delete()
    StoredFile.objects.filter(pk__in=old.filter(file__isnull=False).values("file_id")).delete()


def _delete(import_id: int, which: str) -> None:
    """In pieces: a million rows in one transaction would hold everything up."""
    while True:
        with connection.cursor() as cursor:
            cursor.execute(
                "DELETE FROM contacts_importrow WHERE id IN ("  # noqa: S608 - our own words
                f"SELECT id FROM contacts_importrow WHERE run_id = %s AND {which} LIMIT %s)",
                [import_id, SIZE],
            )
            if cursor.rowcount < SIZE:
                return
