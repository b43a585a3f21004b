"""What a person decides about a message: cancel one that waits, repeat or leave one that is doubtful."""

from django.db import transaction
from django.utils import timezone

from sms.conversations import summary
from sms.models import Message
from sms.sending.queue import Draft, enqueue
from teams import audit, live
from teams.models import User

TROUBLED = (Message.State.UNCERTAIN, Message.State.FAILED)


def cancel(message: Message) -> bool:
    """Cancels a message that no sender has claimed, of a campaign too. False when it is too late, or never waited."""
    with transaction.atomic():
        waiting = Message.objects.filter(pk=message.pk, state__in=Message.WAITING)
        changed = waiting.update(state=Message.State.CANCELLED)
        if changed:
            live.announce([message.team_id])
    return bool(changed)


def send_again(message: Message, *, by: User) -> Message | None:
    """A new message with the same words, on a person's decision. None when somebody decided already.

    The uncertain one keeps its state and its id: should its delivery arrive after all, both are seen.
    """
    with transaction.atomic():
        if not _decide(message):
            return None
        again = enqueue(
            message.team,
            [
                Draft(
                    line=message.line,
                    number=message.number,
                    text=message.text,
                    url=message.url,
                    priority=message.priority,
                    override_reason=message.override_reason,
                    resend_of=message,
                )
            ],
            by=by,
        )[0]
        audit.record(message.team, "message.sent_again", message, actor=by, again=again.pk)
    return again


def leave(message: Message, *, by: User) -> bool:
    """Nobody will repeat it. False when somebody decided already."""
    with transaction.atomic():
        if not _decide(message):
            return False
        audit.record(message.team, "message.left", message, actor=by)
        live.announce([message.team_id])
    return True


def _decide(message: Message) -> bool:
    decided = Message.objects.filter(pk=message.pk, state__in=TROUBLED, left_at=None).update(
        left_at=timezone.now()
    )
    if decided:
        summary.refresh_trouble([message.contact_id])
    return bool(decided)
