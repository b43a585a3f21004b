"""What is known of a person is changed on one form or where it stands; two who change it lose nothing."""

import html
import json
import re

import pytest
from django.urls import reverse

from contacts.custom_fields import keeping
from contacts.models import Contact, CustomField
from contacts.people import near
from teams.access import Member
from teams.models import Team

from .conftest import make_contact, sign_in

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
NEW = reverse("contacts:new")


@pytest.fixture(autouse=True)
def fields(team: Team, manager: Member) -> dict[str, CustomField]:
    kinds = {
        "Ville": ("text", ()),
        "Budget": ("number", ()),
        "Visite": ("date", ()),
        "Propriétaire": ("yes_no", ()),
        "Projet": ("choice", ("Poêle", "Pompe à chaleur")),
    }
    return {
        label: keeping.add(team, label=label, kind=kind, choices=choices, by=manager.user)
        for label, (kind, choices) in kinds.items()
    }


def edit(contact: Contact) -> str:
    return reverse("contacts:edit", args=[contact.pk])


def field(contact: Contact, key: str) -> str:
    return reverse("contacts:field", args=[contact.pk, key])


def opened(member: Member, contact: Contact) -> dict[str, str]:
    """What a browser would post after opening the form and touching nothing."""
    page = sign_in(member).get(edit(contact)).content.decode()
    page = page[page.index('<form class="form"') : page.index("numbers-title")]
    given = {
        name: html.unescape(value)
        for name, value in re.findall(r'<input[^>]*name="([\w.]+)"[^>]*?value="([^"]*)"', page)
    }
    was = re.search(r'name="was" value="([^"]*)"', page)
    assert was
    return (
        given
        | {"was": html.unescape(was[1])}
        | {name: value for name, value in json.loads(html.unescape(was[1])).items() if name not in given}
    )


def test_each_kind_has_its_control_and_keeps_its_value(agent: Member, camille: Contact) -> None:
    given = opened(agent, camille) | {
        "custom.ville": "Saint-Brieuc", "custom.budget": "12 900,50 €", "custom.visite": "2026-11-26",
        "custom.proprietaire": "yes", "custom.projet": "Pompe à chaleur", "tags": "salon, aides",
        "address": "12 rue du Port", "language": "fr",
    }  # fmt: skip
    assert sign_in(agent).post(edit(camille), given).status_code == 302
    camille.refresh_from_db()
    assert camille.custom == {
        "ville": "Saint-Brieuc", "budget": 12900.5, "visite": "2026-11-26", "proprietaire": True,
        "projet": "Pompe à chaleur",
    }  # fmt: skip
    assert (camille.address, camille.language) == ("12 rue du Port", "fr")
    assert sorted(camille.tags.values_list("name", flat=True)) == ["aides", "salon"]
    page = sign_in(agent).get(edit(camille)).content.decode()
    assert 'type="date"' in page
    assert 'inputmode="decimal"' in page


def test_sending_the_form_untouched_changes_nothing(agent: Member, camille: Contact) -> None:
    camille.custom = {"ville": "Binic", "budget": 3.5, "proprietaire": False, "elsewhere": "kept"}
    camille.save()
    assert sign_in(agent).post(edit(camille), opened(agent, camille)).status_code == 302
    before = camille.custom
    camille.refresh_from_db()
    assert camille.custom == before


def test_an_emptied_field_is_not_stored(agent: Member, camille: Contact) -> None:
    camille.custom = {"ville": "Binic", "budget": 3}
    camille.save()
    sign_in(agent).post(edit(camille), opened(agent, camille) | {"custom.ville": " "})
    camille.refresh_from_db()
    assert camille.custom == {"budget": 3}


@pytest.mark.parametrize(
    ("key", "typed"),
    [
        ("custom.budget", "1,234"),
        ("custom.budget", "beaucoup"),
        ("custom.visite", "31/02/2026"),
        ("custom.projet", "Autre chose"),
        ("custom.proprietaire", "peut-être"),
        ("email", "nobody"),
        ("language", "xx"),
        ("custom.ville", "x" * 1001),
    ],
)
def test_what_cannot_be_kept_is_refused_beside_its_field(
    agent: Member, camille: Contact, key: str, typed: str
) -> None:
    given = opened(agent, camille) | {key: typed, "first_name": "Camilla"}
    for answer in (
        sign_in(agent).post(edit(camille), given),
        sign_in(agent).post(
            field(camille, key) if key in ("email", "language") or "." in key else edit(camille),
            given,
            headers=HTMX,
        ),
    ):
        page = answer.content.decode()
        assert answer.status_code == 422
        assert f'id="id_{key}_error"' in page
    camille.refresh_from_db()
    assert camille.first_name == "Camille"


