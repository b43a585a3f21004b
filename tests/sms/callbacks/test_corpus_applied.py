"""Every case of the conformance corpus through the view's statement and the real applier."""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from django.test import Client
from django.utils import timezone

from sms.callbacks import apply
from sms.gateway.results import Outcome, SendResult
from sms.models import Call, Callback, Click, Line, Message, Qualification
from sms.sending.claim import claim
from sms.sending.queue import Draft, enqueue
from sms.sending.settle import settle
from teams.models import Team
from tests.conftest import contact_of, make_line
from tests.processes import running_web

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent.parent.parent / "data" / "callbacks.jsonl").read_text().splitlines()
]
FACTS: dict[str, Callable[[Line], int]] = {
    "incoming_sms": lambda line: Message.objects.filter(line=line, direction="in").count(),
    "call": lambda line: Call.objects.filter(line=line).count(),
    "click": lambda line: Click.objects.filter(line=line).count(),
    "qualification": lambda line: Qualification.objects.filter(line=line).count(),
}
ENDS: dict[str, list[set[str]]] = {
    "accepted": [{"applied"}, {"applied", "quarantined"}],
    "accepted_unmatched": [{"parked"}],
    "accepted_or_quarantined": [{"applied"}, {"parked"}, {"quarantined"}],
    "quarantined": [{"quarantined"}],
    "rejected": [set()],
}

# Delivers one query by a method to a path, and gives the HTTP status.
Deliver = Callable[[str, str, str], int]


def given_message(team: Team, line: Line, name: str, state: str) -> Message:
    (message,) = enqueue(team, [Draft(line=line, number="+33612345678", text="Bonjour")], by=None)
    Message.objects.filter(pk=message.pk).update(id_sms_api=name, state=state)
    return Message.objects.get(pk=message.pk)


def check(case: dict[str, Any], team: Team, line: Line, deliver: Deliver) -> None:
    """Delivers a case to a line that has seen nothing, applies it, and looks at everything it says."""
    expect = case["expect"]
    given = {
        each["id_sms_api"]: given_message(team, line, each["id_sms_api"], each["state"])
        for each in case.get("given", {}).get("messages", [])
    }
    path = line.callback_path
    assert deliver(case["method"], path, case["query_string"]) in expect["http_in"]
    callbacks = Callback.objects.filter(line=line)
    assert callbacks.exists() == expect["raw_stored"]
    if expect["raw_stored"]:
        assert bytes(callbacks.get().query) == case["query_string"].encode()
    apply.drain()
    for query in case.get("then", []):
        assert deliver("GET", path + "/", query) == 200
        apply.drain()

    states = set(callbacks.values_list("state", flat=True))
    assert states in ENDS[expect["outcome"]]
    if expect["outcome"] == "accepted":
        for kind in {event["kind"] for event in expect["events"]} & FACTS.keys():
            assert FACTS[kind](line) == expect.get("distinct_events", 1)
    for name, state in expect.get("final_state", {}).items():
        if name == "after_send_commit":
            for late, late_state in state.items():
                assert state_after_it_appears(team, line, late) == late_state
        else:
            assert Message.objects.get(pk=given[name].pk).state == state


def state_after_it_appears(team: Team, line: Line, name: str) -> str:
    """The message's own commit comes after the callback: the parked status is matched when it is settled."""
    message = given_message(team, line, name, "queued")
    (claimed,) = claim(line, "late").messages  # type: ignore[union-attr]
    settle(line.pk, team.pk, "late", [claimed], SendResult({name: Outcome("submitted")}, status=200), 0.1)
    apply.drain()
    return str(Message.objects.get(pk=message.pk).state)


@pytest.mark.django_db
@pytest.mark.parametrize("case", CASES, ids=[case["name"] for case in CASES])
def test_callback_becomes_what_the_corpus_expects(
    case: dict[str, Any], team: Team, line: Line, client: Client
) -> None:
    def deliver(method: str, path: str, query: str) -> int:
        return client.generic(method, path, QUERY_STRING=query).status_code

    check(case, team, line, deliver)


@pytest.mark.django_db(transaction=True)
def test_whole_corpus_passes_the_real_server(team: Team, tmp_path: Path) -> None:
    with running_web(tmp_path) as url, requests.Session() as session:

        def deliver(method: str, path: str, query: str) -> int:
            # Byte for byte: an HTTP library would quote the query again.
            request = session.prepare_request(requests.Request(method, url + path))
            request.url = f"{url}{path}?{query}" if query else url + path
            return session.send(request, timeout=10, allow_redirects=False).status_code

        for number, case in enumerate(CASES):
            check(case, team, make_line(team, f"{number} {case['name']}"), deliver)
        assert deliver("GET", "/cb/" + "x" * 32, "status=%7B%7D") == 404


@pytest.mark.django_db
def test_times_and_people_are_taken_from_the_payload(team: Team, line: Line, client: Client) -> None:
    now = timezone.now().replace(microsecond=0)
    text = {"title": "incoming_sms", "from": "06 39 98 42 17", "message": "Bonjour", "date": now.isoformat()}
    client.get(line.callback_path, {"message": json.dumps(text)})
    apply.drain()
    message = Message.objects.get()
    assert message.happened_at == now
    assert message.contact_id == contact_of(team, "+33639984217")
    assert now <= message.received_at <= datetime.now(UTC)
