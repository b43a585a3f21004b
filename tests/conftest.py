"""What every test may ask for: teams, people, lines."""

import os
from collections.abc import Iterator

import hypothesis
import pytest
from django.test import Client

from contacts.people import resolve
from sms.lines.connect import NewLine, connect
from sms.models import Line
from teams.access import Member
from teams.models import Membership, Role, Team, User

# The browser tests drive the ORM beside a running event loop (pytest-django's live server and Playwright).
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")

# A busy machine is no failure: how long an example takes is nobody's business here.
hypothesis.settings.register_profile("ligne", deadline=None)
hypothesis.settings.load_profile("ligne")

# What starts the product's own processes, and waits for them, takes longest.
SLOWEST = ("tests/browser/", "tests/faults/", "tests/run/")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Of several processes that share the tests none is left with something long at the end."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: not item.nodeid.startswith(SLOWEST))


PASSWORD = "correct horse battery"


def make_member(team: Team, email: str, role: str = Role.AGENT, name: str = "") -> Member:
    user = User.objects.create_user(email, PASSWORD, full_name=name)
    Membership.objects.create(team=team, user=user, role=role)
    return Member(user, team, role)


def make_line(team: Team, name: str = "Malik", **given: object) -> Line:
    values = {
        "login": "user@example.com",
        "access_key": "sandbox",
        "base_url": "http://127.0.0.1:9",
        "pace": 0,
        **given,
    }
    return connect(team, NewLine(name=name, **values), by=None)  # type: ignore[arg-type]


def contact_of(team: Team, number: str) -> int:
    """The id of the contact with this number, made when it is new."""
    return resolve.find_or_add([(team.pk, number)])[team.pk, number].contact_id


@pytest.fixture
def team(db: None) -> Team:
    return Team.objects.create(name="Atelier Bréhat")


@pytest.fixture
def other_team(db: None) -> Team:
    return Team.objects.create(name="Les Voisins")


@pytest.fixture
def admin(team: Team) -> Member:
    return make_member(team, "malik@brehat.example", Role.ADMIN, "Malik Oumar")


@pytest.fixture
def manager(team: Team) -> Member:
    return make_member(team, "ines@brehat.example", Role.MANAGER, "Inès Marchal")


@pytest.fixture
def agent(team: Team) -> Member:
    return make_member(team, "theo@brehat.example", Role.AGENT, "Théo Vasseur")


@pytest.fixture
def outsider(other_team: Team) -> Member:
    return make_member(other_team, "lea@voisins.example", Role.ADMIN, "Léa Voisin")


@pytest.fixture
def line(team: Team) -> Line:
    return make_line(team)


@pytest.fixture
def signed_in(client: Client, agent: Member) -> Iterator[Client]:
    client.force_login(agent.user, backend="teams.accounts.Backend")
    yield client
