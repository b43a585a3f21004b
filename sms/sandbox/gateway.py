"""What the gateway does with a request that it understood: texts, contacts, click-to-call, followed links."""

import re
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from sms import segments_of_text

from . import payloads, protocol
from .callbacks_out import Callbacks, Delivery
from .faults import Faults
from .memory import Memory
from .protocol import Refused, Request, field
from .records import ACCESS_KEY, Entry
from .schedule import Schedule

# `[Lien_Tracking]` (H, S, N, W), `[Link]` (S prose), `[link]` (A, L).
_MARKER = re.compile(r"\[(?:lien_tracking|link)\]", re.IGNORECASE)
# The gateway fills these in too (W).
_FIRST_NAME = re.compile(r"\[prenom_contact\]", re.IGNORECASE)
_LAST_NAME = re.compile(r"\[nom_contact\]", re.IGNORECASE)
_CODE_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
_CODE_LENGTH = 6
# So that two reports are never at the same distance; 0 stays 0.
_JITTER = 0.2
# Any odd number spreads consecutive entries over the whole range.
_SCATTER = 2_654_435_761


@dataclass(slots=True, frozen=True)
class _Batch:
    """What the messages of one request share."""

    login: str
    is_test: bool
    due: object
    now: float
    sent_time: str
    base_url: str


