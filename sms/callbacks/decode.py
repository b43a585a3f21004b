"""From a callback's query to facts. Pure: no model, no database, no clock; never raises on any input.

What a payload means is read from the payload, since the vendor's documents put the same event under
different parameters (a qualification under `calls` in N and C). Keys count whatever their case and their
underscores. What can't be understood comes back with an `error` and is quarantined by the caller.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, TypedDict

from contacts.phones import normalise
from sms.callbacks.events import (
    AnyEvent,
    CallEvent,
    ClickEvent,
    DeliveryStatus,
    Direction,
    Event,
    IncomingSms,
    Kind,
    QualificationEvent,
    Source,
    Status,
)
from sms.callbacks.query import KNOWN, MOST_PARAMETERS, Piece, is_empty, parse, pieces, storable
from sms.callbacks.times import has_time_of_day

__all__ = [
    "AnyEvent",
    "CallEvent",
    "ClickEvent",
    "Decoded",
    "DeliveryStatus",
    "Event",
    "IncomingSms",
    "Part",
    "QualificationEvent",
    "decode",
    "is_empty",
]

LONGEST_NAME = 200  # characters of an account, a raw number, a date
LONGEST_ID = 64  # characters; no id of ours or of a sample is longer than 15
LONGEST_CALL_S = 7 * 24 * 3600  # nobody telephones for a week: a longer duration is a broken one

BETWEEN_WORDS = re.compile(r"[\s_\-]+")
SECONDS = re.compile(r"([0-9]{1,9})(?:\.[0-9]*)?", re.ASCII)
CLOCK = re.compile(r"(?:([0-9]{1,3}):)?([0-5]?[0-9]):([0-5][0-9])", re.ASCII)

CANONICAL = json.JSONEncoder(sort_keys=True, separators=(",", ":"))

# The vendor documents `sent` and `received` (H); `delivered` is what its v2 says for `received` (L). Any
# other word is undocumented and goes to quarantine rather than into a state.
STATUSES: dict[str, Status] = {"sent": "sent", "received": "received", "delivered": "received"}


class _Unknown(ValueError):
    """A payload that is none of the five events. The message says why, for an admin."""


@dataclass(frozen=True, slots=True)
class Part:
    """One payload of a callback: an `event`, or an `error` that says why there is none.

    `raw` is the parameter's bytes; `payload` what was parsed, when it is an object, storable as jsonb.
    """

    raw: bytes
    param: str
    payload: dict[str, Any] | None
    event: AnyEvent | None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Decoded:
    parts: list[Part] = field(default_factory=list)

    @property
    def events(self) -> list[AnyEvent]:
        return [part.event for part in self.parts if part.event is not None]


class _Common(TypedDict):
    account: str | None
    occurred: str | None
    has_time_of_day: bool
    digest: bytes


def _squash(word: str) -> str:
    """`phone_number`, `PHONE_NUMBER` and `phoneNumber` are one key; so are the titles' writings."""
    return _squash_short(word) if len(word) <= 40 else BETWEEN_WORDS.sub("", word).lower()


@lru_cache(maxsize=1024)
def _squash_short(word: str) -> str:
    return BETWEEN_WORDS.sub("", word).lower()


class _Payload:
    """A JSON object whose keys are looked up squashed; of two keys that are then one, the last not null."""

    def __init__(self, payload: dict[str, Any]) -> None:
        self.values: dict[str, Any] = {}
        for key, value in payload.items():
            name = _squash(key)
            if value is not None or name not in self.values:
                self.values[name] = value

    def has(self, *keys: str) -> bool:
        return any(key in self.values for key in keys)

    def text(self, *keys: str) -> str | None:
        """The first of `keys` that has a value, as text; None when none has. Raises _Unknown."""
        for key in keys:
            value = self.values.get(key)
            if isinstance(value, bool | dict | list):
                raise _Unknown(f"{key} is no text")
            if value is not None:
                return str(value)
        return None

    def name(self, *keys: str) -> str | None:
        value = self.text(*keys)
        return None if value is None else value[:LONGEST_NAME]

    def title(self) -> str:
        value = self.values.get("title")
        return _squash(value) if isinstance(value, str) else ""

    def message_id(self) -> str | None:
        value = self.text("idsmsapi")
        if value is not None and len(value) > LONGEST_ID:
            raise _Unknown("id_sms_api is too long")
        return value or None

    def digest(self, kind: Kind) -> bytes:
        return hashlib.sha256(CANONICAL.encode([kind, self.values]).encode()).digest()


def _kind_by_title(payload: _Payload) -> Kind | None:
    """By the title, or the key that some payloads carry instead of one (`clicked_link` in H)."""
    title = payload.title()
    if "qualification" in title or payload.has("qualification"):
        return "qualification"
    if "click" in title or payload.has("clickedlink"):
        return "click"
    if "sms" in title:
        if "outgoing" in title or "sent" in title:
            raise _Unknown("an SMS that is not incoming")
        return "incoming_sms"
    return "call" if "call" in title or title in ("missed", "incoming", "outgoing") else None


def _kind_by_keys(payload: _Payload, param: str) -> Kind | None:
    """By the keys that only one event has."""
    if payload.has("status") and payload.has("idsmsapi", "datestatus"):
        return "delivery_status"
    if payload.has("link"):
        return "click"
    if payload.has("calltime", "duration"):
        return "call"
    if payload.has("message") and payload.has("from"):
        return "incoming_sms"
    return "call" if param in ("call", "calls") and payload.has("phonenumber") else None


