"""Who calls: a bearer token stands for a person in a team, with the rights of their role there."""

from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from crm.api.errors import ApiError
from teams.access import Member, Right
from teams.models import ApiToken, Membership

TOUCH_EVERY = timedelta(minutes=1)


@dataclass(frozen=True)
class Caller:
    """The token and the member it acts as."""

    member: Member
    token: ApiToken


class ApiRequest(HttpRequest):
    """A request after `Bearer` let it pass."""

    auth: Caller


class Bearer(HttpBearer):
    """`Authorization: Bearer lgn_…`. A revoked token, or one whose person left the team, is no token."""

    def authenticate(self, request: HttpRequest, token: str) -> Caller | None:
        found = ApiToken.find(token.strip())
        if found is None:
            return None
        membership = Membership.objects.filter(user=found.user, team=found.team).first()
        if membership is None:
            return None
        if found.last_used_at is None or found.last_used_at < timezone.now() - TOUCH_EVERY:
            found.touch()
        return Caller(Member(found.user, found.team, membership.role), found)


def caller(request: HttpRequest, right: Right) -> Member:
    """The member who calls; 403 without `right`."""
    member: Member = request.auth.member  # type: ignore[attr-defined]
    if not member.may(right):
        raise ApiError(403, "forbidden", f"This token's role ({member.role}) does not allow that.")
    return member
