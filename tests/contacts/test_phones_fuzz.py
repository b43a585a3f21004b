"""The quick reading of numbers differs from the library's in nothing."""

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.phone_writings import REGIONS, writings
from contacts import number_plans, phones


def test_quick_reading_is_the_librarys_over_many_writings() -> None:
    valid = quick = 0
    for raw, region in islice(writings(5), 30_000):
        thorough = phones.read_thoroughly(raw, region)
        assert phones.read(raw, region) == thorough, (raw, region)
        if thorough is not None:
            valid += 1
            quick += phones._quick(raw, region) is not None
            assert phones.is_mobile(thorough) == phones.is_mobile_by_library(thorough), thorough
    # The comparison is about something, and the quick way has its part in it.
    assert valid > 3_000
    assert quick > valid / 3


@given(st.text("0123456789+ ().-/\t\u00a0\u0663Oo", max_size=20), st.sampled_from(REGIONS))
def test_no_writing_is_read_differently(raw: str, region: str) -> None:
    assert phones.read(raw, region) == phones.read_thoroughly(raw, region)


@pytest.mark.parametrize("region", ["DE", "IT", "XX", "", "fr"])
def test_other_countries_are_left_to_the_library(region: str) -> None:
    assert number_plans.plan(region) is None
    assert phones.read("+33639984217", region) == "+33639984217"


@pytest.mark.parametrize(
    ("raw", "instead"),
    [
        ("+33 6 39 98 O2 14", "06 39 98 02 14"),
        ("O6 39 98 02 l4", "06 39 98 02 14"),
        ("06 39 98 02 I4", "06 39 98 02 14"),
        ("06 39 98 02 14", None),
        ("O6 39 98", None),
        ("Oslo", None),
        ("", None),
        ("06 39 98 02 14 Olivier", None),
    ],
)
def test_letter_in_place_of_a_digit_is_offered_as_a_number(raw: str, instead: str | None) -> None:
    assert phones.suggestion(raw) == instead
