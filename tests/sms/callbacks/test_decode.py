"""Every case of the callbacks corpus, and the classes it stands for."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus

import pytest

from sms.callbacks.decode import CallEvent, Decoded, DeliveryStatus, IncomingSms, decode, is_empty
from sms.callbacks.times import happened_at

CORPUS = Path(__file__).parents[2] / "data" / "callbacks.jsonl"
CASES: list[dict[str, Any]] = [json.loads(line) for line in CORPUS.read_text().splitlines()]

SMS = {
    "device_identification": "user@email.com",
    "title": "incoming_sms",
    "from": "+33639984217",
    "message": "Bonjour",
    "date": "2025-01-15T14:30:00.000Z",
}
STATUS = {
    "user": "user@email.com",
    "phone_number": "+33639984217",
    "status": "received",
    "date_status": "2025-01-15T14:30:00.000Z",
    "id_sms_api": "FI5O7apqaaqcUmQ",
}


def encoded(param: str, payload: Any) -> bytes:
    return f"{param}={quote(json.dumps(payload), safe='')}".encode()


def only_event(query: bytes) -> Any:
    decoded = decode(query)
    assert [part.error for part in decoded.parts] == [""]
    return decoded.events[0]


def check_field(event: Any, name: str, wanted: Any) -> None:
    if name == "occurred_at_utc":
        # The moment is believable only near to its arrival, so let it arrive just after.
        moment = datetime.fromisoformat(wanted).astimezone(UTC)
        arrival = moment + timedelta(seconds=3)
        assert happened_at(event.occurred, received_at=arrival, zone="Europe/Paris") == moment
    elif name == "occurred_at_local":
        assert event.has_time_of_day
        assert event.occurred.replace(" ", "T") == wanted
    elif name == "occurred_on":
        assert not event.has_time_of_day
        assert event.occurred == wanted
    else:
        assert getattr(event, name) == wanted


def check_events(decoded: Decoded, expect: dict[str, Any]) -> None:
    events = decoded.events
    for wanted in expect["events"]:
        event = next(each for each in events if each.kind == wanted["kind"])
        for name, value in wanted["fields"].items():
            check_field(event, name, value)
        if "from_e164_in" in expect:
            assert isinstance(event, IncomingSms)
            assert event.from_e164 in expect["from_e164_in"]
        if "text_startswith" in expect:
            assert isinstance(event, IncomingSms)
            assert event.text.startswith(expect["text_startswith"])
        if expect.get("duration_never_negative"):
            assert isinstance(event, CallEvent)
            assert event.duration_s is None


@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_corpus_case_is_understood_as_it_expects(case: dict[str, Any]) -> None:
    expect, query = case["expect"], case["query_string"].encode()
    decoded = decode(query)
    if expect["outcome"] == "rejected":
        if case["method"] == "GET":
            assert is_empty(query)
            assert decoded.parts == []
        return
    assert not is_empty(query)
    assert decoded.parts
    if expect["outcome"] == "quarantined":
        assert decoded.events == []
        assert all(part.error for part in decoded.parts)
        return
    assert decoded.events or expect["outcome"] == "accepted_or_quarantined"
    check_events(decoded, expect)
    if "distinct_events" in expect:
        digests = {
            event.digest
            for each in [query, *(later.encode() for later in case["then"])]
            for event in decode(each).events
        }
        assert len(digests) == expect["distinct_events"]


def test_text_is_kept_exactly() -> None:
    plain = ["  100% ", "50%25", "a+b & c=d;e#f?", "\r\n\t", "%7B%22", "null", "{}"]
    for text in [*plain, "👍🏽", "\u202egnp\u202c"]:
        assert only_event(encoded("message", SMS | {"message": text})).text == text


def test_twice_encoded_payload_is_decoded_once_more_only_when_it_is_no_json_yet() -> None:
    once = quote(json.dumps(SMS | {"message": "100% à 50%25"}), safe="")
    assert only_event(f"message={quote(once, safe='')}".encode()).text == "100% à 50%25"
    assert only_event(f"message={once}".encode()).text == "100% à 50%25"


def test_form_encoding_once_and_twice_means_the_same() -> None:
    form = quote_plus(json.dumps(SMS | {"message": "1+1 = 2"}))
    assert only_event(f"message={form}".encode()).text == "1+1 = 2"
    assert only_event(f"message={quote_plus(form)}".encode()).text == "1+1 = 2"


def test_unencoded_payload_with_ampersands_is_put_together_again() -> None:
    body = json.dumps(
        {"id_sms_api": "A1", "clicked_link": "clicked_link", "link": "https://x.example/?a=1&b=2"}
    )
    event = only_event(f"clics={body}&_=17".encode())
    assert event.link == "https://x.example/?a=1&b=2"


def test_broken_value_swallows_no_other_event() -> None:
    decoded = decode(b'message={"title":"x","message":"hi&' + encoded("status", STATUS) + b"&utm_source=a")
    assert [part.param for part in decoded.parts] == ["message", "status"]
    assert [event.kind for event in decoded.events] == ["delivery_status"]


@pytest.mark.parametrize("escape", ["\\u0000", "\\ud83d", "\\udc4d", "%00"])
def test_what_postgresql_cannot_store_becomes_a_replacement_character(escape: str) -> None:
    body = quote(json.dumps(SMS | {"message": "ok @@"}), safe="").replace("%40%40", escape)
    part = decode(f"message={body}".encode()).parts[0]
    assert isinstance(part.event, IncomingSms)
    assert part.event.text == "ok \ufffd"
    assert part.payload is not None
    assert part.payload["message"] == "ok \ufffd"


def test_text_that_is_not_utf8_is_kept() -> None:
    latin = quote(json.dumps(SMS | {"message": "@@"}), safe="").replace("%40%40", "%E9t%E9")
    assert only_event(f"message={latin}".encode()).text == "été"
    cut = quote(json.dumps(SMS | {"message": "@@"}), safe="").replace("%40%40", "%C3%A9 %F0%9F")
    assert only_event(f"message={cut}".encode()).text == "é \ufffd"
    pair = quote(json.dumps(SMS | {"message": "@@"}), safe="").replace("%40%40", "%ED%A0%BD%ED%B1%8D")
    assert only_event(f"message={pair}".encode()).text == "👍"


def test_several_events_in_an_array_lose_none_for_a_broken_one() -> None:
    decoded = decode(encoded("status", [STATUS, 1, STATUS | {"status": "exploded"}, SMS]))
    errors = ["", "not an object", "an undocumented delivery status", ""]
    assert [part.error for part in decoded.parts] == errors
    assert [event.kind for event in decoded.events] == ["delivery_status", "incoming_sms"]


@pytest.mark.parametrize("status", ["", "failed", None, 1, True, [], {}, "SENT?"])
def test_undocumented_status_is_quarantined(status: object) -> None:
    part = decode(encoded("status", STATUS | {"status": status})).parts[0]
    assert part.event is None
    assert part.error
    assert part.payload is not None


def test_id_is_text_whatever_its_type() -> None:
    assert only_event(encoded("status", STATUS | {"id_sms_api": 42})).id_sms_api == "42"
    assert only_event(encoded("status", STATUS | {"id_sms_api": None})).id_sms_api is None
    assert decode(encoded("status", STATUS | {"id_sms_api": "x" * 65})).events == []


def test_payload_decides_over_the_parameter() -> None:
    for param in ("status", "message", "clics", "click", "calls", "call", "qualification", "MESSAGE"):
        assert isinstance(only_event(encoded(param, SMS)), IncomingSms)
        assert isinstance(only_event(encoded(param, STATUS)), DeliveryStatus)


def test_call_with_an_unknown_title_has_an_unknown_direction() -> None:
    call = {"title": "voicemail", "phone_number": "+33639984217", "call_time": "2025-01-15 14:30:00"}
    event = only_event(encoded("calls", call))
    assert (event.kind, event.direction, event.duration_s) == ("call", "unknown", None)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [("0", 0), (0, 0), ("00:05:23", 323), ("05:23", 323), (323, 323), ("323.4", 323), (12.5, 12)]
    + [("168:00:00", 604800), ("168:00:01", None), (604801, None), (10**30, None), ("00:99:00", None)]
    + [(-1, None), ("-0", None), (True, None), ([], None), ({}, None), ("٣", None), (" 5 ", 5)],
)
def test_duration(written: object, seconds: int | None) -> None:
    call = {"title": "incoming_call", "phone_number": "+33639984217", "duration": written}
    assert only_event(encoded("calls", call)).duration_s == seconds


def test_noise_alone_is_nothing_to_store() -> None:
    for query in (b"", b"&&", b"_=1", b"utm_source=x&fbclid=2", b"&".join([b"status=1"] * 51)):
        assert is_empty(query)
        assert decode(query).parts == []
    for query in (b"foo=bar", b"status", b"=x", b"status=&_=1"):
        assert not is_empty(query)
        assert [part.event for part in decode(query).parts] == [None]


def test_digest_ignores_order_case_and_encoding_but_no_value() -> None:
    digest = only_event(encoded("status", STATUS)).digest
    other_keys = {"".join(key.title().split("_")): value for key, value in reversed(STATUS.items())}
    assert only_event(encoded("status", other_keys)).digest == digest
    assert only_event(f"status={quote(encoded('', STATUS)[1:].decode(), safe='')}".encode()).digest == digest
    for key in STATUS:
        changed = STATUS | {key: "sent" if key == "status" else "other"}
        assert only_event(encoded("status", changed)).digest != digest
