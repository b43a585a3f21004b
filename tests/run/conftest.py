import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .supervised import Supervised

Start = Callable[..., Supervised]


@pytest.fixture(scope="module")
def data() -> Iterator[Path]:
    """One data folder for a module: the first start makes it, the later ones find it.

    Directly under /tmp: pytest's own folder is closed to the user that PostgreSQL runs as under root.
    """
    folder = Path(tempfile.mkdtemp(prefix="ligne-run-"))
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def start(data: Path) -> Iterator[Start]:
    """Start ./run on the module's data; all of them are stopped at the end of the test."""
    started: list[Supervised] = []

    def start(*arguments: str, **env: str) -> Supervised:
        started.append(Supervised(data, *arguments, **env))
        return started[-1]

    yield start
    for run in started:
        run.make_sure_it_is_gone()
