"""The gateway's time when it can be believed, else ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sms.callbacks.times import happened_at, has_time_of_day

PARIS = "Europe/Paris"
ARRIVAL = datetime(2025, 1, 15, 14, 30, 5, tzinfo=UTC)


def at(raw: str | None, arrival: datetime = ARRIVAL, zone: str = PARIS) -> str:
    moment = happened_at(raw, received_at=arrival, zone=zone)
    assert moment.tzinfo is UTC
    return moment.isoformat().replace("+00:00", "Z")


@pytest.mark.parametrize(
    ("raw", "wanted"),
    [
        ("2025-01-15T14:30:00.000Z", "2025-01-15T14:30:00Z"),
        ("2025-01-15T14:30:00.541Z", "2025-01-15T14:30:00.541000Z"),
        ("2025-01-15T15:30:00+01:00", "2025-01-15T14:30:00Z"),
        ("2025-01-15T15:30:00 01:00", "2025-01-15T14:30:00Z"),  # an unencoded plus
        ("2025-01-15T15:30:00+0100", "2025-01-15T14:30:00Z"),
        ("2025-01-15T09:30:00-05", "2025-01-15T14:30:00Z"),
        ("2025-01-15 14:30:00 UTC", "2025-01-15T14:30:00Z"),
        ("2025-01-15 14:30:00", "2025-01-15T14:30:00Z"),  # naive: UTC is nearest
        ("2025-01-15 15:30:00", "2025-01-15T14:30:00Z"),  # naive: the zone is nearest
        ("2025-01-15T15:30:00", "2025-01-15T14:30:00Z"),
        ("2025/01/15 15:30", "2025-01-15T14:30:00Z"),
        ("1736951400", "2025-01-15T14:30:00Z"),
        ("1736951400000", "2025-01-15T14:30:00Z"),
        ("2025-01-10T08:00:00Z", "2025-01-10T08:00:00Z"),
        ("2025-01-15T14:35:00Z", "2025-01-15T14:35:00Z"),
    ],
)
def test_believable_time_is_taken(raw: str, wanted: str) -> None:
    assert at(raw) == wanted


@pytest.mark.parametrize(
    "raw",
    [
        None,
        "",
        "Invalid date",
        "0000-00-00 00:00:00",
        "2025-02-30 10:00:00",
        "2025-01-15 25:00:00",
        "15/01/2025 14:30",
        "0001-01-01 00:00:00",
        "9999-12-31 23:59:59",
        "0001-01-01",
        "9999-12-31",
        "2025-01-15T14:30:00+99:00",
        "2025-01-08T14:30:00Z",  # more than a week before
        "2025-01-15T14:35:06Z",  # more than five minutes after
        "2019-08-09T12:50:54.211Z",
        "2025-01-17",
        "2025-01-01",
        "٢٠٢٥-٠١-١٥ ١٤:٣٠:٠٠",
    ],
)
def test_anything_else_is_the_arrival(raw: str | None) -> None:
    assert at(raw) == "2025-01-15T14:30:05Z"


def test_bare_date_is_the_moment_of_that_day_nearest_to_arrival() -> None:
    assert at("2025-01-15") == "2025-01-15T14:30:05Z"
    assert at("2025-01-14") == "2025-01-14T23:59:59Z"
    # Just after midnight in Paris the day before is over there, but not in UTC.
    after_midnight = datetime(2025, 1, 15, 23, 10, tzinfo=UTC)
    assert at("2025-01-15", after_midnight) == "2025-01-15T23:10:00Z"
    assert at("2025-01-16", after_midnight) == "2025-01-15T23:10:00Z"


def test_hour_that_a_spring_night_skips() -> None:
    assert at("2025-03-30 02:30:00", datetime(2025, 3, 30, 1, 31, tzinfo=UTC)) == "2025-03-30T01:30:00Z"
    assert at("2025-03-30 02:30:00", datetime(2025, 3, 30, 2, 31, tzinfo=UTC)) == "2025-03-30T02:30:00Z"


def test_hour_that_an_autumn_night_shows_twice() -> None:
    assert at("2025-10-26 02:30:00", datetime(2025, 10, 26, 0, 30, 3, tzinfo=UTC)) == "2025-10-26T00:30:00Z"
    assert at("2025-10-26 02:30:00", datetime(2025, 10, 26, 1, 30, 3, tzinfo=UTC)) == "2025-10-26T01:30:00Z"


def test_unknown_zone_leaves_utc() -> None:
    for zone in ("", "Nowhere/Land", "../etc/passwd", "\x00"):
        assert at("2025-01-15 14:30:00", zone=zone) == "2025-01-15T14:30:00Z"


@pytest.mark.parametrize(
    ("raw", "has"),
    [
        ("2025-01-15 14:30:00", True),
        ("2025-01-15T14:30:00Z", True),
        ("1736951400000", True),
        ("2019-07-05", False),
        ("0000-00-00 00:00:00", False),
        ("Invalid date", False),
        (None, False),
    ],
)
def test_time_of_day(raw: str | None, has: bool) -> None:
    assert has_time_of_day(raw) is has


arrivals = st.datetimes(timezones=st.just(UTC))
shapes = st.from_regex(r"[0-9]{4}-[01][0-9]-[0-3][0-9]([T ][0-2][0-9](:[0-5][0-9]){2}(Z|[+-][0-9]{2}:00)?)?")
near = arrivals.map(lambda each: each.replace(tzinfo=None).isoformat(" "))


@given(st.text(max_size=40) | shapes | near, arrivals, st.sampled_from([PARIS, "UTC", "Asia/Kolkata"]))
def test_never_outside_what_can_be_believed(raw: str, arrival: datetime, zone: str) -> None:
    before = arrival - happened_at(raw, received_at=arrival, zone=zone)
    assert -timedelta(minutes=5) <= before <= timedelta(days=7)
