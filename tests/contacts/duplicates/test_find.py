"""Who is proposed as one person, who is not, and what a word against it does."""

from typing import Any

import pytest
from django.utils import timezone

from contacts.duplicates import find
from contacts.models import Contact, ContactPhone, DuplicatePair
from teams.models import Team

pytestmark = pytest.mark.django_db


def somebody(team: Team, *numbers: str, **fields: Any) -> Contact:
    contact = Contact.objects.create(team=team, **fields)
    for number in numbers:
        ContactPhone.objects.create(
            team=team,
            contact=contact,
            number=number,
            textable=number.startswith("+"),
            is_primary=number == numbers[0],
        )
    return contact


def proposed(team: Team) -> dict[tuple[int, int], str]:
    find.scan(team)
    return {
        (pair.first_id, pair.second_id): pair.why
        for pair in DuplicatePair.objects.for_team(team).filter(dismissed_at=None)
    }


@pytest.mark.parametrize("raw", ["0639984217", "06.39.98.42.17", "(06) 39 98 42 17", "0033639984217"])
def test_number_stored_as_a_sender_is_the_number_somebody_has(team: Team, raw: str) -> None:
    camille, other = somebody(team, "+33639984217"), somebody(team, raw)
    assert proposed(team) == {(camille.pk, other.pk): "number"}


def test_sender_reads_as_the_country_of_the_number_it_may_be(team: Team) -> None:
    # 0692 is nothing in France; it is Réunion's, where the number is known from.
    camille, other = somebody(team, "+262692123456"), somebody(team, "0692123456")
    assert proposed(team) == {(camille.pk, other.pk): "number"}


def test_two_senders_of_the_same_digits_are_one(team: Team) -> None:
    one, other = somebody(team, "06-39-98-42-17"), somebody(team, "0639984217")
    assert proposed(team) == {(one.pk, other.pk): "number"}


def test_same_digits_in_two_countries_need_a_name_that_agrees(team: Team) -> None:
    one = somebody(team, "+33639984217", first_name="Camille", last_name="Aubertin")
    other = somebody(team, "+32639984217", first_name="Camille", last_name="Aubertin")
    third = somebody(team, "+41639984217", first_name="Driss", last_name="Colin")
    assert proposed(team) == {(one.pk, other.pk): "number"}
    assert third.pk


@pytest.mark.parametrize("sender", ["INFO", "36180", "camille@example.com", "Promo2024"])
def test_sender_that_is_no_number_is_left_alone(team: Team, sender: str) -> None:
    somebody(team, "+33639984217"), somebody(team, sender)
    assert proposed(team) == {}


def test_same_email_whatever_its_capitals(team: Team) -> None:
    one = somebody(team, email="camille@exemple.example")
    other = somebody(team, email="Camille@Exemple.example")
    assert proposed(team) == {(one.pk, other.pk): "email"}


def test_mailbox_of_a_firm_proposes_only_those_of_near_names(team: Team) -> None:
    names = ["Camille Aubertin", "Bruno Lachenal", "Inaya Belhadri", "Ewen Trémeur", "Fanny Estival"]
    names += ["Driss Amrani", "Claire Pontois", "Aubertin Camille"]
    people = [
        somebody(team, email="contact@firme.example", first_name=name.split()[0], last_name=name.split()[1])
        for name in names
    ]
    assert proposed(team) == {(people[0].pk, people[-1].pk): "email"}


@pytest.mark.parametrize(
    ("first_name", "last_name"),
    [("Camille", "Aubertin"), ("Aubertin", "Camille"), ("camile", "aubertin"), ("Camille", "Aubertïn")],
)
def test_near_name_in_the_same_company(team: Team, first_name: str, last_name: str) -> None:
    one = somebody(team, first_name="Camille", last_name="Aubertin", company="Énergie Bréhat")
    other = somebody(team, first_name=first_name, last_name=last_name, company="ENERGIE BREHAT ")
    assert proposed(team) == {(one.pk, other.pk): "name"}


@pytest.mark.parametrize(
    ("first_name", "last_name", "company"),
    [
        ("Bruno", "Aubertin", "Énergie Bréhat"),  # of one family
        ("Camille", "Lachenal", "Énergie Bréhat"),
        ("Camille", "Aubertin", "Toiture Bréhat"),
        ("Camille", "Aubertin", ""),
    ],
)
def test_colleagues_and_homonyms_are_two(team: Team, first_name: str, last_name: str, company: str) -> None:
    somebody(team, first_name="Camille", last_name="Aubertin", company="Énergie Bréhat")
    somebody(team, first_name=first_name, last_name=last_name, company=company)
    assert proposed(team) == {}


def test_company_of_many_is_looked_through_by_the_words_of_names(team: Team) -> None:
    people = [
        somebody(team, first_name=f"Prénom{index:02}", last_name=f"Nom{index:02}", company="EDF")
        for index in range(20)
    ]
    other = somebody(team, first_name="Nom07", last_name="Prenom07", company="edf")
    assert (people[7].pk, other.pk) in proposed(team)


def test_pair_is_proposed_once_with_its_surest_reason(team: Team) -> None:
    fields = {
        "first_name": "Camille",
        "last_name": "Aubertin",
        "company": "EDF",
        "email": "c@exemple.example",
    }
    one, other = somebody(team, "+33639984217", **fields), somebody(team, "0639984217", **fields)
    assert proposed(team) == {(one.pk, other.pk): "number"}


def test_pair_vanishes_when_it_no_longer_matches_and_keeps_its_day_otherwise(team: Team) -> None:
    one, other = somebody(team, email="c@exemple.example"), somebody(team, email="c@exemple.example")
    third = somebody(team, email="C@exemple.example")
    before = set(proposed(team))
    day = DuplicatePair.objects.get(first=one, second=third).found_at
    Contact.objects.filter(pk=other.pk).update(email="d@exemple.example")
    assert set(proposed(team)) == {(one.pk, third.pk)} < before
    assert DuplicatePair.objects.get().found_at == day


def test_dismissed_pair_is_not_proposed_again(team: Team) -> None:
    one, other = somebody(team, email="c@exemple.example"), somebody(team, email="c@exemple.example")
    proposed(team)
    DuplicatePair.objects.update(dismissed_at=timezone.now())
    assert proposed(team) == {}
    pair = DuplicatePair.objects.get()
    assert (pair.first_id, pair.second_id, pair.dismissed_at is None) == (one.pk, other.pk, False)


def test_another_teams_people_are_nobodys_duplicates(team: Team, other_team: Team) -> None:
    somebody(team, email="c@exemple.example"), somebody(other_team, email="c@exemple.example")
    somebody(team, "+33639984217"), somebody(other_team, "0639984217")
    assert proposed(team) == {} == proposed(other_team)