def test_a_choice_that_is_gone_may_stay(
    agent: Member, camille: Contact, fields: dict[str, CustomField]
) -> None:
    camille.custom = {"projet": "Chaudière"}
    camille.save()
    assert sign_in(agent).post(edit(camille), opened(agent, camille)).status_code == 302
    camille.refresh_from_db()
    assert camille.custom == {"projet": "Chaudière"}


def test_a_field_is_changed_where_it_stands(agent: Member, camille: Contact) -> None:
    client = sign_in(agent)
    form = client.get(field(camille, "email"), headers=HTMX).content.decode()
    assert "<html" not in form
    assert 'name="email"' in form
    row = client.post(
        field(camille, "email"), {"email": "camille@courriel.example"}, headers=HTMX
    ).content.decode()
    assert "camille@courriel.example" in row
    assert "<form" not in row
    camille.refresh_from_db()
    assert (camille.email, camille.last_name) == ("camille@courriel.example", "Aubertin")


def test_one_field_changes_no_other(agent: Member, camille: Contact) -> None:
    camille.custom = {"ville": "Binic"}
    camille.save()
    given = {"custom.budget": "12", "email": "x@y.example", "custom.ville": "Pordic"}
    sign_in(agent).post(field(camille, "custom.budget"), given, headers=HTMX)
    camille.refresh_from_db()
    assert (camille.custom, camille.email) == ({"ville": "Binic", "budget": 12}, "")


def test_without_javascript_the_form_of_all_fields_serves(agent: Member, camille: Contact) -> None:
    answer = sign_in(agent).get(field(camille, "email"))
    assert answer.headers["Location"] == f"{edit(camille)}#id_email"


@pytest.mark.parametrize(
    "key", ["custom.nothing", "team", "opted_out_at", "tags", "pk", "custom.", "first_name"]
)
def test_what_is_no_field_is_not_there(agent: Member, camille: Contact, key: str) -> None:
    client = sign_in(agent)
    assert client.get(field(camille, key), headers=HTMX).status_code == 404
    assert client.post(field(camille, key), {key: "x"}, headers=HTMX).status_code == 404


def test_an_outsider_changes_no_field(outsider: Member, camille: Contact) -> None:
    assert sign_in(outsider).post(field(camille, "email"), {"email": "x@y.example"}).status_code == 404
    assert sign_in(outsider).get(field(camille, "email"), headers=HTMX).status_code == 404


def test_another_teams_field_is_none_of_ours(outsider: Member, other_team: Team) -> None:
    theirs = make_contact(other_team, first_name="B")
    assert sign_in(outsider).get(field(theirs, "custom.ville"), headers=HTMX).status_code == 404


def test_the_second_of_two_is_told_what_changed_and_keeps_their_words(
    agent: Member, manager: Member, camille: Contact
) -> None:
    first, second = opened(agent, camille), opened(manager, camille)
    sign_in(agent).post(edit(camille), first | {"company": "Aubertin et Fille"})
    answer = sign_in(manager).post(edit(camille), second | {"company": "Aubertin & Co"})
    page = html.unescape(answer.content.decode())
    assert answer.status_code == 422
    assert "changed this to “Aubertin et Fille” meanwhile" in page
    assert 'value="Aubertin & Co"' in page
    camille.refresh_from_db()
    assert camille.company == "Aubertin et Fille"
    # Having seen it, they decide.
    was = re.search(r'name="was" value="([^"]*)"', answer.content.decode())
    assert was
    again = second | {"company": "Aubertin & Co", "was": html.unescape(was[1])}
    assert sign_in(manager).post(edit(camille), again).status_code == 302
    camille.refresh_from_db()
    assert camille.company == "Aubertin & Co"


