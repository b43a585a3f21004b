"""./run manage: the command's own output alone on standard output, its input and exit code passed through."""

import json
import subprocess
from pathlib import Path

from .conftest import Start
from .supervised import RUN, environment


def manage(data: Path, *arguments: str, text: str = "") -> subprocess.CompletedProcess[str]:
    command, env = [RUN, "manage", *arguments], environment(data)
    return subprocess.run(command, env=env, input=text, capture_output=True, text=True, timeout=300)


ECHO = "import sys; print(sys.stdin.read().upper(), end=''); sys.exit(7)"
COUNT = "from django.contrib.auth import get_user_model as u; print(u().objects.count())"


def test_alone_it_starts_what_it_needs_and_prints_nothing_else(data: Path) -> None:
    done = manage(data, "shell", "-v", "0", "-c", COUNT)
    assert (done.returncode, done.stdout) == (0, "0\n"), done.stderr
    assert "PostgreSQL" in done.stderr
    assert not (data / "run.json").exists()


def test_input_and_exit_code_pass_through(data: Path) -> None:
    done = manage(data, "shell", "-v", "0", "-c", ECHO, text="hello")
    assert (done.returncode, done.stdout) == (7, "HELLO")


def test_two_at_once_wait_for_each_other(data: Path) -> None:
    command = [RUN, "manage", "shell", "-v", "0", "-c", COUNT]
    pair = [subprocess.Popen(command, env=environment(data), stdout=subprocess.PIPE) for _ in range(2)]
    assert [(child.communicate(timeout=300)[0], child.returncode) for child in pair] == [(b"0\n", 0)] * 2


def test_beside_a_running_one_it_attaches_to_the_same_data(start: Start, data: Path) -> None:
    run = start("--no-demo")
    run.wait_for("^Ligne is ready")
    before = run.state()
    admin = ("--admin", "anna@example.com", "--password", "a long enough one")
    made = manage(data, "create_team", "Dupont", *admin, "--json")
    assert made.returncode == 0, made.stderr
    assert set(json.loads(made.stdout)) == {"team", "user", "api_token"}
    assert made.stderr == ""
    assert manage(data, "shell", "-v", "0", "-c", COUNT).stdout == "1\n"
    assert run.state() == before
