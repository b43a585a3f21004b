"""Lists of people, narrowed and walked."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from contacts.lists import members
from contacts.models import Contact, ContactList, ContactPhone, Segment, Tag
from contacts.tags import tagging
from crm.api.pages import Place
from teams.models import Team

from .conftest import Api


@pytest.fixture
def people(agent: Api, team: Team) -> dict[str, int]:
    """Five people of whom each is told apart by something."""
    now = timezone.now()
    made = {
        "camille": Contact(team=team, first_name="Camille", last_name="Aubertin", email="Camille@courriel.example"),
        "yann": Contact(team=team, first_name="Yann", last_name="Kerrien", owner=agent.user),
        "sofia": Contact(team=team, first_name="Sofia", consent="opted_in", consent_at=now),
        "loic": Contact(team=team, first_name="Loïc", opted_out_at=now),
        "nadia": Contact(team=team, first_name="Nadia", company="Atelier Été"),
    }  # fmt: skip
    for person in made.values():
        person.save()
    ContactPhone.objects.create(team=team, contact=made["yann"], number="+33639984217", is_primary=True)
    tag = tagging.named(team, ["Pompe à chaleur"])["Pompe à chaleur"]
    tagging.put([tag], Contact.objects.filter(pk=made["sofia"].pk))
    on = ContactList.objects.create(team=team, name="Salon")
    members.add(on, Contact.objects.filter(pk__in=[made["sofia"].pk, made["loic"].pk]))
    Segment.objects.create(
        team=team,
        name="Tagged",
        definition={"match": "all", "conditions": [{"field": "tag", "op": "any", "value": [tag.pk]}]},
    )
    return {name: person.pk for name, person in made.items()}


def found(api: Api, path: str = "contacts", **query: Any) -> list[int]:
    response = api.get(path, **query)
    assert response.status_code == 200, response.content
    return [each["id"] for each in response.json()["items"]]


@pytest.mark.parametrize(
    ("query", "who"),
    [
        ({"q": "aubertin"}, ["camille"]),
        ({"q": "ete"}, ["nadia"]),
        ({"q": "06 39 98 42"}, ["yann"]),
        ({"q": "pompe"}, ["sofia"]),
        ({"email": "camille@COURRIEL.example"}, ["camille"]),
        ({"email": "x@courriel.example"}, []),
        ({"tag": "pompe a chaleur"}, ["sofia"]),
        ({"tag": "none"}, []),
        ({"consent": "opted_in"}, ["sofia"]),
        ({"consent": "none", "opted_out": "true"}, ["loic"]),
        ({"opted_out": "false", "q": "a"}, ["nadia", "camille"]),
        ({"owner": "0", "q": "yann"}, []),
        ({"owner": ""}, ["nadia", "loic", "sofia", "yann", "camille"]),
    ],
)
def test_filters(agent: Api, people: dict[str, int], query: dict[str, str], who: list[str]) -> None:
    assert found(agent, **query) == [people[name] for name in who]


def test_filters_by_id(agent: Api, outsider: Api, people: dict[str, int]) -> None:
    on, segment, tag = ContactList.objects.get(), Segment.objects.get(), Tag.objects.get()
    assert found(agent, owner=agent.user.pk) == [people["yann"]]
    assert found(agent, tag=tag.pk) == [people["sofia"]]
    assert (
        found(agent, list=on.pk)
        == found(agent, f"lists/{on.pk}/members")
        == [people["loic"], people["sofia"]]
    )
    assert found(agent, list=on.pk, opted_out="true") == [people["loic"]]
    assert found(agent, f"lists/{on.pk}/members", opted_out="true") == [people["loic"]]
    assert (
        found(agent, segment=segment.pk)
        == found(agent, f"segments/{segment.pk}/contacts")
        == [people["sofia"]]
    )
    tag.delete()
    assert found(agent, f"segments/{segment.pk}/contacts") == []
    for query in ({"list": on.pk}, {"segment": segment.pk}):
        assert outsider.get("contacts", **query).status_code == 422
    assert outsider.get(f"lists/{on.pk}/members").status_code == 404
    assert outsider.get(f"segments/{segment.pk}/contacts").status_code == 404


@pytest.mark.parametrize(
    "query",
    [
        {"owner": "-1"}, {"owner": "x"}, {"list": "0"}, {"list": str(2**63)}, {"segment": "x"}, {"consent": "maybe"},
        {"opted_out": "maybe"}, {"updated_since": "yesterday"}, {"updated_since": "2026-11-22T10:00:00"},
        {"updated_since": "99999"}, {"q": "\x00"}, {"q": "x" * 201}, {"tag": "\x00"}, {"cursor": "x"}, {"limit": "0"},
        {"limit": "201"},
    ],
)  # fmt: skip
def test_bad_parameter_is_named(agent: Api, query: dict[str, str]) -> None:
    response = agent.get("contacts", **query)
    assert response.status_code == 422
    assert set(response.json()["error"]["fields"]) == set(query)


def test_walk_by_cursor_meets_everybody_once(agent: Api, people: dict[str, int]) -> None:
    seen: list[int] = []
    cursor = ""
    while cursor is not None:
        page = agent.get("contacts", limit=2, cursor=cursor).json()
        seen += [each["id"] for each in page["items"]]
        cursor = page["next_cursor"]
    assert seen == sorted(people.values(), reverse=True)


def test_changed_since_walks_from_the_longest_ago(agent: Api, people: dict[str, int], team: Team) -> None:
    since = timezone.now()
    order = [people[name] for name in ("yann", "camille", "nadia", "sofia")]
    for minutes, pk in enumerate(order):
        # Two of one moment.
        Contact.objects.filter(pk=pk).update(updated_at=since + timedelta(minutes=minutes // 2))
    order = sorted(order[:2]) + sorted(order[2:])
    seen: list[int] = []
    cursor = ""
    while cursor is not None:
        page = agent.get("contacts", limit=1, cursor=cursor, updated_since=since.isoformat()).json()
        seen += [each["id"] for each in page["items"]]
        cursor = page["next_cursor"]
    assert seen == order
    spaced = since.isoformat().replace("+", " ")
    assert found(agent, updated_since=spaced) == order


# No moment of the test run: each process that shares the tests must find the same ones.
CUT = str(Place(datetime(2026, 11, 22, 9, 30, 15, 123456, tzinfo=UTC), 1))[:-3]


@pytest.mark.parametrize("cursor", ["12", "é", "fHx8", CUT, "\x00", "MjAyNnww"])
def test_tampered_cursor_of_changes_is_refused(agent: Api, cursor: str) -> None:
    response = agent.get("contacts", updated_since="2026-01-01T00:00:00Z", cursor=cursor)
    assert response.status_code in (200, 422)
    if response.status_code == 422:
        assert list(response.json()["error"]["fields"]) == ["cursor"]
