"""Whether a person fulfils a definition, worked out in Python from the plain values of world.py."""

import unicodedata
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from .world import Event, Person, World

LEFT = {"sending", "submitted", "sent", "delivered", "uncertain"}
KINDS: dict[str, Callable[[Event], bool]] = {
    "texted": lambda event: event.kind in LEFT,
    "delivered": lambda event: event.kind == "delivered",
    "clicked": lambda event: event.kind == "click",
    "replied": lambda event: event.kind == "in",
    "called": lambda event: event.kind in ("incoming", "outgoing") and event.seconds > 0,
    "missed": lambda event: event.kind == "missed",
}


def from_them(event: Event) -> bool:
    return event.kind in ("in", "click", "incoming", "missed") or KINDS["called"](event)


def plain(text: str) -> str:
    apart = unicodedata.normalize("NFKD", text.lower())
    return "".join(each for each in apart if not unicodedata.combining(each))


def start_of(day: str, world: World) -> datetime:
    return datetime.combine(date.fromisoformat(day), time.min, ZoneInfo(world.team.time_zone))


def fulfils(person: Person, definition: dict[str, Any], world: World) -> bool:
    held = [
        fulfils(person, each, world) if "conditions" in each else holds(person, each, world)
        for each in definition["conditions"]
    ]
    return not held or (all(held) if definition.get("match", "all") == "all" else any(held))


def holds(person: Person, given: dict[str, Any], world: World) -> bool:
    key, op, value = given["field"], given["op"], given.get("value")
    if key in KINDS:
        return happened(person, given, world)
    texts = {
        "first_name": person.first, "last_name": person.last, "company": person.company,
        "email": person.email, "address": person.address, "custom.town": str(person.custom.get("town", "")),
    }  # fmt: skip
    if key in texts:
        return text(texts[key], op, value)
    sets: dict[str, set[Any]] = {
        "tag": {world.ids["tag"][name] for name in person.tags},
        "list": {world.ids["list"][name] for name in person.lists},
        "language": {person.language} - {""},
        "owner": {world.ids["owner"][person.owner]} if person.owner else set(),
        "imported_by": {world.ids["imported_by"][person.imported]} if person.imported else set(),
        "consent": {person.consent or "none"},
        "custom.heating": {person.custom["heating"]} if "heating" in person.custom else set(),
    }
    if key in sets:
        return chosen(sets[key], op, value)
    return OTHERS[key](person, op, value, world)


def text(held: str, op: str, value: Any) -> bool:
    if op in ("known", "unknown"):
        return bool(held) == (op == "known")
    here, wanted = plain(held), plain(value)
    found = {"is": here == wanted, "contains": wanted in here, "begins": here.startswith(wanted)}
    return found[op.removesuffix("_not")] != op.endswith("_not")


def chosen(held: set[Any], op: str, value: Any) -> bool:
    if op in ("some", "somebody", "known"):
        return bool(held)
    if op in ("bare", "nobody", "unknown"):
        return not held
    if op == "every":
        return set(value) <= held
    return bool(held & set(value)) == (op == "any")


def happened(person: Person, given: dict[str, Any], world: World) -> bool:
    op, value = given["op"], given.get("value")
    lines = {pk: name for name, pk in world.ids["line"].items()}
    events = [
        event
        for event in (*person.events, *(Event(sent.state, 1000) for sent in person.campaigns))
        if KINDS[given["field"]](event) and ("line" not in given or event.line == lines[given["line"]])
    ]
    if op == "at_least":
        days = given.get("days")
        often = len([event for event in events if days is None or event.days <= days])
        return isinstance(value, int) and often >= value
    return within([event.days for event in events], op, value, world)


def within(days: list[float], op: str, value: Any, world: World) -> bool:
    if op in ("ever", "never"):
        return bool(days) == (op == "ever")
    if op in ("in_last", "not_in_last"):
        return any(each <= value for each in days) == (op == "in_last")
    at = start_of(value, world)
    moments = [world.made_at - timedelta(days=each) for each in days]
    return any(each < at if op == "before" else each >= at for each in moments)


