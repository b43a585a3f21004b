"""What people do after a campaign is the campaign's, within its days; robots' clicks are nobody's."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from contacts.models import Contact
from sms import consent
from sms.callbacks import apply
from sms.campaigns import counts, results
from sms.models import Campaign, CampaignCredit, Conversation, Line, Message
from sms.sending.drain import drain
from teams.access import Member
from teams.models import Team
from tests.sms.campaigns.conftest import Make, go, make_people, number_of
from tests.sms.people.life import callback

pytestmark = pytest.mark.django_db


def at(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def happens(line: Line, payload: dict[str, Any], param: str = "message") -> None:
    callback(line, payload, param)
    apply.drain()


def writes(line: Line, number: str, text: str, when: datetime | None = None) -> None:
    payload = {"title": "incoming_sms", "from": number, "message": text, "date": at(when or timezone.now())}
    happens(line, payload)


def clicks(line: Line, message: Message, when: datetime) -> None:
    payload = {
        "title": "clicked link",
        "phone_number": message.number,
        "link": "https://example.com",
        "date": at(when),
        "id_sms_api": message.id_sms_api,
    }
    happens(line, payload, "clics")


def rings(line: Line, number: str, title: str = "missed_call", duration: str = "0") -> None:
    payload = {"title": title, "phone_number": number, "call_time": at(timezone.now()), "duration": duration}
    happens(line, payload, "calls")


def credited(campaign: Campaign) -> set[tuple[str, str]]:
    rows = CampaignCredit.objects.filter(campaign=campaign)
    return set(rows.values_list("message__number", "kind"))


@pytest.fixture
def sent(make: Make, team: Team, line: Line) -> Campaign:
    """Ten people got it ten minutes ago."""
    campaign = go(make(make_people(team, 10), url="https://example.com/devis"), 10)
    drain(line.pk)
    long_ago = timezone.now() - timedelta(minutes=10)
    Message.objects.filter(campaign=campaign).update(
        happened_at=long_ago, delivered_at=long_ago, state="delivered"
    )
    return campaign


def test_answers_calls_notes_and_stops_are_the_campaigns(sent: Campaign, line: Line) -> None:
    writes(line, number_of(0), "Oui, jeudi")
    writes(line, number_of(1), "STOP")
    rings(line, number_of(2))
    rings(line, number_of(3), "outgoing_call", "00:02:10")
    rings(line, number_of(4), "outgoing_call", "0")
    payload = {
        "title": "call_qualification_from_mobile",
        "from": number_of(3),
        "date": at(timezone.now()),
        "qualification": "Intéressé",
    }
    happens(line, payload, "qualification")
    assert credited(sent) == {
        (number_of(0), "replied"),
        (number_of(1), "opted_out"),
        (number_of(2), "called"),
        (number_of(3), "called"),
        (number_of(3), "qualified"),
    }


def test_first_click_counts_once_and_robots_clicks_never(sent: Campaign, line: Line) -> None:
    person, robot = Message.objects.filter(campaign=sent).order_by("number")[:2]
    clicks(line, person, timezone.now() - timedelta(minutes=6))
    clicks(line, person, timezone.now() - timedelta(minutes=2))
    assert robot.delivered_at is not None
    clicks(line, robot, robot.delivered_at + timedelta(seconds=1))
    assert credited(sent) == {(person.number, "clicked")}
    assert 200 <= CampaignCredit.objects.get().after_s <= 280
    assert counts.refresh(sent.pk)["doubtful"] == 1


def test_what_comes_late_but_happened_earlier_is_the_first(sent: Campaign, line: Line) -> None:
    writes(line, number_of(0), "Encore moi")
    early = timezone.now() - timedelta(minutes=5)
    writes(line, number_of(0), "Oui", early)
    assert abs((CampaignCredit.objects.get().at - early).total_seconds()) < 2


def test_after_its_days_nothing_is_credited(sent: Campaign, line: Line) -> None:
    Message.objects.filter(campaign=sent).update(happened_at=timezone.now() - timedelta(days=8))
    writes(line, number_of(0), "Oui, jeudi")
    assert credited(sent) == set()


def test_the_newest_campaign_that_reached_them_has_the_credit(
    sent: Campaign, make: Make, team: Team, line: Line
) -> None:
    people = list(Message.objects.filter(campaign=sent).values_list("contact", flat=True))
    newer = go(make(people, name="Relance"), 10)
    drain(line.pk)
    writes(line, number_of(0), "Oui")
    assert credited(newer) == {(number_of(0), "replied")} and credited(sent) == set()


def test_an_opt_out_that_a_colleague_notes_is_credited(sent: Campaign, line: Line, manager: Member) -> None:
    contact = Contact.objects.get(phones__number=number_of(5))
    consent.note(contact, opted_out=True, reason="au téléphone", by=manager.user)
    assert credited(sent) == {(number_of(5), "opted_out")}


def test_a_campaign_stays_out_of_the_inbox_until_it_is_answered(sent: Campaign, line: Line) -> None:
    assert not Conversation.objects.exists()
    clicks(line, Message.objects.filter(campaign=sent).earliest("number"), timezone.now())
    assert not Conversation.objects.exists()
    writes(line, number_of(0), "Oui, jeudi")
    assert Conversation.objects.get().contact.phones.get().number == number_of(0)


def test_people_behind_a_number_come_page_by_page(sent: Campaign, line: Line) -> None:
    for index in (0, 1, 2):
        writes(line, number_of(index), "Oui")
    for result in ("all", "replied", "not_replied", "delivered", "planned", "clicked", "skipped"):
        wanted = set(results.rows(sent.pk, result).values_list("pk", flat=True))
        found: list[int] = []
        place = None
        while True:
            page = results.page(sent.pk, result, after=place, size=2)
            found += page.ids
            place = page.next
            if place is None:
                break
        assert len(found) == len(set(found)) and set(found) == wanted, result
    assert results.page(sent.pk, "replied").next is None
