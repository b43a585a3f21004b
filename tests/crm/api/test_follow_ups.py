"""Follow-ups of programs."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from contacts.models import Contact, FollowUp
from teams.models import Team
from teams.models.team import Visibility

from .conftest import Api


@pytest.fixture
def contact(team: Team) -> int:
    return Contact.objects.create(team=team, first_name="Camille").pk


def due(hours: float) -> str:
    return (timezone.now() + timedelta(hours=hours)).isoformat()


def add(api: Api, contact: int, hours: float = 1, **given: Any) -> dict[str, Any]:
    response = api.post("follow-ups", {"contact": contact, "text": "Rappeler", "due_at": due(hours)} | given)
    assert response.status_code == 201, response.content
    told: dict[str, Any] = response.json()
    return told


def test_follow_up_is_added_changed_done_and_deleted(agent: Api, admin: Api, contact: int) -> None:
    told = add(agent, contact, owner=admin.user.email)
    assert (told["contact"], told["owner"], told["created_by"], told["done_at"]) == (
        contact,
        admin.user.pk,
        agent.user.pk,
        None,
    )
    path = f"follow-ups/{told['id']}"
    assert agent.get(path).json() == told
    later = agent.patch(path, {"text": "Envoyer le devis", "due_at": due(30), "owner": None}).json()
    assert (later["text"], later["owner"], later["due_at"] > told["due_at"]) == (
        "Envoyer le devis",
        None,
        True,
    )
    done = agent.patch(path, {"done": True}).json()
    assert (done["done_by"], done["done_at"] is None) == (agent.user.pk, False)
    refused = agent.patch(path, {"text": "x"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "done")
    again = agent.patch(path, {"done": False, "text": "Rappeler encore"}).json()
    assert (again["done_at"], again["text"]) == (None, "Rappeler encore")
    assert agent.delete(path).status_code == 204
    assert agent.get(path).status_code == 404


def test_lists_by_what_is_due_and_what_is_done(agent: Api, admin: Api, contact: int, team: Team) -> None:
    other = Contact.objects.create(team=team, first_name="Yann").pk
    late, soon, far = (add(agent, contact, hours) for hours in (-2, 1, 50))
    mine = add(agent, other, 2, owner=agent.user.pk)

    def ids(**query: Any) -> list[int]:
        return [each["id"] for each in agent.get("follow-ups", **query).json()["items"]]

    assert ids() == ids(done="false") == [late["id"], soon["id"], mine["id"], far["id"]]
    assert ids(contact=other) == ids(owner=agent.user.pk) == [mine["id"]]
    assert ids(owner=0) == [late["id"], soon["id"], far["id"]]
    assert ids(due_before=timezone.now().isoformat()) == [late["id"]]
    for each in (late, far):
        agent.patch(f"follow-ups/{each['id']}", {"done": True})
    assert ids(done="true") == [far["id"], late["id"]]
    assert ids(done="true", contact=other) == []
    seen, cursor = [], ""
    while cursor is not None:
        page = agent.get("follow-ups", limit=1, cursor=cursor, done="true").json()
        seen += [each["id"] for each in page["items"]]
        cursor = page["next_cursor"]
    assert seen == [far["id"], late["id"]]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"contact": 999_999}, "contact"),
        ({"contact": "1"}, "contact"),
        ({"contact": None}, "contact"),
        ({"text": ""}, "text"),
        ({"text": "x" * 201}, "text"),
        ({"text": "\ud800"}, "text"),
        ({"due_at": "tomorrow"}, "due_at"),
        ({"due_at": "2026-11-24T14:00:00"}, "due_at"),
        ({"due_at": "9999-12-31T23:59:59Z"}, "due_at"),
        ({"due_at": 5}, "due_at"),
        ({"owner": 999_999}, "owner"),
        ({"done": True}, "done"),
    ],
)
def test_bad_follow_up_is_named(agent: Api, contact: int, given: dict[str, Any], field: str) -> None:
    response = agent.post("follow-ups", {"contact": contact, "text": "x", "due_at": due(1)} | given)
    assert response.status_code == 422
    assert list(response.json()["error"]["fields"]) == [field]
    assert not FollowUp.objects.exists()


def test_another_teams_are_not_there(agent: Api, outsider: Api, contact: int) -> None:
    path = f"follow-ups/{add(agent, contact)['id']}"
    assert outsider.get("follow-ups").json()["items"] == []
    assert outsider.get(path).status_code == outsider.delete(path).status_code == 404
    assert outsider.patch(path, {"done": True}).status_code == 404
    assert outsider.post("follow-ups", {"contact": contact, "text": "x", "due_at": due(1)}).status_code == 422


def test_agent_of_their_own_sees_no_colleagues(agent: Api, admin: Api, contact: int, team: Team) -> None:
    theirs, nobodys = add(admin, contact, owner=admin.user.pk), add(admin, contact)
    agent.team.agents_see = Visibility.OWN
    agent.team.save()
    assert [each["id"] for each in agent.get("follow-ups").json()["items"]] == [nobodys["id"]]
    assert agent.patch(f"follow-ups/{theirs['id']}", {"done": True}).status_code == 404


@pytest.mark.parametrize("cursor", ["x", "12", "\x00", "fHx8"])
def test_tampered_cursor(agent: Api, cursor: str) -> None:
    response = agent.get("follow-ups", cursor=cursor)
    assert (response.status_code, list(response.json()["error"]["fields"])) == (422, ["cursor"])


def test_same_key_adds_once(agent: Api, contact: int) -> None:
    body = {"contact": contact, "text": "x", "due_at": due(1)}
    first, again = (agent.post("follow-ups", body, **{"Idempotency-Key": "k"}) for _ in range(2))
    assert first.json() == again.json()
    assert FollowUp.objects.count() == 1
