"""Columns are known by their names in two languages, else by what stands in them."""

import pytest

from contacts import fields
from contacts.imports import mapping
from contacts.models import CustomField
from teams.models import Team


def guessed(*header: str, sample: list[list[str]] | None = None) -> list[str]:
    return mapping.guess(header, list(fields.STANDARD), sample or [])


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Prénom", "first_name"),
        ("PRENOM", "first_name"),
        ("First Name", "first_name"),
        ("first_name", "first_name"),
        ("Nom", "last_name"),
        ("Nom de famille", "last_name"),
        ("Téléphone", "phone"),
        ("Tél.", "phone"),
        ("Portable", "phone"),
        ("Mobile", "phone"),
        ("GSM", "phone"),
        ("N° de tél", "phone"),
        ("N° de téléphone", "phone"),
        ("Phone number", "phone"),
        ("E-mail", "email"),
        ("Courriel", "email"),
        ("Adresse e-mail", "email"),
        ("Société", "company"),
        ("Entreprise", "company"),
        ("Raison sociale", "company"),
        ("Adresse", "address"),
        ("Langue", "language"),
        ("Étiquettes", "tags"),
        ("Commercial", "owner"),
        ("Responsable", "owner"),
        ("Consentement", "consent"),
        ("Date de consentement", "consent_at"),
        ("Opted in", "consent_at"),
        ("Listes", "lists"),
        ("Couleur préférée", ""),
    ],
)
def test_usual_names_are_known(name: str, key: str) -> None:
    assert guessed(name) == [key]


def test_of_two_phones_the_mobile_is_the_phone() -> None:
    assert guessed("Téléphone", "Mobile") == ["other_phones", "phone"]
    sample = [["0199003118", "0639984217"]]
    assert guessed("Tél", "Téléphone", sample=sample) == ["other_phones", "phone"]
    assert guessed("Tél fixe", "Portable") == ["other_phones", "phone"]
    assert guessed("Tél fixe") == ["phone"]


def test_columns_without_a_telling_name_are_known_by_their_values() -> None:
    sample = [["Zoé", "06 39 98 42 17", "z@example.com"], ["Noé", "", ""]]
    assert guessed("A", "B", "C", sample=sample) == ["", "phone", "email"]


def test_whole_name_is_the_last_name_where_no_column_holds_a_part() -> None:
    assert guessed("Nom complet", "Mobile") == ["last_name", "phone"]
    assert guessed("Name", "Nom", "Mobile") == ["", "last_name", "phone"]


def test_field_is_guessed_once() -> None:
    assert guessed("E-mail", "Courriel", "Étiquettes", "Tags") == ["email", "", "tags", "tags"]


@pytest.mark.django_db
def test_fields_of_the_team_are_known_by_label_and_key(team: Team) -> None:
    CustomField.objects.create(team=team, key="contract_end", label="Fin de contrat", kind="date")
    known = fields.of_team(team)
    found = mapping.guess(["Fin de contrat", "contract_end", "custom.contract_end"], known, [])
    assert found == ["custom.contract_end", "", ""]


def test_without_a_phone_there_is_a_problem() -> None:
    known = list(fields.STANDARD)
    assert mapping.problems(["phone", "", "tags", "tags", "new:text"], known) == []
    assert len(mapping.problems(["last_name"], known)) == 1
    assert len(mapping.problems(["phone", "email", "email"], known)) == 1
    assert len(mapping.problems(["phone", "created_at"], known)) == 1
    assert len(mapping.problems(["phone", "new:poem"], known)) == 1
