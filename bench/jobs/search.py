"""The search box: ours against `icontains` over three columns, among 200,000 people.

A round asks every question once of each, for the first page in the order of names. The words are as people type
them: whole names and parts, with and without accents, a company, an e-mail. What `icontains` cannot find at all (a
number in another writing, a name without its accent, a tag) is asked of both all the same. What counts is the
database's time; that of the whole stands beside it.
"""

import json
import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from django.db import connection
from django.db.models import Q

from bench.measure import Goal, Numbers, Report, interleave, median, ratio
from contacts.models import Contact
from contacts.people import listing, search
from contacts.people.ordering import PAGE
from crm.seed.load import fill
from teams.models import Team

PEOPLE = 200_000
TIMES = 20
WORDS = (
    "aubertin",
    "Émilie Garrigou",
    "emilie garr",
    "sofia del",
    "kerguelen loic",
    "Marc-Antoine",
    "imprimerie de plérin",
    "chauffage de l'ouest",
    "camille.aubertin",
    "malo.nedelec1",
    "06 39 98 42 17",
    "0639981",
    "42 17 88",
    "étude thermique",
    "xyzzy",
)
NEARLY = ("aubretin", "camile obertin", "kervelen", "gueganne")


def run() -> Report:
    team = Team.objects.create(name="Grand Large")
    fill(team, PEOPLE, 0)
    report = Report("search", sizes={"people": PEOPLE, "questions": len(WORDS)})
    contestants: dict[str, Callable[[], Numbers]] = {
        "ours": partial(_ask, WORDS, partial(_ours, team)),
        "icontains, three columns": partial(_ask, WORDS, partial(_icontains, team)),
    }
    for work in contestants.values():
        work()  # both find their pages in memory
    report.raw |= interleave(contestants)
    report.raw["ours, nearly"] = {
        name: [value] for name, value in _ask(NEARLY, lambda words: search.near(team, words)).items()
    }
    theirs, ours = (report.raw[name]["ms of database"] for name in ("icontains, three columns", "ours"))
    report.goals = [Goal("times icontains over three columns", ratio(theirs, ours), ">=", TIMES)]
    return report


def _ask(questions: Sequence[str], find: Callable[[str], object]) -> Numbers:
    """Milliseconds that the database takes for all questions, for the one in the middle and for the slowest; and
    the seconds of everything, Django's part included.
    """
    started = time.perf_counter()
    for words in questions:
        find(words)
    seconds = time.perf_counter() - started
    took = []
    for words in questions:
        clock = _Clock()
        with connection.execute_wrapper(clock):
            find(words)
        took.append(clock.ms)
    return {
        "ms of database": sum(took),
        "ms, median": median(took),
        "ms, slowest": max(took),
        "seconds with Django": seconds,
    }


class _Clock:
    """What the statements take to plan and to carry out, by the database's own account: on a machine that has other
    things to do, waiting for a turn would hide what is measured.
    """

    def __init__(self) -> None:
        self.ms = 0.0

    def __call__(self, execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}", params, many, context)
        plan = context["cursor"].fetchone()[0]
        plan = json.loads(plan) if isinstance(plan, str) else plan
        self.ms += plan[0]["Planning Time"] + plan[0]["Execution Time"]
        return execute(sql, params, many, context)


def _ours(team: Team, words: str) -> object:
    return listing.page(search.exact(team, words)).rows


def _icontains(team: Team, words: str) -> object:
    found = Contact.objects.filter(team=team)
    for word in words.split():
        found = found.filter(
            Q(first_name__icontains=word) | Q(last_name__icontains=word) | Q(company__icontains=word)
        )
    return list(found.order_by("last_name", "first_name", "pk")[: PAGE + 1])
