"""The five facts a callback can tell, normalised. Fields are named as in the corpus of the wire.

Strings hold no NUL and no lone surrogate (PostgreSQL stores neither): each is replaced by U+FFFD. Raw
numbers, accounts and dates are cut at 200 characters; texts and links are whole.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

Kind = Literal["incoming_sms", "call", "delivery_status", "click", "qualification"]
Direction = Literal["incoming", "outgoing", "missed", "unknown"]
Source = Literal["mobile", "interface", "unknown"]
Status = Literal["sent", "received"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """What every event has.

    `account` is the login the gateway names, or None when it names none (N, C): the line comes from the
    callback's token in any case. `occurred` is the date exactly as received. `has_time_of_day` is False for
    a bare date and for one that can't be read: two such payloads that look alike may be two facts, so they
    are duplicates for a short while only. `digest` is the sha256 of the canonical payload; the caller adds
    the line.
    """

    account: str | None
    occurred: str | None
    has_time_of_day: bool
    digest: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class IncomingSms(Event):
    kind: ClassVar[Kind] = "incoming_sms"
    from_raw: str | None
    from_e164: str | None
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallEvent(Event):
    """`duration_s` is whole seconds, None when it can't be believed; `phone_raw` None or "" when hidden."""

    kind: ClassVar[Kind] = "call"
    direction: Direction
    phone_raw: str | None
    phone_e164: str | None
    duration_s: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryStatus(Event):
    """`id_sms_api` None when empty: nothing can be matched, the fact is kept all the same."""

    kind: ClassVar[Kind] = "delivery_status"
    id_sms_api: str | None
    phone_raw: str | None
    phone_e164: str | None
    status: Status


@dataclass(frozen=True, slots=True, kw_only=True)
class ClickEvent(Event):
    """`link` is the original or the short URL (H, A): match by id. It is foreign text, never an href."""

    kind: ClassVar[Kind] = "click"
    id_sms_api: str | None
    phone_raw: str | None
    phone_e164: str | None
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QualificationEvent(Event):
    kind: ClassVar[Kind] = "qualification"
    source: Source
    phone_raw: str | None
    phone_e164: str | None
    text: str


AnyEvent = IncomingSms | CallEvent | DeliveryStatus | ClickEvent | QualificationEvent
