"""Making and changing a person and their numbers."""

import pytest
from django.urls import reverse

from contacts.models import Contact, ContactPhone
from contacts.people import numbers
from teams.access import Member
from teams.models import Team

from .conftest import make_contact, sign_in

pytestmark = pytest.mark.django_db
NEW = reverse("contacts:new")


def test_a_new_person_gets_their_number_in_e164(agent: Member, team: Team) -> None:
    given = {
        "first_name": "Camille",
        "last_name": "Aubertin",
        "number": "06.39.98.42.17",
        "owner": agent.user.pk,
    }
    answer = sign_in(agent).post(NEW, given)
    contact = Contact.objects.get(team=team)
    assert answer.status_code == 302
    assert answer["Location"] == reverse("sms:contact", args=[contact.pk])
    assert [(phone.number, phone.is_primary, phone.textable) for phone in contact.phones.all()] == [
        ("+33639984217", True, True)
    ]


@pytest.mark.parametrize("typed", ["06 39 98", "INFO", "123456789012345678"])
def test_what_is_no_number_is_said_beside_the_field_and_kept(agent: Member, typed: str) -> None:
    answer = sign_in(agent).post(NEW, {"first_name": "Camille", "number": typed})
    assert answer.status_code == 422
    assert not Contact.objects.exists()
    page = answer.content.decode()
    assert "is no phone number we know" in page
    assert f'value="{typed}"' in page


@pytest.mark.parametrize("typed", ["06 39 98 42 17", "+33 6 39 98 42 17", "0033639984217"])
def test_a_number_of_somebody_else_names_and_links_them(agent: Member, camille: Contact, typed: str) -> None:
    page = sign_in(agent).post(NEW, {"first_name": "Autre", "number": typed}).content.decode()
    assert f'<a class="link-q" href="{camille.get_absolute_url()}">Camille Aubertin</a>' in page
    assert Contact.objects.count() == 1


def test_the_name_in_that_error_is_only_text(agent: Member, team: Team) -> None:
    make_contact(team, "+33639984217", first_name="<b>x</b>")
    page = sign_in(agent).post(NEW, {"first_name": "Autre", "number": "0639984217"}).content.decode()
    assert "<b>x</b>" not in page


def test_two_teams_may_know_the_same_number(outsider: Member, camille: Contact) -> None:
    assert sign_in(outsider).post(NEW, {"number": "06 39 98 42 17"}).status_code == 302
    assert Contact.objects.count() == 2


def test_nobody_at_all_is_refused(agent: Member) -> None:
    assert sign_in(agent).post(NEW, {"email": "x@exemple.example"}).status_code == 422


def test_the_owner_is_a_colleague(agent: Member, outsider: Member) -> None:
    answer = sign_in(agent).post(NEW, {"first_name": "Camille", "owner": outsider.user.pk})
    assert answer.status_code == 422


def test_fields_are_changed(agent: Member, camille: Contact) -> None:
    given = {"first_name": "Camille", "last_name": "Martin", "email": "camille@exemple.example"}
    assert sign_in(agent).post(reverse("contacts:edit", args=[camille.pk]), given).status_code == 302
    camille.refresh_from_db()
    assert (camille.name, camille.company, camille.email) == ("Camille Martin", "", "camille@exemple.example")


def test_a_refused_change_keeps_what_was_typed_and_stores_nothing(agent: Member, camille: Contact) -> None:
    answer = sign_in(agent).post(
        reverse("contacts:edit", args=[camille.pk]), {"first_name": "Zoé", "email": "nope"}
    )
    assert answer.status_code == 422
    assert 'value="Zoé"' in answer.content.decode()
    camille.refresh_from_db()
    assert camille.first_name == "Camille"


def test_another_number_is_added_and_made_primary(agent: Member, camille: Contact) -> None:
    client = sign_in(agent)
    client.post(reverse("contacts:number-add", args=[camille.pk]), {"number": "+32 470 12 34 56"})
    second = camille.phones.get(number="+32470123456")
    assert not second.is_primary
    client.post(reverse("contacts:number-primary", args=[second.pk]))
    assert camille.phones.get(is_primary=True) == second


def test_the_same_number_twice_is_said(agent: Member, camille: Contact) -> None:
    answer = sign_in(agent).post(reverse("contacts:number-add", args=[camille.pk]), {"number": "0639984217"})
    assert answer.status_code == 422
    assert "is in the list already" in answer.content.decode()


def test_the_next_number_becomes_primary_when_the_first_is_removed(team: Team) -> None:
    contact = make_contact(team, "+33639984217", "INFO", "+33639984218", first_name="Camille")
    numbers.remove(contact.phones.get(is_primary=True))
    assert contact.phones.get(is_primary=True).number == "+33639984218"


def test_the_only_trace_of_somebody_stays(agent: Member, team: Team) -> None:
    nameless = make_contact(team, "+33639984217")
    sign_in(agent).post(reverse("contacts:number-remove", args=[nameless.phones.get().pk]), follow=True)
    assert nameless.phones.count() == 1


def test_a_number_given_to_somebody_else_meanwhile_is_no_error_page(
    agent: Member, camille: Contact, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("contacts.people.forms.refuse_taken", lambda *args, **kwargs: None)
    answer = sign_in(agent).post(NEW, {"first_name": "Autre", "number": "0639984217"})
    assert answer.status_code == 422
    assert Contact.objects.count() == 1


@pytest.mark.parametrize("name", ["contacts:number-primary", "contacts:number-remove"])
def test_an_outsider_cannot_touch_a_number(outsider: Member, camille: Contact, name: str) -> None:
    phone = camille.phones.get()
    assert sign_in(outsider).post(reverse(name, args=[phone.pk])).status_code == 404
    assert ContactPhone.objects.filter(pk=phone.pk).exists()


def test_an_outsider_cannot_give_somebody_a_number(outsider: Member, camille: Contact) -> None:
    address = reverse("contacts:number-add", args=[camille.pk])
    assert sign_in(outsider).post(address, {"number": "0639984218"}).status_code == 404
