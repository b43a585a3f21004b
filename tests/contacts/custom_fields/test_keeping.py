"""A team's own fields: made, renamed, put in order, ended."""

import pytest
from django.urls import reverse

from contacts.custom_fields import keeping
from contacts.models import Contact, CustomField
from teams.access import Member
from teams.models import AuditEntry, Team
from tests.contacts.people.conftest import make_contact, sign_in

pytestmark = pytest.mark.django_db
FIELDS = reverse("contacts:fields")


def made(manager: Member, label: str, kind: str = "text", *choices: str) -> CustomField:
    return keeping.add(manager.team, label=label, kind=kind, choices=choices, by=manager.user)


@pytest.mark.parametrize(
    ("label", "key"),
    [
        ("Ville", "ville"),
        ("Type d'énergie", "type_d_energie"),
        ("2e adresse", "field_2e_adresse"),
        ("المدينة", "field"),
        ("x" * 60, "x" * 40),
        ("ŒUVRE", "uvre"),
    ],
)
def test_a_key_is_made_from_the_name(label: str, key: str) -> None:
    assert keeping.free_key(label, set()) == key


def test_a_key_is_never_taken_twice(manager: Member) -> None:
    assert [made(manager, label).key for label in ("Ville", "ville !", "Ville ?")] == [
        "ville",
        "ville_2",
        "ville_3",
    ]


def test_a_new_field_stands_last(manager: Member, team: Team) -> None:
    client = sign_in(manager)
    for label in ("Ville", "Budget"):
        assert client.post(FIELDS, {"label": label, "kind": "text"}).status_code == 302
    assert [field.label for field in CustomField.objects.for_team(team)] == ["Ville", "Budget"]
    assert AuditEntry.objects.filter(action="field.added").count() == 2


def test_a_name_twice_is_refused_whatever_its_case(manager: Member) -> None:
    made(manager, "Ville")
    answer = sign_in(manager).post(FIELDS, {"label": "VILLE", "kind": "text"})
    assert answer.status_code == 422
    assert "There is a field of this name" in answer.content.decode()


def test_a_choice_without_choices_is_refused(manager: Member) -> None:
    answer = sign_in(manager).post(FIELDS, {"label": "Projet", "kind": "choice", "choices": " \n "})
    assert answer.status_code == 422
    assert CustomField.objects.count() == 0


def test_choices_are_a_line_each_without_repeats(manager: Member) -> None:
    sign_in(manager).post(
        FIELDS, {"label": "Projet", "kind": "choice", "choices": "Poêle\r\n  Pompe  à chaleur\n\nPoêle"}
    )
    assert CustomField.objects.get().choices == ["Poêle", "Pompe à chaleur"]


def test_the_key_and_the_kind_never_change(manager: Member) -> None:
    field = made(manager, "Ville")
    given = {"label": "Commune", "kind": "number", "key": "other"}
    sign_in(manager).post(reverse("contacts:custom-field", args=[field.pk]), given)
    field.refresh_from_db()
    assert (field.label, field.key, field.kind) == ("Commune", "ville", "text")


def test_a_choice_in_use_goes_only_when_that_was_seen(manager: Member, team: Team) -> None:
    field = made(manager, "Projet", "choice", "Poêle", "Pompe")
    make_contact(team, first_name="A", custom={"projet": "Poêle"})
    client, address = sign_in(manager), reverse("contacts:custom-field", args=[field.pk])
    answer = client.post(address, {"label": "Projet", "choices": "Pompe"})
    assert answer.status_code == 422
    assert "Poêle</bdi>: one person" in answer.content.decode()
    field.refresh_from_db()
    assert field.choices == ["Poêle", "Pompe"]
    assert client.post(address, {"label": "Projet", "choices": "Pompe", "sure": "1"}).status_code == 302
    assert Contact.objects.get().custom == {"projet": "Poêle"}, "who has it keeps it"


def test_fields_change_places(manager: Member, team: Team) -> None:
    first, second, third = (made(manager, label) for label in ("a", "b", "c"))
    client = sign_in(manager)
    client.post(reverse("contacts:custom-field-move", args=[third.pk]), {"to": "up"})
    client.post(
        reverse("contacts:custom-field-move", args=[first.pk]), {"to": "up"}
    )  # there is no higher place
    client.post(reverse("contacts:custom-field-move", args=[first.pk]), {"to": "down"})
    assert [field.label for field in CustomField.objects.for_team(team)] == ["c", "a", "b"]


def test_deleting_takes_the_values_and_says_how_many(manager: Member, team: Team, other_team: Team) -> None:
    field = made(manager, "Ville")
    ours = make_contact(team, first_name="A", custom={"ville": "Binic", "budget": 3})
    theirs = make_contact(other_team, first_name="B", custom={"ville": "Binic"})
    before = ours.updated_at
    answer = sign_in(manager).post(reverse("contacts:custom-field-delete", args=[field.pk]), follow=True)
    assert "with the value of one person" in answer.content.decode()
    ours.refresh_from_db()
    theirs.refresh_from_db()
    assert (ours.custom, theirs.custom) == ({"budget": 3}, {"ville": "Binic"})
    assert ours.updated_at != before
    assert AuditEntry.objects.get(action="field.deleted").detail["people"] == 1


@pytest.mark.parametrize("name", ["fields", "custom-field", "custom-field-move", "custom-field-delete"])
def test_agents_and_outsiders_manage_nothing(
    agent: Member, outsider: Member, manager: Member, name: str
) -> None:
    field = made(manager, "Ville")
    address = reverse(f"contacts:{name}", args=[] if name == "fields" else [field.pk])
    given = {"label": "Autre", "kind": "text", "to": "up"}
    assert sign_in(agent).post(address, given).status_code == 403
    if name != "fields":
        assert sign_in(outsider).post(address, given).status_code == 404
    assert CustomField.objects.for_team(manager.team).get().label == "Ville"


def test_names_and_choices_are_only_text(manager: Member, camille: Contact) -> None:
    field = made(manager, "<script>alert(1)</script>", "choice", '"><img src=x onerror=alert(1)>')
    client = sign_in(manager)
    for address in (
        FIELDS,
        reverse("contacts:custom-field", args=[field.pk]),
        reverse("contacts:edit", args=[camille.pk]),
        reverse("sms:contact", args=[camille.pk]),
    ):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page
        assert "<img src=x" not in page
