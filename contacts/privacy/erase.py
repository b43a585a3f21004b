"""Erases a person everywhere: what is theirs goes, what tells of them elsewhere is emptied, their numbers stay
suppressed.

First the files that may hold them go, in short statements of their own: a person is locked by nothing then. The
rest is one transaction that begins with the person's own row. Whoever writes about a person holds that row until
they are done (contacts/people/resolve.py), so nothing of theirs can appear behind the erasure's back; and since
it waits for one person's row alone, it can't block anybody who waits for it.

The layers above register what they keep. Doing it again does no harm: a person who is gone is gone.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.contrib.admin.models import LogEntry
from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from contacts.models import (
    ConsentChange,
    Contact,
    ContactPhone,
    ContactTag,
    DuplicatePair,
    FollowUp,
    ImportChange,
    ListMember,
    Merge,
    SavedView,
    Suppression,
)
from contacts.privacy import files, suppression, traces
from contacts.privacy.files import Busy
from contacts.privacy.traces import Traces
from teams import audit, live
from teams.models import IdempotencyKey, Team, User

__all__ = ["Busy", "Eraser", "erase", "note_erasure", "register", "traced"]


@dataclass(frozen=True)
class Eraser:
    """What a layer above keeps of people. All run for one person."""

    # Adds numbers and ids that only this layer knows. Changes nothing.
    trace: Callable[[Traces], None]
    # Inside the transaction that holds the person's row: erases, and counts by what it was. Raises Busy.
    erase: Callable[[Traces], Counter[str]]
    # Before that transaction, in statements of its own.
    before: Callable[[], None] = lambda: None


_erasers: list[Eraser] = []


def register(eraser: Eraser) -> None:
    _erasers.append(eraser)


def erase(contact: Contact, by: User | None, *, note: bool = True) -> dict[str, int]:
    """How many of what is gone, by kind; {} when the person was gone already. Raises Busy.

    `note`: writes the audit trail, without a word about who it was.
    """
    for eraser in _erasers:
        eraser.before()
    found = traced(contact)
    gone: Counter[str] = files.forget(found)
    with transaction.atomic():
        stands = (
            Contact.objects.filter(pk=contact.pk, team=contact.team_id)
            .select_for_update(of=("self",))
            .select_related("team")
            .first()
        )
        if stands is None:
            return {}
        # What came since the first look.
        found = traced(stands)
        for eraser in _erasers:
            gone += eraser.erase(found)
        gone += _own(stands, found)
        gone["export_files"] += files.forget_exports(found)
        _elsewhere(found)
        suppression.add(found.team_id, found.numbers, Suppression.Reason.ERASED, timezone.now())
        # Whatever else points at the person goes with them.
        stands.delete()
        gone["people"] += 1
        if note:
            note_erasure(stands.team, by, gone)
        live.announce([found.team_id])
    return dict(gone)


def traced(contact: Contact) -> Traces:
    found = traces.of(contact)
    for eraser in _erasers:
        eraser.trace(found)
    return found


def note_erasure(team: Team, by: User | None, gone: Counter[str], **more: str) -> None:
    """The trail says that somebody was erased, by whom and how much it was."""
    audit.record(team, "contact.erased", team, actor=by, **{key: gone[key] for key in sorted(gone)}, **more)


def _own(contact: Contact, found: Traces) -> Counter[str]:
    """Rows of this app, one statement each; the person's own row is the caller's."""
    pk = contact.pk
    rows = {
        "numbers": ContactPhone.objects.filter(contact=pk),
        "tags": ContactTag.objects.filter(contact=pk),
        "lists": ListMember.objects.filter(contact=pk),
        "follow_ups": FollowUp.objects.filter(contact=pk),
        "consent_changes": ConsentChange.objects.filter(contact=pk),
        "duplicates": DuplicatePair.objects.filter(Q(first=pk) | Q(second=pk)),
        "merges": Merge.objects.filter(Q(kept=pk) | Q(kept__in=found.merged_ids)),
        "import_changes": ImportChange.objects.filter(contact=pk),
    }
    # No signal listens to these, and nothing points at them: one DELETE each.
    return Counter({name: each._raw_delete(each.db) for name, each in rows.items()})


# Of what other people did with this person the trail keeps who, what and when.
_TRAIL = """
UPDATE teams_auditentry SET detail = '{}'
WHERE team_id = %(team)s AND detail <> '{}' AND (
    (object_type IN ('contact', 'conversation') AND object_id = ANY(%(ids)s))
    OR lower(detail::text) LIKE ANY(%(likes)s)
)
"""

_ADMIN_LOG = """
UPDATE django_admin_log l SET object_repr = '–', change_message = ''
FROM django_content_type t
WHERE t.id = l.content_type_id AND (
    (t.app_label = 'contacts' AND t.model = 'contact' AND l.object_id = ANY(%(ids)s))
    OR lower(l.object_repr) LIKE ANY(%(likes)s) OR lower(l.change_message) LIKE ANY(%(likes)s)
)
"""


def _elsewhere(found: Traces) -> None:
    """Records of colleagues' doings that name the person: emptied of them, not removed."""
    literals = found.literals
    values: dict[str, Any] = {
        "team": found.team_id,
        "ids": [str(each) for each in found.contact_ids],
        "likes": [f"%{_plain(each)}%" for each in literals],
    }
    with connection.cursor() as cursor:
        cursor.execute(_TRAIL, values)
        if LogEntry.objects.exists():
            cursor.execute(_ADMIN_LOG, values)
    for literal in literals:
        IdempotencyKey.objects.filter(team=found.team_id, key__icontains=literal).delete()
    # A view that looks for one person by number or e-mail shows nobody any more.
    views = SavedView.objects.filter(team=found.team_id).exclude(query="").values_list("pk", "query")
    SavedView.objects.filter(pk__in=[pk for pk, query in views if found.stand_in(query)]).update(query="")


def _plain(literal: str) -> str:
    """For LIKE, where these three mean something."""
    return literal.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
