"""From the callback to the open browser: web process, worker and event stream at a hundred callbacks a second."""

import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings
from django.test import Client

from bench import database, world
from bench.load import generate
from bench.measure import Goal, Report, interleave, median, percentile
from bench.processes import REPO, web, worker
from sms.models import Line
from teams.models import Membership, Role, Team, User

PER_SECOND, SECONDS, TABS, PEOPLE = 100, 8, 10, 2000
# After the last callback: time for what is still on its way.
SETTLES_WITHIN_S = 3.0

Browser = Callable[[], AbstractContextManager["subprocess.Popen[str]"]]


def run() -> Report:
    report = Report(
        "live", sizes={"callbacks a second": PER_SECOND, "seconds a round": SECONDS, "tabs": TABS}
    )
    team = world.team()
    line = world.line(team, "Malik")
    world.people(team, PEOPLE)
    with ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        port = urlsplit(stack.enter_context(web(data))).port or 80
        stack.enter_context(worker(data))
        browser = partial(_browser, port, _signed_in(team))
        first = iter(range(0, 10**9, 10**6))
        # Not counted: connections, plans and code warm up.
        _round(line, port, browser, next(first), seconds=2)
        report.raw = interleave({"callback to browser": lambda: _round(line, port, browser, next(first))})
    numbers = report.raw["callback to browser"]
    report.goals = [
        Goal("p95 at 100 callbacks a second, ms", median(numbers["p95 ms"]), "<=", 300),
        Goal("callbacks that no event told of", sum(numbers["never seen"]), "==", 0),
    ]
    return report


def _signed_in(team: Team) -> str:
    """The cookie of an agent of the team."""
    user = User.objects.create_user("theo@brehat.example", None)
    Membership.objects.create(team=team, user=user, role=Role.AGENT)
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    name = settings.SESSION_COOKIE_NAME
    return f"{name}={client.cookies[name].value}"


@contextmanager
def _browser(port: int, cookie: str) -> Iterator["subprocess.Popen[str]"]:
    plan = json.dumps({"port": port, "cookie": cookie, "tabs": TABS})
    argv = [sys.executable, "-m", "bench.browser", plan]
    process = subprocess.Popen(argv, cwd=REPO, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        if process.stdout.readline() != "listening\n":
            raise RuntimeError("the tabs could not connect")
        yield process
    finally:
        process.kill()
        process.wait()


def _round(line: Line, port: int, browser: Browser, first: int, seconds: float = SECONDS) -> dict[str, float]:
    database.empty("sms_message", "sms_callback", "sms_knownevent")
    with browser() as process:
        load = generate(
            port=port,
            path=line.callback_path,
            connections=16,
            seconds=seconds,
            kind="text",
            first=first,
            per_second=PER_SECOND,
        )
        time.sleep(SETTLES_WITHIN_S)
        seen = json.loads(process.communicate(timeout=20)[0])
    times = [
        seen["read_at"][number] - sent for number, sent in load.sent.items() if number in seen["read_at"]
    ]
    return {
        "p50 ms": percentile(times, 0.5) * 1000,
        "p95 ms": percentile(times, 0.95) * 1000,
        "p99 ms": percentile(times, 0.99) * 1000,
        "never seen": len(load.sent) - len(times),
        "events": seen["events"],
    }
