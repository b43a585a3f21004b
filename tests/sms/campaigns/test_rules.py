"""The team's rules for campaigns: what a manager may fix, what the law fixes, and that it counts at once."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sms.models import Campaign, CampaignLine, Line
from teams.access import Member
from teams.models import AuditEntry, Role, Team
from tests.conftest import make_line, make_member

pytestmark = pytest.mark.django_db
RULES = reverse("sms:campaign-rules")


@pytest.fixture
def manager(team: Team) -> Member:
    return make_member(team, "ines@brehat.example", Role.MANAGER, "Inès Marchal")


@pytest.fixture
def client(manager: Member) -> Client:
    signed_in = Client()
    signed_in.force_login(manager.user, backend="teams.accounts.Backend")
    return signed_in


def given(**changes: object) -> dict[str, object]:
    return {"sender_name": "", "stop_mention": "", "commercial_window": "", "pause_percent": 20, **changes}


def hours(**days: tuple[str, str]) -> dict[str, object]:
    fields: dict[str, object] = {"commercial_window": "chosen"}
    for name, (begin, end) in days.items():
        day = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"].index(name)
        fields |= {
            f"commercial_window-{day}": "on",
            f"commercial_window-{day}-from": begin,
            f"commercial_window-{day}-to": end,
        }
    return fields


def test_rules_are_stored_and_recorded(client: Client, team: Team, manager: Member) -> None:
    answer = client.post(
        RULES,
        given(
            sender_name=" Bréhat  Énergie ",
            stop_mention="STOP au 36180",
            pause_percent=35,
            **hours(mon=("09:00", "18:00"), sat=("10:00", "12:00")),
        ),
    )
    assert answer.status_code == 302
    team.refresh_from_db()
    assert (team.sender_name, team.stop_mention, team.pause_percent) == (
        "Bréhat Énergie",
        "STOP au 36180",
        35,
    )
    assert team.commercial_window == [[540, 1080], None, None, None, None, [600, 720], None]
    entry = AuditEntry.objects.get(action="team.campaign_rules_changed")
    assert (entry.actor, entry.object_id) == (manager.user, str(team.pk))
    assert entry.detail["pause_percent"] == 35
    shown = client.get(RULES).content.decode()
    assert "Bréhat Énergie. STOP au 36180" in shown


def test_what_is_said_of_the_law_stands_on_the_page(client: Client) -> None:
    shown = client.get(RULES).content.decode()
    assert "never between 22:00 and 08:00, on a Sunday or on a public holiday" in shown
    assert "Atelier Bréhat. Pour ne plus en recevoir, répondez STOP." in shown


@pytest.mark.parametrize(
    ("days", "field", "says"),
    [
        ({"tue": ("07:00", "20:00")}, "id_commercial_window-1", "from 08:00 to 22:00 only"),
        ({"fri": ("08:00", "23:00")}, "id_commercial_window-4", "from 08:00 to 22:00 only"),
        ({"sun": ("10:00", "12:00")}, "id_commercial_window-6", "on a Sunday"),
        ({}, "id_commercial_window", "Open at least one day"),
    ],
)
def test_hours_outside_the_law_are_refused_beside_their_field(
    client: Client, team: Team, days: dict[str, tuple[str, str]], field: str, says: str
) -> None:
    answer = client.post(RULES, given(**hours(**days)))
    assert answer.status_code == 422
    wrong = re.search(rf'id="{field}_error">([^<]*)<', answer.content.decode())
    assert wrong
    assert says in wrong[1]
    team.refresh_from_db()
    assert team.commercial_window is None
    assert not AuditEntry.objects.filter(action="team.campaign_rules_changed").exists()


@pytest.mark.parametrize(
    ("field", "typed", "says"),
    [
        ("pause_percent", "0", "from 1 to 100"),
        ("pause_percent", "101", "from 1 to 100"),
        ("pause_percent", "", "from 1 to 100"),
        ("pause_percent", "many", "from 1 to 100"),
        ("stop_mention", "Merci de votre confiance", "Say in a sentence which word opts out"),
        ("stop_mention", "Stop aux textos !", "Words that opt out: ARRET"),
    ],
)
def test_what_does_not_fit_is_said_beside_its_field(
    client: Client, field: str, typed: str, says: str
) -> None:
    answer = client.post(RULES, given(**{field: typed}))
    assert answer.status_code == 422
    wrong = re.search(rf'id="id_{field}_error">([^<]*)<', answer.content.decode())
    assert wrong
    assert says in wrong[1]


def test_a_teams_own_stop_word_may_be_named(client: Client, team: Team) -> None:
    Team.objects.filter(pk=team.pk).update(stop_words=["plus rien"])
    assert client.post(RULES, given(stop_mention="Répondez PLUS RIEN")).status_code == 302


def test_campaigns_under_way_keep_to_new_rules_at_once(
    client: Client, team: Team, other_team: Team, line: Line
) -> None:
    later = timezone.now() + timedelta(minutes=5)
    theirs = make_line(other_team, "Theirs")
    for of, through in ((team, line), (other_team, theirs)):
        campaign = Campaign.objects.create(team=of, name="Portes ouvertes", state="running")
        CampaignLine.objects.create(campaign=campaign, line=through, not_before=later)
    # The same values change nothing.
    client.post(RULES, given())
    assert CampaignLine.objects.get(line=line).not_before == later
    assert not AuditEntry.objects.filter(action="team.campaign_rules_changed").exists()
    client.post(RULES, given(**hours(mon=("09:00", "18:00"))))
    assert CampaignLine.objects.get(line=line).not_before is None
    assert CampaignLine.objects.get(line=theirs).not_before == later


def test_agents_have_no_business_here(team: Team) -> None:
    agent = make_member(team, "theo@brehat.example", Role.AGENT)
    client = Client()
    client.force_login(agent.user, backend="teams.accounts.Backend")
    assert client.get(RULES).status_code == 403
    assert client.post(RULES, given(pause_percent=99)).status_code == 403
    team.refresh_from_db()
    assert team.pause_percent == 20


def test_a_letter_that_costs_twice_is_named(client: Client, team: Team) -> None:
    assert "raises the cost" not in client.get(RULES).content.decode()
    Team.objects.filter(pk=team.pk).update(sender_name="Forêt")
    assert "“ê” raises the cost" in client.get(RULES).content.decode()
