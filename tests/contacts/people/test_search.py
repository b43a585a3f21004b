"""The search box of the contact list finds people however they are written."""

import pytest

from contacts import phones
from contacts.models import Contact
from contacts.people import listing
from teams.models import Team

from .conftest import make_contact

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def people(team: Team) -> None:
    make_contact(
        team, "+33639984217", first_name="Émilie", last_name="Garrigou", company="Chauffage de l'Ouest"
    )
    make_contact(
        team,
        "+33639985503",
        "+32470123456",
        first_name="Sofia",
        last_name="Delmarre",
        email="sofia@exemple.example",
    )
    make_contact(team, "INFO")
    make_contact(team, first_name="Yann", last_name="100%", company="Studio 2000")


def found(team: Team, words: str) -> list[str]:
    return [
        contact.name or contact.primary_number
        for contact in listing.page(listing.search(team, words)).contacts
    ]


@pytest.mark.parametrize("words", ["emilie", "ÉMILIE", "garr emi", "  Emilie   Garrigou ", "l'ouest"])
def test_names_and_companies_forgive_accents_and_case(team: Team, words: str) -> None:
    assert found(team, words) == ["Émilie Garrigou"]


@pytest.mark.parametrize(
    "words",
    [
        "06 39 98 4",
        "0639984217",
        "+33 6 39 98 42",
        "0033639984",
        "06.39.98.42.17",
        "639984",
        "+33 (0)6 39 98 42 17",
    ],
)
def test_a_number_is_found_by_its_first_digits_in_any_writing(team: Team, words: str) -> None:
    assert found(team, words) == ["Émilie Garrigou"]


def test_any_number_of_a_person_finds_them_once(team: Team) -> None:
    assert found(team, "+32 470 12") == ["Sofia Delmarre"]
    assert found(team, "06 39 98 55") == ["Sofia Delmarre"]


def test_a_raw_sender_is_found_by_its_name(team: Team) -> None:
    assert found(team, "info") == ["INFO"]


def test_a_company_of_digits_is_found_beside_numbers(team: Team) -> None:
    assert found(team, "2000") == ["Yann 100%"]


@pytest.mark.parametrize("words", ["%", "_", "100%"])
def test_wildcards_are_only_characters(team: Team, words: str) -> None:
    assert found(team, words) == ([] if words == "_" else ["Yann 100%"])


@pytest.mark.parametrize("words", ["\0", "a\0b", "+", "(((", "٠٦٣٩", "x" * 500, "\\", "'"])
def test_odd_words_are_no_error(team: Team, words: str) -> None:
    found(team, words)


def test_another_team_is_never_searched(other_team: Team) -> None:
    assert found(other_team, "emilie") == []
    assert found(other_team, "06 39 98 4") == []


def test_the_list_goes_by_name_without_accents_and_numbers_alone_come_last(team: Team) -> None:
    make_contact(team, first_name="Aude", last_name="Évrard")
    make_contact(team, "+33639980001")
    make_contact(team, company="Bois & Fils")
    assert found(team, "") == [
        "Yann 100%", "Bois & Fils", "Sofia Delmarre", "Aude Évrard", "Émilie Garrigou", "INFO", "+33639980001",
    ]  # fmt: skip


def test_pages_follow_each_other_without_gap_or_repeat(team: Team) -> None:
    Contact.objects.bulk_create(
        [Contact(team=team, last_name=name) for name in ("Même", "Meme", "même", "Zoé", "") * 5]
    )
    everybody = listing.search(team, "")
    seen: list[int] = []
    after = None
    while True:
        page = listing.page(everybody, after=after, size=4)
        seen += [contact.pk for contact in page.contacts]
        if page.next is None:
            break
        after = listing.Place.parse(str(page.next))
    assert len(seen) == len(set(seen)) == Contact.objects.count()


@pytest.mark.parametrize(
    "text", ["", "x", "W10", "bnVsbA", "WyJhIiwgIjEiXQ", "WyJhIiwgLTFd", "é", "WyJcdWQ4MDAiLCAxXQ"]
)
def test_a_made_up_place_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        listing.Place.parse(text)


@pytest.mark.parametrize(
    ("typed", "begins"),
    [
        ("06 39 98 4", ["+33639984"]),
        ("+33 6 39", ["+33639"]),
        ("0033 639", ["+33639"]),
        ("639984", ["+33639984", "+639984"]),
        ("INFO", []),
        ("", []),
    ],
)
def test_beginnings_of_numbers(typed: str, begins: list[str]) -> None:
    assert phones.beginnings(typed, "FR") == begins


def test_beginnings_in_a_country_without_a_trunk_digit() -> None:
    assert phones.beginnings("20 123", "TN")[0] == "+21620123"