def _kind(payload: _Payload, param: str) -> Kind:
    kind = _kind_by_title(payload) or _kind_by_keys(payload, param)
    if kind is None:
        raise _Unknown("none of the five events")
    return kind


def _duration(payload: _Payload) -> int | None:
    """Seconds of a call: a number, or HH:mm:ss (H). None for what is negative, malformed or over a week."""
    value = payload.values.get("duration")
    if isinstance(value, bool | dict | list) or value is None:
        return None
    written = str(value).strip()
    if plain := SECONDS.fullmatch(written):
        seconds = int(plain[1])
    elif clock := CLOCK.fullmatch(written):
        seconds = int(clock[1] or 0) * 3600 + int(clock[2]) * 60 + int(clock[3])
    else:
        return None
    return seconds if seconds <= LONGEST_CALL_S else None


def _direction(title: str) -> Direction:
    if "missed" in title:
        return "missed"
    if "outgoing" in title:
        return "outgoing"
    return "incoming" if "incoming" in title else "unknown"


def _source(title: str) -> Source:
    if "mobile" in title:
        return "mobile"
    return "interface" if "interface" in title else "unknown"


def _incoming_sms(payload: _Payload, common: _Common, region: str) -> IncomingSms:
    if not payload.has("message"):
        raise _Unknown("an SMS without a text")
    sender = payload.name("from", "phonenumber")
    return IncomingSms(
        **common,
        from_raw=sender,
        from_e164=normalise(sender, region),
        text=payload.text("message") or "",
    )


def _status(payload: _Payload, common: _Common, region: str) -> DeliveryStatus:
    word = (payload.text("status") or "").strip().lower()
    if word not in STATUSES:
        raise _Unknown("an undocumented delivery status")
    phone = payload.name("phonenumber")
    return DeliveryStatus(
        **common,
        id_sms_api=payload.message_id(),
        phone_raw=phone,
        phone_e164=normalise(phone, region),
        status=STATUSES[word],
    )


def _call(payload: _Payload, common: _Common, region: str) -> CallEvent:
    phone = payload.name("phonenumber", "from")
    return CallEvent(
        **common,
        direction=_direction(payload.title()),
        phone_raw=phone,
        phone_e164=normalise(phone, region),
        duration_s=_duration(payload),
    )


def _click(payload: _Payload, common: _Common, region: str) -> ClickEvent:
    phone = payload.name("phonenumber", "from")
    return ClickEvent(
        **common,
        id_sms_api=payload.message_id(),
        phone_raw=phone,
        phone_e164=normalise(phone, region),
        link=payload.text("link") or "",
    )


def _qualification(payload: _Payload, common: _Common, region: str) -> QualificationEvent:
    if not payload.has("qualification"):
        raise _Unknown("a qualification without its text")
    phone = payload.name("from", "phonenumber")
    return QualificationEvent(
        **common,
        source=_source(payload.title()),
        phone_raw=phone,
        phone_e164=normalise(phone, region),
        text=payload.text("qualification") or "",
    )


READERS: dict[Kind, Callable[[_Payload, _Common, str], AnyEvent]] = {
    "incoming_sms": _incoming_sms,
    "delivery_status": _status,
    "call": _call,
    "click": _click,
    "qualification": _qualification,
}
# Each event's own key for its date first, then what others use: `call_time` or a bare `date` (H, N).
DATE_KEYS: dict[Kind, tuple[str, ...]] = {
    "incoming_sms": ("date",),
    "delivery_status": ("datestatus", "date"),
    "call": ("calltime", "date"),
    "click": ("date",),
    "qualification": ("date", "calltime"),
}


def _read(raw_payload: dict[str, Any], param: str, region: str) -> AnyEvent:
    payload = _Payload(raw_payload)
    kind = _kind(payload, param)
    # A date of a wrong type is no reason to lose the fact: it counts as none.
    dates = (payload.values.get(key) for key in DATE_KEYS[kind])
    date = next((each for each in dates if isinstance(each, str | int) and each), None)
    occurred = None if date is None else str(date)[:LONGEST_NAME]
    common = _Common(
        account=payload.name("deviceidentification", "user") or None,
        occurred=occurred,
        has_time_of_day=has_time_of_day(occurred),
        digest=payload.digest(kind),
    )
    return READERS[kind](payload, common, region)


def _part(piece: Piece, loaded: Any, region: str) -> Part:
    if not isinstance(loaded, dict):
        return Part(piece.raw, piece.name, None, None, "not an object")
    try:
        return Part(piece.raw, piece.name, loaded, _read(loaded, piece.name, region))
    except _Unknown as error:
        return Part(piece.raw, piece.name, loaded, None, storable(str(error)))


def _parts(piece: Piece, region: str) -> list[Part]:
    if piece.name not in KNOWN:
        return [Part(piece.raw, piece.name, None, None, "unknown parameter")]
    if not piece.value.strip():
        return [Part(piece.raw, piece.name, None, None, "empty value")]
    try:
        loaded = parse(piece.value)
    except ValueError as error:
        return [Part(piece.raw, piece.name, None, None, storable(str(error)))]
    if isinstance(loaded, list) and 0 < len(loaded) <= MOST_PARAMETERS:
        # Several events in one call: a broken one loses none of the others.
        return [_part(piece, each, region) for each in loaded]
    return [_part(piece, loaded, region)]


def decode(query: bytes, *, region: str = "FR") -> Decoded:
    """Every payload in `query` (the exact bytes after "?"), in order.

    `region` is the line's country, in which national numbers are read. A query that `is_empty` has no part.
    """
    if is_empty(query):
        return Decoded()
    return Decoded([part for piece in pieces(query) for part in _parts(piece, region)])
