"""What the page of lines knows of each: queue, uncertain, sent today, quiet."""

from datetime import timedelta

import pytest
from django.utils import timezone

from sms.lines import health
from sms.models import Line, Message
from sms.sending.queue import Draft, enqueue
from teams.models import Team
from tests.conftest import make_line

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def message(line: Line, state: str, **fields: object) -> None:
    row = enqueue(line.team, [Draft(line=line, number="+33639984217", text="Bonjour")], by=None)[0]
    Message.objects.filter(pk=row.pk).update(state=state, **fields)


def of(line: Line) -> health.Health:
    line.refresh_from_db()
    return health.of_line(line)


def test_counts_are_of_this_line_alone(team: Team, line: Line) -> None:
    other = make_line(team, "Other")
    for each in (line, line, other):
        message(each, "queued")
    message(line, "uncertain")
    message(line, "uncertain", left_at=timezone.now())
    message(line, "delivered", submitted_at=timezone.now())
    message(line, "delivered", submitted_at=timezone.now() - 48 * HOUR)
    seen = of(line)
    assert (seen.queue, seen.uncertain, seen.today) == (2, 1, 1)


@pytest.mark.parametrize(
    ("sent_ago", "heard_ago", "quiet"),
    [
        (2.2, None, True),  # never heard of it
        (2.2, 3, True),  # the last callback came before
        (2.2, 1, False),  # heard of since
        (1.5, None, False),  # not long enough
    ],
)
def test_quiet_is_sent_and_nothing_heard_for_two_hours(
    line: Line, sent_ago: float, heard_ago: float | None, quiet: bool
) -> None:
    message(line, "submitted", submitted_at=timezone.now() - sent_ago * HOUR)
    heard = None if heard_ago is None else timezone.now() - heard_ago * HOUR
    Line.objects.filter(pk=line.pk).update(last_callback_at=heard)
    assert (of(line).state == "quiet") is quiet


def test_what_is_delivered_was_heard_of(line: Line) -> None:
    message(line, "delivered", submitted_at=timezone.now() - 3 * HOUR)
    assert of(line).state == "ready"


def test_a_line_in_test_mode_is_never_quiet(line: Line) -> None:
    message(line, "submitted", submitted_at=timezone.now() - 3 * HOUR)
    Line.objects.filter(pk=line.pk).update(test_mode=True)
    assert of(line).state == "ready"


def test_a_gateway_out_of_reach_says_when_it_is_tried_again(line: Line) -> None:
    Line.objects.filter(pk=line.pk).update(failures=2, not_before=timezone.now() + HOUR)
    assert of(line).state == "waiting"


def test_lines_that_need_somebody_stand_first(team: Team) -> None:
    make_line(team, "A")
    late = make_line(team, "Z")
    Line.objects.filter(pk=late.pk).update(state="held", held_reason="licence", held_at=timezone.now())
    assert [each.line.name for each in health.of_team(team)] == ["Z", "A"]


def test_another_teams_lines_are_not_there(other_team: Team, line: Line) -> None:
    assert health.of_team(other_team) == []
