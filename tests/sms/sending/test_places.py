"""A number's time zone is the same in Python and in SQL."""

from zoneinfo import available_timezones

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE

from sms.sending import places

HOME = "Europe/Paris"


@pytest.mark.parametrize(
    ("number", "zone"),
    [
        ("+33639980102", HOME),
        ("+33199001234", HOME),
        ("+262692123456", "Indian/Reunion"),
        ("+262262123456", "Indian/Reunion"),
        ("+262639123456", "Indian/Mayotte"),
        ("+262269612345", "Indian/Mayotte"),
        ("+262709351234", "Indian/Mayotte"),
        ("+262709201234", "Indian/Reunion"),
        ("+590690123456", "America/Guadeloupe"),
        ("+596696123456", "America/Martinique"),
        ("+594694123456", "America/Cayenne"),
        ("+508551234", "America/Miquelon"),
        ("+687751234", "Pacific/Noumea"),
        ("+68987123456", "Pacific/Tahiti"),
        ("+681821234", "Pacific/Wallis"),
        ("+32470123456", "Europe/Brussels"),
        ("+352621123456", "Europe/Luxembourg"),
        ("+41791234567", "Europe/Zurich"),
        ("+447911123456", "Europe/London"),
        ("+351912345678", "Europe/Lisbon"),
        ("+34612345678", "Europe/Madrid"),
        ("+34928123456", "Atlantic/Canary"),
        ("+21620123456", "Africa/Tunis"),
        ("+212612345678", "Africa/Casablanca"),
        # Several zones, and numbers that don't tell which.
        ("+12025550123", HOME),
        ("+79161234567", HOME),
        ("+5511961234567", HOME),
        ("36180", HOME),
        ("INFO", HOME),
        ("+", HOME),
        ("", HOME),
    ],
)
def test_numbers_live_where_their_prefix_says(number: str, zone: str) -> None:
    assert places.zone_of(number, HOME) == zone


def test_every_zone_is_one_and_no_beginning_is_meant_twice() -> None:
    codes = [code for line in places._PLACES.split("\n") for code in line.split()[1:]]
    assert len(codes) == len(set(codes))
    assert {line.split()[0] for line in places._PLACES.strip().split("\n")} <= available_timezones()
    # Each is a country's code, or a part of one.
    for code in codes:
        assert any(int(code[:length]) in COUNTRY_CODE_TO_REGION_CODE for length in (1, 2, 3))


def by_sql(numbers: list[str], default: str) -> list[str]:
    expression, given = places.sql("n.number", default)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {expression} FROM unnest(%(numbers)s::text[])"  # noqa: S608 - ours
            " WITH ORDINALITY AS n(number, place) ORDER BY place",
            {"numbers": numbers, **given},
        )
        return [row[0] for row in cursor.fetchall()]


@pytest.mark.django_db
def test_sql_says_the_same_of_every_beginning() -> None:
    codes = [code for line in places._PLACES.split("\n") for code in line.split()[1:]]
    codes += [str(code) for code in COUNTRY_CODE_TO_REGION_CODE]
    numbers = [f"+{code}{rest}" for code in codes for rest in ("", "0", "612345678", "99")]
    numbers += ["", "+", "33639980102", "INFO", "36180", "+33", "+336", "%", "'"]
    assert by_sql(numbers, "Indian/Reunion") == [places.zone_of(each, "Indian/Reunion") for each in numbers]


@pytest.mark.django_db
@settings(max_examples=25)
@given(
    st.lists(
        st.from_regex(r"\+[1-9][0-9]{6,13}", fullmatch=True)
        | st.text(max_size=8).filter(lambda t: "\0" not in t)
    )
)
def test_sql_says_the_same_of_any_number(numbers: list[str]) -> None:
    assert by_sql(numbers, HOME) == [places.zone_of(each, HOME) for each in numbers]
