"""Peer of the applier: the same facts, a callback at a time, as one writes it with the ORM."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone

from contacts.models import ConsentChange, Contact, ContactPhone
from sms import optout_words
from sms.callbacks.decode import decode
from sms.callbacks.events import (
    AnyEvent,
    CallEvent,
    ClickEvent,
    DeliveryStatus,
    IncomingSms,
    QualificationEvent,
)
from sms.callbacks.times import happened_at
from sms.models import Call, Callback, Click, Conversation, KnownEvent, Message, Qualification
from teams import live

RANK = ["queued", "sending", "uncertain", "failed", "submitted", "sent", "delivered"]


def apply_all() -> int:
    """Every callback that waits, in order. How many there were."""
    ids = list(
        Callback.objects.filter(state=Callback.State.RECEIVED).order_by("id").values_list("id", flat=True)
    )
    for each in ids:
        apply_one(each)
    return len(ids)


@transaction.atomic
def apply_one(callback_id: int) -> None:
    callback = (
        Callback.objects.select_for_update(of=["self"]).select_related("line", "team").get(pk=callback_id)
    )
    for part in decode(bytes(callback.query), region=callback.team.region).parts:
        if part.event is None:
            callback.state, callback.detail = Callback.State.QUARANTINED, part.error
            continue
        _, is_new = KnownEvent.objects.get_or_create(
            line=callback.line, digest=part.event.digest, defaults={"seen_at": callback.received_at}
        )
        if is_new:
            _write(callback, part.event)
        callback.state = Callback.State.APPLIED
    callback.applied_at = timezone.now()
    callback.save(update_fields=["state", "detail", "applied_at"])
    callback.line.last_callback_at = callback.received_at
    callback.line.save(update_fields=["last_callback_at"])
    live.announce([callback.team_id])


def _write(callback: Callback, event: AnyEvent) -> None:
    at = happened_at(event.occurred, received_at=callback.received_at, zone=callback.line.time_zone)
    if isinstance(event, DeliveryStatus):
        return _raise_state(callback, event, at)
    if isinstance(event, ClickEvent) and event.id_sms_api:
        message = Message.objects.select_related("contact").get(
            line=callback.line, id_sms_api=event.id_sms_api
        )
        contact, number = message.contact, message.number
    else:
        message = None
        number = (event.from_e164 if isinstance(event, IncomingSms) else event.phone_e164) or ""
        contact = _contact(callback, number)
    common = {
        "team": callback.team,
        "line": callback.line,
        "contact": contact,
        "happened_at": at,
        "received_at": callback.received_at,
        "raw_time": event.occurred or "",
    }
    return _fact(callback, event, contact, message, number, common)


def _fact(
    callback: Callback,
    event: AnyEvent,
    contact: Contact | None,
    message: Message | None,
    number: str,
    common: dict[str, Any],
) -> None:
    if isinstance(event, IncomingSms):
        Message.objects.create(**common, direction="in", state="received", number=number, text=event.text)
        stop = optout_words.intent(event.text) == "stop"
        if stop and contact is not None:
            _opt_out(contact, event.text, common["happened_at"])
        _converse(callback, contact, "stop" if stop else "in", event.text, theirs=True, waits=not stop)
    elif isinstance(event, CallEvent):
        Call.objects.create(**common, direction=event.direction, number=number, duration_s=event.duration_s)
        missed = event.direction == "missed"
        seconds = "" if event.duration_s is None else str(event.duration_s)
        _converse(
            callback, contact, event.direction, seconds, theirs=missed, waits=missed, answers=not missed
        )
        _match(contact)
    elif isinstance(event, ClickEvent):
        Click.objects.create(**common, message=message, id_sms_api=event.id_sms_api or "", link=event.link)
        _converse(callback, contact, "click", event.link)
    elif isinstance(event, QualificationEvent):
        Qualification.objects.create(**common, source=event.source, text=event.text, number=number)
        _converse(callback, contact, "qualification", event.text)
        _match(contact)


def _raise_state(callback: Callback, event: DeliveryStatus, at: datetime) -> None:
    message = Message.objects.get(line=callback.line, id_sms_api=event.id_sms_api)
    state = "delivered" if event.status == "received" else "sent"
    if RANK.index(state) > RANK.index(message.state):
        message.state = state
    if state == "delivered":
        message.delivered_at = message.delivered_at or at
    else:
        message.sent_at = message.sent_at or at
    message.save()


def _contact(callback: Callback, number: str) -> Contact | None:
    if not number:
        return None
    phone = ContactPhone.objects.select_related("contact").filter(team=callback.team, number=number).first()
    if phone is None:
        contact = Contact.objects.create(team=callback.team)
        phone = ContactPhone.objects.create(
            team=callback.team, contact=contact, number=number, is_primary=True
        )
    return phone.contact


def _opt_out(contact: Contact, wording: str, at: datetime) -> None:
    if contact.opted_out_at is None:
        contact.opted_out_at = at
        contact.save(update_fields=["opted_out_at"])
        ConsentChange.objects.create(
            team=contact.team,
            contact=contact,
            kind=ConsentChange.Kind.OPT_OUT,
            source="sms",
            wording=wording,
            happened_at=at,
        )
        Message.objects.filter(contact=contact, state="queued", override_reason="").update(
            state="skipped", state_reason="opted_out"
        )


def _converse(
    callback: Callback,
    contact: Contact | None,
    kind: str,
    preview: str,
    *,
    theirs: bool = False,
    waits: bool = False,
    answers: bool = False,
) -> None:
    if contact is None:
        return
    found, _ = Conversation.objects.get_or_create(
        contact=contact,
        defaults={"team": callback.team, "line": callback.line, "last_at": callback.received_at},
    )
    found.unread += theirs
    if answers:
        found.waiting_since = None
    elif waits and found.waiting_since is None:
        found.waiting_since = callback.received_at
    if callback.received_at >= found.last_at:
        found.last_at, found.last_kind, found.preview = callback.received_at, kind, preview[:160]
    found.save()


def _match(contact: Contact | None) -> None:
    """Ties open qualifications of the person to the call before them."""
    if contact is None:
        return
    for noted in Qualification.objects.filter(contact=contact, call=None):
        before = Call.objects.filter(contact=contact, line=noted.line, happened_at__lte=noted.happened_at)
        noted.call = before.order_by("-happened_at").first()
        noted.save(update_fields=["call"])
