"""Every answer of the conformance corpus, served over HTTP to the real client and settled in the database."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from sms.models import Line, Message, SendAttempt
from sms.sending import claim as claiming
from sms.sending.drain import drain
from sms.sending.queue import Draft, enqueue
from teams.models import Team
from tests.conftest import make_line
from tests.gateway import running_gateway
from tests.ports import refusing_port

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent.parent.parent / "data" / "sendsms_responses.jsonl")
    .read_text()
    .splitlines()
]
# A line that waits or is held keeps its messages queued.
STATE = {"retryable": "queued", "held": "queued"}


@contextmanager
def answering(case: dict[str, Any], settings: Any) -> Iterator[str]:
    """The address of a gateway that behaves as the case says."""
    transport = case["response"].get("transport")
    if transport == "connect_refused":
        with refusing_port() as port:
            yield f"http://127.0.0.1:{port}"
        return
    with running_gateway() as gateway:
        if transport in ("read_timeout", "total_deadline_exceeded"):
            settings.GATEWAY_DEADLINE_S = 0.4
            gateway.script = drip if transport == "total_deadline_exceeded" else silence
        elif transport == "body_over_limit":
            gateway.script = flood
        elif transport is None:
            gateway.script = answer(case["response"])
        yield gateway.url


def answer(response: dict[str, Any]) -> Any:
    def script(handler: Any) -> None:
        handler.send_response(response["status"])
        for name, value in response["headers"].items():
            handler.send_header(name, value)
        body = response["body"].encode()
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return script


def silence(handler: Any) -> None:
    time.sleep(1)
    handler.close_connection = True


def drip(handler: Any) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", "100")
    handler.end_headers()
    for _ in range(10):
        time.sleep(0.1)
        try:
            handler.wfile.write(b"[")
            handler.wfile.flush()
        except OSError:
            break
    handler.close_connection = True


def flood(handler: Any) -> None:
    handler.send_response(200)
    handler.send_header("Content-Length", str(50 * 2**20))
    handler.end_headers()
    try:
        for _ in range(50):
            handler.wfile.write(b"x" * 2**20)
    except OSError:
        handler.close_connection = True


def make_messages(team: Team, line: Line, case: dict[str, Any]) -> None:
    wanted = case["request"]["messages"]
    drafts = [Draft(line=line, number=each["phone_number"], text=each["message"]) for each in wanted]
    made = enqueue(team, drafts, by=None)
    for message, each in zip(made, wanted, strict=True):
        Message.objects.filter(pk=message.pk).update(id_sms_api=each["id_sms_api"])


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_answer_is_settled_as_the_corpus_expects(case: dict[str, Any], team: Team, settings: Any) -> None:
    expect = case["expect"]
    with answering(case, settings) as url:
        line = make_line(team, base_url=url)
        make_messages(team, line, case)
        if case["response"].get("transport") == "process_killed":
            killed(line)
        drain(line.pk)
    allowed = expect.get("allowed_alternative", {})
    for name, outcome in expect["per_message"].items():
        state = Message.objects.get(id_sms_api=name).state
        assert state in {STATE.get(each, each) for each in (outcome, allowed.get(name, outcome))}
    line.refresh_from_db()
    held = "held" in expect["per_message"].values()
    assert (line.state == Line.State.HELD) == held or "uncertain" in allowed.values()
    if expect.get("min_retry_after_s"):
        attempt = SendAttempt.objects.get()
        assert line.not_before is not None
        assert (line.not_before - attempt.at).total_seconds() >= expect["min_retry_after_s"] - 1
    for name, alias in expect.get("must_store_alias", {}).items():
        assert Message.objects.get(id_sms_api=name).gateway_id == alias
    if expect["raw_body_kept"]:
        kept = SendAttempt.objects.order_by("id")[0].answer
        assert kept == case["response"]["body"].removeprefix("\ufeff") or kept == case["response"]["body"]


def killed(line: Line) -> None:
    """A worker that claimed and died: its lease has run out when the next one comes."""
    claiming.claim(line, "killed")
    Line.objects.update(lease_until="2020-01-01T00:00:00Z")
