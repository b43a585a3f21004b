"""The report of a campaign: figures that lead to their people, how it stands in words, and what is done with it."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from sms.models import Campaign, CampaignLine, Line, Message
from teams.access import Member
from teams.models import AuditEntry, Team
from tests.conftest import make_line
from tests.sms.campaigns.begun import HTMX, begun, browser, clicked, counted, did, rows

pytestmark = pytest.mark.django_db
CLOSED = [None, None, None, None, None, None, None]
HAPPENED = {
    "delivered": 20, "sent": 1, "submitted": 1, "failed": 2, "planned": 6, "skipped:no_consent": 4,
    "skipped:field_empty:company": 1,
}  # fmt: skip


@pytest.fixture
def client(manager: Member) -> Client:
    return browser(manager)


@pytest.fixture
def campaign(line: Line, manager: Member) -> Campaign:
    """35 people, of whom 5 were left out; of 20 with a delivery 5 clicked and 2 replied."""
    made = begun(line, HAPPENED, started_by=manager.user, rest_days=14)
    delivered = rows(made)
    for place, message in enumerate(delivered[:5]):
        did(message, "clicked", after_s=1800 + 3600 * place)
    for message in delivered[:2]:
        did(message, "replied", after_s=7300)
    return counted(made)


def report(client: Client, campaign: Campaign) -> Any:
    """What its page shows."""
    return client.get(address(campaign)).context


def address(campaign: Campaign, name: str = "campaign") -> str:
    return reverse(f"sms:{name}", args=[campaign.pk])


def notices(client: Client, campaign: Campaign) -> list[str]:
    return [notice.what for notice in report(client, campaign)["notices"]]


def change(campaign: Campaign, **values: Any) -> None:
    Campaign.objects.filter(pk=campaign.pk).update(**values)


def test_funnel(client: Client, campaign: Campaign) -> None:
    funnel = report(client, campaign)["funnel"]
    assert [(step.result, step.count, step.share.replace("\u00a0", " ")) for step in funnel.steps] == [
        ("planned", 30, ""),
        ("submitted", 22, "73.3 %"),
        ("sent", 21, "95.5 %"),
        ("delivered", 20, "90.9 %"),
        ("clicked", 5, "25.0 %"),
        ("replied", 2, "10.0 %"),
        ("called", 0, "0.0 %"),
        ("qualified", 0, "0.0 %"),
        ("opted_out", 0, "0.0 %"),
    ]
    assert funnel.everybody == 35
    assert [step.width for step in funnel.steps[:5]] == ["100.0", "73.3", "70.0", "66.7", "16.7"]


def test_each_number_opens_its_people(client: Client, campaign: Campaign) -> None:
    context = report(client, campaign)
    for step in context["funnel"].steps:
        page = client.get(step.address).context["page"]
        assert len(page.rows) == step.count, step.result
    for reason in context["reasons"]:
        assert len(client.get(reason.address).context["page"].rows) == reason.count
    for pick in context["picks"]:
        assert str(len(client.get(pick.address).context["page"].rows)) == pick.count, pick.result


def test_left_out_reason_by_reason(client: Client, campaign: Campaign) -> None:
    context = report(client, campaign)
    assert [(reason.words, reason.count) for reason in context["reasons"]] == [
        ("No consent to commercial texts", 4),
        ("Company is empty", 1),
    ]
    assert context["skipped"] == 5


def test_numbers_are_those_counted_last(client: Client, campaign: Campaign) -> None:
    Message.objects.filter(campaign=campaign, state="planned").update(state="cancelled")
    assert "6 still to send" in report(client, campaign)["says"]
    counted(campaign)
    assert "still to send" not in report(client, campaign)["says"]


def test_rates_hour_by_hour_add_up(client: Client, campaign: Campaign) -> None:
    rates = report(client, campaign)["rates"]
    clicks = [hour.values[0].count for hour in rates.hours]
    replies = [hour.values[1].count for hour in rates.hours]
    assert clicks == [0, 1, 2, 3, 4, 5]
    assert replies == [0, 0, 0, 2, 2, 2]
    assert (rates.end, rates.hours[-1].values[0].share) == (12, "25.0\u00a0%")


def test_chart_is_as_wide_as_what_happened(client: Client, campaign: Campaign) -> None:
    did(rows(campaign)[9], "clicked", after_s=30 * 3600)
    rates = report(client, counted(campaign))["rates"]
    assert (rates.end, len(rates.hours)) == (48, 32)


def test_without_a_delivery_there_is_no_chart(client: Client, line: Line) -> None:
    page = client.get(address(begun(line, {"planned": 3}))).content.decode()
    assert "No text has been delivered yet." in page
    assert "<data" not in page


def test_only_this_page_loads_the_chart(client: Client, campaign: Campaign) -> None:
    assert "src/js/chart" in client.get(address(campaign)).content.decode()
    for other in (reverse("sms:campaigns"), address(campaign, "campaign-people")):
        assert "src/js/chart" not in client.get(other).content.decode()


def test_robots_are_told_apart(client: Client, campaign: Campaign) -> None:
    clicked(rows(campaign)[7], doubtful=True)
    context = report(client, counted(campaign))
    assert context["robots"] == 1
    found = client.get(context["robots_url"]).context["page"].rows
    assert [(row.message.pk, row.clicked) for row in found] == [(rows(campaign)[7].pk, "Click by a robot")]


def test_says_who_started_it_and_what_is_left(client: Client, campaign: Campaign) -> None:
    says = report(client, campaign)["says"]
    assert says.startswith("started ")
    assert "by Inès, 6 still to send, until " in says


def test_says_how_it_ended(client: Client, line: Line) -> None:
    for state in ("finished", "cancelled"):
        ended = begun(line, {}, state=state, finished_at=timezone.now())
        assert report(client, ended)["says"].startswith(f"{state} today at")


@pytest.mark.parametrize(
    ("reason", "words", "result"),
    [
        ("failures", "too many of its last texts failed", "failed"),
        ("uncertain", "may or may not have gone out", "uncertain"),
    ],
)
def test_paused_itself(client: Client, campaign: Campaign, reason: str, words: str, result: str) -> None:
    change(campaign, state="paused", paused_at=timezone.now(), paused_reason=reason)
    (notice,) = report(client, campaign)["notices"]
    assert words in notice.what
    assert notice.address.endswith(f"?result={result}")
    assert notice.resume


def test_paused_by_a_person_nothing_is_wrong(client: Client, campaign: Campaign, manager: Member) -> None:
    change(campaign, state="paused", paused_at=timezone.now())
    (notice,) = report(client, campaign)["notices"]
    assert notice.tone == "calm" and re.fullmatch(r"Paused today at \S+\.", notice.what)
    change(campaign, paused_by=manager.user)
    (notice,) = report(client, campaign)["notices"]
    assert notice.what.endswith(" by Inès.")
    assert "until" not in report(client, campaign)["says"]


def test_its_people_are_being_planned(client: Client, campaign: Campaign) -> None:
    change(campaign, planned_at=None, expected=500)
    (notice,) = report(client, campaign)["notices"]
    assert "35 of 500" in notice.means


def test_held_line(client: Client, admin: Member, campaign: Campaign, line: Line) -> None:
    Line.objects.filter(pk=line.pk).update(state="held", held_reason="credentials", held_at=timezone.now())
    (notice,) = report(client, campaign)["notices"]
    assert "“Malik” has been on hold since" in notice.what
    assert "6 texts are waiting and none is lost." in notice.means
    # Only who may settle a line is led to it.
    assert notice.address == ""
    (notice,) = report(browser(admin), campaign)["notices"]
    assert notice.address == reverse("sms:line", args=[line.pk])


def test_gateway_out_of_reach(client: Client, campaign: Campaign, line: Line) -> None:
    until = timezone.now() + timedelta(minutes=5)
    Line.objects.filter(pk=line.pk).update(failures=5, not_before=until)
    assert "cannot be reached" in notices(client, campaign)[0]


def test_waits_for_its_hours(client: Client, campaign: Campaign) -> None:
    day = (timezone.localdate(timezone=None) + timedelta(days=2)).weekday()
    change(campaign, window=[[600, 700] if each == day else None for each in range(7)])
    assert "Outside its sending hours: it goes on" in notices(client, campaign)[0]


def test_hours_that_never_come(client: Client, campaign: Campaign) -> None:
    change(campaign, window=CLOSED)
    assert "Sending will never end" in notices(client, campaign)[0]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"day_budget": 80, "sent_today": 80}, "has reached its limit of 80 texts for today"),
        ({"month_budget": 1}, "has reached its limit of one person for this month"),
    ],
)
def test_plan_of_the_sim_is_used(
    client: Client, campaign: Campaign, line: Line, values: dict[str, int], words: str
) -> None:
    from sms.models import LineRecipient
    from sms.sending.budget import Day

    day = Day.of(line)
    Line.objects.filter(pk=line.pk).update(sent_on=day.today, **values)
    LineRecipient.objects.create(line=line, month=day.month, number="+33639980000")
    assert words in " ".join(notices(client, campaign))


def test_some_will_not_be_reached_before_it_expires(client: Client, campaign: Campaign, line: Line) -> None:
    Line.objects.filter(pk=line.pk).update(pace=1)
    change(campaign, expires_at=timezone.now() + timedelta(minutes=2, seconds=30))
    assert notices(client, campaign) == ["3 people will not be texted in time."]


def test_some_were_not_reached_in_time(client: Client, line: Line) -> None:
    ended = begun(line, {"delivered": 1, "skipped:expired": 2}, state="finished", finished_at=timezone.now())
    (notice,) = report(client, ended)["notices"]
    assert notice.what == "2 people were not texted in time."
    assert len(client.get(notice.address).context["page"].rows) == 2


def test_nothing_is_sent_again_that_was_seen(client: Client, campaign: Campaign) -> None:
    seen = report(client, campaign)["seen"]
    assert client.get(address(campaign), {"seen": seen}, headers=HTMX).status_code == 204
    did(rows(campaign)[8], "clicked")
    counted(campaign)
    parts = client.get(address(campaign), {"seen": seen}, headers=HTMX).content.decode()
    assert "<html" not in parts
    for part in ("campaign-bar", "so-far", "rates-table", "left-out", "everyone", "running", "seen"):
        assert f'id="{part}"' in parts
    assert parts.count("hx-swap-oob") == parts.count('hx-swap-oob="true"') == 8


Act = Callable[[str], int]


@pytest.fixture
def act(client: Client, campaign: Campaign) -> Act:
    return lambda name: client.post(address(campaign, f"campaign-{name}"), headers=HTMX).status_code


def test_pause_and_resume_twice_each(act: Act, campaign: Campaign) -> None:
    for _press in range(2):
        assert act("pause") == 204
    campaign.refresh_from_db()
    assert campaign.state == "paused"
    for _press in range(2):
        assert act("resume") == 204
    campaign.refresh_from_db()
    assert campaign.state == "running"
    found = AuditEntry.objects.filter(object_type="campaign").order_by("pk")
    trail = found.values_list("action", flat=True)
    assert list(trail) == ["campaign.paused", "campaign.resumed"]


def test_without_htmx_one_is_back_at_the_report(client: Client, campaign: Campaign) -> None:
    answer = client.post(address(campaign, "campaign-pause"), follow=True)
    assert answer.redirect_chain == [(address(campaign), 302)]
    assert "Paused. No more texts leave." in answer.content.decode()


def test_cancelling_asks_first(client: Client, campaign: Campaign) -> None:
    cancel = address(campaign, "campaign-cancel")
    page = client.get(cancel).content.decode()
    assert "Cancel for 6 people" in page
    campaign.refresh_from_db()
    assert campaign.state == "running"
    assert client.post(cancel).headers["Location"] == address(campaign)
    campaign.refresh_from_db()
    assert campaign.state == "cancelled"
    # There is nothing to cancel any more.
    assert client.get(cancel).headers["Location"] == address(campaign)
    client.post(cancel)
    assert AuditEntry.objects.filter(action="campaign.cancelled").count() == 1


def edit(client: Client, campaign: Campaign, text: str, url: str = "") -> Any:
    return client.post(address(campaign, "campaign-edit"), {"text": text, "url": url})


def test_remaining_message_is_changed_while_paused(client: Client, campaign: Campaign) -> None:
    change(campaign, state="paused", paused_at=timezone.now())
    answer = edit(client, campaign, "Bonjour {{ contact.first_name }}, c'est prêt.")
    assert answer.headers["Location"] == address(campaign)
    campaign.refresh_from_db()
    assert campaign.text == "Bonjour {{ contact.first_name }}, c'est prêt."
    assert campaign.required_fields == ["first_name"]
    assert AuditEntry.objects.filter(action="campaign.message_changed").count() == 1


@pytest.mark.parametrize("text", ["", "{{ contact.shoe_size }}", "{{", "{% if %}"])
def test_message_that_cannot_be_filled_in_is_refused(client: Client, campaign: Campaign, text: str) -> None:
    change(campaign, state="paused", paused_at=timezone.now())
    answer = edit(client, campaign, text)
    assert answer.status_code == 422
    assert answer.context["form"].errors["text"]
    campaign.refresh_from_db()
    assert campaign.text == "Bonjour"


def test_message_of_a_running_one_stays(client: Client, campaign: Campaign) -> None:
    assert client.get(address(campaign, "campaign-edit")).headers["Location"] == address(campaign)
    assert edit(client, campaign, "Autre chose").headers["Location"] == address(campaign)
    campaign.refresh_from_db()
    assert campaign.text == "Bonjour"


def test_resumed_meanwhile_the_message_stays(campaign: Campaign, manager: Member) -> None:
    from sms.campaigns.report.actions import change_message

    paused = Campaign.objects.select_related("team").get(pk=campaign.pk)
    assert change_message(paused, "Autre chose", "", by=manager.user) == "The campaign is no longer paused."
    campaign.refresh_from_db()
    assert campaign.text == "Bonjour"


def test_another_teams_campaign_is_not_there(client: Client, other_team: Team) -> None:
    theirs = begun(make_line(other_team), {"delivered": 1})
    for name in ("campaign", "campaign-people", "campaign-csv", "campaign-to-list", "campaign-cancel"):
        assert client.get(address(theirs, name)).status_code == 404
    for name in ("pause", "resume", "cancel", "clone", "edit"):
        assert client.post(address(theirs, f"campaign-{name}")).status_code == 404
    theirs.refresh_from_db()
    assert theirs.state == "running"


def test_a_campaign_names_itself_in_the_thread(
    client: Client, agent: Member, campaign: Campaign, line: Line
) -> None:
    message = rows(campaign)[0]
    thread = reverse("sms:thread", args=[message.contact_id])
    page = client.get(thread).content.decode()
    assert f'<a class="link-q" href="{address(campaign)}">Campaign Devis de novembre</a>' in page
    # Who may not open the report reads the name alone.
    page = browser(agent).get(thread).content.decode()
    assert "Campaign Devis de novembre" in page
    assert address(campaign) not in page


def test_several_lines_share_its_notices(client: Client, campaign: Campaign, team: Team, line: Line) -> None:
    other = make_line(team, "Inès")
    CampaignLine.objects.create(campaign=campaign, line=other)
    planned = rows(campaign, "planned")
    Message.objects.filter(pk__in=[each.pk for each in planned[:2]]).update(line=other)
    counted(campaign)
    Line.objects.filter(pk=other.pk).update(state="held", held_reason="by_hand", held_at=timezone.now())
    (notice,) = report(client, campaign)["notices"]
    assert "“Inès” has been on hold since" in notice.what
    assert "2 texts are waiting" in notice.means
