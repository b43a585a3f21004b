"""From the bytes after "?" to JSON values. Pure; never raises on any input.

The gateway calls `decodeURIComponent(stored url) + '?' + param + '=' + encodeURIComponent(json)`. Senders
that encode as forms do, twice, or not at all are understood too.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

# Where the gateway puts an event (H; `click`, `call` in N, C). Which event it is, the payload says.
KNOWN = frozenset({"status", "message", "clics", "click", "calls", "call", "qualification"})
# Added by proxies, previewers and analytics; says nothing.
NOISE = re.compile(r"_|utm_\w*|fbclid|gclid|msclkid|cachebuster|nocache", re.ASCII | re.IGNORECASE)

MOST_PARAMETERS = 50
DEEPEST = 32  # levels of nesting; every documented payload has one
LONG_INTEGER = 18  # digits; a longer one is kept as text (CPython refuses to read 4,301 of them)

# PostgreSQL stores neither NUL nor half a surrogate pair.
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Piece:
    """One parameter of a query: its bytes, its name in lower case, its value percent-decoded once."""

    raw: bytes
    name: str
    value: str


def storable(text: str) -> str:
    """`text` with each NUL and each lone surrogate (half an emoji, cut at a segment's border) as U+FFFD."""
    return UNSTORABLE.sub("\ufffd", text)


def _as_text(data: bytes) -> str:
    """UTF-8; else UTF-8 that spells out surrogate pairs; else, when nothing in it is UTF-8, Windows-1252."""
    try:
        return data.decode()
    except UnicodeDecodeError:
        pass
    try:
        return data.decode("utf-8", "surrogatepass").encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeError:
        pass
    if data.decode("utf-8", "ignore").isascii():
        return data.decode("cp1252", "replace")
    return data.decode("utf-8", "replace")


def _unquote(data: bytes) -> str:
    return _as_text(unquote_to_bytes(data.replace(b"+", b" ")))


def _unquote_again(text: str) -> str:
    return _unquote(text.encode("utf-8", "surrogatepass"))


def is_empty(query: bytes) -> bool:
    """Whether there is nothing to store: no parameter, only noise, or a flood of parameters.

    Cheap: the door asks this before it writes.
    """
    if not query:
        return True
    if query.count(b"&") >= MOST_PARAMETERS:
        return True
    names = (piece.partition(b"=")[0] for piece in query.split(b"&") if piece)
    return all(NOISE.fullmatch(_unquote(name).strip()) for name in names)


def _load(text: str) -> Any:
    """Parse JSON as JavaScript, PHP and Python do, in a form PostgreSQL stores. Raises ValueError."""
    # strict=False: a raw line end inside a text is no reason to lose it. Fractions, NaN and long integers
    # stay text, which jsonb takes and a digest repeats.
    loaded = json.loads(
        text.strip("\ufeff\x00 \t\r\n"),
        strict=False,
        parse_float=str,
        parse_constant=str,
        parse_int=lambda digits: int(digits) if len(digits) <= LONG_INTEGER else digits,
    )
    return _storable_value(loaded, DEEPEST)


def _storable_value(value: Any, levels: int) -> Any:
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        if not levels:
            raise ValueError("nested too deeply")
        return {storable(key): _storable_value(each, levels - 1) for key, each in value.items()}
    if isinstance(value, list):
        if not levels:
            raise ValueError("nested too deeply")
        return [_storable_value(each, levels - 1) for each in value]
    return value


def parse(value: str) -> Any:
    """The JSON in a parameter's value. Raises ValueError.

    Decoded a second time only when it is no JSON yet: decoding always would turn "50%25" into "50%".
    """
    try:
        loaded = _load(value)
    except (ValueError, RecursionError):
        again = _unquote_again(value)
        if again == value:
            raise ValueError("not JSON") from None
        try:
            loaded = _load(again)
        except (ValueError, RecursionError):
            raise ValueError("not JSON") from None
    if isinstance(loaded, str) and loaded.lstrip().startswith(("{", "[")):
        try:
            return _load(loaded)  # made into a string twice
        except (ValueError, RecursionError):
            raise ValueError("not JSON") from None
    return loaded


def _parses(value: str) -> bool:
    try:
        parse(value)
    except ValueError:
        return False
    return True


def pieces(query: bytes) -> Iterator[Piece]:
    """The parameters of a query, in order, without noise when anything else is there.

    A sender that encodes nothing breaks its own JSON at every "&": such a value is put together again from
    the parameters that follow and have no name of ours.
    """
    split = [piece for piece in query.split(b"&") if piece]
    named = [(piece, _unquote(piece.partition(b"=")[0]).strip().lower()) for piece in split]
    at = 0
    while at < len(named):
        raw, name = named[at]
        at += 1
        if NOISE.fullmatch(name):
            continue
        value = _unquote(raw.partition(b"=")[2])
        if name in KNOWN and at < len(named) and named[at][1] not in KNOWN and not _parses(value):
            longer, end = raw, at
            while end < len(named) and named[end][1] not in KNOWN:
                longer += b"&" + named[end][0]
                end += 1
                whole = _unquote(longer.partition(b"=")[2])
                if whole.rstrip().endswith(("}", "]")) and _parses(whole):
                    raw, value, at = longer, whole, end
                    break
        yield Piece(raw, storable(name), value)
