"""Planning a campaign: a row for each of its people, against the same rows copied as they are and against the ORM.

The limit is one INSERT … SELECT of rows that are ready: no rule asks anything, nobody's number is looked up. Everybody
was texted before, a month ago. What starts a campaign is a web process: its memory is compared between few and many.
"""

import os
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import requests
from django.db import connection

from bench import campaigns, database, world
from bench.measure import Goal, Numbers, Report, interleave, rate, ratio
from bench.peers import planning
from bench.processes import Memory, web_process
from contacts.models import ContactList
from sms.campaigns.plan import plan
from sms.models import Campaign, Line, Message
from teams.models import ApiToken, Membership, Role, Team, User

PEOPLE = int(os.environ.get("BENCH_FANOUT_PEOPLE", "100000"))
FEW = PEOPLE // 100
SLOW_PEOPLE = min(5_000, PEOPLE)  # of the peer that takes a row at a time
MOST_A_TRANSACTION = 10_000

OURS, LIMIT, BULK, SAVE = "ours", "limit: rows that are ready", "bulk_create", "save()"
WEB = {"few": "web process, few people", "many": "web process, many people"}

# What one transaction made bears its number.
_MADE = """
SELECT coalesce(sum(n), 0), max(n) FROM (
    SELECT count(*) AS n FROM sms_message WHERE campaign_id IS NOT NULL AND state = 'planned' GROUP BY xmin::text
) AS of_one
"""


@dataclass(frozen=True)
class Stage:
    """A team, a line that is held so that nothing leaves, and lists of people by WEB's names."""

    team: Team
    line: Line
    lists: dict[str, ContactList]
    token: str

    def draft(self, people: str) -> Campaign:
        """Advertising: planning asks for everything, whatever the hour."""
        return campaigns.draft(self.lists[people], [self.line], Campaign.Kind.COMMERCIAL)


def run() -> Report:
    report = Report("fanout", sizes={"people": PEOPLE, "people of save()": SLOW_PEOPLE, "few people": FEW})
    stage = _stage()
    _keep_ready(stage)
    report.raw |= interleave(
        {
            OURS: partial(_timed, stage, PEOPLE, _ours),
            LIMIT: partial(_timed, stage, PEOPLE, _copied),
            BULK: partial(_timed, stage, PEOPLE, partial(planning.bulk_create, most=PEOPLE)),
            SAVE: partial(_timed, stage, SLOW_PEOPLE, partial(planning.save, most=SLOW_PEOPLE)),
        }
    )
    report.raw |= interleave({name: partial(_web, stage, people) for people, name in WEB.items()})
    rates = {name: report.raw[name]["rows a second"] for name in (OURS, LIMIT, BULK, SAVE)}
    memory = {people: report.raw[name]["peak MB"] for people, name in WEB.items()}
    largest = max(report.raw[OURS]["rows a transaction"])
    report.goals = [
        Goal("of the limit", ratio(rates[OURS], rates[LIMIT]), ">=", 0.6),
        Goal("times bulk_create", ratio(rates[OURS], rates[BULK]), ">=", 4),
        Goal("times save()", ratio(rates[OURS], rates[SAVE]), ">=", 30),
        Goal("rows a transaction", largest, "<=", MOST_A_TRANSACTION),
        Goal("web memory at many people, of that at few", ratio(memory["many"], memory["few"]), "<=", 1.1),
    ]
    return report


def _stage() -> Stage:
    team = world.team()
    line = world.line(team, "Malik")
    Line.objects.update(state=Line.State.HELD)
    campaigns.people(team, PEOPLE)
    manager = User.objects.create_user("ines@brehat.example", None)
    Membership.objects.create(team=team, user=manager, role=Role.MANAGER)
    _row, token = ApiToken.issue(team=team, user=manager, name="bench")
    lists = {"few": campaigns.first(team, FEW), "many": campaigns.first(team, PEOPLE)}
    return Stage(team, line, lists, token)


def _keep_ready(stage: Stage) -> None:
    """The rows of a campaign, put aside."""
    _timed(stage, PEOPLE, _ours)
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE UNLOGGED TABLE bench_ready AS SELECT {_columns()} FROM sms_message"
            " WHERE campaign_id IS NOT NULL ORDER BY id"
        )
        cursor.execute("ANALYZE bench_ready")


def _columns() -> str:
    """All but the id, which the table gives."""
    return ", ".join(
        field.column for field in Message._meta.concrete_fields if field.column and not field.primary_key
    )


def _timed(stage: Stage, count: int, work: Callable[[Campaign], object]) -> Numbers:
    database.empty("sms_message")
    campaigns.texted_before(stage.lists["many"], stage.line)
    campaign = stage.draft("many")
    campaigns.start(campaign)
    started = time.perf_counter()
    work(campaign)
    seconds = time.perf_counter() - started
    with connection.cursor() as cursor:
        cursor.execute(_MADE)
        made, largest = cursor.fetchone()
    if made != count:
        raise AssertionError(f"{made} rows of {count}")
    return {"rows a second": rate(count, seconds), "rows a transaction": largest}


def _ours(campaign: Campaign) -> None:
    """All that the worker does, the figures for the campaign's page included."""
    while plan(campaign.pk):
        pass


def _copied(_campaign: Campaign) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO sms_message ({_columns()}) SELECT {_columns()} FROM bench_ready")  # noqa: S608


def _web(stage: Stage, people: str) -> Numbers:
    """Memory of a new web process that starts a campaign, after it started a small one: code and connections count
    for nobody.
    """
    database.empty("sms_message")
    campaigns.texted_before(stage.lists["many"], stage.line)
    with tempfile.TemporaryDirectory() as data, web_process(Path(data)) as (address, process):
        _start(stage, address, stage.draft("few"))
        with Memory(process.pid) as before:
            pass
        with Memory(process.pid) as memory:
            _start(stage, address, stage.draft(people))
        return {"MB before": before.peak_mb, "peak MB": memory.peak_mb}


def _start(stage: Stage, address: str, campaign: Campaign) -> None:
    answer = requests.post(
        f"{address}/api/v1/campaigns/{campaign.pk}/start",
        json={"recipients": campaigns.size(campaign)},
        headers={"Authorization": f"Bearer {stage.token}"},
        timeout=60,
    )
    if answer.status_code != 200 or answer.json()["state"] != "running":
        raise AssertionError(f"{answer.status_code}: {answer.text[:500]}")
