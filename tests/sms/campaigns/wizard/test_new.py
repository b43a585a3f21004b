"""A draft begins with a name and a purpose, perhaps with people whom somebody looked at."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts.models import ContactList, Segment
from sms.models import Campaign, CampaignLine, Line
from teams.access import Member
from teams.models import AuditEntry, Team
from tests.conftest import make_line
from tests.contacts.people.conftest import sign_in

from .browser import Browser
from .conftest import at

pytestmark = pytest.mark.django_db
NEW = reverse("sms:campaign-new")


def test_a_name_and_a_purpose_lead_to_the_audience(browser: Browser, manager: Member) -> None:
    browser.open(NEW).press("Choose who receives it", name="Devis de novembre", kind="service")
    made = Campaign.objects.get()
    assert browser.address == at(made, "audience")
    assert (made.name, made.kind, made.state, made.created_by) == (
        "Devis de novembre", "service", "draft", manager.user,
    )  # fmt: skip
    assert AuditEntry.objects.filter(action="campaign.created", actor=manager.user).exists()


def test_what_is_missing_is_said_beside_its_field(browser: Browser) -> None:
    browser.open(NEW).press("Choose who receives it", kind="appointment")
    assert browser.status == 422
    assert "Give it a name" in browser.words
    assert 'value="appointment" checked' in browser.page
    assert not Campaign.objects.exists()


@pytest.mark.parametrize("kind", ["segment", "list"])
def test_it_may_begin_with_people_somebody_looked_at(browser: Browser, team: Team, kind: str) -> None:
    named = (
        Segment.objects.create(team=team, name="Chauds", definition={"match": "all", "conditions": []})
        if kind == "segment"
        else ContactList.objects.create(team=team, name="Chauds")
    )
    browser.open(f"{NEW}?{kind}={named.pk}")
    assert "“Chauds”" in browser.words
    browser.press("Choose who receives it", name="Relance")
    assert Campaign.objects.get().audience["include"] == [{kind: named.pk}]


def test_it_may_begin_with_a_result_of_an_earlier_campaign(browser: Browser, team: Team) -> None:
    earlier = Campaign.objects.create(team=team, name="Rentrée", state="finished")
    browser.open(f"{NEW}?campaign={earlier.pk}&result=clicked")
    # What was chosen stays through a form that was refused.
    browser.press("Choose who receives it").press("Choose who receives it", name="Relance")
    made = Campaign.objects.get(name="Relance")
    assert made.audience["include"] == [{"campaign": earlier.pk, "result": "clicked"}]


@pytest.mark.parametrize(
    "query", ["segment=9", "list=x", "campaign=1&result=clicked", "campaign=1&result=sang"]
)
def test_people_whom_the_team_does_not_have_are_not_found(
    client: Client, other_team: Team, query: str
) -> None:
    Campaign.objects.create(pk=1, team=other_team, name="Of others", state="finished")
    assert client.get(f"{NEW}?{query}").status_code == 404
    assert client.post(NEW, {"name": "X", "kind": "service", **_pairs(query)}).status_code == 404


def _pairs(query: str) -> dict[str, str]:
    return dict(each.split("=") for each in query.split("&"))


def test_the_only_line_that_can_be_chosen_is_chosen(browser: Browser, team: Team) -> None:
    make_line(team, "Refused")
    able = make_line(team, "Able")
    Line.objects.filter(pk=able.pk).update(automation_accepted_at=timezone.now())
    browser.open(NEW).press("Choose who receives it", name="One")
    assert list(CampaignLine.objects.values_list("line", flat=True)) == [able.pk]
    Line.objects.update(automation_accepted_at=timezone.now())
    browser.open(NEW).press("Choose who receives it", name="Two")
    assert not CampaignLine.objects.filter(campaign__name="Two").exists()


def test_a_draft_is_renamed_where_one_is(browser: Browser, draft: Campaign) -> None:
    browser.open(at(draft, "when")).press("Rename", name="Relance de décembre")
    assert browser.address == at(draft, "when")
    assert "Relance de décembre" in browser.words
    browser.press("Rename", name=" ")
    assert browser.status == 422
    assert "Give it a name" in browser.words
    draft.refresh_from_db()
    assert draft.name == "Relance de décembre"


def test_a_draft_is_discarded_and_gone(browser: Browser, draft: Campaign) -> None:
    browser.open(at(draft, "message")).press("Discard")
    assert browser.address == reverse("sms:campaigns")
    assert "was discarded" in browser.words
    assert not Campaign.objects.exists()


def test_what_was_started_is_not_discarded(client: Client, draft: Campaign) -> None:
    Campaign.objects.update(state="running")
    answer = client.post(at(draft, "discard"))
    assert answer.headers["Location"] == reverse("sms:campaign", args=[draft.pk])
    assert Campaign.objects.exists()


def test_segments_and_lists_lead_to_a_campaign_for_managers_alone(
    browser: Browser, agent: Member, team: Team
) -> None:
    segment = Segment.objects.create(team=team, name="Chauds", definition={"match": "all", "conditions": []})
    listed = ContactList.objects.create(team=team, name="Salon")
    for page, query in (
        ("contacts:segments", f"segment={segment.pk}"),
        ("contacts:lists", f"list={listed.pk}"),
    ):
        assert f"{NEW}?{query}" in browser.open(reverse(page)).page
        assert NEW not in sign_in(agent).get(reverse(page)).content.decode()
