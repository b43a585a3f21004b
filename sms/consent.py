"""Opting people out and in: the person, the proof, and what was queued for them, in one transaction."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from contacts.models import ConsentChange, Contact
from sms.models import Message
from teams import live
from teams.models import User


@dataclass(frozen=True)
class Wish:
    """What one person asked for, when, and in which words."""

    contact_id: int
    at: datetime
    wording: str
    source: str  # "sms": their text; "rep": a colleague noted it
    by: User | None = None


def opt_out(wishes: Iterable[Wish]) -> set[int]:
    """Nobody texts these people again; what is queued for them is skipped. Ids of those who changed."""
    changed = _change(wishes, opt_out=True)
    # The claim would skip them too; so they are seen as skipped at once.
    Message.objects.filter(contact__in=changed, state=Message.State.QUEUED, override_reason="").update(
        state=Message.State.SKIPPED, state_reason="opted_out"
    )
    return changed


def opt_in(wishes: Iterable[Wish]) -> set[int]:
    """These people may be texted again; what was skipped stays so. Ids of those who changed."""
    return _change(wishes, opt_out=False)


def note(contact: Contact, *, opted_out: bool, reason: str, by: User) -> bool:
    """A colleague notes what the person said elsewhere. False when it stood so already."""
    wish = Wish(contact.pk, timezone.now(), reason, source="rep", by=by)
    with transaction.atomic():
        changed = opt_out([wish]) if opted_out else opt_in([wish])
        if changed:
            live.announce([contact.team_id])
    return bool(changed)


def _change(wishes: Iterable[Wish], *, opt_out: bool) -> set[int]:
    """Changes those whose wish is new, under their rows' locks, and keeps the proof."""
    asked = {wish.contact_id: wish for wish in wishes}
    now_wrong = Q(opted_out_at=None) if opt_out else Q(opted_out_at__isnull=False)
    contacts = list(
        Contact.objects.filter(now_wrong, pk__in=list(asked))
        .order_by("pk")
        .select_for_update()
        .only("pk", "team_id")
    )
    if not contacts:
        return set()
    for contact in contacts:
        contact.opted_out_at = asked[contact.pk].at if opt_out else None
    Contact.objects.bulk_update(contacts, ["opted_out_at"])
    kind = ConsentChange.Kind.OPT_OUT if opt_out else ConsentChange.Kind.OPT_IN
    ConsentChange.objects.bulk_create(
        ConsentChange(
            team_id=contact.team_id,
            contact_id=contact.pk,
            kind=kind,
            source=asked[contact.pk].source,
            wording=asked[contact.pk].wording,
            by=asked[contact.pk].by,
            happened_at=asked[contact.pk].at,
        )
        for contact in contacts
    )
    return {contact.pk for contact in contacts}
