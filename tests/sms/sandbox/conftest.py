"""One sandbox process for the tests of this folder; each test starts over on it."""

from collections.abc import Iterator

import pytest

from .process import Ear, SandboxProcess, running_sandbox

HEALTHY = dict.fromkeys(("late", "twice", "fail_one_in_five", "hang", "refuse_key", "offline"), False)


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[SandboxProcess]:
    with running_sandbox() as process:
        yield process


@pytest.fixture
def sandbox(sandbox_process: SandboxProcess) -> SandboxProcess:
    sandbox_process.api("PUT", "faults", HEALTHY)
    sandbox_process.api(
        "PUT",
        "settings",
        {
            "sent_after_s": 0,
            "received_after_s": 0,
            "late_s": 30,
            "ring_for_s": 25,
            "retry_after_s": [0.05, 0.05],
        },
    )
    sandbox_process.api("POST", "start-over", {})
    sandbox_process.call_back("")
    return sandbox_process


@pytest.fixture
def ear() -> Iterator[Ear]:
    listening = Ear()
    yield listening
    listening.close()
