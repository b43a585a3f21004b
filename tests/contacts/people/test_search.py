"""The search box of the contact list finds people however they are written."""

import pytest

from contacts import phones
from contacts.models import Contact, ContactTag, Tag
from contacts.people import listing, search
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
    rows = listing.page(search.exact(team, words)).rows
    listing.complete(rows, [], {}, {})
    return [row.contact.name or row.number for row in rows]


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


@pytest.mark.parametrize("words", ["42 17", "4217", "98 42 17", "984217", "01 23 45", "3456"])
def test_a_number_is_found_by_its_last_digits(team: Team, words: str) -> None:
    expected = ["Sofia Delmarre"] if words == "3456" else ["Émilie Garrigou"]
    assert found(team, words) == ([] if words == "01 23 45" else expected)


def test_few_digits_that_look_like_a_beginning_are_no_ending(team: Team) -> None:
    make_contact(team, "+33639980639", first_name="Zoé")
    assert "Zoé" not in found(team, "06 39 98 5")
    assert found(team, "0639980639") == ["Zoé"]
    assert set(found(team, "0639")) == {"Zoé", "Émilie Garrigou", "Sofia Delmarre"}  # all begin so


@pytest.mark.parametrize("words", ["vip", "VIP", "étude thermique", "etude", "thermi"])
def test_a_tag_is_found_by_its_words(team: Team, words: str) -> None:
    wearer = Contact.objects.get(last_name="Delmarre")
    for name in ("VIP", "Étude thermique"):
        ContactTag.objects.create(contact=wearer, tag=Tag.objects.create(team=team, name=name))
    assert found(team, words) == ["Sofia Delmarre"]


def test_a_tag_of_many_is_found_like_one_of_few(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    tag = Tag.objects.create(team=team, name="Émilien")
    for contact in Contact.objects.filter(team=team).exclude(last_name="Garrigou"):
        ContactTag.objects.create(contact=contact, tag=tag)
    few = found(team, "emili")
    monkeypatch.setattr(search, "MANY", 2)
    assert found(team, "emili") == few
    assert len(few) == 4


def test_another_teams_tag_finds_nobody(team: Team, other_team: Team) -> None:
    tag = Tag.objects.create(team=other_team, name="secret")
    ContactTag.objects.create(contact=make_contact(other_team, first_name="Autre"), tag=tag)
    assert found(team, "secret") == []


@pytest.mark.parametrize("words", ["ga", "GA ÉM", "de", "l"])
def test_short_words_are_beginnings(team: Team, words: str) -> None:
    assert found(team, words) == {"de": ["Sofia Delmarre", "Émilie Garrigou"], "l": ["Émilie Garrigou"]}.get(
        words, ["Émilie Garrigou"]
    )


@pytest.mark.parametrize("words", ["garigou", "emilie garrgou", "Émille Garrigou", "delmare sofie"])
def test_nearly_the_name_is_found_where_nobody_is_called_so(team: Team, words: str) -> None:
    assert not search.exact(team, words).exists()
    people, near = search.people(team, words)
    assert near
    expected = "Delmarre" if words.startswith("del") else "Garrigou"
    assert Contact.objects.get(pk=search.near(team, words)[0]).last_name == expected
    assert people.filter(last_name=expected).exists()


def test_near_is_asked_only_when_nobody_matches(team: Team) -> None:
    make_contact(team, first_name="Émile", last_name="Garrigu")
    people, near = search.people(team, "garrigou")
    assert not near
    assert [each.last_name for each in people] == ["Garrigou"]


@pytest.mark.parametrize("words", ["", "  ", "06 39", "12", "%%", "é", "\0\0\0"])
def test_nothing_is_near_what_is_no_name(team: Team, words: str) -> None:
    assert search.near(team, words) == []


def test_another_team_is_never_near(other_team: Team) -> None:
    assert search.near(other_team, "garigou") == []


def test_arabic_names_are_found(team: Team) -> None:
    make_contact(team, first_name="محمد", last_name="بن علي")
    assert found(team, "محمد") == ["محمد بن علي"]
    assert found(team, "علي") == ["محمد بن علي"]


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
