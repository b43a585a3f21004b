"""E.164 in and out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contacts.phones import E164, display, is_mobile, normalise, region_of

NBSP = "\u00a0"


@pytest.mark.parametrize(
    "written",
    [
        "+33639984217",
        "0639984217",
        "06 39 98 42 17",
        "06.39.98.42.17",
        "06-39-98-42-17",
        "06/39/98/42/17",
        "06\u00a039\u202f98\u200942\t17",
        "06–39—98‑42−17",
        "0033639984217",
        "00 33 6 39 98 42 17",
        "0033 (0)6 39 98 42 17",
        "+33 (0)6 39 98 42 17",
        "(+33) 6 39 98 42 17",
        "+ 33 6 39 98 42 17",
        "+330639984217",
        "+0033639984217",
        "33639984217",
        " 33639984217",
        "639984217",
        "639984217.0",
        "33639984217.0",
        "\u202a+33 6 39 98 42 17\u202c",
        "\ufeff0639984217\u200b",
        "tel:+33639984217",
        "+٣٣٦٣٩٩٨٤٢١٧",
        "０６３９９８４２１７",
        "\uff0b33639984217",
        "\r\n0639984217\n",
    ],
)
def test_every_writing_of_a_number_is_the_same_number(written: str) -> None:
    assert normalise(written) == "+33639984217"


@pytest.mark.parametrize(
    "written",
    [
        None,
        "",
        " ",
        "3,36123E+10",
        "3.36123E+10",
        "3.36E10",
        "INFO",
        "36180",
        "3617",
        "112",
        "+1XXXXXXXXXX",
        "RECIPIENT",
        "Unknown",
        "a@example.com",
        "0639984217 / 0639984218",
        "0639984217, 0639984218",
        "0639984217 poste 12",
        "063998421",
        "06399842170",
        "+336399842170",
        "++33639984217",
        "06 39 98 42 1?",
        "+336**",
        "*123#",
        "#31#0639984217",
        "+999123456789",
        "32470123456",
        "0" * 15,
        "1" * 400,
        "½⅓²³",
        "\x00",
        "\ud83d",
    ],
)
def test_what_is_no_number_is_none(written: str | None) -> None:
    assert normalise(written) is None


def test_plus_that_became_a_space_is_understood_in_any_country() -> None:
    assert normalise(" 32470123456") == "+32470123456"
    assert normalise(" 33639984217", "US") == "+33639984217"
    # In Luxembourg the digits are a number of their own: two readings are none.
    assert normalise(" 33612345678", "LU") is None
    assert normalise(" 0470 12 34 56", "BE") == "+32470123456"


def test_double_zero_is_international_also_where_another_prefix_is_dialled() -> None:
    assert normalise("0033639984217", "US") == "+33639984217"
    assert normalise("011 33 6 39 98 42 17", "US") == "+33639984217"


@pytest.mark.parametrize(
    ("written", "region", "number"),
    [
        ("0470 12 34 56", "BE", "+32470123456"),
        ("078 123 45 67", "CH", "+41781234567"),
        ("621 123 456", "LU", "+352621123456"),
        ("07400 123456", "GB", "+447400123456"),
        ("(202) 555-0143", "US", "+12025550143"),
        ("20 123 456", "TN", "+21620123456"),
        ("0612-345678", "MA", "+212612345678"),
    ],
)
def test_national_number_is_read_in_its_region(written: str, region: str, number: str) -> None:
    assert normalise(written, region) == number
    assert normalise(number) == number
    assert region_of(number) == region


@given(st.integers(0, 9999), st.sampled_from(["+3363998", "+3319900"]))
def test_fictional_numbers_of_france_are_numbers(last: int, start: str) -> None:
    number = f"{start}{last:04}"
    assert normalise(number) == number
    assert normalise("0" + number[3:]) == number
    assert is_mobile(number) == (start == "+3363998")
    assert normalise(display(number)) == number


written = st.text(max_size=80) | st.text("+0123456789 ().-/", max_size=20)


@given(written, st.sampled_from(["FR", "BE", "CH", "LU", "GB", "US", "TN", "MA"]))
def test_any_text_gives_none_or_a_number_that_stays_itself(raw: str, region: str) -> None:
    number = normalise(raw, region)
    if number is not None:
        assert E164.fullmatch(number)
        assert normalise(number, region) == number
        assert normalise(display(number, region), region) == number


@given(st.text(max_size=30))
def test_display_leaves_what_is_no_number(raw: str) -> None:
    if not E164.fullmatch(raw):
        assert display(raw) == raw
        assert not is_mobile(raw)
        assert region_of(raw) is None


def test_display_is_as_people_write() -> None:
    assert display("+33639984217") == "06 39 98 42 17".replace(" ", NBSP)
    assert display("+33199001234") == "01 99 00 12 34".replace(" ", NBSP)
    assert display("+32470123456") == "+32 470 12 34 56".replace(" ", NBSP)
    assert display("+33639984217", "BE") == "+33 6 39 98 42 17".replace(" ", NBSP)
    assert display("+32470123456", "BE") == "0470 12 34 56".replace(" ", NBSP)
    assert display("INFO") == "INFO"


def test_only_what_can_get_an_sms_is_mobile() -> None:
    assert is_mobile("+33612345678")
    assert is_mobile("+12025550143")  # a plan that doesn't tell mobiles apart
    assert not is_mobile("+33199001234")
    assert not is_mobile("INFO")
    assert not is_mobile("")
