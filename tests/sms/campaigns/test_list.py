"""The list of campaigns: the team's, newest first, with figures that are kept on their rows."""

import pytest
from django.test import Client
from django.urls import reverse

from sms.models import Campaign, Line, Message
from teams.access import Member
from teams.models import Team
from tests.conftest import make_line
from tests.sms.campaigns.begun import HTMX, begun, browser, counted, did, rows

pytestmark = pytest.mark.django_db
LIST = reverse("sms:campaigns")


@pytest.fixture
def client(manager: Member) -> Client:
    return browser(manager)


def shown(client: Client, query: str = "") -> list[str]:
    page = client.get(f"{LIST}?{query}").context["page"]
    return [row.campaign.name for row in page.rows]


def test_newest_first_and_only_the_teams(client: Client, team: Team, other_team: Team) -> None:
    for name in ("Ancienne", "Récente"):
        Campaign.objects.create(team=team, name=name)
    Campaign.objects.create(team=other_team, name="Des voisins")
    assert shown(client) == ["Récente", "Ancienne"]


def test_narrowed_by_state(client: Client, team: Team) -> None:
    for state in Campaign.State.values:
        Campaign.objects.create(team=team, name=state, state=state)
    assert shown(client, "state=draft") == ["draft"]
    assert shown(client, "state=alive") == ["paused", "running", "scheduled"]
    assert shown(client, "state=ended") == ["cancelled", "finished"]
    assert client.get(f"{LIST}?state=nothing").status_code == 404
    assert client.get(f"{LIST}?before=x").status_code == 404


def test_every_campaign_is_on_one_page(client: Client, team: Team) -> None:
    Campaign.objects.bulk_create(Campaign(team=team, name=f"{number}") for number in range(70))
    seen: list[str] = []
    before = ""
    while True:
        page = client.get(f"{LIST}?before={before}").context["page"]
        seen += [row.campaign.name for row in page.rows]
        if page.next is None:
            break
        before = str(page.next)
    assert seen == [f"{number}" for number in reversed(range(70))]


def test_progress_and_rates_are_those_counted_last(client: Client, line: Line) -> None:
    campaign = begun(line, {"delivered": 8, "failed": 2, "planned": 10, "skipped:no_number": 3})
    for message in rows(campaign)[:2]:
        did(message, "clicked")
    counted(campaign)
    row = client.get(LIST).context["page"].rows[0]
    assert (row.done, row.planned) == (10, 20)
    assert list(row.rates) == ["100.0\u00a0%", "25.0\u00a0%", "0.0\u00a0%", "0.0\u00a0%"]
    # A page does not count: rows that change are seen when a worker has counted them.
    Message.objects.filter(campaign=campaign).delete()
    assert client.get(LIST).context["page"].rows[0].planned == 20


def test_cancelled_people_had_no_turn(client: Client, line: Line) -> None:
    begun(line, {"delivered": 1, "cancelled": 9}, state="cancelled")
    row = client.get(LIST).context["page"].rows[0]
    assert (row.done, row.planned) == (1, 10)


def test_a_draft_leads_to_its_steps_the_others_to_their_report(client: Client, team: Team) -> None:
    draft = Campaign.objects.create(team=team, name="Brouillon")
    ended = Campaign.objects.create(team=team, name="Partie", state="finished")
    page = client.get(LIST).content.decode()
    assert f'href="{reverse("sms:campaign-audience", args=[draft.pk])}"' in page
    assert f'href="{reverse("sms:campaign", args=[ended.pk])}"' in page
    assert f'href="{reverse("sms:campaign", args=[draft.pk])}"' not in page
    report = client.get(reverse("sms:campaign", args=[draft.pk]))
    assert report.headers["Location"] == reverse("sms:campaign-audience", args=[draft.pk])


def test_only_those_that_were_started_can_be_compared(client: Client, team: Team) -> None:
    draft = Campaign.objects.create(team=team, name="Brouillon")
    ended = Campaign.objects.create(team=team, name="Partie", state="finished")
    page = client.get(LIST).content.decode()
    assert f'value="{ended.pk}"' in page
    assert f'value="{draft.pk}"' not in page


def test_without_campaigns_the_next_step_is_a_new_one(client: Client) -> None:
    page = client.get(LIST).content.decode()
    assert "No campaigns yet" in page
    assert page.count(reverse("sms:campaign-new")) == 2  # in the bar, and where nothing is


def test_the_navigation_says_how_many_run(client: Client, team: Team, agent: Member) -> None:
    for state in ("running", "running", "paused", "draft"):
        Campaign.objects.create(team=team, name=state, state=state)
    assert client.get(LIST).context["running_campaigns"] == 2
    page = browser(agent).get(reverse("sms:inbox"))
    assert LIST not in page.content.decode()
    assert "running_campaigns" not in page.context


def test_a_copy_is_a_new_draft(client: Client, team: Team, line: Line) -> None:
    campaign = begun(line, {"delivered": 1}, text="Bonjour", state="finished")
    answer = client.post(reverse("sms:campaign-clone", args=[campaign.pk]))
    copy = Campaign.objects.get(copy_of=campaign)
    assert (copy.state, copy.text, list(copy.lines.all())) == ("draft", "Bonjour", [line])
    assert answer.headers["Location"] == reverse("sms:campaign-audience", args=[copy.pk])


def test_what_was_seen_already_is_not_sent_again(client: Client, team: Team) -> None:
    one = Campaign.objects.create(team=team, name="Devis", state="running")
    seen = client.get(LIST).context["seen"]
    assert client.get(LIST, {"seen": seen}, headers=HTMX).status_code == 204
    Campaign.objects.filter(pk=one.pk).update(state="paused")
    assert "Paused" in client.get(LIST, {"seen": seen}, headers=HTMX).content.decode()


def test_a_line_of_another_team_changes_nothing(client: Client, other_team: Team) -> None:
    begun(make_line(other_team), {"delivered": 1})
    assert shown(client) == []
