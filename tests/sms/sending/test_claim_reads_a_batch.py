"""However long the queue is and whatever the statistics say, a claim and its settlement read about a batch of rows."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.test import override_settings
from django.utils import timezone

from sms.gateway.results import Outcome, SendResult
from sms.models import Campaign, CampaignLine, Line, Message
from sms.sending.claim import claim
from sms.sending.settle import settle
from sms.sending.sweep import sweep
from teams.models import Team
from tests.conftest import make_line
from tests.plans import rows_read
from tests.sms.campaigns.conftest import accepted, make_people

pytestmark = pytest.mark.django_db

PEOPLE, BATCH = 6000, 20
# Of the queue, the people, the campaigns, and each person's four messages.
ROWS_A_MESSAGE = 12


@pytest.fixture
def line(team: Team) -> Line:
    return accepted(make_line(team))


def analyze() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "ANALYZE sms_message, contacts_contact, contacts_contactphone, sms_campaign, sms_campaignline, sms_line"
        )


def analyze_what_is_gone(team: Team, line: Line) -> None:
    """Statistics that know of pages and of nothing in them: the planner believes them however the table grows."""
    with transaction.atomic():
        planned(line, make_people(team, 500))
        transaction.set_rollback(True)
    analyze()


def planned(line: Line, people: list[int], **given: Any) -> Campaign:
    """Under way, and planned for these people."""
    values = {
        "name": "Devis",
        "kind": "service",
        "text": "Bonjour",
        "rest_days": 14,
        "state": "running",
        **given,
    }
    now = timezone.now()
    campaign = Campaign.objects.create(
        team=line.team, started_at=now, planned_at=now, zones=["Europe/Paris", "Indian/Reunion"], **values
    )
    CampaignLine.objects.create(campaign=campaign, line=line)
    add_rows(campaign, line, people)
    return campaign


def add_rows(campaign: Campaign, line: Line, people: list[int], zone: str = "Europe/Paris") -> None:
    given: dict[str, Any] = {
        "campaign": campaign.pk,
        "line": line.pk,
        "people": people,
        "zone": zone,
    }
    with connection.cursor() as cursor:
        cursor.execute(_ROWS, given)


_ROWS = """
INSERT INTO sms_message (team_id, line_id, contact_id, campaign_id, zone, direction, number, text, url, state,
    state_reason, id_sms_api, gateway_id, lane, priority, segments, due_at, override_reason, created_at, claimed_by,
    attempts, happened_at, received_at, raw_time)
SELECT team_id, %(line)s, contact_id, %(campaign)s, %(zone)s, 'out', number, '', '', 'planned', '',
    %(campaign)s || 'x' || id, '', 2, 1, 1, now(), '', now(), '', 0, now(), now(), ''
FROM contacts_contactphone WHERE contact_id = ANY(%(people)s) ORDER BY contact_id
"""


def now_in(zone: str) -> list[list[int]]:
    """Hours that are open now where it is as late as in `zone`, and not hours away from there."""
    now = timezone.localtime(timezone=ZoneInfo(zone))
    minute = now.hour * 60 + now.minute
    return [[max(0, minute - 20), min(1440, minute + 20)]] * 7


@contextmanager
def reading() -> Iterator[dict[str, int]]:
    """Rows that statements about messages read, by how they begin."""
    found: dict[str, int] = {}

    def explain(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if "sms_message" in sql:
            with connection.connection.cursor() as cursor:
                cursor.execute("SAVEPOINT looked")
                cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params)
                plan = cursor.fetchone()[0]
                cursor.execute("ROLLBACK TO SAVEPOINT looked")
            plan = json.loads(plan) if isinstance(plan, str) else plan
            found[" ".join(sql.split()[:3])] = rows_read(plan[0]["Plan"])
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        yield found


@override_settings(GATEWAY_BATCH=BATCH)
@pytest.mark.parametrize(
    "when", ["when all was gone", "before anything", "before it was planned", "after it was planned"]
)
def test_claim_and_settlement_read_about_a_batch(team: Team, line: Line, when: str) -> None:
    if when == "when all was gone":
        analyze_what_is_gone(team, line)
    if when == "before anything":
        analyze()
    people = make_people(team, PEOPLE)
    planned(line, people, state="finished")
    long_ago = timezone.now() - timedelta(days=30)
    Message.objects.update(state="delivered", campaign=None, happened_at=long_ago)
    if when == "before it was planned":
        analyze()
    # Before those who may be texted now: those of another line, and those whose clocks show another hour.
    campaign = planned(make_line(team, "Inès"), people[:2000], window=now_in("Europe/Paris"))
    CampaignLine.objects.create(campaign=campaign, line=line)
    add_rows(campaign, line, people[2000:4000], "Indian/Reunion")
    add_rows(campaign, line, people[4000:])
    # And on the same line: a campaign that waits for a person, one whose hours are closed.
    planned(line, people, state="paused")
    planned(line, people, window=now_in("Pacific/Noumea"))
    if when == "after it was planned":
        analyze()
    with reading() as found:
        taken = claim(line, "me")
    assert taken is not None and len(taken.messages) == BATCH
    sending = Message.objects.filter(state="sending")
    assert set(sending.values_list("campaign", "line", "zone")) == {(campaign.pk, line.pk, "Europe/Paris")}
    outcomes = {message.id_sms_api: Outcome("submitted") for message in taken.messages}
    with reading() as found_after:
        settle(line.pk, team.pk, "me", taken.messages, SendResult(outcomes, status=200), 0.1)
    assert not sending.exists()
    found |= found_after
    assert {"WITH queued AS", "UPDATE sms_message m", "WITH attempt AS"} <= set(found)
    assert max(found.values()) <= ROWS_A_MESSAGE * BATCH, found


@pytest.mark.parametrize("when", ["before it was planned", "after it was planned"])
def test_sweep_reads_next_to_nothing(team: Team, line: Line, when: str) -> None:
    people = make_people(team, PEOPLE)
    if when == "before it was planned":
        analyze()
    planned(line, people, state="paused")
    # Under way, and nobody is left.
    campaign = planned(line, people[:1])
    Message.objects.filter(campaign=campaign).update(state="delivered")
    if when == "after it was planned":
        analyze()
    with reading() as found:
        assert sweep() == []
    assert len(found) == 1 and max(found.values()) <= 20, found
