"""The query string that says who is meant."""

import pytest
from django.http import QueryDict

from contacts.models import Contact, ContactList, ContactTag, ListMember, Segment, Tag
from contacts.people.choice import Choice, Unknown
from teams.access import Member
from teams.models import Team

from .conftest import make_contact

pytestmark = pytest.mark.django_db


def names(team: Team, query: str) -> list[str]:
    return sorted(each.last_name for each in Choice.parse(query, team).found(team))


@pytest.fixture
def three(team: Team, agent: Member) -> dict[str, int]:
    """Ann is the agent's, Bob opted out, Cid is nobody's; ids of what they belong to besides."""
    ann = make_contact(team, "+33639980001", last_name="Ann", owner=agent.user)
    bob = make_contact(team, "+33639980002", last_name="Bob", company="Bois")
    make_contact(team, "+33639980003", last_name="Cid", company="Bois")
    Contact.objects.filter(pk=bob.pk).update(opted_out_at="2026-11-01T00:00:00Z")
    tag = Tag.objects.create(team=team, name="vip")
    several = ContactList.objects.create(team=team, name="Salon")
    ContactTag.objects.create(tag=tag, contact=ann)
    ListMember.objects.create(list=several, contact=bob)
    condition = {"field": "company", "op": "is", "value": "Bois"}
    segment = Segment.objects.create(
        team=team, name="Bois", definition={"match": "all", "conditions": [condition]}
    )
    return {"tag": tag.pk, "list": several.pk, "segment": segment.pk, "owner": agent.user.pk, "ann": ann.pk}


def test_each_parameter_narrows(team: Team, three: dict[str, int]) -> None:
    assert names(team, "") == ["Ann", "Bob", "Cid"]
    assert names(team, "q=bo") == ["Bob", "Cid"]
    assert names(team, f"tag={three['tag']}") == ["Ann"]
    assert names(team, f"list={three['list']}") == ["Bob"]
    assert names(team, f"owner={three['owner']}") == ["Ann"]
    assert names(team, "owner=0") == ["Bob", "Cid"]
    assert names(team, "out=1") == ["Bob"]
    assert names(team, f"segment={three['segment']}") == ["Bob", "Cid"]
    assert names(team, f"segment={three['segment']}&out=1&q=bob&owner=0&list={three['list']}") == ["Bob"]
    assert names(team, f"segment={three['segment']}&owner={three['owner']}") == []


def test_a_free_filter_and_a_segment_narrow_together(team: Team, three: dict[str, int]) -> None:
    query = QueryDict(mutable=True)
    query["f"] = '{"match": "all", "conditions": [{"field": "last_name", "op": "is", "value": "Cid"}]}'
    assert names(team, query.urlencode()) == ["Cid"]
    query["segment"] = str(three["segment"])
    assert names(team, query.urlencode()) == ["Cid"]


def test_a_segment_that_can_not_be_read_is_nobody(team: Team, three: dict[str, int]) -> None:
    Segment.objects.update(definition={"match": "all", "conditions": [{"field": "gone", "op": "is"}]})
    assert names(team, f"segment={three['segment']}") == []


def test_what_was_picked_by_hand(team: Team, three: dict[str, int], other_team: Team) -> None:
    elsewhere = make_contact(other_team, last_name="Autre")
    cid = Contact.objects.get(last_name="Cid")
    assert names(team, f"ids={three['ann']}&ids={cid.pk}&ids={elsewhere.pk}") == ["Ann", "Cid"]
    assert names(team, f"ids={three['ann']},{cid.pk}") == ["Ann", "Cid"]
    assert names(team, f"ids={three['ann']}&all=1") == ["Ann", "Bob", "Cid"]
    assert Choice.parse(f"ids={cid.pk}&ids={three['ann']}", team).picked == f"{three['ann']},{cid.pk}"


def test_the_query_reads_back(team: Team, three: dict[str, int]) -> None:
    given = (
        f"q=bo&near=1&segment={three['segment']}&list={three['list']}&tag={three['tag']}&owner=0&out=1"
        "&f=%7B%22match%22%3A%22any%22%2C%22conditions%22%3A%5B%7B%22field%22%3A%22company%22%2C%22op%22%3A%22is%22"
        "%2C%22value%22%3A%22Bois%22%7D%5D%7D&sort=-event"
    )
    choice = Choice.parse(given, team)
    assert choice.query() == given
    assert Choice.parse(choice.query(), team) == choice
    assert choice.narrowed
    assert not Choice.parse("sort=-added", team).narrowed


@pytest.mark.parametrize(
    "query",
    [
        "segment=9999", "list=9999", "tag=9999", "owner=9999", "segment=x", "tag=-1", "owner=1.5", "list=²",
        "tag=99999999999999999999", "tag=9223372036854775808", "sort=x", "sort=-", "ids=1,x", "ids=-1", "f={", "f=[]",
        "f=1", "f=" + "%5B" * 3000, "owner=1%00",
    ],
)  # fmt: skip
def test_what_the_team_has_not_is_unknown(team: Team, query: str) -> None:
    with pytest.raises(Unknown):
        Choice.parse(query, team)


def test_another_teams_things_are_unknown(three: dict[str, int], other_team: Team) -> None:
    for name in ("tag", "list", "segment", "owner"):
        with pytest.raises(Unknown):
            Choice.parse(f"{name}={three[name]}", other_team)


def test_counting_stops_at_the_cap(team: Team, three: dict[str, int]) -> None:
    assert Choice().count(team) == 3
    assert Choice().count(team, cap=1) == 2
