"""How people get in: accounts are made by an admin, never by a visitor."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.http import HttpRequest

from teams.models import User

# The demo's people have it, and everyone who reads this knows it.
DEMO_PASSWORD = "brehat-demo"  # noqa: S105 - printed at the start, for a database on one's own machine


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class Backend(AuthenticationBackend):  # type: ignore[misc]
    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> User | None:
        """Who has these credentials; the demo's password only where nobody but this machine can reach us."""
        if settings.PUBLIC_URL and credentials.get("password") == DEMO_PASSWORD:
            return None
        user: User | None = super().authenticate(request, **credentials)
        return user
