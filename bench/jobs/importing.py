"""A file of people into the real tables with all their indexes: against COPY, and against what others use."""

import io
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from django.core.management import call_command
from django.db import connection

from bench import database, people_file
from bench.measure import Goal, Numbers, Report, interleave, rate, ratio
from bench.peers import bulk_creating, copying, import_export_rows
from bench.processes import REPO
from contacts.models import Contact, Import
from teams.models import Team

ROWS = int(os.environ.get("BENCH_IMPORT_ROWS", "200000"))
SLOW_ROWS = min(10_000, ROWS)  # of the peers that take a row at a time
MANY = int(os.environ.get("BENCH_IMPORT_MANY", "1000000"))
TEAM = "Bench"

OURS, AGAIN, LIMIT, BULK = "ours", "ours, nothing new", "limit: COPY", "bulk_create, update_conflicts"
BY_ROW, IN_BULK = "django-import-export", "django-import-export, bulk mode"


def run() -> Report:
    report = Report("import", sizes={"rows": ROWS, "rows of slow peers": SLOW_ROWS, "rows for memory": MANY})
    with tempfile.TemporaryDirectory() as folder:
        file, large = Path(folder) / "people.csv", Path(folder) / "many.csv"
        people_file.write(file, ROWS)
        people_file.write(large, MANY)
        report.raw |= interleave(_contestants(file))
        report.raw["memory"] = _memory(file, large)
    rates = {
        name: report.raw[name]["rows per second"] for name in (OURS, AGAIN, LIMIT, BULK, BY_ROW, IN_BULK)
    }
    memory = report.raw["memory"]
    report.goals = [
        Goal("of the limit", ratio(rates[OURS], rates[LIMIT]), ">=", 0.5),
        Goal("times django-import-export", ratio(rates[OURS], rates[BY_ROW]), ">=", 30),
        Goal("times its bulk mode", ratio(rates[OURS], rates[IN_BULK]), ">=", 15),
        Goal("times bulk_create with update_conflicts", ratio(rates[OURS], rates[BULK]), ">=", 4),
        Goal("nothing new, times a first import", ratio(rates[AGAIN], rates[OURS]), ">=", 1),
        Goal("MB above the start", memory["peak"][0] - memory["base"][0], "<=", 40),
        Goal("memory at the larger file", memory["peak of many rows"][0] / memory["peak"][0], "<=", 1.1),
    ]
    return report


def _contestants(file: Path) -> dict[str, Callable[[], Numbers]]:
    return {
        OURS: lambda: _timed(ROWS, lambda team: _ours(file)),
        AGAIN: lambda: _again(file),
        LIMIT: lambda: _timed(ROWS, lambda team: copying.run(file, team)),
        BULK: lambda: _timed(ROWS, lambda team: bulk_creating.run(file, team)),
        BY_ROW: lambda: _timed(
            SLOW_ROWS, lambda team: import_export_rows.run(file, team, SLOW_ROWS, bulk=False)
        ),
        IN_BULK: lambda: _timed(
            SLOW_ROWS, lambda team: import_export_rows.run(file, team, SLOW_ROWS, bulk=True)
        ),
    }


def _team() -> Team:
    database.empty()
    return Team.objects.create(name=TEAM)


def _timed(count: int, work: Callable[[Team], int]) -> Numbers:
    team = _team()
    started = time.perf_counter()
    written = work(team)
    seconds = time.perf_counter() - started
    if not 0.88 * count < written == Contact.objects.count():
        raise AssertionError(f"{written} people of {count} rows")
    return {"rows per second": rate(count, seconds)}


def _ours(file: Path) -> int:
    """The whole command: the file stored, its encoding and columns found, the rejects written."""
    out = io.StringIO()
    call_command("import_contacts", str(file), "--team", TEAM, "--json", stdout=out)
    found = json.loads(out.getvalue())
    if sum(found[name] for name in ("created", "unchanged", "invalid", "duplicates")) != ROWS:
        raise AssertionError(found)
    return int(found["created"] or found["unchanged"])


def _again(file: Path) -> Numbers:
    """The same file a second time."""
    _team()
    _ours(file)
    with connection.cursor() as cursor:
        # What autovacuum does within a minute.
        cursor.execute("VACUUM ANALYZE")
    started = time.perf_counter()
    _ours(file)
    seconds = time.perf_counter() - started
    if Import.objects.order_by("pk").last().created:  # type: ignore[union-attr]
        raise AssertionError("somebody was made twice")
    return {"rows per second": rate(ROWS, seconds)}


def _memory(file: Path, large: Path) -> dict[str, list[float]]:
    """Of a process that imports and nothing else, in MB."""
    found: dict[str, list[float]] = {}
    for path, name in ((file, "peak"), (large, "peak of many rows")):
        _team()
        argv = [sys.executable, "-m", "bench.importing", str(path), TEAM]
        done = subprocess.run(
            argv, cwd=REPO, env=dict(os.environ), check=True, capture_output=True, text=True
        )
        took = json.loads(done.stdout)
        found.setdefault("base", []).append(took["base"])
        found[name] = [took["peak"]]
    return found
