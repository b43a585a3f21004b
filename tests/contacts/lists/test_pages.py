"""The lists of a team: made, renamed and deleted by hand."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from contacts.lists import listing, members
from contacts.models import Contact, ContactList, Segment
from teams.access import Member
from teams.models import AuditEntry, Team
from tests.contacts.people.conftest import sign_in

from .conftest import People

pytestmark = pytest.mark.django_db
LISTS = reverse("contacts:lists")


def _list(team: Team, name: str = "Salon") -> ContactList:
    return ContactList.objects.create(team=team, name=name)


def test_none_yet_says_what_a_list_is(agent: Member) -> None:
    assert "No lists yet" in sign_in(agent).get(LISTS).content.decode()


def test_made_by_its_name(agent: Member, team: Team) -> None:
    client = sign_in(agent)
    assert client.post(LISTS, {"name": " Salon  Rennes "}).status_code == 302
    made = ContactList.objects.get(team=team)
    assert (made.name, made.created_by) == ("Salon Rennes", agent.user)
    answer = client.post(LISTS, {"name": "SALON rennes"})
    assert answer.status_code == 422
    assert "There is a list of this name." in answer.content.decode()
    assert client.post(LISTS, {"name": ""}).status_code == 422


def test_another_team_may_have_the_name(agent: Member, outsider: Member, team: Team) -> None:
    _list(team)
    assert sign_in(outsider).post(LISTS, {"name": "Salon"}).status_code == 302


def test_shows_how_many_people_and_leads_to_them(agent: Member, team: Team, people: People) -> None:
    made = _list(team)
    people(team, 3)
    members.add(made, Contact.objects.for_team(team))
    page = sign_in(agent).get(LISTS).content.decode()
    assert f'href="{reverse("contacts:list")}?list={made.pk}"' in page
    assert '<td class="n num">3</td>' in page


def test_counting_stops_at_the_cap(
    agent: Member, team: Team, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "COUNTED", 2)
    made = _list(team)
    people(team, 5)
    members.add(made, Contact.objects.for_team(team))
    assert listing.counted(team).get().people == 3  # type: ignore[attr-defined]
    assert ">2+<" in sign_in(agent).get(LISTS).content.decode()


def test_renamed(agent: Member, team: Team) -> None:
    made = _list(team)
    _list(team, "Tournée")
    address = reverse("contacts:list-edit", args=[made.pk])
    client = sign_in(agent)
    assert client.post(address, {"name": "salon"}).status_code == 302
    assert client.post(address, {"name": "tournée"}).status_code == 422
    made.refresh_from_db()
    assert made.name == "salon"


def test_deleted_while_its_people_stay(agent: Member, team: Team, people: People) -> None:
    made = _list(team)
    people(team, 2)
    members.add(made, Contact.objects.for_team(team))
    Segment.objects.create(
        team=team,
        name="Du salon",
        definition={"conditions": [{"field": "list", "op": "any", "value": [made.pk]}]},
    )
    client = sign_in(agent)
    assert "Du salon" in client.get(reverse("contacts:list-edit", args=[made.pk])).content.decode()
    address = reverse("contacts:list-delete", args=[made.pk])
    assert client.get(address).status_code == 302
    assert ContactList.objects.exists()
    assert client.post(address).status_code == 302
    assert not ContactList.objects.exists()
    assert Contact.objects.for_team(team).count() == 2
    assert AuditEntry.objects.filter(action="list.deleted", actor=agent.user).exists()


def test_another_teams_list_is_not_there(outsider: Member, team: Team) -> None:
    made = _list(team)
    client = sign_in(outsider)
    assert "Salon" not in client.get(LISTS).content.decode()
    for name in ("list-edit", "list-delete"):
        assert client.get(reverse(f"contacts:{name}", args=[made.pk])).status_code == 404
        assert client.post(reverse(f"contacts:{name}", args=[made.pk]), {"name": "x"}).status_code == 404


def _statements(member: Member) -> int:
    client = sign_in(member)
    client.get(LISTS)
    with CaptureQueriesContext(connection) as caught:
        client.get(LISTS)
    return len(caught)


def test_as_many_statements_for_one_list_as_for_many(agent: Member, team: Team) -> None:
    _list(team)
    few = _statements(agent)
    for number in range(40):
        _list(team, f"Liste {number}")
    assert _statements(agent) == few <= 8
