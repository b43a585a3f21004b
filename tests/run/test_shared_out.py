"""./run test shares many tests out among processes, and leaves a few, or whoever says how, to one."""

import os
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from types import ModuleType

import pytest

from .supervised import RUN


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The program as a module, on a machine of two cores."""
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0, 1}, raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    spec = spec_from_loader("run", SourceFileLoader("run", RUN))
    assert spec is not None and spec.loader is not None
    module = module_from_spec(spec)
    # Dataclasses look their module up by its name.
    monkeypatch.setitem(sys.modules, "run", module)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("given", ["", "-q -x", "tests/contacts", "-m browser", "--color=no --durations=9"])
def test_many_are_shared_out(run: ModuleType, given: str) -> None:
    assert run.shared_out(given.split())[:2] == ["-n", "2"]


@pytest.mark.parametrize(
    "given",
    [
        "tests/test_admin.py",
        "tests/test_admin.py tests/contacts/test_phones.py",
        "tests/faults",
        "tests/sms/test_wake.py::test_after_a_lost_wake",
        "-k wake",
        "--pdb",
        "-x -vs",
        "-p no:xdist",
        "-n 3",
        "-n0",
        "--dist=load",
        "--collect-only",
    ],
)
def test_few_and_what_is_told_otherwise_are_left_to_one(run: ModuleType, given: str) -> None:
    assert run.shared_out(given.split()) == []


def test_one_core_is_left_to_one(run: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: {0}, raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)
    assert run.shared_out([]) == []
