"""What may be chosen in a field that an import has just made of a column: the values that stand there."""

import unicodedata

from contacts.fields import CUSTOM
from contacts.imports import reading
from contacts.imports.lease import Lease
from contacts.models import CustomField, Import

# More than these are no list that anybody chooses from: the field becomes one of text.
MOST = 100
LONGEST = 80  # characters of a choice


def settle(import_: Import, held: Lease) -> None:
    """Fills the choices of the import's fields that have none yet. Reads the file once more where there are any.

    Raises Unreadable, lease.Lost.
    """
    empty = CustomField.objects.for_team(import_.team).filter(kind=CustomField.Kind.CHOICE, choices=[])
    made = {CUSTOM + field.key: field for field in empty}
    open_ = {at: made[key] for at, key in enumerate(import_.mapping) if key in made}
    seen: dict[int, dict[str, str]] = {at: {} for at in open_}
    for row in reading.open_rows(import_) if open_ else ():
        held.keep()
        for at in list(seen):
            value = " ".join(row.cells[at].split()) if at < len(row.cells) else ""
            if value:
                seen[at].setdefault(_plain(value), value)
            if len(value) > LONGEST or len(seen[at]) > MOST:
                del seen[at]
        if not seen:
            break
    for at, field in open_.items():
        if at in seen:
            CustomField.objects.filter(pk=field.pk).update(choices=sorted(seen[at].values(), key=_plain))
        else:
            CustomField.objects.filter(pk=field.pk).update(kind=CustomField.Kind.TEXT)


def _plain(text: str) -> str:
    """Without accents and case: one choice, however it is written (contacts/custom.py)."""
    apart = unicodedata.normalize("NFKD", text.casefold())
    return "".join(each for each in apart if not unicodedata.combining(each)).strip()
