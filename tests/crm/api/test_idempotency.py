"""Idempotency-Key: the same request twice is one."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection

from sms.models import Line, Message

from .conftest import Api


def body(line: Line, /, **more: Any) -> dict[str, Any]:
    return {"line": line.pk, "to": "+33639984217", "text": "Bonjour"} | more


def test_same_key_and_body_make_one_message(agent: Api, line: Line) -> None:
    first = agent.post("messages", body(line), **{"Idempotency-Key": "k1"})
    again = agent.post("messages", body(line), **{"Idempotency-Key": "k1"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert Message.objects.count() == 1


def test_answer_is_drawn_anew(agent: Api, line: Line) -> None:
    agent.post("messages", body(line), **{"Idempotency-Key": "k1"})
    Message.objects.update(state="delivered")
    again = agent.post("messages", body(line), **{"Idempotency-Key": "k1"})
    assert again.json()["state"] == "delivered"


def test_same_object_in_another_writing_is_the_same(agent: Api, line: Line) -> None:
    agent.post("messages", body(line), **{"Idempotency-Key": "k1"})
    turned = json.dumps(dict(reversed(body(line).items())), indent=2)
    assert agent.post("messages", turned, **{"Idempotency-Key": "k1"}).status_code == 201
    assert Message.objects.count() == 1


def test_other_body_is_refused(agent: Api, line: Line) -> None:
    agent.post("messages", body(line), **{"Idempotency-Key": "k1"})
    response = agent.post("messages", body(line, text="Autre"), **{"Idempotency-Key": "k1"})
    assert response.status_code == 409
    assert response.json()["error"]["code"] == "key_reused"


def test_list_is_repeated_in_its_order(agent: Api, line: Line) -> None:
    asked = {"messages": [body(line, text=f"n° {n}") for n in range(12)]}
    first = agent.post("messages", asked, **{"Idempotency-Key": "k1"})
    again = agent.post("messages", asked, **{"Idempotency-Key": "k1"})
    assert first.json() == again.json()
    assert len(again.json()) == 12


def test_refused_request_leaves_its_key_free(agent: Api, line: Line) -> None:
    assert agent.post("messages", body(line, to="x"), **{"Idempotency-Key": "k1"}).status_code == 422
    assert agent.post("messages", body(line), **{"Idempotency-Key": "k1"}).status_code == 201


def test_retry_is_answered_after_the_line_got_another_name(agent: Api, line: Line) -> None:
    asked = body(line, line=line.name)
    first = agent.post("messages", asked, **{"Idempotency-Key": "k1"})
    Line.objects.update(name="Renamed")
    again = agent.post("messages", asked, **{"Idempotency-Key": "k1"})
    assert again.status_code == 201
    assert again.json()["id"] == first.json()["id"]


def test_keys_of_two_tokens_never_meet(agent: Api, admin: Api, line: Line) -> None:
    agent.post("messages", body(line), **{"Idempotency-Key": "k1"})
    assert admin.post("messages", body(line, text="Autre"), **{"Idempotency-Key": "k1"}).status_code == 201
    assert Message.objects.count() == 2


@pytest.mark.parametrize("key", ["", " ", "x" * 256, "a\x07b"])
def test_unfit_key_is_refused(agent: Api, line: Line, key: str) -> None:
    response = agent.post("messages", body(line), **{"Idempotency-Key": key})
    assert response.status_code == 422
    assert list(response.json()["error"]["fields"]) == ["Idempotency-Key"]


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_make_one_message(agent: Api, line: Line) -> None:
    def post(_: int) -> tuple[int, int]:
        try:
            response = agent.post("messages", body(line), **{"Idempotency-Key": "k1"})
            return response.status_code, response.json()["id"]
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        answers = set(pool.map(post, range(20)))
    assert answers == {(201, Message.objects.get().pk)}
