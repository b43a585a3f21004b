"""What is printed and what is kept of a job: the machine, the sizes, the raw numbers, the goals."""

import json
import math
import os
import platform
from datetime import UTC, datetime
from pathlib import Path

import psycopg

from bench.measure import Report, median

REPO = Path(__file__).resolve().parent.parent


def results_folder() -> Path:
    """Where `./run bench` says, else in the data folder."""
    given = os.environ.get("LIGNE_BENCH_RESULTS")
    return Path(given) if given else Path(os.environ.get("LIGNE_DATA") or REPO / "var") / "bench"


def machine(database_url: str) -> dict[str, str | float]:
    with psycopg.connect(database_url) as connection:
        server = connection.execute("SHOW server_version").fetchone()
        sync = connection.execute("SHOW fsync").fetchone()
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "processors": os.cpu_count() or 0,
        "processor": _processor(),
        "memory_gb": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "postgresql": f"{server[0] if server else '?'}, fsync {sync[0] if sync else '?'}",
        # Above the number of processors: others work here too, and every figure is noisier.
        "load": round(os.getloadavg()[0], 2),
    }


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")


def keep(report: Report, machine: dict[str, str | float]) -> Path:
    path = results_folder() / f"{report.job}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"machine": machine, **report.as_json()}, indent=2) + "\n")
    return path


def show(report: Report) -> None:
    print(f"\n{report.job}")
    print("  " + ", ".join(f"{name} {number(value)}" for name, value in report.sizes.items()))
    for who, numbers in report.raw.items():
        for what, values in numbers.items():
            every = "  ".join(number(value) for value in values)
            print(f"  {who:<34} {what:<12} {number(median(values)):>9}   ({every})")
    for goal in report.goals:
        mark = "ok    " if goal.met else "MISSED"
        print(f"  {mark} {goal.name}: {number(goal.value)} {goal.relation} {number(goal.bound)}")


def number(value: float) -> str:
    """Three figures that count, and no exponent."""
    if not math.isfinite(value) or value == 0:
        return str(value)
    places = max(0, 2 - math.floor(math.log10(abs(value))))
    text = f"{value:.{min(places, 6)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
