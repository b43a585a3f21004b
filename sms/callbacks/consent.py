"""STOP and START: obeyed in the transaction that stores the text that says so."""

from sms import consent, optout_words
from sms.callbacks.batch import Item
from sms.callbacks.events import IncomingSms


def follow_words(items: list[Item]) -> dict[int, str]:
    """Opts people out and in as their texts ask. "stop" or "start" by id() of the item."""
    intents: dict[int, str] = {}
    # In order of arrival: of one person's words the last counts.
    last: dict[int, tuple[str, consent.Wish]] = {}
    for item in items:
        if item.person is None or not isinstance(item.event, IncomingSms):
            continue
        intent = optout_words.intent(
            item.event.text, extra_stop=item.row.stop_words, extra_start=item.row.start_words
        )
        if intent:
            intents[id(item)] = intent
            contact = item.person.contact_id
            last[contact] = intent, consent.Wish(contact, item.at, item.event.text, source="sms")
    if last:
        consent.opt_out(wish for intent, wish in last.values() if intent == "stop")
        consent.opt_in(wish for intent, wish in last.values() if intent == "start")
    return intents
