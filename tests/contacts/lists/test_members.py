"""People are put on a list and taken off, once each and all together."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.lists import members
from contacts.models import Contact, ContactList, ListMember
from teams.models import Team

from .conftest import LONG_AGO, People, changed_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def fair(team: Team) -> ContactList:
    return ContactList.objects.create(team=team, name="Salon")


def test_added_once_and_counted_once(team: Team, fair: ContactList, people: People) -> None:
    people(team, 5)
    everybody = Contact.objects.for_team(team)
    assert members.add(fair, everybody.filter(last_name="Nom 1")) == 1
    assert members.add(fair, everybody) == 4
    assert members.add(fair, everybody) == 0
    assert fair.members.count() == 5


def test_only_those_who_were_put_on_it_have_changed(team: Team, fair: ContactList, people: People) -> None:
    first, second = people(team, 2)
    members.add(fair, Contact.objects.for_team(team).filter(pk=first.pk))
    assert changed_at(first) > LONG_AGO
    assert changed_at(second) == LONG_AGO
    Contact.objects.update(updated_at=LONG_AGO)
    members.add(fair, Contact.objects.for_team(team))
    assert changed_at(first) == LONG_AGO
    assert changed_at(second) > LONG_AGO


def test_taken_off(team: Team, fair: ContactList, people: People) -> None:
    first, second = people(team, 2)
    members.add(fair, Contact.objects.for_team(team))
    Contact.objects.update(updated_at=LONG_AGO)
    assert members.remove(fair, Contact.objects.for_team(team).filter(pk=first.pk)) == 1
    assert members.remove(fair, Contact.objects.for_team(team).filter(pk=first.pk)) == 0
    assert list(fair.members.all()) == [second]
    assert changed_at(first) > LONG_AGO
    assert changed_at(second) == LONG_AGO


def test_nobody_of_another_team_is_put_on_it(
    team: Team, other_team: Team, fair: ContactList, people: People
) -> None:
    people(other_team, 3)
    assert members.add(fair, Contact.objects.all()) == 0
    assert not ListMember.objects.exists()


def test_nobody_at_all(team: Team, fair: ContactList) -> None:
    assert members.add(fair, Contact.objects.none()) == 0
    assert members.remove(fair, Contact.objects.for_team(team).none()) == 0


def test_one_statement_for_any_number(team: Team, fair: ContactList, people: People) -> None:
    people(team, 30)
    for work in (members.add, members.remove):
        with CaptureQueriesContext(connection) as caught:
            assert work(fair, Contact.objects.for_team(team)) == 30
        assert len(caught) == 1
