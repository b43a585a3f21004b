"""A draft, the people whom it may reach, and a manager before its pages."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts.models import Contact
from sms.models import Campaign, Line
from teams.access import Member
from tests.contacts.people.conftest import sign_in
from tests.sms.campaigns.conftest import make_list, make_people

from .browser import Browser

HTMX = {"HX-Request": "true"}


def at(campaign: Campaign, step: str) -> str:
    return reverse(f"sms:campaign-{step}", args=[campaign.pk])


@pytest.fixture
def client(manager: Member) -> Client:
    return sign_in(manager)


@pytest.fixture
def browser(client: Client) -> Browser:
    return Browser(client)


@pytest.fixture
def people(team: object, line: Line) -> list[int]:
    """Six who opted in, the last two of them without what most are told by: one opted out, one has no number."""
    ids = make_people(line.team, 6, consent="opted_in", consent_at=timezone.now())
    Contact.objects.filter(pk=ids[4]).update(opted_out_at=timezone.now())
    Contact.objects.get(pk=ids[5]).phones.all().delete()
    return ids


@pytest.fixture
def draft(line: Line, people: list[int], make: Callable[..., Campaign]) -> Campaign:
    """A commercial one that is ready to be started: four of six people get it."""
    listed = make_list(line.team, people)
    campaign = make([], text="Bonjour {{ contact.first_name }}", kind="commercial")
    campaign.audience = {"include": [{"list": listed.pk}]}
    campaign.save()
    return campaign
