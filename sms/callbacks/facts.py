"""Writes the facts of a batch, then what follows from them, each kind in one statement."""

from datetime import datetime

from sms.callbacks import consent, deliveries
from sms.callbacks.batch import Item
from sms.callbacks.events import CallEvent, ClickEvent, DeliveryStatus, IncomingSms, QualificationEvent
from sms.campaigns import credits
from sms.conversations import summary
from sms.conversations.summary import Touch
from sms.models import Call, Click, Message, Qualification


def write(items: list[Item]) -> None:
    """Facts, states and consequences of items that are new. Sets their outcome. Inside a transaction."""
    texts = [item for item in items if isinstance(item.event, IncomingSms)]
    calls = [item for item in items if isinstance(item.event, CallEvent)]
    clicks = [item for item in items if isinstance(item.event, ClickEvent)]
    qualifications = [item for item in items if isinstance(item.event, QualificationEvent)]
    statuses = [item for item in items if isinstance(item.event, DeliveryStatus)]

    Message.objects.bulk_create([_text(item, item.event) for item in texts])  # type: ignore[arg-type]
    new_calls = Call.objects.bulk_create([_call(item, item.event) for item in calls])  # type: ignore[arg-type]
    new_clicks = Click.objects.bulk_create([_click(item, item.event) for item in clicks])  # type: ignore[arg-type]
    noted = Qualification.objects.bulk_create([_qualification(item, item.event) for item in qualifications])  # type: ignore[arg-type]

    deliveries.raise_states(statuses)
    deliveries.doubt_clicks([click.pk for click in new_clicks])
    spoken = {call.contact_id for call in new_calls} | {note.contact_id for note in noted}
    deliveries.match_qualifications({contact for contact in spoken if contact is not None})
    intents = consent.follow_words(texts)
    credits.of_clicks([click.pk for click in new_clicks])
    credits.of_deeds(deed for item in items if (deed := _deed(item, intents.get(id(item)))) is not None)
    summary.write(touch for item in items if (touch := _touch(item, intents.get(id(item)))) is not None)
    for item in items:
        item.outcome = "applied"


def _contact(item: Item) -> int | None:
    if item.message is not None:
        return item.message.contact_id
    return item.person.contact_id if item.person else None


def _common(item: Item) -> dict[str, object]:
    return {
        "team_id": item.row.team_id,
        "line_id": item.row.line_id,
        "contact_id": _contact(item),
        "happened_at": item.at,
        "received_at": item.row.received_at,
        "raw_time": (item.event.occurred or "")[:64],
    }


def _text(item: Item, event: IncomingSms) -> Message:
    return Message(
        **_common(item),
        direction=Message.Direction.IN,
        state=Message.State.RECEIVED,
        number=item.number,
        text=event.text,
        due_at=item.row.received_at,
    )


def _call(item: Item, event: CallEvent) -> Call:
    return Call(
        **_common(item),
        direction=event.direction,
        number=item.number,
        duration_s=event.duration_s,
        raw_duration=_raw_duration(item),
    )


def _raw_duration(item: Item) -> str:
    payload = {key.lower(): value for key, value in (item.part.payload or {}).items()}
    value = payload.get("duration")
    return "" if value is None else str(value)[:64]


def _click(item: Item, event: ClickEvent) -> Click:
    return Click(
        **_common(item),
        message_id=item.message.id if item.message else None,
        id_sms_api=event.id_sms_api or "",
        link=event.link,
    )


def _qualification(item: Item, event: QualificationEvent) -> Qualification:
    return Qualification(**_common(item), source=event.source, text=event.text, number=item.number)


def _deed(item: Item, intent: str | None) -> credits.Deed | None:
    """What a campaign may be credited with. A STOP is an opt-out and no answer."""
    contact_id, event = _contact(item), item.event
    if contact_id is None:
        return None
    if isinstance(event, IncomingSms):
        return None if intent else credits.Deed(contact_id, credits.Kind.REPLIED, item.at)
    if isinstance(event, CallEvent) and (event.direction in ("incoming", "missed") or event.duration_s):
        return credits.Deed(contact_id, credits.Kind.CALLED, item.at)
    if isinstance(event, QualificationEvent):
        return credits.Deed(contact_id, credits.Kind.QUALIFIED, item.at)
    return None


def _touch(item: Item, intent: str | None) -> Touch | None:
    """How the inbox sees the item; None where it has no contact, or changes no row: a delivery, or a click on a
    campaign's link, which stays out of the inbox as the campaign does.
    """
    contact_id = _contact(item)
    if contact_id is None or isinstance(item.event, DeliveryStatus):
        return None
    if (
        isinstance(item.event, ClickEvent)
        and item.message is not None
        and item.message.campaign_id is not None
    ):
        return None
    kind, preview, flags = _seen(item, intent)
    return Touch(
        team_id=item.row.team_id,
        contact_id=contact_id,
        line_id=item.row.line_id,
        at=_shown_at(item),
        kind=kind,
        preview=preview,
        **flags,
    )


def _shown_at(item: Item) -> datetime:
    """A text that arrives a day late must not stand a day down the inbox: rows go by arrival."""
    return item.row.received_at


def _seen(item: Item, intent: str | None) -> tuple[str, str, dict[str, bool]]:
    """Kind, preview (text, or seconds of a call) and flags of an item's touch."""
    event = item.event
    if isinstance(event, IncomingSms):
        if intent == "stop":
            return "stop", event.text, {"inbound": True, "unread": True}
        return "in", event.text, {"inbound": True, "unread": True, "waits": True}
    if isinstance(event, CallEvent):
        seconds = "" if event.duration_s is None else str(event.duration_s)
        if event.direction == "missed":
            return "missed", seconds, {"inbound": True, "unread": True, "waits": True}
        spoke = bool(event.duration_s)
        return event.direction, seconds, {"inbound": event.direction == "incoming", "answers": spoke}
    if isinstance(event, ClickEvent):
        return "click", event.link, {}
    if isinstance(event, QualificationEvent):
        return "qualification", event.text, {}
    return "", "", {}
