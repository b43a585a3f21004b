"""Makes two people one. Nothing of timeline, numbers or consent is lost, and what the other was is kept."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils import timezone
from psycopg import errors

from contacts.duplicates import moving, stricter
from contacts.models import Contact, ContactPhone, ContactTag, ListMember, Merge
from teams import audit, live
from teams.models import User

# What a merge can take from either: the standard fields; custom ones are "custom." and their key.
FIELDS = ("first_name", "last_name", "company", "email", "address", "language", "owner")
CUSTOM = "custom."

register = moving.register

# Somebody added a note or a tag to the one who goes between our last look and the commit, or held a row that we
# wait for and waited for one of ours: nothing was written, and the next try sees it.
_TRIES = 3
_AGAIN = (errors.ForeignKeyViolation, errors.DeadlockDetected)


class AlreadyMerged(Exception):
    """Somebody else was quicker: `kept_id` is who is left."""

    def __init__(self, kept_id: int) -> None:
        super().__init__(f"merged into {kept_id}")
        self.kept_id = kept_id


def merge(
    kept_id: int,
    gone_id: int,
    by: User | None,
    *,
    taken: Collection[str] = (),
    primary_id: int | None = None,
) -> Contact:
    """Merges `gone_id` into `kept_id`, both of one team, and returns the person kept.

    Of each field the kept one's value stays where there is one; `taken` names the fields whose value comes from
    the other. `primary_id` is the ContactPhone that is texted from now on, of either person. Raises
    AlreadyMerged, Contact.DoesNotExist, and ValueError for one person or two teams.
    """
    if kept_id == gone_id:
        raise ValueError("one person")
    for tries_left in reversed(range(_TRIES)):
        try:
            with transaction.atomic():
                return _merge(kept_id, gone_id, by, frozenset(taken), primary_id)
        except (IntegrityError, OperationalError) as error:
            if not tries_left or not isinstance(error.__cause__, _AGAIN):
                raise
    raise AssertionError("unreachable")


def _merge(
    kept_id: int, gone_id: int, by: User | None, taken: Collection[str], primary_id: int | None
) -> Contact:
    kept, gone = _lock(kept_id, gone_id)
    now = timezone.now()
    snapshot = _snapshot(gone)
    allowed = stricter.of(kept, gone)
    move = moving.Move(kept.team_id, kept.pk, gone.pk)
    moving.numbers(move, _primary(kept, gone, primary_id))
    moving.belongings(move)
    values = _values(kept, gone, taken)
    Contact.objects.filter(pk=kept.pk).update(**values, updated_at=now)
    opted_out = stricter.write(kept, allowed, by=by, at=now)
    moving.above(replace(move, opted_out=opted_out))
    Merge.objects.create(
        team_id=kept.team_id, kept=kept, gone_id=gone.pk, gone=snapshot, by=by, happened_at=now
    )
    _remove(gone.pk)
    audit.record(kept.team, "contact.merged", kept, actor=by, gone=gone.pk)
    live.announce([kept.team_id])
    return Contact.objects.select_related("team", "owner").get(pk=kept.pk)


def _lock(kept_id: int, gone_id: int) -> tuple[Contact, Contact]:
    """Both rows, the lower id first, as everybody takes them who holds several people."""
    rows = Contact.objects.filter(pk__in=[kept_id, gone_id]).order_by("pk").select_for_update()
    found = {contact.pk: contact for contact in rows}
    for missing in (gone_id, kept_id):
        if missing not in found:
            earlier = Merge.objects.filter(gone_id=missing).first()
            if earlier is None:
                raise Contact.DoesNotExist
            raise AlreadyMerged(earlier.kept_id)
    kept, gone = found[kept_id], found[gone_id]
    if kept.team_id != gone.team_id:
        raise ValueError("two teams")
    return kept, gone


def values_of(contact: Contact) -> dict[str, Any]:
    """Every field that a merge chooses from, by its key; empty ones as "" or None."""
    standard = {name: getattr(contact, name if name != "owner" else "owner_id") for name in FIELDS}
    return standard | {CUSTOM + key: value for key, value in contact.custom.items()}


def _values(kept: Contact, gone: Contact, taken: Collection[str]) -> dict[str, Any]:
    """The columns of the person kept."""
    ours, theirs = values_of(kept), values_of(gone)
    chosen: dict[str, Any] = {}
    for key in ours | theirs:
        mine, other = ours.get(key), theirs.get(key)
        chosen[key] = other if _filled(other) and (key in taken or not _filled(mine)) else mine
    columns = {name if name != "owner" else "owner_id": chosen[name] for name in FIELDS}
    columns["custom"] = {
        key.removeprefix(CUSTOM): value for key, value in chosen.items() if key.startswith(CUSTOM)
    }
    columns["created_at"] = min(kept.created_at, gone.created_at)
    return columns


def _filled(value: object) -> bool:
    return value is not None and value != ""


def _primary(kept: Contact, gone: Contact, wanted: int | None) -> int | None:
    """Which number is texted: the one chosen, else the kept one's, unless only the other can be texted."""
    phones = ContactPhone.objects.filter(contact__in=[kept.pk, gone.pk])
    ranked = sorted(
        phones,
        key=lambda phone: (
            phone.pk != wanted,
            not phone.textable,
            phone.contact_id != kept.pk,
            not phone.is_primary,
            phone.pk,
        ),
    )
    return ranked[0].pk if ranked else None


def _snapshot(gone: Contact) -> Mapping[str, Any]:
    """The one who is gone, as Merge.gone keeps them: fit for JSON."""
    fields = {name: str(value) for name in FIELDS[:-1] if (value := getattr(gone, name))}
    return {
        "fields": fields
        | ({"owner": gone.owner_id} if gone.owner_id else {})
        | {"custom": gone.custom, "created_at": _written(gone.created_at)},
        "phones": [
            {"number": phone.number, "primary": phone.is_primary, "textable": phone.textable}
            for phone in ContactPhone.objects.filter(contact=gone).order_by("pk")
        ],
        "tags": list(
            ContactTag.objects.filter(contact=gone).order_by("pk").values_list("tag__name", flat=True)
        ),
        "lists": list(
            ListMember.objects.filter(contact=gone).order_by("pk").values_list("list__name", flat=True)
        ),
        "consent": {
            "ground": gone.consent,
            "since": _written(gone.consent_at),
            "opted_out_at": _written(gone.opted_out_at),
            "do_not_call_at": _written(gone.do_not_call_at),
        },
        "imported_by": gone.imported_by_id,
    }


def _written(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _remove(contact_id: int) -> None:
    """Takes the emptied row away. Not by the ORM, which would take along what nobody moved; the database refuses
    instead, here and not at the commit.
    """
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM contacts_contact WHERE id = %s", [contact_id])
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
