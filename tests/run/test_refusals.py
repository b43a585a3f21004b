"""What ./run refuses, and that it says what to do instead."""

import shutil
import socket
import subprocess
from pathlib import Path

from tests.ports import free_pair

from .supervised import RUN, environment


def run(data: Path, *arguments: str, **env: str) -> subprocess.CompletedProcess[str]:
    command = [RUN, *arguments]
    return subprocess.run(command, env=environment(data, **env), capture_output=True, text=True, timeout=300)


def test_a_taken_port_is_said_with_the_option_to_give(data: Path) -> None:
    port, _ = free_pair()
    with socket.create_server(("127.0.0.1", port)):
        done = run(data, "--port", str(port))
    assert done.returncode == 1
    assert f"Port {port} is taken" in done.stderr
    assert "./run --port " in done.stderr


def test_a_taken_sandbox_port_names_its_variable(data: Path) -> None:
    port, other = free_pair()
    with socket.create_server(("127.0.0.1", other)):
        done = run(data, "--port", str(port), LIGNE_SANDBOX_PORT=str(other))
    assert done.returncode == 1
    assert "LIGNE_SANDBOX_PORT=" in done.stderr


def test_what_is_no_port_is_refused(data: Path) -> None:
    assert "70000 is no port" in run(data, "--port", "70000").stderr
    assert "80a is no port" in run(data, PORT="80a").stderr


def test_an_unknown_word_lists_what_there_is(data: Path) -> None:
    done = run(data, "mange")
    assert done.returncode == 1
    assert "There is no ./run mange" in done.stderr
    assert "./run manage COMMAND" in done.stderr


def test_data_of_another_postgresql_is_not_opened(data: Path) -> None:
    assert run(data, "pg", "psql", "-c", "select 1").returncode == 0
    version = data / "postgres" / "PG_VERSION"
    ours = version.read_text()
    version.write_text("14\n")
    done = run(data, "pg", "psql", "-c", "select 1")
    version.write_text(ours)
    assert done.returncode == 1
    assert "was made by PostgreSQL 14" in done.stderr
    assert "pg_dump" in done.stderr
    assert run(data, "pg", "psql", "-c", "select 1").returncode == 0


def test_a_path_too_long_for_a_socket_still_works(data: Path) -> None:
    deep = data / ("a name with spaces " * 5) / ("n" * 60)
    done = run(deep, "pg", "psql", "-Atc", "select 6 * 7")
    assert (done.returncode, done.stdout) == (0, "42\n")
    shutil.rmtree(deep)
