"""The team of very many people: nobody can be reached, and everything fits together."""

import json
from datetime import datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count, F, Q, QuerySet

from contacts import phones
from contacts.models import ConsentChange, Contact, ContactPhone, ContactTag, CustomField, ListMember
from crm.seed.load import LINE, Refused, fill
from sms.models import (
    Call,
    Campaign,
    CampaignCredit,
    Click,
    Conversation,
    Line,
    Message,
    Note,
    Qualification,
)
from teams.access import Member
from teams.models import Team
from tests.conftest import make_line

pytestmark = pytest.mark.django_db
EVENTS = (Message, Call, Click, Qualification, Note)
# What a campaign sent, and the clicks on it, come beside the events and stay out of the inbox.
OF_CAMPAIGNS: dict[Any, Q] = {Message: Q(campaign__isnull=False), Click: Q(message__campaign__isnull=False)}


def events(team: Team) -> dict[Any, QuerySet[Any]]:
    return {
        model: model.objects.filter(team=team).exclude(OF_CAMPAIGNS.get(model, Q(pk__in=[])))
        for model in EVENTS
    }


def count(team: Team) -> int:
    return sum(rows.count() for rows in events(team).values())


def test_makes_as_many_as_were_asked(team: Team, agent: Member) -> None:
    filled = fill(team, contacts=300, events=3_000)
    assert (filled.contacts, filled.events, filled.campaigns) == (300, 3_000, 3)
    assert Contact.objects.for_team(team).count() == 300
    assert count(team) == 3_000
    for model in (ContactTag, ListMember, CustomField, ConsentChange):
        assert model.objects.exists()
    assert Contact.objects.filter(owner=agent.user).exists()


def test_every_number_is_such_as_reaches_nobody(team: Team) -> None:
    fill(team, contacts=10_100, events=0)
    numbers = ContactPhone.objects.for_team(team)
    assert numbers.exclude(number__startswith="+3363998").count() == 0
    assert numbers.filter(textable=True).count() == 10_000
    for phone in numbers.filter(textable=True)[:100]:
        assert phones.FICTIONAL_MOBILE.fullmatch(phone.number)
    for phone in numbers.filter(textable=False):
        assert phones.normalise(phone.number) is None


def test_conversations_follow_from_the_events(team: Team, agent: Member) -> None:
    fill(team, contacts=200, events=2_000)
    newest: dict[int, datetime] = {}
    for rows in events(team).values():
        for contact, at in rows.values_list("contact", "happened_at"):
            newest[contact] = max(newest.get(contact, at), at)
    assert dict(Conversation.objects.values_list("contact", "last_at")) == newest
    assert not Conversation.objects.exclude(team_id=F("contact__team_id")).exists()


def test_campaigns_add_up_to_their_messages(team: Team) -> None:
    assert fill(team, contacts=400, events=6_000, campaigns=2).campaigns == 2
    assert count(team) == 6_000
    large, small = Campaign.objects.order_by("pk")
    assert (large.state, small.state, large.expected, small.expected) == ("finished", "paused", 200, 40)
    for each in (large, small):
        rows = Message.objects.filter(campaign=each)
        assert rows.count() == rows.values("contact").distinct().count() == each.expected
        assert sum(each.counts["states"].values()) == each.expected
        assert not rows.filter(state__in=["queued", "sending"]).exists()
    assert Message.objects.filter(campaign=small, state="planned").exists()
    assert {"clicked", "replied", "called"} <= set(large.counts["credits"])
    clicked = CampaignCredit.objects.filter(kind="clicked")
    assert set(Click.objects.filter(message__isnull=False).values_list("message", flat=True)) == set(
        clicked.values_list("message", flat=True)
    )
    for credit in CampaignCredit.objects.select_related("message"):
        assert credit.contact_id == credit.message.contact_id and credit.message.state == "delivered"


@pytest.mark.parametrize(("contacts", "messages"), [(20, 50), (10, 10), (5, 0), (7919, 100)])
def test_few_messages_leave_little_room_for_campaigns(team: Team, contacts: int, messages: int) -> None:
    filled = fill(team, contacts=contacts, events=messages, campaigns=5)
    assert count(team) == messages
    assert Message.objects.exclude(campaign=None).count() <= messages
    assert Campaign.objects.count() == filled.campaigns
    assert not Campaign.objects.filter(messages=None).exists()


def test_few_have_much(team: Team) -> None:
    fill(team, contacts=1_000, events=10_000)
    counted = Message.objects.values("contact").annotate(n=Count("pk")).order_by("-n")
    assert counted[0]["n"] > 10 * counted[len(counted) // 2]["n"]


def test_those_who_are_there_stay(team: Team) -> None:
    known = Contact.objects.create(team=team, last_name="Aubertin")
    ContactPhone.objects.create(team=team, contact=known, number="+33639980003", is_primary=True)
    fill(team, contacts=50, events=100)
    assert ContactPhone.objects.get(team=team, number="+33639980003").contact == known
    assert Contact.objects.for_team(team).count() == 51


def test_its_line_sends_nothing(team: Team) -> None:
    fill(team, contacts=10, events=10)
    line = Line.objects.get(team=team, name=LINE)
    assert (line.state, line.base_url) == (Line.State.HELD, "http://127.0.0.1:9")


def test_a_team_that_can_send_is_refused(team: Team) -> None:
    make_line(team)
    Line.objects.update(base_url="https://www.ardary-sms.com")
    with pytest.raises(Refused, match="can send"):
        fill(team, contacts=10, events=10)
    assert not Contact.objects.exists()


def test_a_team_is_filled_once(team: Team) -> None:
    fill(team, contacts=10, events=0)
    with pytest.raises(Refused, match="before"):
        fill(team, contacts=10, events=0)


@pytest.mark.parametrize(("contacts", "events"), [(0, 0), (-1, 10), (10, -1), (10**9, 0)])
def test_impossible_sizes_are_refused(team: Team, contacts: int, events: int) -> None:
    with pytest.raises(Refused):
        fill(team, contacts, events)


def test_the_command_makes_the_team_and_says_what_it_did(db: None) -> None:
    out = StringIO()
    call_command("seed_load", contacts=20, events=50, campaigns=1, team="Grand Large", json=True, stdout=out)
    told = json.loads(out.getvalue())
    assert (told["contacts"], told["events"], told["campaigns"]) == (20, 50, 1)
    assert Contact.objects.filter(team__name="Grand Large").count() == 20
    with pytest.raises(CommandError, match="before"):
        call_command("seed_load", contacts=20, events=50, team="Grand Large")
