"""Workers are killed and race; the gateway counts how often each message was accepted."""

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from sms.models import Line, Message
from sms.sending.queue import Draft, enqueue
from teams.models import Team
from tests.conftest import make_line
from tests.gateway import Gateway, running_gateway
from tests.processes import WITHIN_S, running_worker, wait_until

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with running_gateway() as gateway:
        yield gateway


def queue(team: Team, line: Line, count: int, lane: int = Message.Lane.API) -> list[Message]:
    drafts = [
        Draft(line=line, number=f"+3363998{index:04d}", text=f"Bonjour {index}", lane=lane)
        for index in range(count)
    ]
    return enqueue(team, drafts, by=None)


def states() -> Counter[str]:
    return Counter(Message.objects.values_list("state", flat=True))


def test_killed_workers_send_nothing_twice_and_lose_nothing(
    team: Team, gateway: Gateway, tmp_path: Path
) -> None:
    line = make_line(team, base_url=gateway.url)
    gateway.latency_s = 0.4
    queue(team, line, 300)
    batch = {"LIGNE_GATEWAY_BATCH": "10"}
    for _ in range(5):
        gateway.in_request.clear()
        with running_worker(tmp_path, **batch) as worker:
            assert gateway.in_request.wait(WITHIN_S)
            time.sleep(0.05)  # the request is on its way, its answer is not
            worker.kill()
        # The next worker need not wait for the killed one's lease here: time is the database's.
        Line.objects.update(lease_until="2020-01-01T00:00:00Z")
    gateway.latency_s = 0.0
    with running_worker(tmp_path, **batch):
        wait_until(lambda: not states()["queued"] and not states()["sending"], what="the queue is empty")
    assert max(gateway.accepted.values()) == 1
    assert set(states()) == {"submitted", "uncertain"}
    assert sum(states().values()) == 300
    # One batch in flight at each kill; every other message left.
    assert 10 <= states()["uncertain"] <= 50
    assert states()["submitted"] >= 250
    assert set(gateway.accepted) >= set(
        Message.objects.filter(state="submitted").values_list("id_sms_api", flat=True)
    )


def test_worker_asked_to_end_settles_its_request_and_begins_no_other(
    team: Team, gateway: Gateway, tmp_path: Path
) -> None:
    line = make_line(team, base_url=gateway.url)
    gateway.latency_s = 0.4
    queue(team, line, 300)
    with running_worker(tmp_path, LIGNE_GATEWAY_BATCH="10") as worker:
        assert gateway.in_request.wait(WITHIN_S)
        worker.stop()
        assert worker.process.returncode == 0
    assert set(states()) == {"submitted", "queued"}
    assert len(gateway.accepted) == states()["submitted"]


def test_two_workers_racing_send_each_message_once(team: Team, gateway: Gateway, tmp_path: Path) -> None:
    line = make_line(team, base_url=gateway.url)
    gateway.latency_s = 0.02
    (tmp_path / "one").mkdir()
    (tmp_path / "two").mkdir()
    batch = {"LIGNE_GATEWAY_BATCH": "10"}
    with running_worker(tmp_path / "one", **batch), running_worker(tmp_path / "two", **batch):
        queue(team, line, 300)
        wait_until(lambda: states() == {"submitted": 300}, what="all are handed over")
    assert set(gateway.accepted.values()) == {1}
    assert len(gateway.accepted) == 300


def test_reply_leaves_within_two_batches_of_three_thousand(
    team: Team, gateway: Gateway, tmp_path: Path
) -> None:
    line = make_line(team, base_url=gateway.url)
    gateway.latency_s = 0.05
    queue(team, line, 3000)
    with running_worker(tmp_path):
        wait_until(lambda: len(gateway.requests) >= 3, what="the long queue is leaving")
        reply = enqueue(team, [Draft(line=line, number="+33639989999", text="Oui")], by=None)[0]
        written_at = len(gateway.requests)
        wait_until(lambda: reply.id_sms_api in gateway.accepted, what="the reply left")
    sent_in = next(
        index
        for index, request in enumerate(gateway.requests, 1)
        if reply.id_sms_api in {each["id_sms_api"] for each in request["messages"]}
    )
    assert sent_in - written_at <= 2
