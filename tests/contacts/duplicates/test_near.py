"""The word of warning while somebody is added."""

import pytest

from contacts.duplicates import near
from contacts.models import Contact
from teams.models import Team
from tests.contacts.duplicates.test_find import somebody

pytestmark = pytest.mark.django_db


@pytest.fixture
def camille(team: Team) -> Contact:
    return somebody(
        team,
        "06 39 98 42 17",
        first_name="Camille",
        last_name="Aubertin",
        company="Énergie Bréhat",
        email="camille@exemple.example",
    )


def test_number_that_stands_there_as_a_sender(team: Team, camille: Contact) -> None:
    found = near.near(team, numbers=["+33639984217"])
    assert [(each.contact, each.why) for each in found] == [(camille, "number")]


def test_sender_that_is_a_number_somebody_has(team: Team) -> None:
    bruno = somebody(team, "+33639983381")
    found = near.near(team, numbers=["0639983381"])
    assert [(each.contact, each.why) for each in found] == [(bruno, "number")]


def test_email_whatever_its_capitals(team: Team, camille: Contact) -> None:
    found = near.near(team, email=" Camille@exemple.example ")
    assert [(each.contact, each.why) for each in found] == [(camille, "email")]


def test_swapped_and_mistyped_name_in_the_company(team: Team, camille: Contact) -> None:
    found = near.near(team, first_name="aubertin", last_name="Camile", company=" energie brehat")
    assert [(each.contact, each.why) for each in found] == [(camille, "name")]


def test_nobody_near(team: Team, other_team: Team, camille: Contact) -> None:
    assert near.near(team, first_name="Camille", last_name="Aubertin") == []
    assert near.near(team, first_name="Bruno", last_name="Lachenal", company="Énergie Bréhat") == []
    assert near.near(other_team, email=camille.email, numbers=["+33639984217"]) == []
    assert near.of(camille) == []


def test_asks_a_fixed_number_of_times(
    team: Team, camille: Contact, django_assert_max_num_queries: object
) -> None:
    with django_assert_max_num_queries(5):  # type: ignore[operator]
        near.near(
            team,
            first_name="Camille",
            last_name="Aubertin",
            company="Énergie Bréhat",
            email="camille@exemple.example",
            numbers=["+33639984217", "+33639984218"],
        )
