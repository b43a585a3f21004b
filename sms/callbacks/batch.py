"""What one batch of callbacks says, on its way to facts. Plain values; `apply` fills them step by step."""

from dataclasses import dataclass, field
from datetime import datetime

from contacts.people.resolve import Person, key_of
from sms.callbacks.decode import Part, decode
from sms.callbacks.events import (
    AnyEvent,
    CallEvent,
    ClickEvent,
    DeliveryStatus,
    IncomingSms,
    QualificationEvent,
)
from sms.callbacks.times import happened_at

# What hides a caller's number, in the words of phones (a hidden caller has no contact). Texts can't hide.
HIDDEN = frozenset(
    {
        "",
        "-1",
        "-2",
        "-3",
        "anonymous",
        "hidden",
        "inconnu",
        "masqué",
        "masque",
        "null",
        "numéro masqué",
        "numero masque",
        "numéro privé",
        "numero prive",
        "private",
        "private number",
        "privé",
        "prive",
        "restricted",
        "unavailable",
        "undefined",
        "unknown",
        "unknown number",
        "withheld",
    }
)


@dataclass(frozen=True)
class Row:
    """A callback as the drain reads it, with what its line and team say about reading it."""

    id: int
    team_id: int
    line_id: int
    query: bytes
    received_at: datetime
    zone: str
    region: str
    stop_words: list[str]
    start_words: list[str]


@dataclass(frozen=True)
class KnownMessage:
    """The message that a status or a click names."""

    id: int
    contact_id: int | None
    number: str
    campaign_id: int | None


@dataclass
class Item:
    """One part of one callback. `outcome` is "", then "applied", "parked" or "quarantined"."""

    row: Row
    part: Part
    outcome: str = ""
    detail: str = ""
    parked_for: str = ""
    message: KnownMessage | None = None
    person: Person | None = None
    at: datetime = field(init=False)

    def __post_init__(self) -> None:
        event = self.part.event
        if event is None:
            self.outcome, self.detail = "quarantined", self.part.error
            self.at = self.row.received_at
        else:
            self.at = happened_at(event.occurred, received_at=self.row.received_at, zone=self.row.zone)

    @property
    def event(self) -> AnyEvent:
        """The event of an item that is not quarantined."""
        if self.part.event is None:
            raise ValueError("quarantined")
        return self.part.event

    @property
    def names(self) -> str | None:
        """The message id that this item can't do without: of a status always, of a click when it has one."""
        if isinstance(self.event, DeliveryStatus):
            return self.event.id_sms_api or ""
        if isinstance(self.event, ClickEvent):
            return self.event.id_sms_api or None
        return None

    @property
    def number(self) -> str:
        """The number or sender id that the item's person is found by; "" for nobody."""
        event = self.event
        if isinstance(event, IncomingSms):
            return event.from_e164 or key_of(event.from_raw or "", self.row.region)
        if isinstance(event, CallEvent | QualificationEvent | ClickEvent):
            if (event.phone_raw or "").strip().casefold() in HIDDEN:
                return ""
            return event.phone_e164 or key_of(event.phone_raw or "", self.row.region)
        return ""

    @property
    def about(self) -> str:
        """The number that the item concerns, a status's too; "" for nobody's."""
        if self.part.event is None:
            return ""
        of_message = self.message.number if self.message else ""
        return self.number or of_message or getattr(self.part.event, "phone_e164", None) or ""


def items_of(rows: list[Row]) -> list[Item]:
    """Every part of every callback, in order of arrival."""
    return [Item(row, part) for row in rows for part in decode(bytes(row.query), region=row.region).parts]
