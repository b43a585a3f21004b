"""When a campaign will have left: what its lines bear, what stands before it there, and how it really goes."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sms.campaigns import finish
from sms.models import Campaign, CampaignLine, Line, LineRecipient, Message
from sms.sending.budget import Day
from sms.sending.estimate import LineLoad
from teams.models import Team
from tests.conftest import make_line
from tests.sms.campaigns.begun import begun, counted, rows

pytestmark = pytest.mark.django_db


def load(campaign: Campaign, number: int = 0) -> LineLoad:
    return finish.outlook(campaign).lines[number].load


def pace(line: Line, a_minute: int) -> None:
    Line.objects.filter(pk=line.pk).update(pace=a_minute)


def test_nobody_waits_or_nothing_is_under_way(line: Line) -> None:
    assert finish.of(begun(line, {"delivered": 3})) is None
    for place, state in enumerate(("finished", "cancelled", "paused"), start=1):
        assert finish.of(begun(line, {"planned": 3}, begin=10 * place, state=state)) is None


def test_while_its_people_are_planned_nobody_knows(line: Line) -> None:
    assert finish.of(begun(line, {"planned": 3}, planned_at=None)) is None


def test_at_the_pace_of_the_line(line: Line) -> None:
    pace(line, 2)
    found = finish.of(begun(line, {"planned": 20, "delivered": 1}))
    assert found is not None and found.at is not None
    # Twenty messages, one each half minute.
    assert timedelta(minutes=9) < found.at - timezone.now() < timedelta(minutes=10)
    assert (found.left_out, found.limit) == (0, "pace")


def test_a_campaigns_own_pace_is_shared_by_its_lines(line: Line, team: Team) -> None:
    pace(line, 30)
    campaign = begun(line, {"planned": 4}, pace=10)
    other = make_line(team, "Inès", pace=2)
    CampaignLine.objects.create(campaign=campaign, line=other)
    Message.objects.filter(pk=rows(campaign, "planned")[0].pk).update(line=other)
    counted(campaign)
    found = {each.line.name: each.load.per_minute for each in finish.outlook(campaign).lines}
    assert found == {"Malik": 5.0, "Inès": 2}


def test_a_scheduled_one_is_counted_from_its_time(line: Line) -> None:
    starts = timezone.now() + timedelta(days=1)
    found = finish.of(begun(line, {"planned": 3}, state="scheduled", starts_at=starts))
    assert found is not None and found.at is not None
    assert starts <= found.at < starts + timedelta(minutes=1)


def test_what_is_queued_and_older_campaigns_stand_before_it(line: Line) -> None:
    now = timezone.now()
    older = begun(line, {"planned": 7, "delivered": 2}, started_at=now - timedelta(hours=5))
    newer = begun(line, {"planned": 9}, begin=50, started_at=now - timedelta(hours=1))
    campaign = begun(line, {"planned": 4}, begin=80)
    Message.objects.filter(pk=rows(campaign, "planned")[0].pk).update(state="queued", campaign=None)
    counted(campaign)
    assert load(campaign).ahead == 8
    assert load(older).ahead == 1
    assert load(newer).ahead == 1 + 7 + 3


def test_advertising_waits_for_the_others_however_old_it_is(line: Line) -> None:
    long_ago = timezone.now() - timedelta(days=2)
    advertising = begun(line, {"planned": 5}, kind="commercial", started_at=long_ago)
    service = begun(line, {"planned": 4}, begin=50)
    assert load(advertising).ahead == 4
    assert load(service).ahead == 0


def test_paused_ones_do_not_stand_before_it(line: Line) -> None:
    begun(line, {"planned": 5}, state="paused", started_at=timezone.now() - timedelta(days=2))
    assert load(begun(line, {"planned": 4}, begin=50)).ahead == 0


def test_budgets_as_they_are_used(line: Line) -> None:
    day = Day.of(line)
    yesterday = day.today - timedelta(days=1)
    Line.objects.filter(pk=line.pk).update(day_budget=50, sent_today=12, sent_on=day.today, month_budget=200)
    LineRecipient.objects.create(line=line, month=day.month, number="+33639980001")
    LineRecipient.objects.create(line=line, month=day.month - timedelta(days=40), number="+33639980002")
    campaign = begun(line, {"planned": 4})
    found = load(campaign)
    assert (found.day_budget, found.sent_today, found.month_budget, found.month_used) == (50, 12, 200, 1)
    Line.objects.filter(pk=line.pk).update(sent_on=yesterday)
    assert load(campaign).sent_today == 0


def test_what_waits_elsewhere_keeps_the_hours_there(line: Line) -> None:
    campaign = begun(line, {"planned": 6}, zones=["Europe/Paris", "Indian/Reunion"])
    moved = [message.pk for message in rows(campaign, "planned")[:2]]
    Message.objects.filter(pk__in=moved).update(zone="Indian/Reunion")
    zones = {group.zone: group.count for group in load(campaign).waiting}
    assert zones == {"Europe/Paris": 4, "Indian/Reunion": 2}


def left(campaign: Campaign, count: int, *, every: timedelta) -> None:
    """So many were handed over lately, one after the other."""
    now = timezone.now()
    for place, message in enumerate(rows(campaign, "submitted")[:count]):
        Message.objects.filter(pk=message.pk).update(happened_at=now - every * (count - place))


def test_slower_than_its_pace_counts_as_it_goes(line: Line) -> None:
    pace(line, 60)
    campaign = begun(line, {"submitted": 16, "planned": 30})
    left(campaign, 16, every=timedelta(seconds=30))
    measured = load(campaign).per_minute
    assert measured is not None
    assert 1.8 < measured < 2.2


def test_faster_than_its_pace_is_no_promise(line: Line) -> None:
    pace(line, 3)
    campaign = begun(line, {"submitted": 40, "planned": 30})
    left(campaign, 40, every=timedelta(seconds=2))
    assert load(campaign).per_minute == 3


def test_few_or_old_ones_say_nothing(line: Line) -> None:
    pace(line, 60)
    campaign = begun(line, {"submitted": 20, "planned": 30})  # two hours ago
    assert load(campaign).per_minute == 60
    left(campaign, 5, every=timedelta(minutes=1))
    assert load(campaign).per_minute == 60


def test_what_left_before_it_was_resumed_says_nothing(line: Line) -> None:
    pace(line, 60)
    campaign = begun(line, {"submitted": 16, "planned": 30}, resumed_at=timezone.now() - timedelta(minutes=1))
    left(campaign, 16, every=timedelta(seconds=30))
    assert load(campaign).per_minute == 60


def test_while_its_hours_are_closed_nothing_is_measured(line: Line) -> None:
    pace(line, 60)
    campaign = begun(line, {"submitted": 16, "planned": 30}, window=[None] * 7)
    left(campaign, 16, every=timedelta(seconds=30))
    assert load(campaign).per_minute == 60


def test_a_draft_is_spread_over_its_lines(line: Line, team: Team) -> None:
    pace(line, 1)
    draft = Campaign.objects.create(team=team, name="Brouillon", kind="service")
    for each in (line, make_line(team, "Inès", pace=1)):
        CampaignLine.objects.create(campaign=draft, line=each)
    found = finish.of_draft(draft, 11)
    assert found.at is not None
    # Six and five, one a minute.
    assert timedelta(minutes=4) < found.at - timezone.now() < timedelta(minutes=6)


def test_a_draft_stands_behind_what_runs(line: Line, team: Team) -> None:
    pace(line, 1)
    begun(line, {"planned": 30})
    draft = Campaign.objects.create(team=team, name="Brouillon", kind="service")
    CampaignLine.objects.create(campaign=draft, line=line)
    found = finish.of_draft(draft, 1)
    assert found.at is not None and found.at - timezone.now() > timedelta(minutes=29)


def test_a_draft_without_lines_or_people_is_done(team: Team) -> None:
    draft = Campaign.objects.create(team=team, name="Brouillon")
    assert finish.of_draft(draft, 0).days == 0
    assert finish.of_draft(Campaign(team=team), 12).days == 0


def test_one_statement(line: Line) -> None:
    campaign = Campaign.objects.select_related("team").get(pk=begun(line, {"planned": 3}).pk)
    with CaptureQueriesContext(connection) as caught:
        finish.of(campaign)
    assert len(caught) == 1
