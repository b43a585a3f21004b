"""One sandbox process for the tests of this folder; each test starts over on it."""

from collections.abc import Iterator

import pytest

from .process import Ear, SandboxProcess, running_sandbox


@pytest.fixture(scope="session")
def sandbox_process() -> Iterator[SandboxProcess]:
    with running_sandbox() as process:
        yield process


@pytest.fixture
def sandbox(sandbox_process: SandboxProcess) -> SandboxProcess:
    sandbox_process.begin_again()
    sandbox_process.api("PUT", "settings", {"retry_after_s": [0.05, 0.05]})
    return sandbox_process


@pytest.fixture
def ear() -> Iterator[Ear]:
    listening = Ear()
    yield listening
    listening.close()
