"""What can be measured: a module a job, each with `run() -> Report`."""

from collections.abc import Callable
from importlib import import_module

from bench.measure import Report

# In the order in which they run. Modules are imported when Django is set up.
JOBS: dict[str, str] = {
    "fanout": "bench.jobs.fanout",
    "send": "bench.jobs.send",
    "callbacks": "bench.jobs.callbacks",
    "apply": "bench.jobs.apply",
    "live": "bench.jobs.live",
    "import": "bench.jobs.importing",
    "phones": "bench.jobs.phones",
    "segments": "bench.jobs.segments",
    "search": "bench.jobs.search",
    "pages": "bench.jobs.pages",
}


def load(name: str) -> Callable[[], Report]:
    run: Callable[[], Report] = import_module(JOBS[name]).run
    return run