def test_two_who_change_different_fields_both_get_their_way(
    agent: Member, manager: Member, camille: Contact
) -> None:
    first, second = opened(agent, camille), opened(manager, camille)
    sign_in(agent).post(
        edit(camille), first | {"company": "Aubertin et Fille", "custom.ville": "Binic", "tags": "a"}
    )
    answer = sign_in(manager).post(edit(camille), second | {"email": "camille@courriel.example"})
    assert answer.status_code == 302
    camille.refresh_from_db()
    assert (camille.company, camille.email) == ("Aubertin et Fille", "camille@courriel.example")
    assert camille.custom == {"ville": "Binic"}
    assert [tag.name for tag in camille.tags.all()] == ["a"]


def test_two_who_write_the_same_agree(agent: Member, manager: Member, camille: Contact) -> None:
    first, second = opened(agent, camille), opened(manager, camille)
    sign_in(agent).post(edit(camille), first | {"company": "Bréhat"})
    assert sign_in(manager).post(edit(camille), second | {"company": "Bréhat"}).status_code == 302


def test_one_field_that_two_change_is_refused_once(agent: Member, camille: Contact) -> None:
    client = sign_in(agent)
    form = client.get(field(camille, "custom.ville"), headers=HTMX).content.decode()
    was = re.search(r'name="was" value="([^"]*)"', form)
    assert was
    given = {"custom.ville": "Pordic", "was": html.unescape(was[1])}
    Contact.objects.filter(pk=camille.pk).update(custom={"ville": "Binic"})
    answer = client.post(field(camille, "custom.ville"), given, headers=HTMX)
    assert answer.status_code == 422
    assert "“Binic”" in answer.content.decode()
    was = re.search(r'name="was" value="([^"]*)"', answer.content.decode())
    assert was
    given["was"] = html.unescape(was[1])
    assert client.post(field(camille, "custom.ville"), given, headers=HTMX).status_code == 200
    camille.refresh_from_db()
    assert camille.custom == {"ville": "Pordic"}


@pytest.mark.parametrize("was", ["", "x", "[]", "{", "[" * 5000, '{"nothing": "x"}'])
def test_a_made_up_memory_of_the_form_is_no_error(agent: Member, camille: Contact, was: str) -> None:
    given = {"first_name": "Camille", "company": "Bréhat", "was": was}
    assert sign_in(agent).post(edit(camille), given).status_code == 302


def test_whoever_looks_alike_is_named_and_nothing_is_refused(agent: Member, camille: Contact) -> None:
    answer = sign_in(agent).post(
        NEW, {"first_name": "camille", "last_name": "AUBERTIN", "number": "0639984218"}, follow=True
    )
    assert Contact.objects.count() == 2
    page = answer.content.decode()
    assert "There is another" in page
    assert camille.get_absolute_url() in page


def test_whoever_looks_alike_is_named_while_one_types(
    agent: Member, camille: Contact, outsider: Member
) -> None:
    address = reverse("contacts:alike")
    given = {"first_name": "Camille", "last_name": "aubertin"}
    assert "Aubertin SA" in sign_in(agent).get(address, given, headers=HTMX).content.decode()
    assert "Aubertin SA" not in sign_in(outsider).get(address, given, headers=HTMX).content.decode()


def test_the_same_mail_is_alike_and_a_first_name_is_not(team: Team, camille: Contact) -> None:
    camille.email = "Camille@Courriel.example"
    camille.save()
    assert near.alike(team, first_name="", last_name="", email="camille@courriel.EXAMPLE") == [camille]
    assert near.alike(team, first_name="Camille", last_name="", email="") == []
    assert near.alike(team, first_name="Camille", last_name="Aubert", email="") == []
    assert near.alike(team, first_name="Camille", last_name="Aubertin", email="", but=camille.pk) == []


def test_a_new_person_has_fields_and_tags_at_once(agent: Member, team: Team) -> None:
    given = {"first_name": "Sofia", "custom.ville": "Lamballe", "tags": "salon", "language": "fr"}
    assert sign_in(agent).post(NEW, given).status_code == 302
    sofia = Contact.objects.get()
    assert (sofia.team, sofia.custom, sofia.language) == (team, {"ville": "Lamballe"}, "fr")
    assert [tag.name for tag in sofia.tags.all()] == ["salon"]


def test_the_fields_of_another_team_are_not_offered(outsider: Member) -> None:
    assert "Propriétaire" not in sign_in(outsider).get(NEW).content.decode()
