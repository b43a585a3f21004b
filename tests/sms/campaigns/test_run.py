"""A campaign from its start to its last message, against a real gateway: everybody once, or named with a reason."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.utils import timezone

from contacts.models import Contact, CustomField
from contacts.privacy import ledger
from sms import consent
from sms.campaigns import counts, states, watch
from sms.campaigns import plan as planning
from sms.campaigns.plan import plan
from sms.campaigns.states import Refused
from sms.models import Campaign, CampaignLine, Line, Message
from sms.sending.drain import drain
from sms.sending.queue import Draft, enqueue
from sms.sending.sweep import sweep
from teams.access import Member
from teams.models import Team
from tests.conftest import contact_of, make_line
from tests.gateway import Gateway
from tests.sms.campaigns.conftest import Make, accepted, go, make_people, number_of

pytestmark = pytest.mark.django_db


def outcome(campaign: Campaign) -> Counter[str]:
    """How many rows in each state, those left out by reason."""
    rows = Message.objects.filter(campaign=campaign).values_list("state", "state_reason")
    return Counter(f"{state}:{reason}" if state == "skipped" else state for state, reason in rows)


def test_everybody_gets_it_once_and_it_ends(make: Make, team: Team, line: Line, gateway: Gateway) -> None:
    campaign = go(make(make_people(team, 250)), 250)
    assert (campaign.state, outcome(campaign)) == ("running", {"planned": 250})
    drain(line.pk)
    assert outcome(campaign) == {"submitted": 250}
    assert set(gateway.accepted.values()) == {1} and len(gateway.accepted) == 250
    sent = [message for request in gateway.requests for message in request["messages"]]
    assert {message["message"] for message in sent} == {"Bonjour Camille, votre rendez-vous est confirmé."}
    assert {message["phone_number"] for message in sent} == {number_of(index) for index in range(250)}
    watch.look(campaign.pk)
    campaign.refresh_from_db()
    assert campaign.state == "finished"
    assert campaign.counts["states"] == {"submitted": 250}


def test_fields_of_the_team_are_filled_in(make: Make, team: Team, line: Line, gateway: Gateway) -> None:
    CustomField.objects.create(team=team, key="town", label="Ville", kind=CustomField.Kind.TEXT)
    people = make_people(team, 3, custom={"town": "Plérin"})
    Contact.objects.filter(pk=people[0]).update(custom={})
    campaign = go(make(people, text="Nous passons à {{ contact.custom.town }} jeudi."), 2)
    assert outcome(campaign) == {"planned": 2, "skipped:field_empty:custom.town": 1}
    drain(line.pk)
    assert [each["message"] for each in gateway.requests[0]["messages"]] == [
        "Nous passons à Plérin jeudi."
    ] * 2
    sent = Message.objects.filter(campaign=campaign, state="submitted")
    assert set(sent.values_list("text", "segments")) == {("Nous passons à Plérin jeudi.", 1)}


def test_whoever_is_left_out_has_a_row_with_the_reason(
    make: Make, team: Team, line: Line, manager: Member
) -> None:
    people = make_people(team, 12)
    ledger.grant(team.pk, people[:10], basis="opted_in", source="Salon", wording="oui")
    consent.note(Contact.objects.get(pk=people[0]), opted_out=True, reason="au téléphone", by=manager.user)
    Contact.objects.filter(pk=people[1]).update(first_name=" ")
    lately = enqueue(team, [Draft(line, number_of(2), "Bonjour")], by=None)[0]
    Message.objects.filter(pk=lately.pk).update(state="delivered")
    landline = contact_of(team, "+33199001234")
    nobody = Contact.objects.create(team=team, first_name="Sans numéro")
    campaign = go(make([*people, landline, nobody.pk], kind="commercial", rest_days=14), 7)
    assert outcome(campaign) == {
        "planned": 7,
        "skipped:opted_out": 1,
        "skipped:field_empty:first_name": 1,
        "skipped:texted_lately": 1,
        "skipped:no_consent": 2,
        "skipped:not_mobile": 1,
        "skipped:no_number": 1,
    }


@pytest.mark.usefixtures("at_any_hour")
def test_rules_are_looked_at_again_when_it_leaves(
    make: Make, team: Team, line: Line, manager: Member
) -> None:
    people = make_people(team, 6)
    ledger.grant(team.pk, people, basis="opted_in", source="Salon", wording="oui")
    campaign = go(make(people, kind="commercial", rest_days=14), 6)
    consent.note(Contact.objects.get(pk=people[0]), opted_out=True, reason="au téléphone", by=manager.user)
    assert outcome(campaign) == {"planned": 5, "skipped:opted_out": 1}
    ledger.withdraw(team.pk, [people[1]], source="rep")
    Contact.objects.filter(pk=people[2]).update(first_name="")
    meanwhile = enqueue(team, [Draft(line, number_of(3), "Bonjour")], by=None)[0]
    Message.objects.filter(pk=meanwhile.pk).update(state="submitted")
    drain(line.pk)
    assert outcome(campaign) == {
        "submitted": 2,
        "skipped:opted_out": 1,
        "skipped:no_consent": 1,
        "skipped:field_empty:first_name": 1,
        "skipped:texted_lately": 1,
    }


def test_what_people_write_goes_first(make: Make, team: Team, line: Line, gateway: Gateway) -> None:
    go(make(make_people(team, 150)), 150)
    enqueue(team, [Draft(line, "+33639989999", "J'arrive")], by=None)
    drain(line.pk)
    assert gateway.requests[0]["messages"][0]["message"] == "J'arrive"


def test_a_pause_holds_what_waits_and_a_resume_sends_it_once(
    make: Make, team: Team, line: Line, gateway: Gateway, manager: Member
) -> None:
    campaign = go(make(make_people(team, 30)), 30)
    assert states.pause(campaign, by=manager.user)
    assert not states.pause(campaign, by=manager.user)
    drain(line.pk)
    assert not gateway.requests
    assert states.resume(campaign, by=manager.user)
    assert not states.resume(campaign, by=manager.user)
    drain(line.pk)
    assert outcome(campaign) == {"submitted": 30} and set(gateway.accepted.values()) == {1}


def test_a_refused_batch_of_a_paused_campaign_waits_with_the_others(
    make: Make, team: Team, line: Line, gateway: Gateway, manager: Member
) -> None:
    gateway.mode = "429"
    campaign = go(make(make_people(team, 30)), 30)
    drain(line.pk)
    assert outcome(campaign) == {"planned": 30}
    states.pause(campaign, by=manager.user)
    gateway.mode = "ok"
    Line.objects.filter(pk=line.pk).update(not_before=None)
    drain(line.pk)
    assert not gateway.accepted


def test_a_cancelled_one_sends_nothing_more(make: Make, team: Team, line: Line, gateway: Gateway) -> None:
    campaign = go(make(make_people(team, 30)), 30)
    assert states.cancel(campaign, by=None)
    drain(line.pk)
    watch.look(campaign.pk)
    assert outcome(campaign) == {"cancelled": 30} and not gateway.requests
    assert not states.resume(campaign, by=None)


def test_what_is_not_sent_in_time_is_left_out(make: Make, team: Team, line: Line, gateway: Gateway) -> None:
    campaign = go(make(make_people(team, 5), expires_at=timezone.now() + timedelta(hours=1)), 5)
    Campaign.objects.filter(pk=campaign.pk).update(expires_at=timezone.now() - timedelta(seconds=1))
    drain(line.pk)
    watch.look(campaign.pk)
    campaign.refresh_from_db()
    assert outcome(campaign) == {"skipped:expired": 5} and not gateway.requests
    assert campaign.state == "finished"


def test_a_scheduled_one_begins_at_its_time(make: Make, team: Team, line: Line, gateway: Gateway) -> None:
    campaign = go(make(make_people(team, 5), starts_at=timezone.now() + timedelta(hours=1)), 5)
    assert campaign.state == "scheduled"
    drain(line.pk)
    assert not gateway.requests
    assert states.begin(timezone.now()) == []
    assert states.begin(timezone.now() + timedelta(hours=2)) == [campaign.pk]
    drain(line.pk)
    assert outcome(campaign) == {"submitted": 5}


def test_too_many_failures_pause_it(make: Make, team: Team, line: Line, gateway: Gateway) -> None:
    gateway.mode = "500"
    campaign = go(make(make_people(team, 150)), 150)
    drain(line.pk)
    campaign.refresh_from_db()
    assert (campaign.state, campaign.paused_reason) == ("paused", "uncertain")
    assert outcome(campaign) == {"uncertain": 100, "planned": 50}
    # Whoever goes on from there has seen it.
    gateway.mode = "ok"
    states.resume(campaign, by=None)
    drain(line.pk)
    assert outcome(campaign) == {"uncertain": 100, "submitted": 50}
    assert set(gateway.accepted.values()) == {1}


def test_one_line_talks_with_whom_it_talked_before(
    make: Make, team: Team, line: Line, gateway: Gateway
) -> None:
    other = accepted(make_line(team, "Inès", base_url=gateway.url))
    people = make_people(team, 40)
    enqueue(team, [Draft(other, number_of(index), "Bonjour") for index in range(10)], by=None)
    campaign = go(make(people, line, other), 40)
    rows = Message.objects.filter(campaign=campaign)
    assert set(rows.filter(contact__in=people[:10]).values_list("line", flat=True)) == {other.pk}
    assert set(rows.filter(contact__in=people[10:]).values_list("line", flat=True)) == {line.pk, other.pk}


def test_budgets_are_kept(make: Make, team: Team, line: Line, gateway: Gateway) -> None:
    Line.objects.filter(pk=line.pk).update(day_budget=12, month_budget=20)
    campaign = go(make(make_people(team, 50)), 50)
    drain(line.pk)
    assert outcome(campaign) == {"submitted": 12, "planned": 38}
    # The next day; the month has eight people left.
    Line.objects.filter(pk=line.pk).update(sent_on=timezone.localdate() - timedelta(days=1))
    CampaignLine.objects.update(not_before=None)
    drain(line.pk)
    assert outcome(campaign) == {"submitted": 20, "planned": 30}


def test_a_pace_of_its_own(make: Make, team: Team, line: Line, gateway: Gateway) -> None:
    campaign = go(make(make_people(team, 50), pace=6), 50)
    drain(line.pk)
    assert outcome(campaign)["submitted"] == 1
    wait = CampaignLine.objects.get(campaign=campaign).not_before
    assert wait is not None and wait > timezone.now()
    # Reached, the next one leaves.
    CampaignLine.objects.update(not_before=timezone.now())
    drain(line.pk)
    assert outcome(campaign)["submitted"] == 2


def week(*days: int) -> list[list[int] | None]:
    """Hours of a week that is open on these days only, Monday first."""
    return [[0, 1440] if day in days else None for day in range(7)]


def test_hours_are_kept_and_looked_at_again_soon(
    make: Make, team: Team, line: Line, gateway: Gateway
) -> None:
    today = timezone.localdate(timezone=ZoneInfo(team.time_zone)).weekday()
    campaign = go(make(make_people(team, 5), window=week((today + 3) % 7)), 5)
    drain(line.pk)
    assert not gateway.requests and sweep() == []
    wait = CampaignLine.objects.get(campaign=campaign).not_before
    assert wait is not None and timezone.now() < wait <= timezone.now() + timedelta(minutes=5)
    # Somebody changes the hours.
    Campaign.objects.filter(pk=campaign.pk).update(window=week(today, (today + 1) % 7))
    CampaignLine.objects.update(not_before=None)
    assert sweep() == [line.pk]
    drain(line.pk)
    assert outcome(campaign) == {"submitted": 5}


def test_the_hours_of_a_line_hold_every_kind(make: Make, team: Team, line: Line, gateway: Gateway) -> None:
    today = timezone.localdate(timezone=ZoneInfo(team.time_zone)).weekday()
    Line.objects.filter(pk=line.pk).update(window=week((today + 3) % 7))
    go(make(make_people(team, 5), kind="appointment"), 5)
    drain(line.pk)
    assert not gateway.requests


def test_each_zone_keeps_its_own_hours(make: Make, team: Team, line: Line, gateway: Gateway) -> None:
    # Where it is another day already, or still: one of the two is closed.
    people = [contact_of(team, "+687750000"), *make_people(team, 3)]
    Contact.objects.filter(pk__in=people).update(first_name="Camille")
    now = timezone.now()
    here, there = (now.astimezone(ZoneInfo(zone)) for zone in ("Europe/Paris", "Pacific/Noumea"))
    minute = here.hour * 60 + here.minute
    open_here = [[max(0, minute - 30), min(1440, minute + 30)]] * 7
    campaign = go(make(people, window=open_here), 4)
    assert campaign.zones == ["Europe/Paris", "Pacific/Noumea"]
    assert abs(here.utcoffset() - there.utcoffset()) > timedelta(hours=2)  # type: ignore[operator]
    drain(line.pk)
    rows = dict(Message.objects.filter(campaign=campaign).values_list("number", "state"))
    assert rows.pop("+687750000") == "planned"
    assert set(rows.values()) == {"submitted"}


def test_start_wants_the_number_of_people(make: Make, team: Team) -> None:
    campaign = make(make_people(team, 5))
    with pytest.raises(Refused) as refused:
        states.start(campaign, by=None, expected=4)
    assert refused.value.code == "recipients_differ"
    assert refused.value.detail == {"expected": 4, "recipients": 5, "receive": 5}
    states.start(campaign, by=None, expected=5)
    with pytest.raises(Refused):
        states.start(campaign, by=None, expected=5)


def test_a_line_without_acceptance_starts_nothing(make: Make, team: Team, gateway: Gateway) -> None:
    campaign = make(make_people(team, 5), make_line(team, "Inès", base_url=gateway.url))
    with pytest.raises(Refused) as refused:
        states.start(campaign, by=None, expected=5)
    assert refused.value.code == "not_ready"


def test_a_text_that_names_its_sender_needs_a_line_with_a_holder(
    make: Make, team: Team, line: Line, gateway: Gateway, manager: Member
) -> None:
    campaign = make(make_people(team, 1), text="Bonjour, c'est {{ sender.first_name }}.")
    with pytest.raises(Refused) as refused:
        states.start(campaign, by=None, expected=1)
    assert refused.value.code == "not_ready"
    Line.objects.filter(pk=line.pk).update(holder=manager.user)
    go(campaign, 1)
    drain(line.pk)
    assert gateway.requests[0]["messages"][0]["message"] == "Bonjour, c'est Inès."


def test_planning_that_begins_anew_gives_nobody_two_rows(make: Make, team: Team) -> None:
    campaign = go(make(make_people(team, 30)), 30)
    Campaign.objects.filter(pk=campaign.pk).update(planned_at=None, planned_to=0)
    plan(campaign.pk)
    assert outcome(campaign) == {"planned": 30}


def test_one_worker_plans_a_campaign(make: Make, team: Team) -> None:
    campaign = go(make(make_people(team, 3)), 3)
    rows = Message.objects.filter(campaign=campaign)
    rows.delete()
    unplanned = Campaign.objects.filter(pk=campaign.pk)
    unplanned.update(planned_at=None, planned_to=0, planner_until=timezone.now() + timedelta(minutes=1))
    assert planning.due() == [] and not plan(campaign.pk)
    assert not rows.exists()
    # It was killed.
    unplanned.update(planner_until=timezone.now() - timedelta(seconds=1))
    assert planning.due() == [campaign.pk]
    plan(campaign.pk)
    assert rows.count() == 3 and planning.due() == []


def test_a_planner_that_stops_leaves_it_to_the_next(
    make: Make, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = make(make_people(team, 3))
    states.start(campaign, by=None, expected=3)

    def broken(*_: object) -> bool:
        raise ZeroDivisionError

    with monkeypatch.context() as patch, pytest.raises(ZeroDivisionError):
        patch.setattr(planning, "_make", broken)
        plan(campaign.pk)
    assert planning.due() == [campaign.pk]
    plan(campaign.pk)
    assert outcome(campaign) == {"planned": 3}


@pytest.mark.django_db(transaction=True)
def test_planning_waits_for_whoever_holds_the_campaign(make: Make, team: Team) -> None:
    campaign = make(make_people(team, 3))
    states.start(campaign, by=None, expected=3)
    with ThreadPoolExecutor(1) as other:
        with transaction.atomic():
            Campaign.objects.select_for_update().get(pk=campaign.pk)
            done = other.submit(in_a_connection_of_its_own, plan, campaign.pk)
            with pytest.raises(TimeoutError):
                done.result(0.5)
        assert done.result(20) is False
    assert outcome(campaign) == {"planned": 3}


def in_a_connection_of_its_own(work: Callable[[int], bool], campaign_id: int) -> bool:
    try:
        return work(campaign_id)
    finally:
        connection.close()


def test_planning_gets_on_however_long_it_takes_to_find_the_people(
    make: Make, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(planning, "LONGEST_S", 0)
    monkeypatch.setattr(planning, "CHUNK", 10)
    campaign = go(make(make_people(team, 30)), 30)
    assert campaign.planned_at is not None and outcome(campaign) == {"planned": 30}


def test_what_was_changed_while_it_was_counted_is_not_started(make: Make, team: Team) -> None:
    campaign = make(make_people(team, 3))
    read = Campaign.objects.get(pk=campaign.pk)
    campaign.text = "Autre chose"
    campaign.save(update_fields=["text", "updated_at"])
    with pytest.raises(Refused) as refused:
        states.start(read, by=None, expected=3)
    assert refused.value.code == "changed"
    states.start(Campaign.objects.get(pk=campaign.pk), by=None, expected=3)


def test_the_figures_add_up_to_the_rows(make: Make, team: Team, line: Line, gateway: Gateway) -> None:
    campaign = go(make(make_people(team, 30)), 30)
    drain(line.pk)
    found = counts.refresh(campaign.pk)
    assert sum(found["states"].values()) == Message.objects.filter(campaign=campaign).count() == 30
