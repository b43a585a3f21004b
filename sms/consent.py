"""Opting people out and in: the person, their numbers, the proof, and what was queued, in one transaction."""

from collections.abc import Collection

from django.db import connection, transaction
from django.utils import timezone

from contacts.models import Contact
from contacts.privacy import opting
from contacts.privacy.opting import Wish, opt_in, opt_out
from sms.campaigns import credits
from sms.models import Message
from teams import live
from teams.models import User

__all__ = ["Wish", "note", "opt_in", "opt_out", "skip_queued", "skip_to"]


def note(contact: Contact, *, opted_out: bool, reason: str, by: User) -> bool:
    """A colleague notes what the person said elsewhere. False when it stood so already."""
    wish = Wish(contact.pk, timezone.now(), reason, source="rep", by=by)
    with transaction.atomic():
        changed = opt_out([wish]) if opted_out else opt_in([wish])
        if changed:
            live.announce([contact.team_id])
    return bool(changed)


def skip_queued(contact_ids: Collection[int]) -> None:
    """What waits for people who opted out is seen as skipped at once; the claim would skip it too."""
    waiting = (Message.State.QUEUED, Message.State.PLANNED)
    Message.objects.filter(contact__in=contact_ids, state__in=waiting, override_reason="").update(
        state=Message.State.SKIPPED, state_reason="opted_out"
    )


_SKIP_TO = """
UPDATE sms_message m SET state = 'skipped', state_reason = 'number_removed'
FROM unnest(%s::bigint[], %s::text[]) AS held(contact_id, number)
WHERE m.contact_id = held.contact_id AND m.number = held.number AND m.state IN ('queued', 'planned')
"""


def skip_to(held: Collection[tuple[int, str]]) -> None:
    """The numbers are theirs no more: the next one who has one may have said STOP."""
    people, numbers = zip(*held, strict=True)
    with connection.cursor() as cursor:
        cursor.execute(_SKIP_TO, [list(people), list(numbers)])


def _opted_out(contact_ids: Collection[int]) -> None:
    skip_queued(contact_ids)
    credits.of_opt_outs(contact_ids)


def follow_opt_outs() -> None:
    opting.register(_opted_out, skip_to)
