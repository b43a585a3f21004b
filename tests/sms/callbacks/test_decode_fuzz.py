"""Nothing that arrives may break the decoder, and what it returns must be storable."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sms.callbacks.decode import Decoded, decode, is_empty
from sms.callbacks.query import UNSTORABLE
from tests.sms.callbacks.test_decode import CASES, SMS, STATUS, encoded

QUERIES = [case["query_string"].encode() for case in CASES if len(case["query_string"]) < 2000]

surrogates = st.text(st.characters(exclude_categories=()), max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | surrogates,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(surrogates, inner, max_size=3),
    max_leaves=6,
)


def check(decoded: Decoded) -> None:
    for part in decoded.parts:
        assert (part.event is None) == bool(part.error)
        assert not UNSTORABLE.search(part.param + part.error)
        if part.payload is not None:
            # As PostgreSQL's jsonb takes it: no NaN, no NUL, no half of a pair.
            stored = json.dumps(part.payload, ensure_ascii=False, allow_nan=False)
            assert not UNSTORABLE.search(stored)
            assert "\\u0000" not in json.dumps(part.payload).replace("\\\\", "")
        if part.event is not None:
            assert len(part.event.digest) == 32
            for name in ("account", "occurred", "text", "link", "id_sms_api", "from_raw", "phone_raw"):
                assert not UNSTORABLE.search(getattr(part.event, name, None) or "")


@given(st.binary(max_size=200))
def test_any_bytes(query: bytes) -> None:
    check(decode(query))
    is_empty(query)


@given(st.sampled_from(["status", "message", "clics", "calls", "qualification"]), values)
def test_any_json(param: str, value: object) -> None:
    check(decode(encoded(param, value)))


@given(st.sampled_from(QUERIES), st.data())
def test_damaged_corpus(query: bytes, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(query)))
    gone = data.draw(st.integers(0, 12))
    check(decode(query[:at] + data.draw(st.binary(max_size=6)) + query[at + gone :]))


@given(st.sampled_from([SMS, STATUS]), st.data())
def test_any_value_in_any_field(payload: dict[str, Any], data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(sorted(payload)))
    check(decode(encoded("status", payload | {key: data.draw(values)})))


@settings(max_examples=300)
@given(surrogates)
def test_any_text_is_kept_but_for_what_cannot_be_stored(text: str) -> None:
    wire = json.dumps(SMS | {"message": text})
    event = decode(f"message={quote(wire, safe='')}".encode()).events[0]
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "surrogatepass")
    assert event.text == UNSTORABLE.sub("\ufffd", whole)  # type: ignore[union-attr]


@pytest.mark.parametrize("depth", [33, 900, 100_000])
@pytest.mark.parametrize("shape", ["[{}]", '{{"a":{}}}'])
def test_deep_nesting_is_quarantined(depth: int, shape: str) -> None:
    opening, closing = shape.replace("{{", "{").replace("}}", "}").split("{}")
    body = json.dumps(STATUS)[:-1] + ', "extra": ' + opening * depth + "1" + closing * depth + "}"
    part = decode(f"status={quote(body, safe='')}".encode()).parts[0]
    assert part.event is None
    assert part.error == "not JSON"


def test_long_integer_is_kept_as_text() -> None:
    digits = "9" * 4301
    body = json.dumps(STATUS | {"extra": 0}).replace('"extra": 0', f'"extra": {digits}')
    part = decode(f"status={quote(body, safe='')}".encode()).parts[0]
    assert part.event is not None
    assert part.payload is not None
    assert part.payload["extra"] == digits
