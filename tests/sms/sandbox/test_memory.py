"""The state stays bounded, and nothing that was said can break the file it is kept in."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from sms.sandbox import memory as memories
from sms.sandbox import protocol
from sms.sandbox.engine import Sandbox

NUMBER = "+33639984217"


@pytest.fixture
def sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    made = Sandbox(tmp_path / "sandbox.sqlite3")
    yield made
    made.close()


def test_oldest_entries_go_first(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(memories, "MAX_ENTRIES", 10)
    for n in range(25):
        sandbox.memory.add("a", NUMBER if n < 5 else "+33639984218", "answer", text=str(n), code=f"c{n}")
    assert [entry.text for entry in sandbox.memory.entries.values()] == [str(n) for n in range(15, 25)]
    assert sandbox.memory.thread("a", NUMBER) == []
    assert len(sandbox.memory.links) == 10
    sandbox.close()
    again = Sandbox(tmp_path / "sandbox.sqlite3")
    assert [entry.text for entry in again.memory.entries.values()] == [str(n) for n in range(15, 25)]
    assert again.memory.add("a", NUMBER, "answer", text="x").seq == 26
    again.close()


def test_counts_are_bounded_too(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memories, "MAX_ACCEPTED", 3)
    sandbox.memory.count_accepted(["a", "b", "c", "d", "d"])
    assert sandbox.memory.accepted == {"b": 1, "c": 1, "d": 2}


def test_people_of_the_latest_events_come_first(sandbox: Sandbox) -> None:
    sandbox.memory.name_person("a", "+33639980003", "Named only")
    for number in ("+33639980001", "+33639980002", "+33639980001"):
        sandbox.memory.add("a", number, "answer", text="x")
    assert sandbox.memory.numbers("a") == ["+33639980001", "+33639980002", "+33639980003"]
    assert sandbox.memory.numbers("b") == []


def test_half_a_surrogate_pair_is_storable(sandbox: Sandbox, tmp_path: Path) -> None:
    raw = rb'{"header":{"login":"a\udfff","accessKey":"sandbox"},"messages":[{"phone_number":"+33639984217",'
    raw += rb'"message":"x\ud800y \ud83d\ude00","id_sms_api":"i\ud800"}]}'
    (answer,) = sandbox.gateway.send(protocol.read(raw), "http://127.0.0.1:1")
    assert answer["message"] == "x?y 😀"
    sandbox.close()
    again = Sandbox(tmp_path / "sandbox.sqlite3")
    assert [entry.text for entry in again.memory.entries.values()] == ["x?y 😀"]
    again.close()
