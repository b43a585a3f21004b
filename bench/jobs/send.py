"""Sending: the real worker against a Celery task per SMS, through a gateway that answers in 50 ms and in 0 ms.

Ours sends campaigns: texts with fields of the person and of the team and a tracked link, written at the claim, to
people of whom every rule asks something, in hours of its own that never close, on lines without pace and budget. They
are of the kind `service`: the law closes advertising at night and on Sundays, which asks one column of the person more
and would make the figures depend on the hour. What the peer sends is written already, and it asks for nothing.
"""

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.models import QuerySet

from bench import campaigns, database, world
from bench.measure import Goal, Numbers, Report, interleave, median, rate, ratio
from bench.processes import Memory, celery, free_port, running, wait_until, worker
from bench.statements import counting
from contacts.models import ContactList
from crm.celery import app
from sms import wake
from sms.models import Campaign, Line, Message
from teams.models import Team

LATENCY_MS = 50
ONE_LINE, FOUR_LINES, AT_ONCE, PEER = 4000, 8000, 6000, 250
SHORT_QUEUE, LONG_QUEUE, COUNTED = 1000, 100_000, 20_000
DONE_WITHIN_S = 240.0


@dataclass
class Stage:
    """What stands while the job runs."""

    team: Team
    contacts: list[int]
    # Lists of the team's people, by how many.
    people: dict[int, ContactList]
    # By latency in ms; the peer's lines are held, so that our worker leaves them alone.
    lines: dict[int, list[Line]]
    peer_lines: dict[int, Line]


def run() -> Report:
    report = Report("send", sizes=_sizes())
    with _stage() as stage, ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        statements, control = _statements(stage, data)
        report.raw["statements"] = {"a message": [statements], "BEGIN, COMMIT": [control]}
        ours = stack.enter_context(worker(data))
        memory = {"short queue": _peak(ours.pid, partial(_campaign, stage, 0, 1, SHORT_QUEUE))}
        stack.enter_context(_peer_worker(data))
        report.raw |= interleave(
            {
                "ours, one line, 50 ms": partial(_campaign, stage, LATENCY_MS, 1, ONE_LINE),
                "ours, four lines, 50 ms": partial(_campaign, stage, LATENCY_MS, 4, FOUR_LINES),
                "ours, one line, 0 ms": partial(_campaign, stage, 0, 1, AT_ONCE),
                "ours, the API's lane, 50 ms": partial(_written, stage, LATENCY_MS, ONE_LINE),
                "ours, the API's lane, 0 ms": partial(_written, stage, 0, AT_ONCE),
                "a task per SMS, 50 ms": partial(_tasks, stage, LATENCY_MS),
                "a task per SMS, 0 ms": partial(_tasks, stage, 0),
            }
        )
        memory["long queue"] = _peak(ours.pid, partial(_from_start_to_end, stage, report))
        report.raw["worker memory, MB"] = {name: [own] for name, (own, _) in memory.items()}
        report.raw["its beat besides, MB"] = {name: [beat] for name, (_, beat) in memory.items()}
    report.goals = _goals(report)
    return report


def _sizes() -> dict[str, float]:
    return {
        "batch": settings.GATEWAY_BATCH,
        "messages on one line": ONE_LINE,
        "on four lines": FOUR_LINES,
        "at 0 ms": AT_ONCE,
        "by tasks": PEER,
        "tasks' processes": 8,
        "long queue": LONG_QUEUE,
    }


def _goals(report: Report) -> list[Goal]:
    rates = {name: numbers["per second"] for name, numbers in report.raw.items() if "per second" in numbers}
    bound = settings.GATEWAY_BATCH / (LATENCY_MS / 1000)
    slow, fast = rates["a task per SMS, 50 ms"], rates["a task per SMS, 0 ms"]
    one = rates["ours, one line, 50 ms"]
    memory = report.raw["worker memory, MB"]
    short, long = memory["short queue"][0], memory["long queue"][0]
    return [
        Goal("one line at 50 ms, of the bound batch ÷ latency", median(one) / bound, ">=", 0.7),
        Goal("one line at 50 ms, times the peer", ratio(one, slow), ">=", 10),
        Goal("four lines at 50 ms, times the peer", ratio(rates["ours, four lines, 50 ms"], slow), ">=", 35),
        Goal(
            "one line at 0 ms, times the peer at 0 ms", ratio(rates["ours, one line, 0 ms"], fast), ">=", 40
        ),
        Goal("statements a message", report.raw["statements"]["a message"][0], "<=", 0.05),
        Goal("worker's memory, MB", max(short, long), "<=", 120),
        Goal("worker's memory with a long queue, of that with a short one", long / short, "<=", 1.1),
    ]


@contextmanager
def _stage() -> Iterator[Stage]:
    port = free_port()
    with running(["-m", "bench.gateway", str(port)], port=port):
        team = world.team()
        address = f"http://127.0.0.1:{port}"
        make = partial(world.line, team, base_url=address)
        lines = {
            wait: [make(f"{wait} ms {each}", send_path=f"/{wait}/send") for each in range(count)]
            for wait, count in ((LATENCY_MS, 4), (0, 1))
        }
        peers = {wait: make(f"peer {wait} ms", send_path=f"/{wait}/send") for wait in (LATENCY_MS, 0)}
        Line.objects.update(state=Line.State.HELD)
        campaigns.people(team, LONG_QUEUE)
        sizes = {settings.GATEWAY_BATCH, ONE_LINE, FOUR_LINES, AT_ONCE, SHORT_QUEUE, COUNTED, LONG_QUEUE}
        people = {size: campaigns.first(team, size) for size in sorted(sizes)}
        yield Stage(team, world.people(team), people, lines, peers)


