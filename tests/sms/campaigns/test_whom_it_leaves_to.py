"""The person behind a row changes while it waits: what leaves is right for whom it reaches, at that moment."""

import threading
from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from contacts.custom_fields import keeping
from contacts.duplicates.merge import merge
from contacts.models import Contact, ContactPhone, CustomField
from contacts.privacy import opting
from contacts.privacy.opting import Wish
from sms.models import Campaign, CampaignLine, Line, Message
from sms.sending.claim import Claim, claim
from sms.sending.drain import drain
from sms.sending.queue import Draft, enqueue
from teams.access import Member
from teams.models import Team
from tests.conftest import make_line
from tests.gateway import Gateway
from tests.sms.campaigns.begun import browser
from tests.sms.campaigns.conftest import Make, accepted, go, make_people, number_of

pytestmark = pytest.mark.django_db


def states_of(campaign: Campaign) -> Counter[tuple[str, str]]:
    return Counter(Message.objects.filter(campaign=campaign).values_list("state", "state_reason"))


def test_a_number_that_is_somebody_elses_now(make: Make, team: Team, line: Line, gateway: Gateway) -> None:
    people = make_people(team, 3)
    campaign = go(make(people), 3)
    written = enqueue(team, [Draft(line, number_of(0), "Bonjour")], by=None)[0]
    # In whatever way it went: those who take numbers away skip what waits, and this looks behind them.
    ContactPhone.objects.filter(contact=people[0]).update(contact=Contact.objects.create(team=team))
    ContactPhone.objects.filter(contact=people[1]).delete()
    drain(line.pk)
    assert states_of(campaign) == {("submitted", ""): 1, ("skipped", "number_removed"): 2}
    written.refresh_from_db()
    assert (written.state, written.state_reason) == ("skipped", "number_removed")
    assert len(gateway.accepted) == 1


def test_two_who_became_one_get_it_once(
    make: Make, team: Team, line: Line, gateway: Gateway, manager: Member
) -> None:
    people = make_people(team, 3)
    campaign = go(make(people), 3)
    merge(people[0], people[1], manager.user)
    drain(line.pk)
    assert states_of(campaign) == {("submitted", ""): 2, ("skipped", "already_texted"): 1}
    assert len(gateway.accepted) == 2


def test_two_campaigns_in_one_batch_leave_people_in_peace(
    make: Make, team: Team, line: Line, gateway: Gateway
) -> None:
    people = make_people(team, 20)
    first, second = (go(make(people, rest_days=7), 20) for _ in range(2))
    drain(line.pk)
    assert states_of(first) == {("submitted", ""): 20}
    assert states_of(second) == {("skipped", "texted_lately"): 20}


@pytest.mark.django_db(transaction=True)
def test_two_lines_at_one_moment_leave_people_in_peace(
    make: Make, team: Team, line: Line, gateway: Gateway
) -> None:
    people = make_people(team, 5)
    other = accepted(make_line(team, "Inès", base_url=gateway.url))
    go(make(people, rest_days=7), 5)
    second = go(make([*people, *make_people(team, 1, begin=5)], other, rest_days=7), 6)
    taken: list[Claim | None] = []

    def by_the_other() -> None:
        try:
            taken.append(claim(other, "her"))
        finally:
            connection.close()

    with transaction.atomic():
        mine = claim(line, "me")
        thread = threading.Thread(target=by_the_other)
        thread.start()
        thread.join(20)
    assert mine is not None and len(mine.messages) == 5
    assert taken[0] is not None and len(taken[0].messages) == 1
    claim(other, "her")
    assert states_of(second) == {("sending", ""): 1, ("skipped", "texted_lately"): 5}


def test_a_line_that_loses_its_holder_waits_for_another(
    make: Make, team: Team, line: Line, gateway: Gateway, manager: Member
) -> None:
    Line.objects.filter(pk=line.pk).update(holder=manager.user)
    campaign = go(make(make_people(team, 5), text="Bonjour, c'est {{ sender.first_name }}."), 5)
    Line.objects.filter(pk=line.pk).update(holder=None)
    drain(line.pk)
    assert states_of(campaign) == {("planned", ""): 5}
    wait = CampaignLine.objects.get(campaign=campaign).not_before
    assert wait is not None and timezone.now() < wait <= timezone.now() + timedelta(minutes=5)
    Line.objects.filter(pk=line.pk).update(holder=manager.user)
    CampaignLine.objects.update(not_before=None)
    drain(line.pk)
    assert states_of(campaign) == {("submitted", ""): 5}
    assert {each["message"] for each in gateway.requests[0]["messages"]} == {"Bonjour, c'est Inès."}


def test_a_text_whose_field_was_deleted_waits(
    make: Make, team: Team, line: Line, gateway: Gateway, manager: Member
) -> None:
    field = CustomField.objects.create(team=team, key="town", label="Ville", kind=CustomField.Kind.TEXT)
    people = make_people(team, 5, custom={"town": "Plérin"})
    campaign = go(make(people, text="Nous passons à {{ contact.custom.town }} jeudi."), 5)
    keeping.delete(field, manager.user)
    drain(line.pk)
    assert states_of(campaign) == {("planned", ""): 5}
    page = browser(manager).get(reverse("sms:campaign", args=[campaign.pk]))
    assert [notice.what for notice in page.context["notices"]] == ["There is no field “contact.custom.town”."]


def test_an_answer_with_a_reason_obeys_a_later_stop(team: Team, line: Line, gateway: Gateway) -> None:
    draft = Draft(line, number_of(0), "Votre dossier est clos.", override_reason="sa question")
    people = Contact.objects.filter(pk=make_people(team, 1)[0])
    for hours, state in ((-1, "submitted"), (1, "skipped")):
        people.update(opted_out_at=timezone.now() + timedelta(hours=hours))
        message = enqueue(team, [draft], by=None)[0]
        Message.objects.filter(pk=message.pk).update(state="queued", state_reason="")
        drain(line.pk)
        message.refresh_from_db()
        assert message.state == state


def test_an_answer_with_a_reason_obeys_a_stop_whose_clock_is_slow(
    team: Team, line: Line, gateway: Gateway
) -> None:
    contact = make_people(team, 1)[0]
    long_ago = timezone.now() - timedelta(hours=3)
    Contact.objects.filter(pk=contact).update(opted_out_at=long_ago)
    answer = Draft(line, number_of(0), "Votre dossier est clos.", override_reason="sa question")
    message = enqueue(team, [answer], by=None)[0]
    assert message.state == "queued"
    opting.opt_out([Wish(contact, long_ago + timedelta(hours=1), "STOP", "sms")])
    # It was in a sender's hands then, and came back.
    Message.objects.filter(pk=message.pk).update(state="queued", state_reason="")
    drain(line.pk)
    message.refresh_from_db()
    assert (message.state, message.state_reason) == ("skipped", "opted_out")
