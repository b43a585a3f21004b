"""What left already counts when a budget begins, and campaigns hear of new limits at once."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from sms.lines import budget, connect, health
from sms.models import Campaign, CampaignLine, Line, LineRecipient, Message
from sms.sending.queue import Draft, enqueue
from teams.access import Member
from teams.models import Team
from tests.conftest import make_line

pytestmark = pytest.mark.django_db
COUNTED = ("sending", "submitted", "sent", "delivered", "uncertain")
OTHERS = ("queued", "failed", "skipped", "cancelled", "planned")


def sent(
    line: Line, states: Sequence[str], *, at: datetime | None = None, number: str = "+336399842"
) -> None:
    drafts = [Draft(line=line, number=f"{number}{index:02}", text="Bonjour") for index in range(len(states))]
    for row, state in zip(enqueue(line.team, drafts, by=None), states, strict=True):
        Message.objects.filter(pk=row.pk).update(state=state, happened_at=at or timezone.now())


def change(line: Line, admin: Member, **values: Any) -> Line:
    connect.change(line, values, by=admin.user, accept_automation=False)
    line.refresh_from_db()
    return line


def met(line: Line) -> int:
    return LineRecipient.objects.filter(line=line).count()


def days_of(line: Line) -> tuple[datetime, date]:
    """The database's now, and the phone's day: the statements go by its clock."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT now(), (now() AT TIME ZONE %s)::date", [line.time_zone])
        now, today = cursor.fetchone()
        return now, today


def test_what_left_today_counts_when_a_budget_a_day_begins(team: Team, line: Line, admin: Member) -> None:
    sent(line, [*COUNTED, *OTHERS])
    sent(line, ["delivered"], at=timezone.now() - timedelta(days=1))
    sent(make_line(team, "Other"), ["delivered"])
    change(line, admin, day_budget=80)
    assert (line.sent_on, line.sent_today) == (days_of(line)[1], len(COUNTED))


def test_people_of_this_month_count_once_each(team: Team, line: Line, admin: Member) -> None:
    sent(line, [*COUNTED, *OTHERS])
    sent(line, ["delivered", "delivered"])
    sent(line, ["delivered"], at=timezone.now() - timedelta(days=32), number="+336399843")
    sent(make_line(team, "Other"), ["delivered"], number="+336399844")
    change(line, admin, month_budget=1200)
    assert met(line) == len(COUNTED)
    assert {row.month for row in LineRecipient.objects.all()} == {days_of(line)[1].replace(day=1)}
    # However often it is counted.
    budget.reset(line)
    assert met(line) == len(COUNTED)


@pytest.mark.parametrize(
    "zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Paris", "Asia/Kathmandu"]
)
def test_days_and_months_begin_where_the_phone_is(line: Line, admin: Member, zone: str) -> None:
    Line.objects.filter(pk=line.pk).update(time_zone=zone)
    line.refresh_from_db()
    now, today = days_of(line)
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s::timestamp AT TIME ZONE %s", [today, zone])
        midnight = cursor.fetchone()[0]
        cursor.execute("SELECT %s::timestamp AT TIME ZONE %s", [today.replace(day=1), zone])
        first = cursor.fetchone()[0]
    second = timedelta(seconds=1)
    for index, at in enumerate([midnight, midnight - second, first, first - second]):
        sent(line, ["delivered"], at=at, number=f"+33639984{index}")
    change(line, admin, day_budget=80, month_budget=1200)
    # On the first of a month both begin at the same moment.
    assert line.sent_today == 1 + (first == midnight)
    assert met(line) == 3 - (first == midnight)
    assert now >= midnight


def test_a_budget_that_ends_forgets_whom_it_counted(line: Line, admin: Member) -> None:
    sent(line, COUNTED)
    change(line, admin, month_budget=1200)
    assert met(line)
    change(line, admin, month_budget=0)
    assert not met(line)


def test_counting_takes_one_statement_each(line: Line, admin: Member) -> None:
    sent(line, [*COUNTED] * 4)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        budget.reset(line)
    assert len(queries) == 3


@pytest.mark.parametrize(
    "values",
    [{"window": [[480, 1200]] * 7}, {"pace": 30}, {"day_budget": 80}, {"month_budget": 1200},
     {"time_zone": "Indian/Reunion"}],
)  # fmt: skip
def test_campaigns_that_wait_look_again_when_limits_change(
    team: Team, line: Line, admin: Member, values: dict[str, Any]
) -> None:
    other = make_line(team, "Other")
    campaign = Campaign.objects.create(team=team, name="Portes ouvertes", state="running")
    later = timezone.now() + timedelta(minutes=5)
    for each in (line, other):
        CampaignLine.objects.create(campaign=campaign, line=each, not_before=later)
    change(line, admin, name="Renamed")
    assert CampaignLine.objects.get(line=line).not_before == later
    change(line, admin, **values)
    assert CampaignLine.objects.get(line=line).not_before is None
    assert CampaignLine.objects.get(line=other).not_before == later


def test_health_shows_what_is_used_of_the_phones_day(team: Team, line: Line) -> None:
    today = days_of(line)[1]
    Line.objects.filter(pk=line.pk).update(day_budget=80, sent_on=today, sent_today=46, month_budget=1200)
    for index, month in enumerate([today.replace(day=1)] * 3 + [date(2020, 1, 1)]):
        LineRecipient.objects.create(line=line, month=month, number=f"+3363998420{index}")
    line.refresh_from_db()
    seen = health.of_line(line)
    assert (seen.sent_today, seen.met) == (46, 3)
    # Yesterday's count is no longer one.
    with time_machine.travel(datetime.now(UTC) + timedelta(days=2), tick=False):
        assert seen.sent_today == 0


@pytest.fixture
def client(admin: Member) -> Client:
    signed_in = Client()
    signed_in.force_login(admin.user, backend="teams.accounts.Backend")
    return signed_in


def test_the_pages_say_how_much_is_used(client: Client, line: Line) -> None:
    shown = client.get(reverse("sms:line", args=[line.pk])).content.decode()
    assert "This month" not in shown
    Line.objects.filter(pk=line.pk).update(
        day_budget=80, month_budget=1200, sent_on=days_of(line)[1], sent_today=46
    )
    for page in (reverse("sms:lines"), reverse("sms:line", args=[line.pk])):
        shown = client.get(page).content.decode()
        assert "46 of 80 texts" in shown
        assert "0 of 1,200 people" in shown
        assert '<progress class="meter mt-1" value="46" max="80"' in shown
    french = client.get(reverse("sms:lines"), HTTP_ACCEPT_LANGUAGE="fr").content.decode()
    assert 'max="1200"' in french
