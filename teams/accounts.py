"""How people get in: accounts are made by an admin, never by a visitor."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.http import HttpRequest

from teams.models import User

# Reserved for examples (RFC 2606): only the demo's people have such addresses, and its password is known.
DEMO_DOMAIN = ".example"


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class Backend(AuthenticationBackend):  # type: ignore[misc]
    def user_can_authenticate(self, user: User) -> bool:
        """Active accounts; those of the demo only where nobody but this machine can reach them."""
        if settings.PUBLIC_URL and user.email.endswith(DEMO_DOMAIN):
            return False
        return bool(super().user_can_authenticate(user))
