"""Reading and cancelling messages."""

from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from sms.models import Conversation, Line, Message
from teams.models.team import Visibility

from .conftest import Api


@pytest.fixture
def sent(agent: Api, line: Line) -> list[dict[str, Any]]:
    asked = [{"line": line.pk, "to": f"+3363998{n:04}", "text": f"n° {n}"} for n in range(7)]
    made: list[dict[str, Any]] = agent.post("messages", {"messages": asked}).json()
    return made


def incoming(line: Line, contact: int) -> Message:
    now = timezone.now()
    return Message.objects.create(
        team=line.team, line=line, contact_id=contact, direction="in", number="+33639980000", text="Oui",
        state="received", happened_at=now, received_at=now,
    )  # fmt: skip


def test_message_is_read_as_it_was_answered(agent: Api, sent: list[dict[str, Any]]) -> None:
    assert agent.get(f"messages/{sent[0]['id']}").json() == sent[0]


def test_list_is_newest_first_page_by_page(agent: Api, sent: list[dict[str, Any]]) -> None:
    found: list[dict[str, Any]] = []
    cursor = ""
    while cursor is not None:
        page = agent.get("messages", limit=3, cursor=cursor).json()
        assert len(page["items"]) <= 3
        found += page["items"]
        cursor = page["next_cursor"]
    assert found == sent[::-1]


def test_last_full_page_has_no_cursor(agent: Api, sent: list[dict[str, Any]]) -> None:
    assert agent.get("messages", limit=7).json()["next_cursor"] is None


def test_list_by_state_and_contact(agent: Api, line: Line, sent: list[dict[str, Any]]) -> None:
    theirs = incoming(line, sent[0]["contact"])
    Message.objects.filter(pk=sent[1]["id"]).update(state="delivered")

    def ids(**query: Any) -> list[int]:
        return [item["id"] for item in agent.get("messages", **query).json()["items"]]

    assert ids(state="delivered") == [sent[1]["id"]]
    assert ids(contact=sent[0]["contact"]) == [theirs.pk, sent[0]["id"]]
    assert ids(contact=sent[0]["contact"], state="queued") == [sent[0]["id"]]
    assert ids(state="", contact="", cursor="") == ids()


def test_incoming_message_names_both_ends(agent: Api, line: Line, sent: list[dict[str, Any]]) -> None:
    item = agent.get(f"messages/{incoming(line, sent[0]['contact']).pk}").json()
    assert (item["direction"], item["state"]) == ("in", "received")
    assert (item["from"], item["to"]) == ("+33639980000", "+33639980001")


def test_list_takes_the_same_statements_for_any_length(
    agent: Api, line: Line, sent: list[dict[str, Any]], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    agent.get("messages")  # notes the token's use
    for limit in (1, 7):
        with django_assert_num_queries(3):  # token, membership, messages with their line
            agent.get("messages", limit=limit)


@pytest.mark.parametrize(
    "query",
    [{"cursor": "x"}, {"cursor": "9" * 30}, {"cursor": "-1"}, {"cursor": "٣"}, {"limit": 0}, {"limit": 201},
     {"limit": "x"}, {"state": "gone"}, {"contact": "x"}, {"contact": 10**20}, {"contact": 0}],
)  # fmt: skip
def test_bad_parameter_is_named(agent: Api, query: dict[str, Any]) -> None:
    response = agent.get("messages", **query)
    assert response.status_code == 422
    assert set(response.json()["error"]["fields"]) == set(query)


@pytest.mark.parametrize("state", ["queued", "planned"])
def test_waiting_message_is_cancelled_once(agent: Api, sent: list[dict[str, Any]], state: str) -> None:
    Message.objects.update(state=state)
    for _ in range(2):
        response = agent.post(f"messages/{sent[0]['id']}/cancel")
        assert response.status_code == 200
        assert response.json() == sent[0] | {"state": "cancelled"}


@pytest.mark.parametrize(
    "state", ["sending", "submitted", "sent", "delivered", "failed", "uncertain", "skipped"]
)
def test_cancel_comes_too_late(agent: Api, sent: list[dict[str, Any]], state: str) -> None:
    Message.objects.update(state=state)
    response = agent.post(f"messages/{sent[0]['id']}/cancel")
    assert response.status_code == 409
    assert response.json()["error"]["code"] == "too_late"
    assert set(Message.objects.values_list("state", flat=True)) == {state}


def test_received_message_cannot_be_cancelled(agent: Api, line: Line, sent: list[dict[str, Any]]) -> None:
    assert agent.post(f"messages/{incoming(line, sent[0]['contact']).pk}/cancel").status_code == 409


def test_outsider_finds_nothing(outsider: Api, sent: list[dict[str, Any]]) -> None:
    number = sent[0]["id"]
    assert outsider.get(f"messages/{number}").status_code == 404
    assert outsider.post(f"messages/{number}/cancel").status_code == 404
    assert outsider.get("messages").json()["items"] == []
    assert outsider.get("messages", contact=sent[0]["contact"]).json()["items"] == []
    assert not Message.objects.filter(state="cancelled").exists()


@pytest.mark.parametrize("number", ["0", "999999", "9" * 40, "abc", "-1", "1.0", "%00"])
def test_unknown_id_is_404(agent: Api, number: str) -> None:
    for response in (agent.get(f"messages/{number}"), agent.post(f"messages/{number}/cancel")):
        assert response.status_code == 404
        assert response.json()["error"]["code"] == "not_found"


def test_agent_who_sees_only_their_own(agent: Api, admin: Api, sent: list[dict[str, Any]]) -> None:
    Conversation.objects.filter(pk=sent[0]["contact"]).update(assignee=admin.user)
    agent.team.agents_see = Visibility.OWN
    agent.team.save()
    assert agent.get(f"messages/{sent[0]['id']}").status_code == 404
    assert agent.post(f"messages/{sent[0]['id']}/cancel").status_code == 404
    assert len(agent.get("messages").json()["items"]) == 6
    assert len(admin.get("messages").json()["items"]) == 7
