"""What passed through the lines about a person is erased with them, told to them, and says when they last spoke."""

import json
from collections import Counter
from typing import Any

from django.db import connection
from django.db.models import Q
from django.utils.translation import gettext as _

from contacts.privacy import erase, retention, traces
from contacts.privacy.traces import Traces
from sms.callbacks import forget, spool
from sms.models import AddressBook, Call, Click, Conversation, Message, Note, Qualification, SendAttempt
from sms.people import telling

FACTS = (Message, Call, Click, Qualification)
NUMBERED = (Message, Call, Qualification)


# The newest sign of life of person `p`: theirs, not ours. A robot that opened a link is no sign.
SIGNS = {
    "message": "(SELECT max(f.happened_at) FROM sms_message f WHERE f.contact_id = p.id AND f.direction = 'in')",
    "call": "(SELECT max(f.happened_at) FROM sms_call f"
    " WHERE f.contact_id = p.id AND f.direction IN ('incoming', 'missed'))",
    "click": "(SELECT max(f.happened_at) FROM sms_click f WHERE f.contact_id = p.id AND NOT f.doubtful)",
}


def register() -> None:
    erase.register(erase.Eraser(trace=trace, erase=erase_person, before=bring_in))
    telling.register()
    for sign, value in SIGNS.items():
        retention.register(sign, value)


def bring_in() -> None:
    """What this machine keeps on disk since the database was away: it must be in the tables to be found."""
    spool.replay()


def trace(found: Traces) -> None:
    """Numbers that were theirs once, and the ids of what was sent to them."""
    found.numbers |= _numbers_of_facts(found)[0]
    for ours, theirs in Message.objects.filter(contact=found.contact_id).values_list(
        "id_sms_api", "gateway_id"
    ):
        found.ids |= {ours, theirs} - {""}


def _numbers_of_facts(found: Traces) -> tuple[set[str], set[str]]:
    """Those that nobody else has now, and those that somebody has."""
    seen: set[str] = set()
    for model in NUMBERED:
        numbers = model.objects.filter(contact=found.contact_id).order_by("number")
        seen.update(numbers.values_list("number", flat=True).distinct())
    return traces.without_others(found.team_id, seen - {""}, found.contact_id)


def erase_person(found: Traces) -> Counter[str]:
    """Inside the transaction that holds the person. Raises erase.Busy while a text is being handed over: its
    answer would tell of them again.
    """
    waiting = Message.objects.filter(contact=found.contact_id, state__in=("planned", "queued", "sending"))
    states = list(waiting.order_by("pk").select_for_update(of=("self",)).values_list("state", flat=True))
    if Message.State.SENDING in states:
        raise erase.Busy(_("A text to this person is on its way to the phone. Try again in half a minute."))
    taken = _numbers_of_facts(found)[1]
    gone = Counter({"cancelled": len(states)})
    gone["callbacks"] = forget.forget(forget.of_person(found, taken, _arrivals(found) if taken else ()))
    gone["answers"] = _empty_answers(found)
    _empty_lines(found)
    return gone + _facts(found)


def _arrivals(found: Traces) -> set[forget.Arrival]:
    arrivals: set[forget.Arrival] = set()
    for model in FACTS:
        rows = model.objects.filter(contact=found.contact_id)
        arrivals.update(rows.values_list("line_id", "received_at"))
    return arrivals


def _facts(found: Traces) -> Counter[str]:
    person = found.contact_id
    clicks = Click.objects.filter(Q(contact=person) | Q(message__contact=person))
    counts = {
        "clicks": clicks.delete()[0],
        "qualifications": Qualification.objects.filter(contact=person).delete()[0],
        "calls": Call.objects.filter(contact=person).delete()[1].get("sms.Call", 0),
        "messages": Message.objects.filter(contact=person).delete()[1].get("sms.Message", 0),
        "notes": Note.objects.filter(contact=person).delete()[0],
        "conversations": Conversation.objects.filter(contact=person).delete()[1].get("sms.Conversation", 0),
    }
    return Counter(counts)


def _empty_answers(found: Traces) -> int:
    """Takes the person out of what the gateway answered; how many answers told of them.

    A message that went back to the queue leaves answers that it no longer points to: those of its line between
    its making and its sending.
    """
    ids = set(
        Message.objects.filter(contact=found.contact_id, attempt__isnull=False).values_list(
            "attempt", flat=True
        )
    )
    for message in Message.objects.filter(contact=found.contact_id, attempts__gt=1).only(
        "line_id", "created_at", "happened_at", "submitted_at"
    ):
        until = max(filter(None, (message.submitted_at, message.happened_at, message.created_at)))
        between = SendAttempt.objects.filter(line=message.line_id, at__range=(message.created_at, until))
        ids.update(between.values_list("pk", flat=True))
    changed = 0
    for attempt in SendAttempt.objects.filter(pk__in=ids).exclude(answer="", error="").iterator(500):
        answer = without(attempt.answer, found)
        error = "" if found.stand_in(attempt.error) else attempt.error
        if (answer, error) != (attempt.answer, attempt.error):
            SendAttempt.objects.filter(pk=attempt.pk).update(answer=answer, error=error)
            changed += 1
    return changed


def without(answer: str, found: Traces) -> str:
    """A gateway's answer without the results that name the person; "" where they can't be told from the rest."""
    if not answer or not found.stand_in(answer):
        return answer
    try:
        rest = _pruned(json.loads(answer), found)
    except (ValueError, RecursionError):
        return ""
    text = "" if rest is None else json.dumps(rest, ensure_ascii=False)
    return "" if found.stand_in(text) else text


def _pruned(value: Any, found: Traces) -> Any:
    """JSON without the smallest objects that name the person; None for one that does."""
    if isinstance(value, list):
        kept = [_pruned(each, found) for each in value]
        return [each for each in kept if each is not None]
    if isinstance(value, dict):
        plain = [(key, each) for key, each in value.items() if not isinstance(each, dict | list)]
        if any(found.stand_in(f"{key} {each}") for key, each in plain):
            return None
        pruned = {
            key: _pruned(each, found) if isinstance(each, dict | list) else each
            for key, each in value.items()
        }
        return {key: each for key, each in pruned.items() if each is not None or value[key] is None}
    return None if found.stand_in(str(value)) else value


_LINES = """
UPDATE sms_line SET last_error = CASE WHEN id = ANY(%(errors)s) THEN '' ELSE last_error END,
    held_detail = CASE WHEN id = ANY(%(details)s) THEN '' ELSE held_detail END
WHERE id = ANY(%(errors)s) OR id = ANY(%(details)s)
"""


def _empty_lines(found: Traces) -> None:
    """What the gateway last said against a line may name a number."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, last_error, held_detail FROM sms_line WHERE team_id = %s", [found.team_id])
        rows = cursor.fetchall()
        errors = [pk for pk, error, _detail in rows if error and found.stand_in(error)]
        details = [pk for pk, _error, detail in rows if detail and found.stand_in(detail)]
        if errors or details:
            cursor.execute(_LINES, {"errors": errors, "details": details})
    books = AddressBook.objects.filter(line__team=found.team_id).exclude(last_error="")
    told = [pk for pk, error in books.values_list("pk", "last_error") if found.stand_in(error)]
    if told:
        AddressBook.objects.filter(pk__in=told).update(last_error="")
