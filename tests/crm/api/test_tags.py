"""Tags, lists and their members."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Contact, ContactList, ContactTag, ListMember, Tag
from contacts.tags import tagging
from teams.models import Team

from .conftest import Api, ApiOf


@pytest.fixture
def manager(team: Team, join: ApiOf) -> Api:
    return join(team, "manager")


@pytest.fixture
def tag(team: Team) -> Tag:
    return tagging.named(team, ["Rénovation"])["Rénovation"]


@pytest.fixture
def contacts(team: Team) -> list[int]:
    return [Contact.objects.create(team=team, first_name=f"n° {n}").pk for n in range(3)]


@pytest.fixture
def on(team: Team) -> ContactList:
    return ContactList.objects.create(team=team, name="Salon")


def test_tag_lives_and_ends(agent: Api, manager: Api, contacts: list[int]) -> None:
    made = agent.post("tags", {"name": " Salon  2026 "})
    assert (made.status_code, made.json()["name"]) == (201, "Salon 2026")
    path = f"tags/{made.json()['id']}"
    assert agent.get("tags").json() == {"items": [made.json()], "next_cursor": None}
    assert agent.patch(path, {"name": "x"}).status_code == 403
    assert manager.patch(path, {"name": "Salon de Rennes"}).json()["name"] == "Salon de Rennes"
    assert agent.get(path).json()["name"] == "Salon de Rennes"
    tagging.put([Tag.objects.get()], Contact.objects.all())
    assert agent.delete(path).status_code == 403
    before = timezone.now() - timedelta(days=1)
    Contact.objects.update(updated_at=before)
    assert manager.delete(path).status_code == 204
    assert not ContactTag.objects.exists()
    assert Contact.objects.get(pk=contacts[0]).updated_at > before
    assert agent.get(path).status_code == 404


def test_name_of_another_tag_is_refused(agent: Api, manager: Api, tag: Tag) -> None:
    response = agent.post("tags", {"name": "renovation"})
    assert (response.status_code, response.json()["error"]["code"]) == (409, "name_taken")
    assert response.json()["error"]["fields"] == {"name": f"Tag {tag.pk} has this name."}
    other = agent.post("tags", {"name": "Neuf"}).json()
    assert manager.patch(f"tags/{other['id']}", {"name": "RÉNOVATION"}).status_code == 409
    assert manager.patch(f"tags/{tag.pk}", {"name": "RÉNOVATION"}).json()["name"] == "RÉNOVATION"


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": ",;"}, {"name": 3}, {"name": "x" * 61}, {"name": "\ud800"},
                                  {"name": None}])  # fmt: skip
def test_bad_name_of_a_tag(agent: Api, body: dict[str, Any]) -> None:
    response = agent.post("tags", body)
    assert (response.status_code, list(response.json()["error"]["fields"])) == (422, ["name"])


def test_outsider_sees_neither(outsider: Api, tag: Tag, on: ContactList, contacts: list[int]) -> None:
    assert outsider.get("tags").json()["items"] == outsider.get("lists").json()["items"] == []
    for path in (f"tags/{tag.pk}", f"lists/{on.pk}"):
        assert outsider.get(path).status_code == 404
        assert outsider.patch(path, {"name": "x"}).status_code == 404
        assert outsider.delete(path).status_code == 404
    assert outsider.post(f"lists/{on.pk}/members", {"add": contacts}).status_code == 404
    theirs = outsider.post("lists", {"name": "Salon"})
    assert theirs.status_code == 201
    refused = outsider.post(f"lists/{theirs.json()['id']}/members", {"add": contacts})
    assert (refused.status_code, sorted(refused.json()["error"]["fields"])) == (
        422,
        ["add.0", "add.1", "add.2"],
    )


def test_list_lives_and_ends(agent: Api, contacts: list[int]) -> None:
    made = agent.post("lists", {"name": "Salon"}, **{"Idempotency-Key": "k"})
    assert made.status_code == 201
    assert agent.post("lists", {"name": "Salon"}, **{"Idempotency-Key": "k"}).json() == made.json()
    assert agent.post("lists", {"name": "SALON"}).status_code == 409
    path = f"lists/{made.json()['id']}"
    assert agent.patch(path, {"name": "Salon 2026"}).json()["name"] == agent.get(path).json()["name"]
    assert agent.post(f"{path}/members", {"add": contacts}).json() == {"added": 3, "removed": 0}
    assert agent.delete(path).status_code == 204
    assert agent.get(path).status_code == 404
    assert Contact.objects.count() == 3


def test_members_come_and_go(agent: Api, on: ContactList, contacts: list[int]) -> None:
    path = f"lists/{on.pk}/members"
    key = {"Idempotency-Key": "k"}
    assert agent.post(path, {"add": contacts[:2]}, **key).json() == {"added": 2, "removed": 0}
    assert agent.post(path, {"add": contacts[:2]}, **key).json() == {"added": 2, "removed": 0}
    changed = agent.post(path, {"add": contacts[1:], "remove": contacts[:1]})
    assert changed.json() == {"added": 1, "removed": 1}
    assert [each["id"] for each in agent.get(path).json()["items"]] == contacts[:0:-1]
    told = agent.get(f"contacts/{contacts[2]}").json()
    assert told["lists"] == [{"id": on.pk, "name": "Salon"}]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"add": [0]}, "add.0"),
        ({"add": ["1"]}, "add.0"),
        ({"add": [2**63]}, "add.0"),
        ({"add": [999_999]}, "add.0"),
        ({"remove": [True]}, "remove.0"),
        ({"add": list(range(1, 1002))}, "add"),
        ({"add": 3}, "add"),
        ({"all": True}, "all"),
    ],
)
def test_bad_members_are_named(
    agent: Api, on: ContactList, contacts: list[int], body: Any, field: str
) -> None:
    response = agent.post(f"lists/{on.pk}/members", body)
    assert response.status_code == 422
    assert field in response.json()["error"]["fields"]
    assert not ListMember.objects.exists()


def test_one_on_both_sides_is_refused(agent: Api, on: ContactList, contacts: list[int]) -> None:
    response = agent.post(f"lists/{on.pk}/members", {"add": contacts, "remove": contacts[1:2]})
    assert (response.status_code, list(response.json()["error"]["fields"])) == (422, ["remove.0"])


def test_any_number_of_members_takes_the_same_statements(agent: Api, on: ContactList, team: Team) -> None:
    Contact.objects.bulk_create(Contact(team=team, first_name=f"n° {n}") for n in range(1000))
    ids = list(Contact.objects.values_list("pk", flat=True))
    agent.get("tags")  # notes the token's use

    def statements(some: list[int]) -> int:
        with CaptureQueriesContext(connection) as seen:
            assert agent.post(f"lists/{on.pk}/members", {"add": some}).json()["added"] == len(some)
        return len(seen)

    assert statements(ids[:1]) == statements(ids[1:])
