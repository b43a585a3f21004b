"""A wake is a courtesy: a broker that is away or hangs costs one person one moment, and nothing else."""

import pytest
from celery import current_app

from teams import wake


def test_after_a_lost_wake_the_broker_is_left_alone_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    clock = [100.0]

    def away(task: str, **_given: object) -> None:
        asked.append(task)
        raise ConnectionError

    monkeypatch.setattr(current_app, "send_task", away)
    monkeypatch.setattr("time.monotonic", lambda: clock[0])
    monkeypatch.setattr(wake, "_quiet_until", 0.0)
    wake.now("first")
    wake.now("while it is quiet")
    clock[0] += wake.QUIET_S
    wake.now("after")
    assert asked == ["first", "after"]
