"""What the pretend gateway remembers."""

from dataclasses import dataclass, field, fields
from typing import Any

# The five callbacks, named as their GET parameter in the newest document (H).
EVENTS = ("status", "message", "clics", "calls", "qualification")

# The only key that is accepted, for any login.
ACCESS_KEY = "sandbox"


@dataclass(slots=True)
class Line:
    """An account of the gateway, that is one SIM; it exists from the first time its login is heard of."""

    login: str
    name: str = ""
    number: str = ""
    callbacks: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Entry:
    """One thing that happened between a line and a person, as their phone shows it.

    kind           state                                  text, duration
    text           accepted, sent, received               what the line sent
    answer                                                what the person sent
    call           incoming, missed, outgoing (over);     seconds talked, or seconds it rang when missed
                   ringing, talking (a click-to-call)
    click                                                 the target of the link
    qualification                                         the words
    """

    seq: int
    login: str
    number: str
    kind: str
    # Seconds since 1970; of a text with `date_to_send` ahead, when it is due.
    at: float
    text: str = ""
    state: str = ""
    id_sms_api: str = ""
    segments: int = 0
    # Of a tracked link: the last part of the short address, and where it leads.
    code: str = ""
    target: str = ""
    duration_s: int = 0
    # A text accepted while the SIM's phone is offline has not reached the person's.
    arrived: bool = True


ENTRY_FIELDS = tuple(f.name for f in fields(Entry))


def entry_row(entry: Entry) -> tuple[Any, ...]:
    return tuple(getattr(entry, name) for name in ENTRY_FIELDS)


def entry_of_row(row: tuple[Any, ...]) -> Entry:
    entry = Entry(*row)
    entry.arrived = bool(entry.arrived)
    return entry


@dataclass(slots=True)
class Delays:
    """Seconds from acceptance to each delivery report. 0 = at once, still in order."""

    sent_after_s: float = 1.2
    received_after_s: float = 2.6
    # What the switch "Delivery reports arrive late" adds.
    late_s: float = 30.0
    # An unanswered click-to-call stops ringing.
    ring_for_s: float = 25.0
    # Waits before each new try of a callback that was refused or got a 5xx.
    retry_after_s: tuple[float, ...] = (1.0, 4.0, 15.0)


@dataclass(slots=True, frozen=True)
class WireRow:
    """One request that went either way. `outward` = from the gateway, i.e. a callback."""

    at: float
    outward: bool
    words: str
    # Of messages in a sendSms; None for every other request.
    messages: int | None
    # None = no HTTP answer; `problem` then says why: refused, timed out, elsewhere.
    status: int | None
    ms: float
    problem: str = ""
    # A callback that failed is tried again after so many seconds, or given up.
    again_s: float | None = None
    given_up: bool = False
