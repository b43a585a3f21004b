"""Campaigns that were started, with rows as the planner, the sender and the callbacks leave them."""

from collections.abc import Mapping
from datetime import timedelta

from django.test import Client
from django.utils import timezone

from sms.campaigns import counts
from sms.models import Campaign, CampaignCredit, CampaignLine, Click, Line, Message
from sms.models.message import new_id_sms_api
from teams.access import Member
from tests.sms.campaigns.conftest import make_people, number_of

State = Message.State
HTMX = {"HX-Request": "true"}
LEFT = ("submitted", "sent", "delivered")


def browser(member: Member) -> Client:
    client = Client()
    client.force_login(member.user, backend="teams.accounts.Backend")
    return client


def begun(line: Line, rows: Mapping[str, int], *, begin: int = 0, **given: object) -> Campaign:
    """`rows`: how many of each state, "skipped:no_consent" with its reason. Its figures are counted."""
    now = timezone.now()
    values: dict[str, object] = {
        "name": "Devis de novembre", "state": "running", "text": "Bonjour", "started_at": now - timedelta(hours=3),
        "planned_at": now - timedelta(hours=3), "expected": sum(rows.values()), "zones": [line.team.time_zone],
        "kind": "service", **given,
    }  # fmt: skip
    campaign = Campaign.objects.create(team=line.team, **values)
    CampaignLine.objects.create(campaign=campaign, line=line)
    people = make_people(line.team, sum(rows.values()), begin=begin)
    kinds = [kind for kind, count in rows.items() for _each in range(count)]
    Message.objects.bulk_create(
        _row(campaign, line, contact, number_of(begin + place), kind)
        for place, (contact, kind) in enumerate(zip(people, kinds, strict=True))
    )
    counted(campaign)
    return campaign


def _row(campaign: Campaign, line: Line, contact: int, number: str, kind: str) -> Message:
    state, _colon, reason = kind.partition(":")
    at = timezone.now() - timedelta(hours=2)
    return Message(
        team=line.team, line=line, campaign=campaign, contact_id=contact, number=number, direction="out",
        zone=line.team.time_zone, text="Bonjour" if state in LEFT else "", state=state, state_reason=reason,
        id_sms_api=new_id_sms_api(), lane=2, happened_at=at, received_at=at,
        submitted_at=at if state in LEFT else None, delivered_at=at if state == State.DELIVERED else None,
    )  # fmt: skip


def counted(campaign: Campaign) -> Campaign:
    """As a worker does when somebody looks."""
    counts.refresh(campaign.pk)
    campaign.refresh_from_db()
    return campaign


def rows(campaign: Campaign, state: str = "delivered") -> list[Message]:
    return list(Message.objects.filter(campaign=campaign, state=state).order_by("pk"))


def did(message: Message, kind: str, *, after_s: int = 600) -> None:
    """Credited to the message, so long after it."""
    assert message.campaign and message.contact
    CampaignCredit.objects.create(
        campaign=message.campaign,
        message=message,
        contact=message.contact,
        kind=kind,
        at=message.happened_at + timedelta(seconds=after_s),
        after_s=after_s,
    )


def clicked(message: Message, *, doubtful: bool = False) -> None:
    at = message.happened_at + timedelta(minutes=10)
    Click.objects.create(
        team_id=message.team_id,
        line_id=message.line_id,
        contact_id=message.contact_id,
        message=message,
        doubtful=doubtful,
        happened_at=at,
        received_at=at,
    )
