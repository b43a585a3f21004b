"""The arithmetic of the measurements. Nothing here is timed."""

import json
import math
import struct
from contextlib import nullcontext
from pathlib import Path

import pytest

from bench import __main__ as bench
from bench import paper
from bench.database import named
from bench.jobs import JOBS
from bench.measure import Goal, Report, interleave, median, percentile, rate, ratio
from bench.statements import Counter


def test_percentile_is_the_smallest_value_that_enough_do_not_exceed() -> None:
    hundred = list(range(100, 0, -1))
    assert [percentile(hundred, share) for share in (0.5, 0.95, 0.99, 1)] == [50, 95, 99, 100]
    assert percentile([7.0], 0.99) == 7
    assert percentile([1, 2, 3], 0.0) == 1
    assert math.isnan(percentile([], 0.5))


def test_ratio_is_median_over_median() -> None:
    assert median([9, 1, 5]) == 5
    assert ratio([30, 10, 20], [1, 2, 100]) == 10
    assert ratio([1], [0]) == math.inf
    assert rate(10, 2) == 5
    assert rate(10, 0) == 0


def test_rounds_take_turns_and_every_other_goes_backwards() -> None:
    order: list[str] = []

    def contestant(name: str) -> dict[str, float]:
        order.append(name)
        return {"per second": len(order)}

    found = interleave({"a": lambda: contestant("a"), "b": lambda: contestant("b")}, rounds=3)
    assert order == ["a", "b", "b", "a", "a", "b"]
    assert found == {"a": {"per second": [1, 4, 5]}, "b": {"per second": [2, 3, 6]}}


@pytest.mark.parametrize(
    ("value", "relation", "bound", "met"),
    [
        (3, ">=", 3, True),
        (2.99, ">=", 3, False),
        (1.5, "<=", 1.5, True),
        (1.6, "<=", 1.5, False),
        (1, "==", 1, True),
        (1.001, "==", 1, False),
        (math.nan, ">=", 0, False),
        (math.nan, "<=", 0, False),
        (math.inf, ">=", 3, True),
    ],
)
def test_goal_is_met_only_on_its_side_of_the_bound(
    value: float, relation: str, bound: float, met: bool
) -> None:
    assert Goal("of it", value, relation, bound).met is met  # type: ignore[arg-type]


def test_report_keeps_sizes_raw_numbers_and_missed_goals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("LIGNE_BENCH_RESULTS", str(tmp_path / "bench"))
    goals = [Goal("fast enough", 2, ">=", 3), Goal("small enough", 1, "<=", 3)]
    report = Report("send", {"batch": 100}, {"ours": {"per second": [1, 2, 3]}}, goals)
    kept = json.loads(paper.keep(report, {"processors": 2}).read_text())
    assert kept["machine"] == {"processors": 2}
    assert kept["sizes"] == {"batch": 100}
    assert kept["raw"] == {"ours": {"per second": [1, 2, 3]}}
    assert [goal["met"] for goal in kept["goals"]] == [False, True]
    paper.show(report)
    printed = capsys.readouterr().out
    assert "MISSED fast enough: 2 >= 3" in printed
    assert "ok     small enough: 1 <= 3" in printed


@pytest.mark.parametrize(
    ("value", "text"),
    [(1234.5, "1234"), (93.25, "93.2"), (0.0246, "0.0246"), (2, "2"), (0.0, "0.0"), (100, "100")],
)
def test_numbers_are_printed_with_three_figures(value: float, text: str) -> None:
    assert paper.number(value) == text


def test_unknown_job_is_refused_and_the_known_ones_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(["sned"]) == 2
    said = capsys.readouterr().err
    assert "sned" in said
    assert all(job in said for job in JOBS)


def test_missed_goal_makes_the_run_fail(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    reports = {"send": Report("send", goals=[Goal("fast enough", 2, ">=", 3)]), "apply": Report("apply")}
    monkeypatch.setenv("DATABASE_URL", "postgresql:///none")
    monkeypatch.setenv("CELERY_BROKER_URL", "none")
    monkeypatch.setattr("bench.__main__.database.created", lambda url: nullcontext(url))
    monkeypatch.setattr("bench.__main__._set_up", lambda url: None)
    monkeypatch.setattr("bench.__main__.paper.machine", lambda url: {})
    monkeypatch.setattr("bench.__main__.paper.keep", lambda report, machine: Path("none"))
    monkeypatch.setattr("bench.__main__._run", reports.get)
    assert bench.main(["apply"]) == 0
    assert bench.main(["apply", "send"]) == 1
    assert "send: fast enough" in capsys.readouterr().out


def test_database_of_the_run_is_another_one_of_the_same_server() -> None:
    assert (
        named("postgresql://me:pass@127.0.0.1:5433/ligne", "bench_7")
        == "postgresql://me:pass@127.0.0.1:5433/bench_7"
    )


def message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!I", len(body) + 4) + body


def test_statements_are_counted_in_whatever_pieces_they_come() -> None:
    start = struct.pack("!II", 8, 80877103) + struct.pack("!II", 17, 196608) + b"user\0me\0\0"
    conversation = [
        message(b"Q", b"BEGIN\0"),
        message(b"P", b"\0SELECT 1\0\0\0"),
        message(b"B", b"\0\0\0\0\0\0\0\0"),
        message(b"E", b"\0\0\0\0\0"),
        message(b"S", b""),
        message(b"Q", b"  select 2\0"),
        message(b"Q", b"COMMIT\0"),
        message(b"X", b""),
    ]
    stream = start + b"".join(conversation)
    for size in (1, 3, 7, len(stream)):
        counter = Counter()
        for at in range(0, len(stream), size):
            counter.feed(stream[at : at + size])
        assert (counter.statements, counter.control) == (2, 2)
