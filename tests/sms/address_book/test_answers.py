"""What the gateway's `contact` endpoint may answer, and what becomes of each person."""

import json
from typing import Any

import pytest

from sms.gateway.contacts import BookPerson, build_payload, read_answer
from sms.gateway.results import LineAccess

CAMILLE = BookPerson("+33639984217", "Camille", "Aubertin", "camille@exemple.example", "Pordic")
BRUNO = BookPerson("+33639983381", "Bruno", "Lachenal", "nowhere")
ACCESS = LineAccess(1, "user@example.com", "s3cret+&key")


def read(body: Any, *people: BookPerson, status: int = 200) -> Any:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return read_answer(status, {}, raw, people or (CAMILLE, BRUNO), secret=ACCESS.access_key)


def states(result: Any) -> list[tuple[str, str]]:
    return [(each.state, each.code) for each in result.outcomes.values()]


def test_request_has_the_documented_shape_and_both_spellings() -> None:
    payload = build_payload(ACCESS, [CAMILLE])
    assert payload["header"] == {"login": "user@example.com", "accessKey": "s3cret+&key"}
    assert payload["contacts"] == [
        {
            "firstname": "Camille", "first_name": "Camille", "lastname": "Aubertin", "last_name": "Aubertin",
            "phone_number": "+33639984217", "email": "camille@exemple.example", "adress": "Pordic",
        }
    ]  # fmt: skip


def test_success_warning_and_refusal_of_one_answer() -> None:
    third = BookPerson("+33639980000")
    rows = [
        {"firstname": "Camille", "lastname": "Aubertin", "phonenumber": "+33639984217", "result": "success"},
        {"firstname": "Bruno", "phonenumber": "+33639983381", "result": "success", "errors": ["#004"]},
        {"first_name": "", "phone_number": "+33639980000", "result": "failed", "errors": ["#001"]},
    ]
    result = read({"data": {"contact": rows}}, CAMILLE, BRUNO, third)
    assert states(result) == [("made", ""), ("warned", "#004"), ("refused", "#001")]
    assert (result.stopped, result.error) == (None, "")


@pytest.mark.parametrize("errors", ["#001", ["#004", "#001"], [{"code": "#001"}], "#001 invalid phone"])
def test_codes_in_whatever_form(errors: Any) -> None:
    result = read([{"phone_number": CAMILLE.number, "result": "failed", "errors": errors}], CAMILLE)
    assert states(result) == [("refused", "#001")]


def test_a_remark_about_the_email_is_none_against_the_person() -> None:
    result = read({"contact": [{"phone_number": BRUNO.number, "result": "failed", "errors": "#004"}]}, BRUNO)
    assert states(result) == [("warned", "#004")]


def test_rows_are_found_by_number_in_any_order_and_writing() -> None:
    rows = [
        {"phonenumber": "06 39 98 33 81", "result": "failed", "errors": ["#001"]},
        {"phonenumber": "0033639984217", "result": "success"},
    ]
    assert states(read({"data": {"contact": rows}})) == [("made", ""), ("refused", "#001")]


def test_rows_without_or_with_masked_numbers_stand_in_order() -> None:
    rows = [{"phonenumber": "+336**", "result": "success"}, {"phone_number": "", "errors": ["#002"]}]
    assert states(read({"data": {"contact": rows}})) == [("made", ""), ("refused", "#002")]


def test_person_whom_no_row_names_stays_unknown() -> None:
    result = read({"data": {"contact": [{"phonenumber": CAMILLE.number, "result": "success"}]}})
    assert states(result) == [("made", ""), ("unknown", "")]
    assert result.error


@pytest.mark.parametrize(
    "body", [b"", b"<html>oops</html>", b"[]", {}, {"data": None}, b"\xff\xfe", b"[" * 5000]
)
def test_unreadable_answer_says_nothing_of_anybody(body: Any) -> None:
    assert {state for state, _ in states(read(body))} == {"unknown"}


def test_newer_envelope_without_rows_means_all() -> None:
    assert states(read({"success": True})) == [("made", ""), ("made", "")]


@pytest.mark.parametrize(
    ("status", "body", "stopped"),
    [
        (401, {}, "credentials"),
        (403, {}, "forbidden"),
        (404, b"<html>", "not_found"),
        (302, b"", "redirect"),
        (200, {"error": "wrong access key"}, "credentials"),
        (200, {"success": False, "error_code": "LICENSE_REQUIRED"}, "licence"),
    ],
)
def test_answer_that_only_a_person_can_mend(status: int, body: Any, stopped: str) -> None:
    result = read(body, status=status)
    assert result.stopped == stopped
    assert {state for state, _ in states(result)} == {"unknown"}


@pytest.mark.parametrize("status", [500, 502, 503, 408])
def test_trouble_at_their_side_is_nobodys(status: int) -> None:
    result = read(b"oops", status=status)
    assert result.stopped is None
    assert {state for state, _ in states(result)} == {"unknown"}


def test_limit_waits_and_refusal_of_all_splits() -> None:
    assert read({}, status=429).retry_after_s == 60
    assert read({}, status=413).too_large
    assert read({"success": False, "error_code": "VALIDATION_ERROR", "field": "email"}, status=400).too_large
    alone = read({"error": "bad row"}, CAMILLE, status=400)
    assert states(alone) == [("refused", "")]
    assert "bad row" in alone.outcomes[CAMILLE.number].words


def test_key_is_in_nothing_that_is_kept() -> None:
    result = read({"error": f"wrong access key {ACCESS.access_key}"}, status=401)
    assert ACCESS.access_key not in result.error + repr(result)
