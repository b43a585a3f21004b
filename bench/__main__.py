"""`python -m bench [job …]`: every job, or those named. Exits 1 and names the goals that were missed."""

import os
import sys
import time
from collections.abc import Sequence

from bench import database, paper
from bench.jobs import JOBS, load
from bench.measure import Report


def main(argv: Sequence[str]) -> int:
    unknown = [name for name in argv if name not in JOBS]
    if unknown:
        print(f"No such job: {', '.join(unknown)}. Jobs: {', '.join(JOBS)}.", file=sys.stderr)
        return 2
    missing = [name for name in ("DATABASE_URL", "CELERY_BROKER_URL") if not os.environ.get(name)]
    if missing:
        print(f"{' and '.join(missing)} must be set; `./run bench` starts both servers.", file=sys.stderr)
        return 2
    missed: list[str] = []
    with database.created(os.environ["DATABASE_URL"]) as url:
        _set_up(url)
        machine = paper.machine(url)
        print("  ".join(f"{name} {value}" for name, value in machine.items()))
        for name in argv or JOBS:
            report = _run(name)
            paper.show(report)
            print(f"  kept in {paper.keep(report, machine)}")
            missed += [f"{name}: {goal.name}" for goal in report.missed]
    if missed:
        print("\nMissed:\n" + "\n".join(f"  {each}" for each in missed))
    return 1 if missed else 0


def _set_up(url: str) -> None:
    """Django on the new database, with the settings of the embedded run: those are what is measured."""
    os.environ["DATABASE_URL"] = url
    os.environ["DJANGO_SETTINGS_MODULE"] = "crm.settings.dev"
    os.environ.setdefault("LIGNE_LOG_LEVEL", "WARNING")
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", interactive=False, verbosity=0)


def _run(name: str) -> Report:
    from django.db import connections

    from crm.celery import app

    database.empty()
    started = time.monotonic()
    try:
        report = load(name)()
    finally:
        # Wakes that nobody took; what they were about is dropped with the tables.
        app.control.purge()
        connections.close_all()
    report.sizes["seconds the job took"] = round(time.monotonic() - started, 1)
    return report


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
