"""What people ask of an import. Every `start_…` is one conditional UPDATE: False when the import is not in a
state where it can begin (a double click, a colleague was quicker). The worker is woken after the commit; a sweep
finds what was lost.
"""

import re
from collections.abc import Collection, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Max, Q
from django.db.models.functions import Now
from django.utils import timezone

from contacts import fields
from contacts.imports import mapping as mapping_
from contacts.models import ContactList, CustomField, Import, ImportRow
from contacts.tags import tagging
from teams import audit, wake
from teams.models import User

REVERT_DAYS = 30

State = Import.State
_ZERO: dict[str, Any] = {
    "created": 0, "updated": 0, "unchanged": 0, "invalid": 0, "duplicates": 0, "warnings": 0, "bytes_read": 0,
    "done_line": 0, "done_rows": 0, "stop_asked": False, "worker": "", "lease_until": None, "error": "",
}  # fmt: skip


def start_check(
    import_: Import,
    mapping: Sequence[str],
    *,
    overwrite: bool = False,
    consent_confirmed: bool = False,
    target_list: ContactList | None = None,
    tag_names: Collection[str] = (),
) -> bool:
    """uploaded or checked → checking. `mapping`: one key a column ("" leaves it out, "new:<kind>" makes a
    custom field named as the column); it must have no `mapping.problems`, else ValueError.
    """
    values = _chosen(import_, mapping, overwrite, consent_confirmed, target_list, tag_names)
    values |= {**_ZERO, "state": State.CHECKING, "rows": 0, "staged_line": 0, "step_at": Now()}
    with transaction.atomic():
        values["mapping"] = _with_new_fields(import_, list(mapping))
        begun = _change(import_, [State.UPLOADED, State.CHECKED], values)
        if not begun:
            transaction.set_rollback(True)  # the new fields too
            return False
        # Another column may hold the phone by now.
        ImportRow.objects.filter(run=import_, fields__has_key="use").delete()
        wake.after_commit("contacts.tasks.import_check", import_.pk)
    return True


def recheck(import_: Import, *, overwrite: bool, consent_confirmed: bool) -> bool:
    """checked → checking: what would become of the rows with another choice. Numbers that were taken stay so."""
    values = {
        **_ZERO, "state": State.CHECKING, "rows": 0, "staged_line": 0, "step_at": Now(),
        "overwrite": overwrite, "consent_confirmed": consent_confirmed,
    }  # fmt: skip
    with transaction.atomic():
        begun = _change(import_, [State.CHECKED], values)
        if begun:
            wake.after_commit("contacts.tasks.import_check", import_.pk)
    return begun


def start_run(
    import_: Import, *, overwrite: bool | None = None, consent_confirmed: bool | None = None
) -> bool:
    """checked → running; what is not None replaces what was chosen before the check."""
    values: dict[str, Any] = {**_ZERO, "state": State.RUNNING, "step_at": Now(), "started_at": Now()}
    if overwrite is not None:
        values["overwrite"] = overwrite
    if consent_confirmed is not None:
        values["consent_confirmed"] = consent_confirmed
    with transaction.atomic():
        begun = _change(import_, [State.CHECKED], values)
        if begun:
            audit.record(import_.team, "import.started", import_, actor=import_.by, file=import_.name)
            wake.after_commit("contacts.tasks.import_run", import_.pk)
    return begun


def start_direct(
    import_: Import,
    mapping: Sequence[str],
    *,
    overwrite: bool = False,
    consent_confirmed: bool = False,
    target_list: ContactList | None = None,
    tag_names: Collection[str] = (),
) -> bool:
    """uploaded → running, without a check before. Wakes nobody: the caller works itself."""
    values = _chosen(import_, mapping, overwrite, consent_confirmed, target_list, tag_names)
    values |= {**_ZERO, "state": State.RUNNING, "step_at": Now(), "started_at": Now()}
    with transaction.atomic():
        values["mapping"] = _with_new_fields(import_, list(mapping))
        begun = _change(import_, [State.UPLOADED], values)
        if begun:
            audit.record(import_.team, "import.started", import_, actor=import_.by, file=import_.name)
    return begun


