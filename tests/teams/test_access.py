"""The rules of teams/access.py: who may do what, and what a view refuses."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.test import RequestFactory

from teams.access import RIGHTS, Member, MemberRequest, Right, member_of, team_view
from teams.models import Membership, Role, Team, User
from teams.models.team import Visibility
from tests.conftest import make_member


@team_view(Right.MANAGE_LINES)
def for_admins(request: MemberRequest) -> HttpResponse:
    return HttpResponse(request.member.team.name)


def ask(user: object, member: Member | None) -> HttpResponse:
    request = RequestFactory().get("/")
    request.user = user  # type: ignore[assignment]
    request.member = member  # type: ignore[attr-defined]
    return for_admins(request)  # type: ignore[return-value]


def test_every_role_has_rights_and_each_next_one_has_no_fewer() -> None:
    assert set(RIGHTS) == set(Role.values)
    assert RIGHTS[Role.AGENT] <= RIGHTS[Role.MANAGER] <= RIGHTS[Role.ADMIN] == set(Right)


def test_lines_and_callbacks_are_an_admins_alone() -> None:
    for right in (Right.MANAGE_LINES, Right.SEE_CALLBACKS):
        assert [role for role in RIGHTS if right in RIGHTS[role]] == [Role.ADMIN]


@pytest.mark.django_db
def test_a_visitor_is_sent_to_sign_in() -> None:
    answer = ask(AnonymousUser(), None)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/accounts/login/")


@pytest.mark.django_db
def test_a_person_without_a_team_is_refused() -> None:
    with pytest.raises(PermissionDenied):
        ask(User.objects.create_user("nobody@example.com"), None)


def test_a_role_without_the_right_is_refused(agent: Member, manager: Member) -> None:
    for member in (agent, manager):
        with pytest.raises(PermissionDenied):
            ask(member.user, member)


def test_a_role_with_the_right_passes(admin: Member) -> None:
    assert ask(admin.user, admin).content.decode() == "Atelier Bréhat"


def test_staff_of_the_installation_get_no_right_in_a_team(team: Team) -> None:
    member = make_member(team, "staff@example.com", Role.AGENT)
    member.user.is_staff = member.user.is_superuser = True
    assert not member.may(Right.MANAGE_LINES)


def test_who_joined_two_teams_acts_in_the_one_they_chose(agent: Member, other_team: Team) -> None:
    Membership.objects.create(team=other_team, user=agent.user, role=Role.ADMIN)
    first, chosen = member_of(agent.user), member_of(agent.user, other_team.pk)
    assert first
    assert chosen
    assert (first.team, first.role) == (agent.team, Role.AGENT)
    assert (chosen.team, chosen.role) == (other_team, Role.ADMIN)


def test_a_team_that_is_not_ones_own_cannot_be_chosen(agent: Member, other_team: Team) -> None:
    member = member_of(agent.user, other_team.pk)
    assert member
    assert member.team == agent.team


def test_agents_alone_are_kept_to_their_own_where_the_team_says_so(team: Team) -> None:
    team.agents_see = Visibility.OWN
    seen = {role: Member(User(), team, role).sees_only_own for role in Role.values}
    assert seen == {Role.AGENT: True, Role.MANAGER: False, Role.ADMIN: False}
