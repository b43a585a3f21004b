"""What the phone's screen and the list "On the wire" show, in words."""

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from .records import Entry, WireRow

# Between two events further apart, the time is written.
PAUSE_S = 15 * 60
_ADDRESS = re.compile(r"https?://[^\s<>\"]+[^\s<>\".,;:!?)\]']")


@dataclass(slots=True)
class Piece:
    """Part of a text; `href` when it can be tapped."""

    words: str
    href: str = ""


@dataclass(slots=True)
class Row:
    """kind: `text` (theirs, on the left), `answer` (the person's), `event` (a sentence), `time`."""

    kind: str
    pieces: list[Piece] = field(default_factory=list)
    words: str = ""
    icon: str = ""
    at: datetime | None = None


@dataclass(slots=True)
class WireLine:
    at: datetime
    icon: str
    arrow: str
    words: str
    status: str
    failed: bool
    note: str


def rows(entries: list[Entry]) -> Iterator[Row]:
    """Oldest first, without what has not reached this phone."""
    before = 0.0
    now = time.time()
    for entry in entries:
        if not entry.arrived or entry.at > now + 1:
            continue
        if entry.at - before > PAUSE_S:
            yield Row("time", at=_local(entry.at), words=_when(entry.at, now))
        before = entry.at
        yield _row(entry)


def _row(entry: Entry) -> Row:
    at = _local(entry.at)
    if entry.kind in ("text", "answer"):
        return Row(entry.kind, pieces=pieces(entry.text, entry.code), at=at)
    if entry.kind == "click":
        host = urlsplit(entry.text).hostname or entry.text
        words = _("You opened %(site)s") % {"site": host}
        return Row("event", words=words, icon="mouse-pointer-click", at=at)
    if entry.kind == "qualification":
        words = _("Noted by the line: %(note)s") % {"note": entry.text}
        return Row("event", words=words, icon="circle-check", at=at)
    icon, words = _call(entry)
    return Row("event", words=words, icon=icon, at=at)


def _call(entry: Entry) -> tuple[str, str]:
    length = spoken(entry.duration_s)
    if entry.state == "missed":
        if entry.duration_s:
            return "phone-missed", _("Your call, %(length)s, not answered") % {"length": length}
        return "phone-missed", _("Your call, not answered")
    if entry.state == "incoming":
        return "phone-call", _("Your call, %(length)s") % {"length": length}
    if entry.state == "ringing":
        return "phone-call", _("The line is calling")
    if entry.state == "talking":
        return "phone-call", _("On the phone with the line")
    if entry.duration_s:
        return "phone-call", _("The line called, %(length)s") % {"length": length}
    return "phone-missed", _("The line called, you did not answer")


def pieces(text: str, code: str = "") -> list[Piece]:
    """The text, its addresses ready to be tapped; `code` is that of its short link."""
    found: list[Piece] = []
    end = 0
    for match in _ADDRESS.finditer(text):
        if match.start() > end:
            found.append(Piece(text[end : match.start()]))
        address = match[0]
        # Of our own short links the path alone, so that they work under whatever name this page was reached.
        short = bool(code) and address.endswith(f"/l/{code}")
        found.append(Piece(address.partition("://")[2], href=f"/l/{code}" if short else address))
        end = match.end()
    if end < len(text):
        found.append(Piece(text[end:]))
    return found


def wire_lines(wire: list[WireRow]) -> Iterator[WireLine]:
    for row in wire:
        yield WireLine(
            at=_local(row.at),
            icon="arrow-down-left" if row.outward else "arrow-up-right",
            arrow=_("From the phone to Ligne") if row.outward else _("From Ligne to the phone"),
            words=_wire_words(row),
            status="–" if row.status is None else str(row.status),
            failed=row.status is None or row.status >= 400,
            note=_note(row),
        )


def _wire_words(row: WireRow) -> str:
    if row.messages is None:
        return row.words
    counted = ngettext("%(count)s message", "%(count)s messages", row.messages)
    return f"{row.words}, {counted % {'count': row.messages}}"


def _note(row: WireRow) -> str:
    reasons = {
        "refused": _("refused"),
        "timed out": _("timed out"),
        "elsewhere": _("not on this machine"),
        "no answer": _("accepted, never answered"),
    }
    parts = [reasons[row.problem]] if row.problem else []
    if row.again_s is not None:
        parts.append(_("again after %(seconds)s s") % {"seconds": f"{row.again_s:g}"})
    if row.given_up:
        parts.append(_("given up"))
    return ", ".join(parts) or _("%(count)s ms") % {"count": formats.number_format(max(1, round(row.ms)))}


def spoken(seconds: int) -> str:
    """22 s, 2 min, 4 min 12 s, 1 h 5 min."""
    if seconds < 60:
        return _("%(s)s s") % {"s": seconds}
    if seconds < 3600:
        if seconds % 60:
            return _("%(m)s min %(s)s s") % {"m": seconds // 60, "s": seconds % 60}
        return _("%(m)s min") % {"m": seconds // 60}
    return _("%(h)s h %(m)s min") % {"h": seconds // 3600, "m": seconds // 60 % 60}


def _local(at: float) -> datetime:
    return timezone.localtime(datetime.fromtimestamp(at, UTC))


def _when(at: float, now: float) -> str:
    moment, today = _local(at), _local(now)
    clock = f"{moment:%H:%M}"
    if moment.date() == today.date():
        return clock
    return f"{formats.date_format(moment, 'j F')} {clock}"
