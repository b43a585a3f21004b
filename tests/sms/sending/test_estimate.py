"""A finish that is told is the one that comes when all goes well, and no limit that is lifted makes it later."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sms.sending.estimate import Finish, LineLoad, Waiting, finish
from sms.sending.windows import ALWAYS, COMMERCIAL_LIMIT, Hours, Window, hours_of, is_open

PARIS = ZoneInfo("Europe/Paris")
USUAL = hours_of("commercial", own=None, team=None, lines=None)
ANY_TIME = Hours(ALWAYS, holidays=False)
NEVER = Hours(Window((None,) * 7), holidays=False)
TUESDAY = datetime(2026, 11, 24, 14, 32, tzinfo=PARIS)


def load(count: int, hours: Hours = USUAL, **given: object) -> LineLoad:
    values = {
        "ahead": 0, "per_minute": 3.0, "day_budget": 0, "sent_today": 0, "month_budget": 0, "month_used": 0, **given
    }  # fmt: skip
    waiting = (Waiting("Europe/Paris", count, hours),)
    return LineLoad(name="Malik", zone="Europe/Paris", waiting=waiting, **values)  # type: ignore[arg-type]


def paris(*when: int) -> datetime:
    return datetime(*when, tzinfo=PARIS)  # type: ignore[misc,arg-type]


# --- Worked examples ---


def test_80_texts_a_day_for_1004_people_are_13_working_days() -> None:
    found = finish(TUESDAY, [load(1004, day_budget=80)])
    # Twelve full days, then 44 texts at three a minute.
    assert found == Finish(at=paris(2026, 12, 8, 8, 14, 20), left_out=0, days=13, limit="day_budget")


def test_what_left_today_counts() -> None:
    found = finish(TUESDAY, [load(80, day_budget=80, sent_today=46)])
    assert (found.at, found.days) == (paris(2026, 11, 25, 8, 15, 0), 2)
    assert finish(TUESDAY, [load(34, day_budget=80, sent_today=46)]).days == 1
    assert finish(TUESDAY, [load(1, day_budget=80, sent_today=90)]).at == paris(2026, 11, 25, 8, 0)


def test_three_a_minute_keep_to_the_hours() -> None:
    # 14:32 to 20:00 are 328 minutes: 984 texts; the rest leaves from eight on.
    assert finish(TUESDAY, [load(984)]).at == paris(2026, 11, 24, 19, 59, 40)
    found = finish(TUESDAY, [load(1004)])
    assert found == Finish(at=paris(2026, 11, 25, 8, 6, 20), left_out=0, days=2, limit="pace")


def test_what_stands_ahead_leaves_first() -> None:
    found = finish(TUESDAY, [load(1, ahead=60)])
    assert found.at == TUESDAY + timedelta(minutes=20)


def test_a_month_that_is_full_waits_for_the_next() -> None:
    found = finish(TUESDAY, [load(700, month_budget=1200, month_used=612)])
    # 588 now, 112 on 1 December.
    assert found == Finish(at=paris(2026, 12, 1, 8, 37), left_out=0, days=2, limit="month_budget")


def test_the_night_is_what_makes_it_last() -> None:
    found = finish(paris(2026, 11, 24, 21, 0), [load(10)])
    assert found == Finish(at=paris(2026, 11, 25, 8, 3), left_out=0, days=1, limit="hours")


def test_holidays_and_sundays_are_left_out() -> None:
    # Thursday 24 December after hours; Christmas; Saturday from ten.
    assert finish(paris(2026, 12, 24, 20, 0), [load(1)]).at == paris(2026, 12, 26, 10, 0)


def test_a_few_texts_have_no_limit_worth_telling() -> None:
    assert finish(TUESDAY, [load(3)]) == Finish(
        at=TUESDAY + timedelta(seconds=40), left_out=0, days=1, limit=""
    )
    fast = finish(TUESDAY, [load(6000, per_minute=None)], unlimited_per_minute=600)
    assert (fast.at, fast.limit) == (TUESDAY + timedelta(minutes=10, microseconds=-100_000), "")


def test_what_expires_is_left_out() -> None:
    found = finish(TUESDAY, [load(100)], expires_at=TUESDAY + timedelta(minutes=20))
    assert found == Finish(at=TUESDAY + timedelta(minutes=20, seconds=-20), left_out=40, days=1, limit="pace")
    # In the night nobody is texted at all.
    night = finish(paris(2026, 11, 24, 21), [load(9)], expires_at=paris(2026, 11, 25, 7))
    assert night == Finish(at=None, left_out=9, days=0, limit="hours")


def test_hours_that_never_come_are_never() -> None:
    assert finish(TUESDAY, [load(2, NEVER), load(5, ANY_TIME)]) == Finish(None, 2, 1, "hours")


def test_years_are_never() -> None:
    found = finish(TUESDAY, [load(100_000, day_budget=10)])
    assert (found.at, found.limit) == (None, "day_budget")
    assert found.left_out > 80_000


def test_nobody_is_done_at_once() -> None:
    assert finish(TUESDAY, []) == finish(TUESDAY, [load(0)]) == Finish(TUESDAY, 0, 0, "")


def test_the_slowest_line_says_when_and_why() -> None:
    quick, slow = load(10), load(500, day_budget=80)
    found = finish(TUESDAY, [quick, slow])
    assert found == finish(TUESDAY, [slow])
    assert found.limit == "day_budget"


def test_each_recipient_has_their_own_clock() -> None:
    # At 18:00 in Paris it is 21:00 in La Réunion, where Wednesday begins three hours earlier.
    far = Waiting("Indian/Reunion", 1, USUAL)
    both = replace(load(10), waiting=(*load(10).waiting, far))
    assert finish(paris(2026, 11, 24, 18, 0), [both]).at == paris(2026, 11, 25, 5, 0)


def test_the_budget_is_the_phones_day() -> None:
    # In La Réunion it is already Wednesday, whose budget is used.
    here = load(10, ANY_TIME, day_budget=5, sent_today=5)
    at = paris(2026, 11, 24, 22, 30)
    assert finish(at, [here]).at == paris(2026, 11, 26, 0, 1, 20)
    there = replace(here, zone="Indian/Reunion")
    assert finish(at, [there]).at == datetime(2026, 11, 27, 0, 1, 20, tzinfo=ZoneInfo("Indian/Reunion"))


# --- Against an account of every single text ---

spans = st.tuples(st.integers(0, 1439), st.integers(1, 1440)).filter(lambda each: each[0] < each[1])
windows = st.tuples(*[st.none() | spans] * 7).map(Window) | st.just(COMMERCIAL_LIMIT)
hours = st.builds(Hours, windows, st.booleans())
ZONES = ["Europe/Paris", "Indian/Reunion", "America/Martinique", "Australia/Lord_Howe"]
waiting = st.builds(Waiting, st.sampled_from(ZONES), st.integers(0, 40), hours)
loads = st.builds(
    LineLoad,
    name=st.just("Malik"),
    zone=st.sampled_from(ZONES),
    waiting=st.lists(waiting, min_size=1, max_size=3).map(tuple),
    ahead=st.sampled_from([0, 0, 3, 25]),
    per_minute=st.sampled_from([None, 0.05, 1.0, 3.0, 7.0, 60.0]),
    day_budget=st.sampled_from([0, 0, 1, 7, 20]),
    sent_today=st.integers(0, 25),
    month_budget=st.sampled_from([0, 0, 0, 10, 50]),
    month_used=st.integers(0, 60),
)
# Near a change of clocks, near the end of a month, near Christmas.
moments = st.builds(
    lambda start, minutes: start + timedelta(minutes=minutes),
    st.sampled_from(
        [
            datetime(2026, 3, 28, tzinfo=UTC),
            datetime(2026, 10, 24, tzinfo=UTC),
            datetime(2026, 12, 23, tzinfo=UTC),
            datetime(2026, 4, 30, tzinfo=UTC),
        ]
    ),
    st.integers(0, 3000),
)


def account(now: datetime, load: LineLoad, end: datetime) -> tuple[list[datetime], int]:
    """When each text leaves before `end`, one after the other, a minute at a time; and how many don't."""
    left, ahead = [group.count for group in load.waiting], load.ahead
    step = timedelta(seconds=60 / (load.per_minute or 600))
    phone = ZoneInfo(load.zone)
    used = {now.astimezone(phone).date(): load.sent_today}
    met = {now.astimezone(phone).strftime("%Y-%m"): load.month_used}
    sent: list[datetime] = []
    at = now
    while any(left) and at < end:
        day, month = at.astimezone(phone).date(), at.astimezone(phone).strftime("%Y-%m")
        full = (load.day_budget and used.get(day, 0) >= load.day_budget) or (
            load.month_budget and met.get(month, 0) >= load.month_budget
        )
        turns = [
            index
            for index, group in enumerate(load.waiting)
            if left[index] and is_open(group.hours, at, group.zone)
        ]
        if full or not turns:
            at = at.replace(second=0, microsecond=0) + timedelta(minutes=1)
            continue
        if ahead:
            ahead -= 1
        else:
            left[turns[0]] -= 1
            sent.append(at)
        used[day], met[month] = used.get(day, 0) + 1, met.get(month, 0) + 1
        at += step
    return sent, sum(left)


