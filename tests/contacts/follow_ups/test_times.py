"""Put off until when: on the wall of the reader's zone, through the nights when the clocks change."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from contacts.follow_ups import times

PARIS = ZoneInfo("Europe/Paris")


def until(now: datetime, zone: str = "Europe/Paris") -> dict[str, str]:
    with timezone.override(zone):
        return {
            each.key: each.until.astimezone(ZoneInfo(zone)).strftime("%a %d %H:%M")
            for each in times.snoozes(now)
        }


def test_ways_from_a_tuesday() -> None:
    assert until(datetime(2026, 11, 24, 14, 32, tzinfo=PARIS)) == {
        "hour": "Tue 24 15:32", "tomorrow": "Wed 25 09:00", "days": "Fri 27 09:00", "monday": "Mon 30 09:00",
    }  # fmt: skip


def test_next_monday_of_a_monday_is_in_a_week() -> None:
    assert until(datetime(2026, 11, 23, 8, 0, tzinfo=PARIS))["monday"] == "Mon 30 09:00"


@pytest.mark.parametrize(
    "now",
    [
        datetime(2026, 3, 28, 15, 0, tzinfo=PARIS),  # the clocks go forward in the night that follows
        datetime(2026, 10, 24, 15, 0, tzinfo=PARIS),  # and back
    ],
)
def test_nine_is_nine_after_a_night_of_changed_clocks(now: datetime) -> None:
    assert until(now)["tomorrow"].endswith("09:00")
    assert until(now)["monday"].endswith("09:00")


def test_an_hour_is_an_hour_while_the_clocks_go_back() -> None:
    now = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 02:30 in Paris, for the first time
    with timezone.override("Europe/Paris"):
        assert (times.snoozes(now)[0].until - now).total_seconds() == 3600


def test_tomorrow_is_that_of_the_reader() -> None:
    now = datetime(2026, 11, 24, 23, 30, tzinfo=UTC)
    assert until(now, "Europe/Paris")["tomorrow"] == "Thu 26 09:00"
    assert until(now, "America/New_York")["tomorrow"] == "Wed 25 09:00"


def test_a_time_that_never_comes_is_refused_in_words() -> None:
    with timezone.override("Europe/Paris"), pytest.raises(ValueError, match="02:30"):
        times.in_zone(datetime(2026, 3, 29, 2, 30))  # noqa: DTZ001 - as a form gives it


def test_of_a_time_that_comes_twice_the_first() -> None:
    with timezone.override("Europe/Paris"):
        assert times.in_zone(datetime(2026, 10, 25, 2, 30)) == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # noqa: DTZ001


def test_a_day_ends_at_its_own_midnight() -> None:
    with timezone.override("Europe/Paris"):
        ends = times.end_of_day(datetime(2026, 10, 25, 0, 10, tzinfo=UTC))
        assert ends == datetime(2026, 10, 25, 23, 0, tzinfo=UTC)  # a day of 25 hours