def silent(person: Person, op: str, value: Any, world: World) -> bool:
    days = [event.days for event in person.events if from_them(event)]
    if op == "ever":
        return not days
    return any(each <= value for each in days) == (op == "not_in_last")


def last_event(person: Person, op: str, value: Any, world: World) -> bool:
    days = [min(event.days for event in person.events)] if person.events else []
    return within(days, op, value, world)


def added(person: Person, op: str, value: Any, world: World) -> bool:
    return within([person.added], op, value, world)


def follow_up(person: Person, op: str, value: Any, world: World) -> bool:
    if op in ("open", "bare"):
        return bool(person.due) == (op == "open")
    if op == "overdue":
        return any(each < 0 for each in person.due)
    return any(0 <= each < value for each in person.due)


def phone(person: Person, op: str, value: Any, world: World) -> bool:
    if op in ("known", "unknown"):
        return bool(person.numbers) == (op == "known")
    digits = value.replace(" ", "")
    start = "+33" + digits[1:] if digits.startswith("0") else digits
    return any(number.startswith(start) for number in person.numbers)


def phone_country(person: Person, op: str, value: Any, world: World) -> bool:
    return any(n.startswith(f"+{code}") for n in person.numbers for code in value) == (op == "any")


def textable(person: Person, op: str, value: Any, world: World) -> bool:
    return any(number.startswith("+") for number in person.numbers) == (op == "yes")


def surface(person: Person, op: str, value: Any, world: World) -> bool:
    held = person.custom.get("surface")
    if op in ("known", "unknown") or held is None:
        return (held is None) == (op == "unknown")
    low, high = value if isinstance(value, list) else (value, value)
    found = {"is": held == low, "over": held > low, "under": held < low, "between": low <= held <= high}
    return bool(found[op])


def visit(person: Person, op: str, value: Any, world: World) -> bool:
    held = person.custom.get("visit")
    if op in ("known", "unknown") or held is None:
        return (held is None) == (op == "unknown")
    today = world.made_at.astimezone(ZoneInfo(world.team.time_zone)).date()
    at = date.fromisoformat(held)
    if op == "in_last":
        return today - timedelta(days=value) <= at <= today
    if op == "in_next":
        return today <= at <= today + timedelta(days=value)
    day = date.fromisoformat(value)
    return {"is": at == day, "before": at < day, "since": at >= day}[op]


def house(person: Person, op: str, value: Any, world: World) -> bool:
    held = person.custom.get("house")
    if op in ("known", "unknown"):
        return (held is None) == (op == "unknown")
    return held is (op == "yes")


def campaign(person: Person, op: str, value: Any, world: World) -> bool:
    names = {pk: name for name, pk in world.ids["campaign"].items()}
    chosen = {names[each] for each in value}
    rows = [sent for sent in person.campaigns if sent.campaign in chosen]
    if op in ("in", "not_in"):
        return bool(rows) == (op == "in")
    states = {
        "received": {"delivered"}, "sent": {"submitted", "sent", "delivered"}, "failed": {"failed"},
        "left_out": {"skipped"},
    }  # fmt: skip
    if op in states:
        return any(sent.state in states[op] for sent in rows)
    if op.startswith("not_"):
        return any(sent.state == "delivered" and op.removeprefix("not_") not in sent.credits for sent in rows)
    return any(op in sent.credits for sent in rows)


OTHERS: dict[str, Callable[[Person, str, Any, World], bool]] = {
    "silent": silent, "last_event": last_event, "added": added, "follow_up": follow_up, "phone": phone,
    "phone_country": phone_country, "textable": textable, "custom.surface": surface, "custom.visit": visit,
    "custom.house": house, "campaign": campaign,
    "opted_out": lambda person, op, value, world: person.opted_out == (op == "yes"),
    "do_not_call": lambda person, op, value, world: person.no_calls == (op == "yes"),
}  # fmt: skip
