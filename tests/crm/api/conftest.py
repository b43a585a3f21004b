"""Two teams with a person of each role and their tokens, and a client that speaks for one of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client

from sms.lines.connect import NewLine, connect
from sms.models import Line
from teams import wake
from teams.models import ApiToken, Membership, Team, User


@dataclass
class Api:
    """A program with a token."""

    token: str
    team: Team
    user: User

    def _client(self) -> Client:
        return Client(headers={"authorization": f"Bearer {self.token}"})

    def get(self, path: str, **query: Any) -> Any:
        return self._client().get(f"/api/v1/{path}", query)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self._client().post(
            f"/api/v1/{path}", body, content_type="application/json", headers=headers or None
        )

    def raw(self, path: str, body: bytes) -> Any:
        return self._client().post(f"/api/v1/{path}", body, content_type="application/json")

    def patch(self, path: str, body: Any) -> Any:
        return self._client().patch(f"/api/v1/{path}", body, content_type="application/json")

    def put(self, path: str, body: Any, **query: Any) -> Any:
        address = f"/api/v1/{path}" + (f"?{urlencode(query)}" if query else "")
        return self._client().put(address, body, content_type="application/json")

    def delete(self, path: str) -> Any:
        return self._client().delete(f"/api/v1/{path}")


ApiOf = Callable[[Team, str], Api]


@pytest.fixture(autouse=True)
def woken(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, tuple[int, ...]]]:
    """What would have been told to the broker."""
    calls: list[tuple[str, tuple[int, ...]]] = []
    monkeypatch.setattr(wake, "now", lambda task, *args: calls.append((task, args)))
    return calls


@pytest.fixture
def join() -> Callable[[Team, str], Api]:
    """Makes a member of a team and a token for them."""

    def make(team: Team, role: str) -> Api:
        user = User.objects.create_user(f"{role}.{team.pk}@brehat.example", "x", full_name=role.title())
        Membership.objects.create(team=team, user=user, role=role)
        return Api(ApiToken.issue(team=team, user=user, name="test")[1], team, user)

    return make


@pytest.fixture
def team(db: None) -> Team:
    return Team.objects.create(name="Atelier Bréhat")


@pytest.fixture
def admin(team: Team, join: Callable[[Team, str], Api]) -> Api:
    return join(team, "admin")


@pytest.fixture
def agent(team: Team, join: Callable[[Team, str], Api]) -> Api:
    return join(team, "agent")


@pytest.fixture
def outsider(db: None, join: Callable[[Team, str], Api]) -> Api:
    """An admin of another team."""
    return join(Team.objects.create(name="Autre"), "admin")


@pytest.fixture
def line(team: Team) -> Line:
    return connect(
        team,
        NewLine(
            name="Malik",
            login="malik",
            access_key="secret key",
            base_url="http://127.0.0.1:9",
            number="+33639980001",
            pace=0,
        ),
        by=None,
    )