@contextmanager
def _peer_worker(data: Path) -> Iterator[None]:
    argv = ["-m", "celery", "-A", "bench.peers.sms_task", "worker", "--pool", "prefork", "--concurrency", "8"]
    argv += ["--loglevel", "warning", "--without-gossip", "--without-mingle"]
    env = {"DJANGO_SETTINGS_MODULE": "bench.peers.settings", "BENCH_CONN_MAX_AGE": "0"}
    with celery(argv, data, env):
        yield


def _campaign(stage: Stage, latency_ms: int, count: int, messages: int) -> Numbers:
    """Has a campaign planned for held lines, lets them go, and reads from the tables when the last one was handed
    over.
    """
    lines = stage.lines[latency_ms][:count]
    campaign = _draft(stage, lines, messages)
    campaigns.start(campaign)
    _wait_for(_planned(campaign).exists)
    return _let_go(lines, messages)


def _draft(stage: Stage, lines: list[Line], messages: int) -> Campaign:
    Campaign.objects.update(state=Campaign.State.FINISHED)
    database.empty("sms_message", "sms_sendattempt")
    people = stage.people[messages]
    campaigns.texted_before(people, lines[0])
    return campaigns.draft(people, lines, Campaign.Kind.SERVICE)


def _from_start_to_end(stage: Stage, report: Report) -> None:
    """A long campaign as it is in an installation: the worker plans it and sends what is planned meanwhile."""
    line = stage.lines[0][0]
    campaign = _draft(stage, [line], LONG_QUEUE)
    Line.objects.filter(pk=line.pk).update(state=Line.State.ACTIVE, sender="", lease_until=None)
    started = _clock()
    campaigns.start(campaign)
    _wait_for(lambda: _planned(campaign).exists() and not _waiting().exists())
    Line.objects.filter(pk=line.pk).update(state=Line.State.HELD)
    report.raw["ours, planned and sent, 0 ms"] = {"per second": [_handed_over(LONG_QUEUE, started)]}


def _written(stage: Stage, latency_ms: int, messages: int) -> Numbers:
    """The same of what a program wrote."""
    line = stage.lines[latency_ms][0]
    database.empty("sms_message", "sms_sendattempt")
    world.messages(line, stage.contacts, messages, Message.State.QUEUED)
    return _let_go([line], messages)


def _let_go(lines: list[Line], messages: int) -> Numbers:
    # What autovacuum does within a minute in an installation that is older than this one.
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE sms_message")
    ids = [line.pk for line in lines]
    started = _clock()
    Line.objects.filter(pk__in=ids).update(state=Line.State.ACTIVE, sender="", lease_until=None)
    wake.lines(ids)
    _wait_for(lambda: not _waiting().exists())
    Line.objects.filter(pk__in=ids).update(state=Line.State.HELD)
    return {"per second": _handed_over(messages, started)}


def _planned(campaign: Campaign) -> "QuerySet[Campaign]":
    return Campaign.objects.filter(pk=campaign.pk, planned_at__isnull=False)


def _waiting() -> "QuerySet[Message]":
    return Message.objects.filter(state__in=("planned", "queued", "sending"))


def _tasks(stage: Stage, latency_ms: int) -> Numbers:
    database.empty("sms_message", "sms_sendattempt")
    messages = world.messages(stage.peer_lines[latency_ms], stage.contacts, PEER, Message.State.QUEUED)
    started = _clock()
    for message in messages:
        app.send_task("bench.send_one", args=[message.pk], queue="bench_peer")
    _wait_for(lambda: not Message.objects.filter(state=Message.State.QUEUED).exists())
    return {"per second": _handed_over(PEER, started)}


def _wait_for(done: Callable[[], bool]) -> None:
    wait_until(done, DONE_WITHIN_S, "the queue is empty", pause_s=0.1)


def _clock() -> float:
    """Seconds by the database's clock, which also writes `submitted_at`."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT extract(epoch FROM clock_timestamp())::float")
        return float(cursor.fetchone()[0])


def _handed_over(expected: int, started: float) -> float:
    """Messages a second. Raises when one of them is anything but handed over."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*), extract(epoch FROM max(submitted_at))::float FROM sms_message WHERE state = 'submitted'"
        )
        count, last = cursor.fetchone()
    if count != expected:
        states = list(Message.objects.values_list("state", "state_reason").distinct()[:5])
        raise AssertionError(f"{count} of {expected} messages were handed over: {states}")
    return rate(count, last - started)


def _peak(pid: int, work: Callable[[], object]) -> tuple[float, float]:
    """The worker's own peak, and its beat's (a fork, one a fleet) beside it."""
    with Memory(pid) as memory:
        work()
    return memory.peak_mb, memory.children_mb


def _statements(stage: Stage, data: Path) -> tuple[float, float]:
    """Of a worker behind the counting proxy, its sweeps included, a message; and of transaction control."""
    with counting() as (proxy, env), worker(data, env):
        _campaign(stage, 0, 1, settings.GATEWAY_BATCH)
        before = proxy.count
        _campaign(stage, 0, 1, COUNTED)
        statements, control = (after - first for after, first in zip(proxy.count, before, strict=True))
        return statements / COUNTED, control / COUNTED
