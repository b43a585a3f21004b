from collections.abc import Callable

import pytest
from django.test import Client

from contacts.models import Contact, ContactPhone
from teams.access import Member
from teams.models import Team

Maker = Callable[..., Contact]


def sign_in(member: Member) -> Client:
    client = Client()
    client.force_login(member.user, backend="teams.accounts.Backend")
    return client


def make_contact(team: Team, *numbers: str, **fields: object) -> Contact:
    """A contact whose first number is the primary one."""
    contact = Contact.objects.create(team=team, **fields)
    for place, number in enumerate(numbers):
        ContactPhone.objects.create(
            team=team, contact=contact, number=number, is_primary=place == 0, textable=number.startswith("+")
        )
    return contact


@pytest.fixture
def camille(team: Team) -> Contact:
    return make_contact(
        team, "+33639984217", first_name="Camille", last_name="Aubertin", company="Aubertin SA"
    )
