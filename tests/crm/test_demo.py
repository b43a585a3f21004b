"""What the demo shows of people: enough of everything for a first look, and nothing that real data could not be."""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db.models import Q
from django.utils import timezone

from contacts import custom
from contacts.models import (
    ConsentChange,
    Contact,
    ContactPhone,
    CustomField,
    DuplicatePair,
    FollowUp,
    Segment,
    Tag,
)
from contacts.segments import definition, find
from crm.demo.campaigning import begins
from crm.demo.campaigns import SENT
from crm.demo.load import load
from sms import merge_fields
from sms.campaigns import blockers, ready
from sms.models import Campaign, CampaignCredit, Message, MessageTemplate
from sms.sending.public_holidays import is_holiday
from teams.models import Team

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo() -> Team:
    return load("http://127.0.0.1:9").team


def test_every_segment_reads_and_finds_somebody(demo: Team) -> None:
    segments = Segment.objects.for_team(demo)
    assert {each.name for each in segments} == {
        "Chauds à relancer",
        "Sans réponse 30 j",
        "Clients à parrainer",
    }
    for each in segments:
        assert 0 < find.count(demo, definition.parse(each.definition), 1000) < Contact.objects.count()


def test_values_are_as_people_would_have_typed_them(demo: Team) -> None:
    fields = {field.key: field for field in CustomField.objects.for_team(demo)}
    assert len(fields) == 6
    for person in Contact.objects.for_team(demo):
        for key, value in person.custom.items():
            assert custom.parse(fields[key], custom.write(value)) == value


def test_consent_follows_its_ledger_and_has_its_proof(demo: Team) -> None:
    grants = ConsentChange.objects.for_team(demo).filter(kind="granted")
    assert {grant.basis for grant in grants} == {"opted_in", "customer", "professional"}
    for grant in grants.filter(basis="opted_in").select_related("contact"):
        assert grant.wording
        assert grant.proof
        assert grant.contact.consent == "opted_in"
    assert (
        not Contact.objects.for_team(demo)
        .exclude(consent="")
        .exclude(consent_changes__kind="granted")
        .exists()
    )


def test_something_is_overdue_something_to_come_and_something_done(demo: Team) -> None:
    owed = FollowUp.objects.for_team(demo)
    now = timezone.now()
    assert owed.filter(done_at=None, due_at__lt=now).count() >= 2
    assert owed.filter(done_at=None, due_at__gte=now).count() >= 5
    assert owed.filter(done_at__isnull=False).count() >= 2
    assert not owed.filter(created_at__gt=now).exists()


def test_the_table_is_full_and_two_of_them_are_one(demo: Team) -> None:
    assert Contact.objects.for_team(demo).count() >= 60
    assert Tag.objects.for_team(demo).filter(contacts__isnull=False).distinct().count() >= 6
    assert DuplicatePair.objects.for_team(demo).filter(dismissed_at=None).count() == 1


def test_campaigns_of_every_sort_and_none_that_would_send_by_itself(demo: Team) -> None:
    campaigns = {each.name: each for each in Campaign.objects.for_team(demo)}
    assert {each.state for each in campaigns.values()} == {"finished", "paused", "draft"}
    for each in campaigns.values():
        rows = Message.objects.filter(campaign=each)
        assert sum(each.counts.get("states", {}).values()) == rows.count()
        assert not rows.filter(state__in=["queued", "sending"]).exists()
        paused = each.state == "paused"
        assert rows.filter(state="planned").exists() == (each.paused_at is not None) == paused
    over = campaigns["Rentrée chaudières"]
    assert len(over.counts["states"]) >= 7
    assert set(over.counts["credits"]) == set(CampaignCredit.Kind.values)
    assert over.expected == Message.objects.filter(campaign=over).count() >= 55
    assert not ready.problems(campaigns["Entretien annuel"])
    assert blockers.counts(campaigns["Entretien annuel"]).receive


def test_what_campaigns_sent_is_what_people_would_get(demo: Team) -> None:
    left = Message.objects.filter(campaign__isnull=False).exclude(state__in=["planned", "skipped"])
    for message in left.select_related("campaign"):
        assert "{{" not in message.text and "répondez STOP" in message.text
        assert message.number.startswith("+3363998")
        assert message.campaign and message.campaign.started_at
        assert message.campaign.started_at <= message.happened_at
    for credit in CampaignCredit.objects.select_related("message"):
        assert credit.at >= credit.message.happened_at
    # The campaign itself stays out of the inbox; who answered is there.
    silent = Contact.objects.filter(messages__campaign__isnull=False, conversation=None)
    assert silent.exists()
    assert not silent.filter(Q(messages__direction="in") | Q(calls__isnull=False)).exists()


def test_campaigns_began_at_a_lawful_hour_whenever_the_demo_is_loaded() -> None:
    team, paris = Team(time_zone="Europe/Paris"), ZoneInfo("Europe/Paris")
    for hours in range(0, 24 * 400, 23):
        now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=hours)
        first, second = (begins(sent, team, now.astimezone(paris)) for sent in SENT)
        for at in (first, second):
            assert 9 <= at.hour < 19 and at.weekday() < 6 and not is_holiday(at.date(), "Europe/Paris")
        # Nothing that happened after the second is older than the first one's days of credit.
        assert first + timedelta(days=2) < second < now


def test_templates_can_be_filled_in(demo: Team) -> None:
    templates = MessageTemplate.objects.for_team(demo)
    assert templates.count() >= 3
    for each in templates:
        assert merge_fields.checked(each.text, demo).fields
        assert ("{link}" in each.text) == bool(each.url)


def test_every_number_is_of_those_kept_for_fiction(demo: Team) -> None:
    numbers = ContactPhone.objects.for_team(demo).filter(textable=True).values_list("number", flat=True)
    assert all(re.fullmatch(r"\+33(63998\d{4}|19900\d{4})", number) for number in numbers)