class Gateway:
    def __init__(self, memory: Memory, schedule: Schedule, faults: Faults, callbacks: Callbacks) -> None:
        self._memory = memory
        self._schedule = schedule
        self._faults = faults
        self._callbacks = callbacks

    def check_key(self, request: Request) -> None:
        """Raises Refused(401) unless the key is this gateway's only one."""
        if self._faults.refuse_key or request.key != ACCESS_KEY or not request.login:
            raise Refused(401, "INVALID_CREDENTIALS", "Wrong login or access key")

    # --- sendSms ---

    def send(self, request: Request, base_url: str) -> list[dict[str, Any]]:
        """Accept the messages. base_url: where short links lead. Raises Refused(400)."""
        messages = protocol.items(request, "messages")
        now = time.time()
        due = field(request.header, "date_to_send")
        batch = _Batch(request.login, request.is_test, due, now, payloads.iso_z(now), base_url)
        answers: list[dict[str, Any]] = []
        accepted: list[Entry] = []
        self._memory.line(request.login)
        with self._memory.lock:
            for message in messages:
                answer, entry = self._accept(batch, message if isinstance(message, dict) else {})
                answers.append(answer)
                if entry is not None:
                    accepted.append(entry)
            self._memory.count_accepted([entry.id_sms_api for entry in accepted])
        for entry in accepted:
            self._report_later(entry, now)
        return answers

    def _accept(self, batch: _Batch, message: dict[str, Any]) -> tuple[dict[str, Any], Entry | None]:
        """The answer, and what was accepted: nothing in test mode, or when no phone could be reached."""
        raw = field(message, "phone_number", "phonenumber")
        written = str(field(message, "message"))
        number = protocol.phone_of(raw)
        url = str(field(message, "url"))
        code = self._new_code() if url and _MARKER.search(written) and _is_link(url) else ""
        text = self._fill_in(written, batch.login, number or "", f"{batch.base_url}/l/{code}" if code else "")
        segments = segments_of_text.count(text).segments
        id_sms_api = str(field(message, "id_sms_api")) or protocol.new_id()
        sent = number is not None and bool(written)
        answer = protocol.send_answer(
            id_sms_api=id_sms_api,
            segments=segments,
            login=batch.login,
            sent_time=batch.sent_time,
            number=number or str(raw),
            text=text,
            sent=sent,
        )
        if not sent or number is None or batch.is_test:
            return answer, None
        entry = self._memory.add(
            batch.login,
            number,
            "text",
            at=protocol.due_at(field(message, "date_to_send") or batch.due, batch.now),
            text=text,
            state="accepted",
            id_sms_api=id_sms_api,
            segments=segments,
            code=code,
            target=url if code else "",
            arrived=not self._faults.offline,
        )
        return answer, entry

    def _fill_in(self, text: str, login: str, number: str, link: str) -> str:
        if "[" not in text:
            return text
        if link:
            text = _MARKER.sub(lambda _found: link, text)
        first, _space, last = self._memory.people.get((login, number), "").partition(" ")
        text = _FIRST_NAME.sub(lambda _found: first, text)
        return _LAST_NAME.sub(lambda _found: last, text)

    def _new_code(self) -> str:
        while True:
            code = "".join(secrets.choice(_CODE_ALPHABET) for _ in range(_CODE_LENGTH))
            if code not in self._memory.links:
                return code

    # --- Delivery reports ---

    def resume(self) -> None:
        """After a restart: reports that were still owed."""
        with self._memory.lock:
            owed = [e for e in self._memory.entries.values() if e.kind == "text" and e.state != "received"]
            for entry in self._memory.entries.values():
                if entry.kind == "call" and entry.state in ("ringing", "talking"):
                    entry.state = "outgoing"
                    self._memory.changed(entry)
        now = time.time()
        for entry in owed:
            entry.arrived = True
            self._report_later(entry, now)

    def _report_later(self, entry: Entry, now: float) -> None:
        delays = self._memory.delays
        ahead = max(0.0, entry.at - now) + (delays.late_s if self._faults.late else 0.0)
        spread = 1 + _JITTER * (entry.seq * _SCATTER % 2001 / 1000 - 1)
        sent_after = ahead + delays.sent_after_s * spread
        received_after = ahead + max(delays.received_after_s, delays.sent_after_s) * spread
        started = time.monotonic()

        def then_received() -> None:
            self._report(entry, "received", received_after - (time.monotonic() - started))

        if entry.state == "sent":
            then_received()
        else:
            self._report(entry, "sent", sent_after, then_received)

    def _report(
        self, entry: Entry, state: str, after_s: float, done: Callable[[], None] | None = None
    ) -> None:
        def payload() -> dict[str, str]:
            entry.state = state
            self._memory.changed(entry)
            return payloads.status(entry.login, entry.number, state, entry.id_sms_api, time.time())

        self._callbacks.deliver(Delivery(entry.login, entry.number, "status", payload, done), after_s=after_s)

    # --- Contacts ---

    def contacts(self, request: Request) -> dict[str, Any]:
        """Raises Refused(400)."""
        rows: list[dict[str, Any]] = []
        self._memory.line(request.login)
        for contact in protocol.items(request, "contacts"):
            row, number = protocol.contact_answer(contact)
            rows.append(row)
            if number is not None and not request.is_test:
                name = f"{row['firstname']} {row['lastname']}".strip()
                self._memory.name_person(request.login, number, name)
        return {"data": {"contact": rows}}

    # --- Click-to-call ---

    def click_to_call(self, request: Request) -> list[dict[str, Any]]:
        """The SIM's phone rings the person, whose page shows it. Raises Refused(400) without a number."""
        number = protocol.phone_of(field(request.header, "phone_number", "phonenumber"))
        if number is None:
            raise Refused(400, "VALIDATION_ERROR", "phone_number is no phone number", "phone_number")
        if self._faults.offline:
            return protocol.call_answer("#002")
        self._memory.line(request.login)
        if not request.is_test:
            entry = self._memory.add(request.login, number, "call", state="ringing")
            key = f"{request.login} {number}"
            self._schedule.after(self._memory.delays.ring_for_s, key, lambda: self.end_call(entry, 0))
        return protocol.call_answer()

    def end_call(self, entry: Entry, seconds: int) -> None:
        """A click-to-call is over; nothing happens when it already was, or was answered meanwhile.

        seconds: how long they talked, 0 = nobody answered.
        """
        with self._memory.lock:
            if entry.state != ("talking" if seconds else "ringing"):
                return
            entry.state = "outgoing"
            entry.duration_s = seconds
            self._memory.changed(entry)
        payload = payloads.call(entry.login, entry.number, "outgoing", seconds, entry.at)
        self._callbacks.deliver(Delivery(entry.login, entry.number, "calls", lambda: payload))

    # --- Followed links ---

    def follow(self, code: str) -> str | None:
        """Count a click; where the link leads, or None when there is none of that code."""
        text = self._memory.links.get(code)
        if text is None:
            return None
        now = time.time()
        self._memory.add(
            text.login, text.number, "click", text=text.target, id_sms_api=text.id_sms_api, at=now
        )
        payload = payloads.click(text.number, text.target, text.id_sms_api, now)
        self._callbacks.deliver(Delivery(text.login, text.number, "clics", lambda: payload, from_phone=False))
        return text.target

    def target_of(self, code: str) -> str | None:
        """Where a link leads, without a click."""
        text = self._memory.links.get(code)
        return text.target if text else None


def _is_link(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    # What would break the redirect's header is no address.
    plain = url.isprintable() and " " not in url
    return plain and parts.scheme in ("http", "https") and bool(parts.netloc)
