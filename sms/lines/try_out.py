"""Tries a line: asks the gateway without sending (its test mode), or sends one real text to oneself."""

import time
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from django.utils.translation import gettext as _

from sms.conversations import reasons
from sms.gateway import client
from sms.gateway.results import OutgoingMessage, SendResult
from sms.lines import holding
from sms.lines.access import access_of
from sms.models import Line, Message, SendAttempt
from sms.models.message import new_id_sms_api
from sms.sending.queue import Draft, enqueue
from teams import idempotency
from teams.models import User

# A person waits at the screen for the answer: shorter than the sender's own deadline.
DEADLINE_S = 12.0
# Asked about when the line's own number is unknown. Of the range that France keeps for fiction.
NOBODY = "+33639980000"


def ask(line: Line) -> SendResult:
    """One request in the gateway's test mode: login, key and address are checked, nothing is sent."""
    message = OutgoingMessage(new_id_sms_api(), line.number or NOBODY, "Ligne")
    started = time.monotonic()
    result = client.send(replace(access_of(line), test_mode=True), [message], deadline_s=DEADLINE_S)
    SendAttempt.objects.create(
        line=line,
        messages_count=1,
        duration_ms=int((time.monotonic() - started) * 1000),
        http_status=result.status,
        answer=result.raw,
        error=result.error[:300],
    )
    return result


def ask_and_resume(line: Line, *, by: User) -> str:
    """Resumes the line when the gateway takes a request in test mode. "" then, else why it stays held."""
    result = ask(line)
    outcome = next(iter(result.outcomes.values()))
    if outcome.state == "submitted":
        holding.resume(line, by=by)
        return ""
    if result.line_held is not None:
        Line.objects.filter(pk=line.pk, state=Line.State.HELD).update(
            held_reason=result.line_held.value, held_detail=result.error[:300]
        )
    return outcome.words or result.error or _("The gateway gave no reason.")


@dataclass(frozen=True)
class Step:
    """One step of a text on its way. `state`: done, next, wrong, doubtful."""

    words: str
    state: str
    at: datetime | None = None
    why: str = ""


def steps(message: Message) -> list[Step]:
    """How far a test has come, in the order of things; what went wrong ends it."""
    state = Message.State(message.state)
    done = [Step(_("Queued"), "done", message.created_at)]
    if state in _ENDED:
        ending = "doubtful" if state == Message.State.UNCERTAIN else "wrong"
        return [*done, Step(str(state.label), ending, why=reasons.sentence(message.state_reason))]
    reached = {each: place for place, each in enumerate(_WAY)}.get(state, -1)
    way = zip(
        (_("Handed to the phone"), _("Sent by the phone"), _("Delivered")),
        (message.submitted_at, message.sent_at, message.delivered_at),
        strict=True,
    )
    return done + [
        Step(words, "done" if place <= reached else "next", at) for place, (words, at) in enumerate(way)
    ]


_WAY = (Message.State.SUBMITTED, Message.State.SENT, Message.State.DELIVERED)
_ENDED = (Message.State.UNCERTAIN, Message.State.FAILED, Message.State.SKIPPED, Message.State.CANCELLED)


def send_test(line: Line, number: str, *, key: UUID, by: User) -> Message:
    """One real text through the line, once for each form's `key`. `number` is E.164."""
    # Plain quotes and spaces only, in every language: one curly quote would halve the room of an SMS.
    text = _("Test from Ligne: the line %(line)s sends.") % {"line": line.name}

    def make() -> list[int]:
        draft = Draft(line=line, number=number, text=text)
        return [message.pk for message in enqueue(line.team, [draft], by=by)]

    digest = idempotency.digest_of(f"{line.pk} {number}".encode())
    made, _new = idempotency.once(
        team=line.team, scope=f"form:{by.pk}", key=f"line-test:{key}", digest=digest, make=make
    )
    return Message.objects.for_team(line.team).get(pk=made[0])
