"""Who may do what. The only place where a permission is decided.

A view says `@team_view(Right.MANAGE_LINES)`; the API says the same through its token; templates read the rights
from the navigation context. `Team` is the wall before all of it: another team's object is a 404.
"""

import enum
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Concatenate, ParamSpec

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from teams.models import Membership, Role, Team, User
from teams.models.team import Visibility

P = ParamSpec("P")


class Right(enum.Enum):
    """What a role allows."""

    CONVERSE = "converse"  # the inbox, a thread, sending by hand
    EDIT_CONTACTS = "edit_contacts"  # people, their tags, lists, segments, consent and follow-ups
    IMPORT_CONTACTS = "import_contacts"
    EXPORT_CONTACTS = "export_contacts"
    MERGE_CONTACTS = "merge_contacts"
    MANAGE_FIELDS = "manage_fields"  # custom fields, and tags as a whole
    MANAGE_CAMPAIGNS = "manage_campaigns"  # campaigns, their reports, templates and the team's rules
    PROTECT_PRIVACY = "protect_privacy"  # export of one person, erasure, retention
    MANAGE_LINES = "manage_lines"  # connect, hold, resume, see callback addresses
    SEE_CALLBACKS = "see_callbacks"  # raw callbacks and their replay


_AGENT = {Right.CONVERSE, Right.EDIT_CONTACTS}
_MANAGER = _AGENT | {
    Right.IMPORT_CONTACTS,
    Right.EXPORT_CONTACTS,
    Right.MERGE_CONTACTS,
    Right.MANAGE_FIELDS,
    Right.MANAGE_CAMPAIGNS,
}
_ADMIN = _MANAGER | {Right.MANAGE_LINES, Right.SEE_CALLBACKS, Right.PROTECT_PRIVACY}
RIGHTS: dict[str, set[Right]] = {Role.AGENT: _AGENT, Role.MANAGER: _MANAGER, Role.ADMIN: _ADMIN}


@dataclass(frozen=True)
class Member:
    """A person in a team: who acts, for whom, and what they may."""

    user: User
    team: Team
    role: str

    def may(self, right: Right) -> bool:
        return right in RIGHTS[self.role]

    @property
    def sees_only_own(self) -> bool:
        """Agents, where the team is set so, see what is assigned to them or to nobody, or passes their line."""
        return self.role == Role.AGENT and self.team.agents_see == Visibility.OWN


class MemberRequest(HttpRequest):
    """A request after `teams.middleware.team_of_user`, inside `team_view`."""

    member: Member
    user: User


def member_of(user: User, team_id: int | None = None) -> Member | None:
    """The person's membership: of the given team, or of the first one they joined."""
    memberships = Membership.objects.filter(user=user).select_related("team").order_by("id")
    chosen = memberships.filter(team_id=team_id).first() if team_id else None
    chosen = chosen or memberships.first()
    return Member(user, chosen.team, chosen.role) if chosen else None


View = Callable[Concatenate[MemberRequest, P], HttpResponseBase]


def team_view(right: Right) -> Callable[[View[P]], Callable[Concatenate[HttpRequest, P], HttpResponseBase]]:
    """Lets signed-in members with `right` pass; others get the sign-in page or a 403."""

    def decorate(view: View[P]) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @login_required
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            member = getattr(request, "member", None)
            if member is None or not member.may(right):
                raise PermissionDenied
            return view(request, *args, **kwargs)  # type: ignore[arg-type]

        guarded.right = right  # type: ignore[attr-defined]
        return guarded

    return decorate