def revertable(import_: Import) -> bool:
    """Whether `start_revert` can begin now, and has something to take back."""
    wrote = import_.created or import_.updated or import_.target_list_id or import_.tag_names
    return (
        bool(wrote)
        and import_.state in (State.FINISHED, State.CANCELLED, State.FAILED)
        and import_.done_rows > 0
        and import_.finished_at is not None
        and import_.finished_at > timezone.now() - timedelta(days=REVERT_DAYS)
    )


def start_revert(import_: Import, by: User | None = None) -> bool:
    """finished, cancelled or failed on the way, for 30 days → reverting."""
    recent = Q(finished_at__gt=Now() - timedelta(days=REVERT_DAYS), done_rows__gt=0)
    values: dict[str, Any] = {
        "state": State.REVERTING, "step_at": Now(), "stop_asked": False, "worker": "", "lease_until": None,
        "reverted": 0, "left_alone": 0,
    }  # fmt: skip
    with transaction.atomic():
        begun = _change(import_, [State.FINISHED, State.CANCELLED, State.FAILED], values, recent)
        if begun:
            audit.record(import_.team, "import.reverted", import_, actor=by, file=import_.name)
            wake.after_commit("contacts.tasks.import_revert", import_.pk)
    return begun


def cancel(import_: Import) -> bool:
    """Asks the worker to end within a chunk, or ends at once what no worker has begun."""
    nobody = Q(lease_until=None) | Q(lease_until__lt=Now())
    ended: dict[str, Any] = {"state": State.CANCELLED, "finished_at": Now()}
    if _change(import_, [State.UPLOADED, State.CHECKED], ended):
        return True
    if _change(
        import_, [State.CHECKING, State.RUNNING], {**ended, "worker": "", "lease_until": None}, nobody
    ):
        return True
    return _change(import_, [State.CHECKING, State.RUNNING], {"stop_asked": True})


def _change(import_: Import, from_: Sequence[str], values: dict[str, Any], also: Q | None = None) -> bool:
    found = Import.objects.filter(also or Q(), pk=import_.pk, team_id=import_.team_id, state__in=from_)
    if not found.update(**values):
        return False
    import_.refresh_from_db()
    return True


def _chosen(
    import_: Import,
    mapping: Sequence[str],
    overwrite: bool,
    consent_confirmed: bool,
    target_list: ContactList | None,
    tag_names: Collection[str],
) -> dict[str, Any]:
    if wrong := mapping_.problems(mapping, fields.of_team(import_.team)):
        raise ValueError(" ".join(wrong))
    if len(mapping) != len(import_.header):
        raise ValueError("a mapping has one key for each column")
    return {
        "overwrite": overwrite,
        "consent_confirmed": consent_confirmed,
        "target_list": target_list,
        "tag_names": list(dict.fromkeys(name for each in tag_names if (name := tagging.clean(each)))),
    }


def _with_new_fields(import_: Import, mapping: list[str]) -> list[str]:
    """Makes the custom fields that columns become; one of the same name and kind is taken as it is."""
    for at, key in enumerate(mapping):
        if key.startswith(mapping_.NEW):
            kind, label = key.removeprefix(mapping_.NEW), import_.header[at][:60].strip()
            field = CustomField.objects.for_team(import_.team).filter(label__iexact=label).first()
            mapping[at] = fields.CUSTOM + (field or _new_field(import_, label, kind)).key
    return mapping


def _new_field(import_: Import, label: str, kind: str) -> CustomField:
    existing = CustomField.objects.for_team(import_.team)
    keys = set(existing.values_list("key", flat=True))
    plain = re.sub(r"[^a-z0-9]+", "_", mapping_.plain(label)).strip("_")[:36] or "field"
    plain = key = plain if plain[0].isalpha() else f"f_{plain}"[:36]
    number = 2
    while key in keys:
        key = f"{plain}_{number}"
        number += 1
    last = existing.aggregate(last=Max("position"))["last"]
    return CustomField.objects.create(
        team=import_.team, key=key, label=label, kind=kind, position=0 if last is None else last + 1
    )
