"""The last step: everything in sentences, what is missing beside its step, and two ways to start, each of them once."""

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts.models import Contact
from contacts.segments import find
from sms.campaigns import blockers, states
from sms.models import Campaign, CampaignLine
from teams.access import Member
from teams.models import AuditEntry
from tests.contacts.people.conftest import sign_in

from .browser import Browser
from .conftest import at

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(browser: Browser, draft: Campaign) -> Browser:
    return browser.open(at(draft, "review"))


def _report(campaign: Campaign) -> str:
    return reverse("sms:campaign", args=[campaign.pk])


def _state(campaign: Campaign) -> str:
    campaign.refresh_from_db()
    return campaign.state


def test_it_is_told_in_sentences_with_a_way_back_to_each_step(page: Browser, draft: Campaign) -> None:
    Campaign.objects.update(rest_days=14, pace=12, url="https://ardary.example/d")
    page.open(page.address)
    for said in (
        "4 people of 6 receive it.",
        "From list Salon de Rennes.",
        "Anyone texted in the last 14 days is left out.",
        "Bonjour {{ contact.first_name }}",
        "{link} leads to https://ardary.example/d",
        "1 SMS × 4 people: at most 4 SMS",
        "Sending begins as soon as you confirm.",
        "Monday to Friday 08:00–20:00, Saturday 10:00–18:00, not on public holidays, in each recipient's local time.",
        "From “Malik”, which nobody holds.",
        "At most 12 texts a minute.",
        "within 7 days count for the campaign",
        "Opted out −1",
    ):
        assert said in page.words
    for step in ("audience", "message", "when"):
        assert f'href="{at(draft, step)}">Change</a>' in page.page


def test_typed_it_starts_at_one_press(page: Browser, draft: Campaign, manager: Member) -> None:
    page.press("Start for 4 people", recipients="4")
    assert page.address == _report(draft)
    assert _state(draft) == "running"
    assert (draft.started_by, draft.expected) == (manager.user, 6)


def test_untyped_it_asks_once_more(page: Browser, draft: Campaign) -> None:
    page.press("Start for 4 people")
    assert page.status == 200
    assert "4 people get this text." in page.words
    assert _state(draft) == "draft"
    page.press("Press again to start for 4 people")
    assert page.address == _report(draft)
    assert _state(draft) == "running"


def test_at_a_time_it_is_scheduled(page: Browser, draft: Campaign) -> None:
    Campaign.objects.update(starts_at=timezone.now() + timedelta(days=1))
    page.open(page.address).press("Schedule for 4 people", recipients="4")
    assert _state(draft) == "scheduled"


def test_another_number_than_expected_is_said_with_both_and_asked_anew(
    page: Browser, draft: Campaign, people: list[int]
) -> None:
    page.press("Start for 4 people", recipients="1 004")
    assert page.status == 409
    assert "You expect 1,004 people, and it would reach 4 of 6 now." in page.words
    assert "Nothing was started." in page.words
    # Between two presses somebody says STOP.
    page.press("Start for 4 people")
    Contact.objects.filter(pk=people[0]).update(opted_out_at=timezone.now())
    page.press("Press again to start for 4 people")
    assert page.status == 409
    assert "it would reach 3 of 6 now" in page.words
    assert _state(draft) == "draft"
    page.press("Start for 3 people", recipients="3")
    assert _state(draft) == "running"


def test_a_number_that_changed_before_the_first_press_is_said(
    page: Browser, draft: Campaign, people: list[int]
) -> None:
    Contact.objects.filter(pk=people[0]).update(opted_out_at=timezone.now())
    page.press("Start for 4 people")
    assert page.status == 409
    assert "The number of people has changed since you looked: it was 4, it is now 3." in page.words
    assert "Press again" not in page.words


def test_what_is_no_number_is_said(page: Browser, draft: Campaign) -> None:
    page.press("Start for 4 people", recipients="all of them")
    assert page.status == 422
    assert "in figures" in page.words
    assert 'value="all of them"' in page.page
    assert _state(draft) == "draft"


def test_what_is_missing_stands_beside_its_step(page: Browser, client: Client, draft: Campaign) -> None:
    CampaignLine.objects.all().delete()
    Campaign.objects.update(text="Bonjour {{ contact.custom.gone }}", audience={})
    page.open(page.address)
    assert "Not ready yet" in page.words
    for said in ("Say who receives it.", "There is no field", "Choose at least one line."):
        assert said in page.words
    assert 'id="start"' not in page.page
    # Pressed from an older page.
    answer = client.post(at(draft, "start"), {"recipients": "4"})
    assert answer.status_code == 422
    assert _state(draft) == "draft"
    assert "Press again" not in client.post(at(draft, "start"), {"shown": "4"}).content.decode()


def test_nobody_to_send_to_can_not_be_started(page: Browser, client: Client, draft: Campaign) -> None:
    Contact.objects.update(opted_out_at=timezone.now())
    page.open(page.address)
    assert "Not ready yet" in page.words
    assert client.post(at(draft, "start"), {"recipients": "0"}).status_code == 422
    assert _state(draft) == "draft"


def test_counting_that_takes_too_long_starts_nothing(
    page: Browser, client: Client, draft: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stopped(*_args: object, **_given: object) -> None:
        raise find.TakesTooLong

    monkeypatch.setattr(blockers, "counts", stopped)
    page.open(page.address)
    assert "Counting everybody takes too long." in page.words
    assert "Try again" in page.words
    answer = client.post(at(draft, "start"), {"recipients": "4"})
    assert answer.status_code == 422
    assert "Nothing was started" in answer.content.decode()
    assert _state(draft) == "draft"


def test_a_second_click_leads_to_the_report(client: Client, draft: Campaign) -> None:
    for _press in range(2):
        answer = client.post(at(draft, "start"), {"recipients": "4"})
        assert answer.headers["Location"] == _report(draft)
    assert AuditEntry.objects.filter(action="campaign.started").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_managers_start_it_once(draft: Campaign, manager: Member, admin: Member) -> None:
    ready = Barrier(2)
    answers: list[Any] = []

    def press(member: Member) -> None:
        client = sign_in(member)
        ready.wait(10)
        answers.append(client.post(at(draft, "start"), {"recipients": "4"}))
        connection.close()

    both = [Thread(target=press, args=(member,)) for member in (manager, admin)]
    for each in both:
        each.start()
    for each in both:
        each.join(30)
    assert {answer.headers["Location"] for answer in answers} == {_report(draft)}
    assert len(answers) == 2
    assert AuditEntry.objects.filter(action="campaign.started").count() == 1


@pytest.mark.parametrize("step", ["audience", "message", "when", "review"])
def test_once_started_every_step_leads_to_the_report(client: Client, draft: Campaign, step: str) -> None:
    states.start(draft, by=None, expected=4)
    assert client.get(at(draft, step)).headers["Location"] == _report(draft)
    htmx = client.get(at(draft, step), headers={"HX-Request": "true"})
    assert (htmx.status_code, htmx.headers["HX-Redirect"]) == (204, _report(draft))
    if step != "review":
        posted = client.post(at(draft, step), {"do": "kind:service", "text": "Autre", "at": "now"})
        assert posted.headers["Location"] == _report(draft)
    assert _state(draft) == "running"
    assert draft.kind == "commercial"
