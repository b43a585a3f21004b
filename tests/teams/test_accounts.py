"""Who gets in with which password."""

import pytest
from django.conf import LazySettings
from django.test import Client

from teams.access import Member
from teams.accounts import DEMO_PASSWORD
from teams.models import User
from tests.conftest import PASSWORD

pytestmark = pytest.mark.django_db


@pytest.fixture
def user(admin: Member) -> User:
    return admin.user


def signs_in(client: Client, user: User, password: str) -> bool:
    client.post("/accounts/login/", {"login": user.email, "password": password})
    return client.get("/inbox/").status_code == 200


def test_demo_password_is_refused_where_others_can_reach_us(
    user: User, client: Client, settings: LazySettings
) -> None:
    user.set_password(DEMO_PASSWORD)
    user.save()
    settings.PUBLIC_URL = "https://ligne.example.com"
    page = client.post("/accounts/login/", {"login": user.email, "password": DEMO_PASSWORD})
    assert page.status_code == 200  # the form again, saying that these don't match
    assert client.get("/inbox/").status_code == 302
    settings.PUBLIC_URL = ""
    assert signs_in(client, user, DEMO_PASSWORD)


def test_password_of_ones_own_gets_in_whatever_the_address(
    user: User, client: Client, settings: LazySettings
) -> None:
    settings.PUBLIC_URL = "https://ligne.example.com"
    assert signs_in(client, user, PASSWORD)
