"""Whether a text can reach a number is the same in the database and in Python."""

import re

import pytest
from django.db import connection
from hypothesis import given
from hypothesis import strategies as st

from contacts import number_plans, phones

CODES = (
    "33",
    "262",
    "590",
    "594",
    "596",
    "687",
    "689",
    "32",
    "41",
    "352",
    "44",
    "49",
    "34",
    "39",
    "212",
    "216",
    "225",
)


@given(code=st.sampled_from(CODES), rest=st.text("0123456789", min_size=6, max_size=10))
def test_the_expression_tells_mobiles_as_the_library_does(code: str, rest: str) -> None:
    number = phones.normalise(f"+{code}{rest}")
    if number is None:
        return
    told = re.search(number_plans.mobile_pattern(), number) is not None
    assert told == phones.is_mobile(number)


@pytest.mark.django_db
def test_the_database_reads_the_expression_as_python_does() -> None:
    numbers = [
        "+33639984217",
        "+33199001234",
        "+262692001122",
        "+32470123456",
        "+3225551234",
        "+819012345678",
        "+4930123456",
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT n, n ~ %s FROM unnest(%s::text[]) AS n", [number_plans.mobile_pattern(), numbers]
        )
        told = dict(cursor.fetchall())
    assert told == {number: phones.is_mobile(number) for number in numbers} | {"+819012345678": True}