@settings(max_examples=60)
@given(moments, loads, st.sampled_from([1, 3, 9]))
def test_every_text_is_foreseen(now: datetime, load: LineLoad, days: int) -> None:
    end = now + timedelta(days=days)
    sent, left = account(now, load, end)
    found = finish(now, [load], expires_at=end)
    everybody = sum(group.count for group in load.waiting)
    if everybody:
        assert found.at == (sent[-1] if sent else None)
        assert found.days == len({each.astimezone(ZoneInfo(load.zone)).date() for each in sent})
    assert found.left_out == left
    assert len(sent) + found.left_out == everybody


@given(moments, st.lists(loads, min_size=1, max_size=3), st.none() | st.integers(0, 20))
def test_a_finish_lies_in_open_hours(now: datetime, given_loads: list[LineLoad], days: int | None) -> None:
    expires_at = None if days is None else now + timedelta(days=days)
    found = finish(now, given_loads, expires_at=expires_at)
    groups = [group for load in given_loads for group in load.waiting if group.count]
    if found.at and groups:
        assert found.at >= now
        assert expires_at is None or found.at < expires_at
        assert any(is_open(group.hours, found.at, group.zone) for group in groups)
    assert 0 <= found.left_out <= sum(group.count for group in groups)
    assert found.limit in ("pace", "day_budget", "month_budget", "hours", "")


