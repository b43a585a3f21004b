"""What every answer of the corpus means for its messages, and the classes they stand for."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms.gateway.results import HeldReason, OutgoingMessage, SendResult
from sms.gateway.v1 import MOST_WAIT_S, RAW_KEPT, read_response, retry_after

CORPUS = Path(__file__).parents[2] / "data" / "sendsms_responses.jsonl"
CASES: list[dict[str, Any]] = [json.loads(line) for line in CORPUS.read_text().splitlines()]
ANSWERED = [case for case in CASES if "transport" not in case["response"]]
NOW = datetime(2025, 1, 15, 14, 30, tzinfo=UTC)
KEY = 'k#+!%&"\\é'


def outgoing(*ids: str) -> list[OutgoingMessage]:
    return [OutgoingMessage(each, "+33639984217", "Bonjour") for each in ids]


def read(status: int, body: Any, *ids: str, **headers: str) -> SendResult:
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return read_response(status, named, data, outgoing(*(ids or ("A", "B"))), secret=KEY, now=NOW)


def states(result: SendResult) -> dict[str, str]:
    return {each: outcome.state for each, outcome in result.outcomes.items()}


@pytest.mark.parametrize("case", ANSWERED, ids=[case["name"] for case in ANSWERED])
def test_corpus_case_becomes_what_it_expects(case: dict[str, Any]) -> None:
    response, expect = case["response"], case["expect"]
    messages = outgoing(*(each["id_sms_api"] for each in case["request"]["messages"]))
    body = response["body"].encode()
    result = read_response(response["status"], response["headers"], body, messages, now=NOW)
    assert states(result) == expect["per_message"]
    assert (result.line_held is not None) == ("held" in expect["per_message"].values())
    assert result.raw == response["body"][:RAW_KEPT]
    if "min_retry_after_s" in expect:
        assert result.retry_after_s is not None
        assert result.retry_after_s >= expect["min_retry_after_s"]
    for ours, theirs in expect.get("must_store_alias", {}).items():
        assert result.outcomes[ours].gateway_id == theirs


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (301, HeldReason.REDIRECT),
        (307, HeldReason.REDIRECT),
        (401, HeldReason.CREDENTIALS),
        (402, HeldReason.LICENCE),
        (403, HeldReason.FORBIDDEN),
        (404, HeldReason.NOT_FOUND),
        (405, HeldReason.SETTING),
        (407, HeldReason.SETTING),
        (410, HeldReason.NOT_FOUND),
        (415, HeldReason.SETTING),
        (451, HeldReason.SETTING),
        (499, None),
    ],
)
def test_wrong_setting_holds_the_line_and_fails_no_message(status: int, reason: HeldReason | None) -> None:
    result = read(status, b"")
    assert result.line_held == reason
    assert set(states(result).values()) == {"held" if reason else "uncertain"}


@pytest.mark.parametrize("status", [100, 408, 409, 500, 502, 503, 504, 520, 599, 999])
def test_doubtful_status_is_uncertain(status: int) -> None:
    assert set(states(read(status, b"<html>")).values()) == {"uncertain"}


def test_refused_batch_is_split_and_a_refused_single_fails_with_the_words() -> None:
    body = {
        "success": False,
        "error": "Invalid format",
        "error_code": "VALIDATION_ERROR",
        "field": "phone_number",
    }
    for status in (200, 400, 422):
        batch = read(status, body)
        assert batch.refused
        assert states(batch) == {"A": "retryable", "B": "retryable"}
        single = read(status, body, "A")
        assert not single.refused
        assert single.outcomes["A"].state == "failed"
        assert single.outcomes["A"].words == "VALIDATION_ERROR · Invalid format · phone_number"


def test_refused_login_holds_the_line_though_the_status_says_bad_request() -> None:
    missing = {"error_code": "MISSING_FIELD", "field": "login"}
    for body in (missing, {"error": "Wrong login"}, {"error_code": "INVALID_CREDENTIALS"}):
        assert read(400, body).line_held == HeldReason.CREDENTIALS
    assert read(400, {"error": "Wrong login"}).error == "HTTP 400: credentials (Wrong login)"


def test_too_large_asks_for_less_and_fails_nothing() -> None:
    for ids in (("A", "B"), ("A",)):
        result = read(413, b"", *ids)
        assert result.too_large
        assert set(states(result).values()) == {"retryable"}


@pytest.mark.parametrize(
    ("written", "wait"),
    [
        ("5", 60.0),
        ("120", 120.0),
        ("Wed, 15 Jan 2025 14:32:00 GMT", 120.0),
        ("Wed, 15 Jan 2025 13:00:00 GMT", 60.0),
        ("999999999", MOST_WAIT_S),
        ("99999999999999999999", 60.0),
        ("-1", 60.0),
        ("soon", 60.0),
        ("", 60.0),
    ],
)
def test_rate_limit_waits_at_least_a_minute(written: str, wait: float) -> None:
    result = read(429, b"", retry_after=written)
    assert (result.retry_after_s, result.line_held) == (wait, None)
    assert set(states(result).values()) == {"retryable"}
    in_body = read(200, {"success": False, "error_code": "RATE_LIMIT_EXCEEDED"}, retry_after=written)
    assert in_body.retry_after_s == wait


def test_sent_counts_whatever_the_status() -> None:
    rows = [{"id_sms_api": "A", "sent": 1}, {"id_sms_api": "B", "sent": 0}]
    assert states(read(500, rows)) == {"A": "submitted", "B": "failed"}
    assert states(read(429, rows)) == {"A": "submitted", "B": "retryable"}
    assert states(read(401, rows)) == {"A": "submitted", "B": "held"}
    assert states(read(400, rows)) == {"A": "submitted", "B": "retryable"}


def test_a_result_that_blames_the_key_holds_the_line() -> None:
    row = {"id_sms_api": "A", "sent": 0, "error": "Invalid access key"}
    assert states(read(200, [row], "A")) == {"A": "held"}
    limited = {"sent": 0, "error_code": "RATE_LIMIT_EXCEEDED"}
    assert states(read(200, limited, "A")) == {"A": "retryable"}
    blocked = {"id_sms_api": "A", "sent": 0, "error": "unauthorized destination"}
    assert read(200, [blocked], "A").outcomes["A"].words == "unauthorized destination"


def test_foreign_id_is_an_alias_only_when_nothing_else_can_be_meant() -> None:
    row = {"id_sms_api": "GW1", "sent": 1, "sms_per_message": "3"}
    only = read(200, [row], "A").outcomes["A"]
    assert (only.state, only.gateway_id, only.segments) == ("submitted", "GW1", 3)
    assert states(read(200, [row])) == {"A": "uncertain", "B": "uncertain"}
    assert states(read(200, [row, row], "A")) == {"A": "uncertain"}
    assert read(200, [row | {"id_sms_api": "x" * 65}], "A").outcomes["A"].gateway_id is None


@pytest.mark.parametrize("wrap", ["result", "results", "data", "messages"])
def test_results_are_found_in_any_envelope(wrap: str) -> None:
    rows = [{"id_sms_api": "B", "sent": True}, {"id_sms_api": "A", "sent": "0"}]
    assert states(read(200, {"success": True, "sent": 1, wrap: rows})) == {"A": "failed", "B": "submitted"}
    assert states(read(200, {"data": {wrap: rows}})) == {"A": "failed", "B": "submitted"}


def test_same_result_twice_agrees() -> None:
    assert states(read(200, [{"id_sms_api": "A", "sent": 1}] * 2, "A")) == {"A": "submitted"}


@pytest.mark.parametrize("sent", [2, -1, "yes", "", [], {}, 0.5, "NaN"])
def test_any_other_verdict_is_uncertain(sent: object) -> None:
    assert states(read(200, [{"id_sms_api": "A", "sent": sent}], "A")) == {"A": "uncertain"}


@pytest.mark.parametrize(
    "body",
    [
        b'Undefined index accessKey [{"id_sms_api": "A", "sent": 1}]',
        b"<html>Authentication required</html>",
        b'{"success": true, "sent_count": 2, "info": "your subscription has expired soon"}',
    ],
)
def test_words_that_may_stand_beside_an_acceptance_never_put_a_message_back(body: bytes) -> None:
    assert set(states(read(200, body)).values()) == {"uncertain"}


def test_access_key_is_taken_out_of_what_is_kept() -> None:
    body = json.dumps({"error": f"Invalid access key {KEY}"}).encode()
    result = read(200, body)
    assert KEY not in result.raw + result.error + result.outcomes["A"].words
    assert json.dumps(KEY)[1:-1] not in result.raw
    plain = read(403, f"no such key: {KEY}".encode())
    assert KEY not in plain.raw + plain.outcomes["A"].words


@given(st.integers(100, 999), st.binary(max_size=300), st.text(max_size=40))
def test_any_answer_settles_every_message(status: int, body: bytes, header: str) -> None:
    result = read(status, body, retry_after=header)
    assert set(result.outcomes) == {"A", "B"}
    assert "\x00" not in result.raw


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(exclude_categories=())),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["id_sms_api", "sent", "result", "error", "error_code", "data", "sms_per_message"]
            )
            | st.text(max_size=3),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@given(st.sampled_from([200, 201, 400, 401, 429, 500]), json_values)
def test_any_json_settles_every_message_and_only_a_result_submits(status: int, value: Any) -> None:
    result = read(status, value)
    assert set(result.outcomes) == {"A", "B"}
    for outcome in result.outcomes.values():
        assert outcome.state != "submitted"  # no id of ours is in there
        json.dumps(outcome.words).encode("utf-8")
        assert "\x00" not in outcome.words


def test_deep_and_endless_json_is_unreadable() -> None:
    for body in (b"[" * 100_000, b'{"a":' * 100_000, b"9" * 5000, b'[{"sent": ' + b"9" * 5000 + b"}]"):
        assert set(states(read(200, body)).values()) == {"uncertain"}


@given(st.text(max_size=60))
def test_retry_after_never_raises(written: str) -> None:
    wait = retry_after({"Retry-After": written}, NOW)
    assert wait is None or 0 <= wait <= MOST_WAIT_S
