"""Segments of programs."""

from typing import Any

import pytest

from contacts.models import Contact, Segment
from teams.models import Team

from .conftest import Api

BREHAT = {"match": "all", "conditions": [{"field": "company", "op": "contains", "value": "bréhat"}]}


@pytest.fixture
def people(team: Team) -> None:
    for company in ("Atelier Bréhat", "Brehat SARL", "Kerrien"):
        Contact.objects.create(team=team, company=company)


def test_segment_lives_and_ends(agent: Api, people: None) -> None:
    made = agent.post("segments", {"name": "Bréhat", "definition": BREHAT})
    assert made.status_code == 201, made.content
    told = made.json()
    assert told["definition"] == BREHAT
    assert "bréhat" in told["sentence"].lower()
    path = f"segments/{told['id']}"
    assert agent.get(path).json() == told
    assert agent.get("segments").json() == {"items": [told], "next_cursor": None}
    assert len(agent.get(f"{path}/contacts").json()["items"]) == 2
    assert agent.post("segments", {"name": "BRÉHAT", "definition": BREHAT}).status_code == 409
    everybody: dict[str, Any] = {"match": "all", "conditions": []}
    changed = agent.patch(path, {"definition": everybody}).json()
    assert (changed["name"], changed["definition"]) == ("Bréhat", everybody)
    assert agent.patch(path, {"name": "Tous"}).json()["name"] == "Tous"
    assert len(agent.get("contacts", segment=told["id"], limit=2).json()["items"]) == 2
    assert agent.delete(path).status_code == 204
    assert agent.get(path).status_code == 404
    assert Contact.objects.count() == 3


def test_preview_counts_and_stores_nothing(agent: Api, people: None) -> None:
    told = agent.post("segments/preview", {"definition": BREHAT}).json()
    assert (told["count"], told["definition"]) == (2, BREHAT)
    assert told["sentence"]
    assert not Segment.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        (None, "definition"),
        ([], "definition"),
        ({"match": "none", "conditions": []}, "definition"),
        ({"conditions": {}}, "definition"),
        ({"conditions": [{"field": "nothing", "op": "is", "value": 1}]}, "definition.conditions.0"),
        ({"conditions": [{"field": "company", "op": "?", "value": 1}]}, "definition.conditions.0"),
        ({"conditions": [{"field": "tag", "op": "any", "value": [999_999]}]}, "definition.conditions.0"),
        ({"conditions": [{"match": "any", "conditions": [{"field": "x"}]}]}, "definition.conditions.0.0"),
        ({"conditions": [{"field": "company", "op": "contains", "value": "a\x00"}]}, "definition"),
        ({"conditions": [{"field": "company", "op": "contains", "value": "\ud800"}]}, "definition"),
        ({"conditions": [[[[[[[[[[1]]]]]]]]]]}, "definition"),
    ],
)
def test_bad_definition_is_named(agent: Api, wrong: Any, field: str) -> None:
    for path, body in (
        ("segments", {"name": "x", "definition": wrong}),
        ("segments/preview", {"definition": wrong}),
    ):
        response = agent.post(path, body)
        assert response.status_code == 422, response.content
        assert field in response.json()["error"]["fields"]
    assert not Segment.objects.exists()


def test_outsider_sees_none(agent: Api, outsider: Api) -> None:
    path = f"segments/{agent.post('segments', {'name': 'x', 'definition': BREHAT}).json()['id']}"
    assert outsider.get("segments").json()["items"] == []
    assert outsider.get(path).status_code == outsider.delete(path).status_code == 404
    assert outsider.patch(path, {"name": "y"}).status_code == 404


def test_definition_that_fits_no_more_is_still_told(agent: Api, team: Team) -> None:
    row = Segment.objects.create(team=team, name="x", definition={"conditions": [{"field": "custom.gone"}]})
    assert agent.get(f"segments/{row.pk}").status_code == 200
    assert agent.get(f"segments/{row.pk}/contacts").json()["items"] == []
