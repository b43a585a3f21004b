"""The arithmetic of a measurement: rounds, medians, percentiles, goals. Pure."""

import math
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Literal

ROUNDS = 3

# What one contestant of a round gives: numbers by name, rates in things a second, times in seconds.
Numbers = Mapping[str, float]


def median(values: Sequence[float]) -> float:
    return float(statistics.median(values))


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest of `values` that at least `share` (0 to 1) of them do not exceed. NaN for none."""
    if not values:
        return math.nan
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def rate(count: float, seconds: float) -> float:
    """Things a second; 0 when nothing was done or no time passed."""
    return count / seconds if seconds > 0 else 0.0


def interleave(
    contestants: Mapping[str, Callable[[], Numbers]], rounds: int = ROUNDS
) -> dict[str, dict[str, list[float]]]:
    """Runs every contestant once a round, so that a machine that slows down slows all of them.

    Every other round goes backwards: nobody is always the one after a pause. {contestant: {name: [a round
    each]}}.
    """
    found: dict[str, dict[str, list[float]]] = {name: {} for name in contestants}
    for number in range(rounds):
        for name in list(contestants) if number % 2 == 0 else reversed(list(contestants)):
            for what, value in contestants[name]().items():
                found[name].setdefault(what, []).append(float(value))
    return found


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """Median over median. Infinite against nothing."""
    below = median(theirs)
    return median(ours) / below if below else math.inf


@dataclass(frozen=True)
class Goal:
    """`value` must be at least, at most or exactly `bound`. A value that is no number misses its goal."""

    name: str
    value: float
    relation: Literal[">=", "<=", "=="]
    bound: float

    @property
    def met(self) -> bool:
        if self.relation == ">=":
            return self.value >= self.bound
        if self.relation == "<=":
            return self.value <= self.bound
        return self.value == self.bound


@dataclass
class Report:
    """What a job found: the sizes it ran with, every raw number, and its goals."""

    job: str
    sizes: dict[str, float] = field(default_factory=dict)
    raw: dict[str, dict[str, list[float]]] = field(default_factory=dict)
    goals: list[Goal] = field(default_factory=list)

    @property
    def missed(self) -> list[Goal]:
        return [goal for goal in self.goals if not goal.met]

    def as_json(self) -> dict[str, object]:
        goals = [asdict(goal) | {"met": goal.met} for goal in self.goals]
        return {"job": self.job, "sizes": self.sizes, "raw": self.raw, "goals": goals}
