"""Opting people out and in: the person, their numbers, the proof, and what was queued, in one transaction."""

from collections.abc import Collection

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from contacts.models import Contact
from contacts.privacy import opting
from contacts.privacy.opting import Wish, opt_in, opt_out
from sms.campaigns import credits
from sms.models import Message
from teams import live
from teams.models import User

__all__ = ["Wish", "note", "obey_stops", "opt_in", "opt_out", "skip_queued", "skip_to"]


def note(contact: Contact, *, opted_out: bool, reason: str, by: User) -> bool:
    """A colleague notes what the person said elsewhere. False when it stood so already."""
    wish = Wish(contact.pk, timezone.now(), reason, source=opting.COLLEAGUE, by=by)
    with transaction.atomic():
        changed = opt_out([wish]) if opted_out else opt_in([wish])
        if changed:
            live.announce([contact.team_id])
    return bool(changed)


def obey_stops(wishes: Collection[Wish]) -> None:
    """People said STOP by text. In the transaction that stores the texts.

    Whatever waits for them was written before we knew of it, whenever it was said: an answer with a reason to who had
    opted out before, too.
    """
    changed = opt_out(wishes)
    unchanged = {wish.contact_id for wish in wishes} - changed
    if unchanged:
        _skip(_waiting(unchanged))


def skip_queued(contact_ids: Collection[int]) -> None:
    """What waits for people who opted out is seen as skipped at once; the claim would skip it too.

    Not the answers with a reason: they were written to people of whom it was known.
    """
    _skip(_waiting(contact_ids).filter(override_reason=""))


def _waiting(contact_ids: Collection[int]) -> QuerySet[Message]:
    return Message.objects.filter(contact__in=contact_ids, state__in=Message.WAITING)


def _skip(messages: QuerySet[Message]) -> None:
    messages.update(state=Message.State.SKIPPED, state_reason="opted_out")


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
    # All of it: the reason of an answer was about the STOP before this one.
    _skip(_waiting(contact_ids))
    credits.of_opt_outs(contact_ids)


def follow_opt_outs() -> None:
    opting.register(_opted_out, skip_to)
