import pytest

from teams.access import Member
from teams.models import Team

from .world import World, build, everybody


@pytest.fixture
def world(team: Team, agent: Member, manager: Member, other_team: Team, outsider: Member) -> World:
    """The people of the team; another team has people just like them."""
    build(other_team, everybody(), {"theo": outsider.user, "ines": outsider.user})
    return build(team, everybody(), {"theo": agent.user, "ines": manager.user})
