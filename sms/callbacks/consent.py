"""STOP and START: obeyed in the transaction that stores the text that says so."""

from sms import consent, optout_words
from sms.callbacks.batch import Item
from sms.callbacks.events import IncomingSms


def follow_words(items: list[Item]) -> dict[int, str]:
    """Opts people out and in as their texts ask. "stop" or "start" by id() of the item."""
    intents: dict[int, str] = {}
    # Of one person's words of a kind the newest, by when it was said: texts arrive in any order.
    stops: dict[int, consent.Wish] = {}
    starts: dict[int, consent.Wish] = {}
    for item in sorted(items, key=lambda item: item.at):
        if item.person is None or not isinstance(item.event, IncomingSms):
            continue
        intent = optout_words.intent(
            item.event.text, extra_stop=item.row.stop_words, extra_start=item.row.start_words
        )
        if intent:
            intents[id(item)] = intent
            contact = item.person.contact_id
            wish = consent.Wish(contact, item.at, item.event.text, source="sms")
            (stops if intent == "stop" else starts)[contact] = wish
    # In this order: a START undoes only what was said before it, of this batch and of all that came earlier.
    if stops:
        consent.obey_stops(stops.values())
    if starts:
        consent.opt_in(starts.values())
    return intents
