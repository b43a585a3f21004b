"""What can be inserted is offered by name, and a text is held to what its team has."""

from typing import Any

import pytest

from contacts.models import CustomField
from sms import merge_fields
from sms.merge_fields import Wrong
from teams.access import Member
from teams.models import Team
from tests.conftest import make_line

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(team: Team) -> CustomField:
    return CustomField.objects.create(team=team, key="town", label="Ville")


def test_the_teams_own_fields_are_offered(team: Team, town: CustomField, other_team: Team) -> None:
    CustomField.objects.create(team=team, key="limit", label="Limite", kind="date", position=1)
    CustomField.objects.create(team=other_team, key="theirs", label="Theirs")
    offered = {field.key: field.writing for field in merge_fields.catalogue(team)}
    assert offered["first_name"] == "{{ contact.first_name }}"
    assert offered["custom.town"] == "{{ contact.custom.town }}"
    assert offered["custom.limit"] == '{{ contact.custom["limit"] }}'
    assert offered["sender.first_name"] == "{{ sender.first_name }}"
    assert "custom.theirs" not in offered


def test_what_is_offered_can_be_rendered_for_the_example(team: Team) -> None:
    kinds = {"text": [], "number": [], "date": [], "yes_no": [], "choice": ["Gaz", "Bois"]}
    for kind, choices in kinds.items():
        CustomField.objects.create(team=team, key=kind, label=f"A {kind}", kind=kind, choices=choices)
    text = " ".join(field.writing for field in merge_fields.catalogue(team))
    rendered = merge_fields.checked(text, team).render(merge_fields.example_of(team))
    assert "{" not in rendered
    assert all(word in rendered for word in ("Camille", "A text", "3", "31/12/2026", "Oui", "Gaz", team.name))


def test_another_teams_field_is_unknown(team: Team, town: CustomField, other_team: Team) -> None:
    assert merge_fields.checked("{{ contact.custom.town }}", team).fields == ("custom.town",)
    with pytest.raises(Wrong, match=r"contact\.custom\.town"):
        merge_fields.checked("{{ contact.custom.town }}", other_team)


@pytest.mark.parametrize(
    ("key", "label"),
    [("first_name", "First name"), ("custom.town", "Ville"), ("custom.gone", "gone"), ("line.name", "Line")],
)
def test_keys_have_names(team: Team, town: CustomField, key: str, label: str) -> None:
    assert merge_fields.label(key, team) == label


def test_the_line_its_holder_and_the_team_are_said(team: Team, manager: Member, town: CustomField) -> None:
    CustomField.objects.create(team=team, key="renewal", label="Renouvellement", kind="date")
    line = make_line(team, name="Boutique", holder=manager.user)
    text = "{{ sender.first_name }}, {{ line.name }}, {{ team.name }}, {{ contact.custom.renewal }}"
    person: dict[str, Any] = {"custom": {"renewal": "2026-03-01"}}

    def render() -> str:
        shared = merge_fields.shared_of(line, team)
        return merge_fields.compile(text).render(merge_fields.values_of(person, **shared))

    assert render() == "Inès, Boutique, Atelier Bréhat, 01/03/2026"
    team.sender_name = "Bréhat"
    assert ", Bréhat," in render()
    line.holder = None
    with pytest.raises(merge_fields.Empty, match=r"sender\.first_name"):
        render()
