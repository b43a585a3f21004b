"""People who may be texted, and campaigns that are ready to start."""

from collections.abc import Callable, Iterator

import pytest
from django.utils import timezone

from contacts.models import Contact, ContactList
from contacts.people import resolve
from sms.campaigns import states, writing
from sms.campaigns.plan import plan
from sms.models import Campaign, CampaignLine, Line
from sms.sending import running
from sms.sending.windows import ALWAYS, Hours
from teams.access import Member
from teams.models import Team
from tests.conftest import make_line
from tests.gateway import Gateway, running_gateway

TEXT = "Bonjour {{ contact.first_name }}, votre rendez-vous est confirmé."


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with running_gateway() as gateway:
        yield gateway


@pytest.fixture
def line(team: Team, gateway: Gateway) -> Line:
    return accepted(make_line(team, base_url=gateway.url))


def accepted(line: Line) -> Line:
    """An admin accepted that programs send through it."""
    line.automation_accepted_at = timezone.now()
    line.save(update_fields=["automation_accepted_at"])
    return line


@pytest.fixture
def at_any_hour(monkeypatch: pytest.MonkeyPatch) -> None:
    """Commercial texts leave whatever the hour and the day of the test."""
    monkeypatch.setattr(running, "_hours", lambda *_: Hours(ALWAYS, holidays=False))


def number_of(index: int) -> str:
    return f"+3363998{index:04d}"


def make_people(team: Team, count: int, *, begin: int = 0, **given: object) -> list[int]:
    """Ids of people with a fictional mobile each, in the order of their numbers."""
    numbers = [number_of(index) for index in range(begin, begin + count)]
    found = resolve.find_or_add((team.pk, number) for number in numbers)
    ids = [found[team.pk, number].contact_id for number in numbers]
    people = Contact.objects.filter(pk__in=ids)
    people.update(**({"first_name": "Camille"} | given))
    return ids


def make_list(team: Team, contacts: list[int], name: str = "Salon de Rennes") -> ContactList:
    made = ContactList.objects.create(team=team, name=name)
    made.members.set(contacts)
    return made


Make = Callable[..., Campaign]


@pytest.fixture
def make(team: Team, line: Line, manager: Member) -> Make:
    """A draft that is ready: to these contacts, through these lines."""

    def draft(
        contacts: list[int], *lines: Line, text: str = TEXT, url: str = "", **given: object
    ) -> Campaign:
        values: dict[str, object] = {"name": "Devis de novembre", "kind": "service", **given}
        campaign = Campaign(
            team=team, created_by=manager.user, audience={"include": [{"contacts": contacts}]}, **values
        )
        writing.set_message(campaign, text, url)
        campaign.save()
        for each in lines or (line,):
            CampaignLine.objects.create(campaign=campaign, line=each)
        return campaign

    return draft


def go(campaign: Campaign, receive: int) -> Campaign:
    """Starts and plans it."""
    states.start(campaign, by=None, expected=receive)
    while plan(campaign.pk):
        pass
    campaign.refresh_from_db()
    return campaign
