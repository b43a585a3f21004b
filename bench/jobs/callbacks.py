"""Callbacks accepted: the embedded run's web process against Django views, and against what the machine gives."""

import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

from bench import database, world
from bench.load import Load, generate
from bench.measure import Goal, Numbers, Report, interleave, percentile, rate, ratio
from bench.processes import free_port, running, web
from bench.statements import counting
from sms.models import Callback, Line

CONNECTIONS = 16
SECONDS = 3.0
# Let in before the clock starts: servers open their connections with the first requests.
WARM_UP_S = 0.4

OURS, LIMIT = "ours, uvicorn", "limit: granian, pooled INSERT"
PERSISTENT, DEFAULTS = "view, persistent connections", "view, defaults"


def run() -> Report:
    report = Report("callbacks", sizes={"connections": CONNECTIONS, "seconds a round": SECONDS})
    line = world.line(world.team(), "Malik")
    with ExitStack() as stack:
        data = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        sent, counted = _statements(line, data)
        report.raw["statements"] = {"requests": [sent], "statements": [counted]}
        ports = {
            OURS: _port(stack.enter_context(web(data))),
            LIMIT: _granian(stack, line),
            PERSISTENT: _gunicorn(stack, conn_max_age=""),
            DEFAULTS: _gunicorn(stack, conn_max_age="0"),
        }
        for port in ports.values():
            generate(port=port, path=line.callback_path, connections=CONNECTIONS, seconds=WARM_UP_S)
        contestants: dict[str, Callable[[], Numbers]] = {
            name: partial(_measure, line, port) for name, port in ports.items()
        }
        report.raw |= interleave(contestants)
    report.goals = _goals(report)
    return report


def _goals(report: Report) -> list[Goal]:
    rates = {name: numbers["per second"] for name, numbers in report.raw.items() if "per second" in numbers}
    slowest = {name: numbers["p99 ms"] for name, numbers in report.raw.items() if "p99 ms" in numbers}
    counted = report.raw["statements"]
    ours = report.raw[OURS]
    return [
        Goal("of the limit", ratio(rates[OURS], rates[LIMIT]), ">=", 0.3),
        Goal("times the view with persistent connections", ratio(rates[OURS], rates[PERSISTENT]), ">=", 3),
        Goal("times the view with defaults", ratio(rates[OURS], rates[DEFAULTS]), ">=", 10),
        Goal(
            "p99, of the view with persistent connections",
            ratio(slowest[OURS], slowest[PERSISTENT]),
            "<=",
            1.5,
        ),
        Goal("statements a request", counted["statements"][0] / counted["requests"][0], "==", 1),
        Goal("requests that were not answered 200", sum(ours["failures"]), "==", 0),
        Goal("callbacks answered 200 and not stored", sum(ours["not stored"]), "==", 0),
    ]


def _port(address: str) -> int:
    return urlsplit(address).port or 80


def _granian(stack: ExitStack, line: Line) -> int:
    port = free_port()
    argv = [
        "-m",
        "granian",
        "--interface",
        "rsgi",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
        "--workers",
        "1",
    ]
    argv += ["--loop", "uvloop", "--no-ws", "--log-level", "warning", "bench.peers.minimal:app"]
    stack.enter_context(running(argv, {"BENCH_LINE": f"{line.team_id},{line.pk}"}, port=port))
    return port


def _gunicorn(stack: ExitStack, conn_max_age: str) -> int:
    port = free_port()
    argv = ["-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--log-level", "warning", "--no-control-socket"]
    argv += ["bench.peers.callback_view:application"]
    env = {"DJANGO_SETTINGS_MODULE": "bench.peers.settings", "BENCH_CONN_MAX_AGE": conn_max_age}
    stack.enter_context(running(argv, env, port=port))
    return port


def _measure(line: Line, port: int) -> Numbers:
    database.empty("sms_callback")
    load = generate(port=port, path=line.callback_path, connections=CONNECTIONS, seconds=SECONDS)
    return {
        "per second": rate(load.answers, load.seconds),
        "p50 ms": percentile(load.times_s, 0.5) * 1000,
        "p99 ms": percentile(load.times_s, 0.99) * 1000,
        "failures": load.failures,
        "not stored": load.answers - Callback.objects.count(),
    }


def _statements(line: Line, data: Path) -> tuple[int, int]:
    """Requests, and the statements that the server made for them as its database sees it."""
    with counting() as (proxy, env), web(data, env) as address:
        ask: Callable[..., Load] = partial(
            generate, port=_port(address), path=line.callback_path, connections=CONNECTIONS
        )
        ask(seconds=WARM_UP_S)
        before = proxy.count
        load = ask(seconds=1.0, first=1_000_000)
        # Transaction control counts as well: one statement, and no other word to the database.
        return load.answers, sum(proxy.count) - sum(before)