def lateness(found: Finish) -> tuple[int, datetime]:
    return found.left_out, found.at or datetime.max.replace(tzinfo=UTC)


@settings(max_examples=200)
@given(moments, loads, st.integers(1, 30), st.none() | st.integers(1, 20), st.data())
def test_more_room_never_finishes_later(
    now: datetime, load: LineLoad, more: int, days: int | None, data: st.DataObject
) -> None:
    # With two budgets and hours that differ, more of one may be used by those who were not in a hurry.
    assume(not (load.day_budget and load.month_budget) or len(load.waiting) == 1)
    room: dict[str, Any] = {
        "day_budget": load.day_budget and load.day_budget + more,
        "month_budget": load.month_budget and load.month_budget + more,
        "sent_today": max(0, load.sent_today - more),
        "month_used": max(0, load.month_used - more),
        "ahead": max(0, load.ahead - more),
    }
    name = data.draw(st.sampled_from(sorted(room)))
    expires_at = None if days is None else now + timedelta(days=days)
    before = finish(now, [load], expires_at=expires_at)
    after = finish(now, [replace(load, **{name: room[name]})], expires_at=expires_at)
    assert after.left_out <= before.left_out
    if after.left_out == before.left_out and expires_at is None:
        assert lateness(after) <= lateness(before)


@settings(max_examples=60)
@given(moments, loads, st.integers(1, 30))
def test_more_people_never_finish_sooner(now: datetime, load: LineLoad, more: int) -> None:
    first, *rest = load.waiting
    load = replace(load, waiting=(replace(first, count=first.count + 1), *rest))
    longer = replace(load, waiting=(replace(first, count=first.count + 1 + more), *rest))
    assert lateness(finish(now, [longer])) >= lateness(finish(now, [load]))


@pytest.mark.parametrize("people", [100_000])
def test_a_large_campaign_is_foreseen_by_days_not_by_texts(people: int) -> None:
    found = finish(TUESDAY, [load(people, per_minute=3.0)])
    # 2,160 a working day, 1,440 on Saturdays: 12,240 a week.
    assert found.days == 50
    assert found.limit == "pace"
