"""The team of very many people: nobody can be reached, and everything fits together."""

import json
from datetime import datetime
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import Count, F

from contacts import phones
from contacts.models import ConsentChange, Contact, ContactPhone, ContactTag, CustomField, ListMember
from crm.seed.load import LINE, Refused, fill
from sms.models import Call, Click, Conversation, Line, Message, Note, Qualification
from teams.access import Member
from teams.models import Team
from tests.conftest import make_line

pytestmark = pytest.mark.django_db
EVENTS = (Message, Call, Click, Qualification, Note)


def test_makes_as_many_as_were_asked(team: Team, agent: Member) -> None:
    filled = fill(team, contacts=300, events=3_000)
    assert (filled.contacts, filled.events) == (300, 3_000)
    assert Contact.objects.for_team(team).count() == 300
    assert sum(model.objects.filter(team=team).count() for model in EVENTS) == 3_000
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
    for model in EVENTS:
        for contact, at in model.objects.filter(team=team).values_list("contact", "happened_at"):
            newest[contact] = max(newest.get(contact, at), at)
    assert dict(Conversation.objects.values_list("contact", "last_at")) == newest
    assert not Conversation.objects.exclude(team_id=F("contact__team_id")).exists()


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
    call_command("seed_load", contacts=20, events=50, team="Grand Large", json=True, stdout=out)
    told = json.loads(out.getvalue())
    assert (told["contacts"], told["events"]) == (20, 50)
    assert Contact.objects.filter(team__name="Grand Large").count() == 20
    with pytest.raises(CommandError, match="before"):
        call_command("seed_load", contacts=20, events=50, team="Grand Large")
