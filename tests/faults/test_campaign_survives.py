"""A campaign through real workers that are killed and race: everybody gets it once, or is named with a reason."""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from celery import current_app

from contacts.models import Contact
from sms import consent, wake
from sms.campaigns import counts, plan, states, writing
from sms.models import Campaign, CampaignLine, Line, Message
from sms.sending.queue import Draft, enqueue
from teams.access import Member
from teams.models import Team
from tests.conftest import make_line
from tests.gateway import Gateway, running_gateway
from tests.processes import REPO, WITHIN_S, Worker, environment, running_worker, wait_until
from tests.sms.campaigns.conftest import TEXT, accepted, make_list, make_people

pytestmark = [pytest.mark.faults, pytest.mark.django_db(transaction=True)]

KILLS, BATCH = 20, 10


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with running_gateway() as gateway:
        yield gateway


@pytest.fixture
def line(team: Team, gateway: Gateway) -> Line:
    return accepted(make_line(team, base_url=gateway.url))


def ready(team: Team, line: Line, people: list[int]) -> Campaign:
    """To a list of these people. Of the kind `service`: it leaves at any hour."""
    members = make_list(team, people)
    campaign = Campaign(
        team=team, name="Devis", kind="service", audience={"include": [{"list": members.pk}]}, rest_days=14
    )
    writing.set_message(campaign, TEXT, "https://brehat.example/devis")
    campaign.save()
    CampaignLine.objects.create(campaign=campaign, line=line)
    return campaign


def outcome(campaign: Campaign) -> Counter[str]:
    """How many rows in each state, those left out by reason."""
    rows = Message.objects.filter(campaign=campaign).values_list("state", "state_reason")
    return Counter(f"{state}:{reason}" if state == "skipped" else state for state, reason in rows)


def state(campaign: Campaign) -> str:
    return str(Campaign.objects.values_list("state", flat=True).get(pk=campaign.pk))


def names_in(campaign: Campaign, *among: str) -> set[str]:
    rows = Message.objects.filter(campaign=campaign, state__in=among)
    return set(rows.values_list("id_sms_api", flat=True))


def waiting(campaign: Campaign) -> bool:
    return Message.objects.filter(campaign=campaign, state__in=("planned", "sending")).exists()


def numbers_sent_to(gateway: Gateway) -> Counter[str]:
    return Counter(each["phone_number"] for request in gateway.requests for each in request["messages"])


def flush_broker() -> None:
    """Everything in the broker of this process of the tests; others have their own."""
    with current_app.connection_for_write() as broker:
        broker.default_channel.client.flushdb()  # type: ignore[attr-defined]


class Crew:
    """Two workers at every moment: when the one that sends is killed, the other is up or nearly."""

    def __init__(self, data: Path, line: Line) -> None:
        self._data, self._line = data, line
        self._workers: list[Worker] = []
        self._started = 0

    def __enter__(self) -> "Crew":
        self._start()
        self._start()
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self._workers:
            worker.kill()

    def _start(self) -> None:
        self._started += 1
        data = self._data / str(self._started)
        data.mkdir()
        self._workers.append(Worker(data, LIGNE_GATEWAY_BATCH=str(BATCH)))

    def sender(self) -> Worker | None:
        """Who holds the line. The lease of a killed one need not run out here: time is the database's."""
        name = Line.objects.values_list("sender", flat=True).get(pk=self._line.pk)
        found = next((each for each in self._workers if f":{each.process.pid}:" in name), None)
        if name and found is None:
            Line.objects.filter(pk=self._line.pk, sender=name).update(lease_until="2020-01-01T00:00:00Z")
        return found

    def kill(self, worker: Worker) -> None:
        worker.kill()
        self._workers.remove(worker)
        self._start()

    def go_on(self, campaign: Campaign, manager: Member) -> None:
        """A campaign that paused itself, for what a killed worker left, is resumed by whoever has seen that."""
        if state(campaign) == "paused":
            states.resume(campaign, by=manager.user)
        self.sender()
        wake.lines([self._line.pk])

    def kill_in_request(self, campaign: Campaign, gateway: Gateway, manager: Member) -> None:
        """Goes on until a request is on its way, and ends its sender before the answer."""

        def killed() -> bool:
            self.go_on(campaign, manager)
            gateway.in_request.clear()
            if gateway.in_request.wait(0.2) and (worker := self.sender()):
                self.kill(worker)
                return True
            return False

        wait_until(killed, what="a batch was on its way")


def test_twenty_kills_a_flush_a_pause_and_a_stop(
    team: Team, line: Line, gateway: Gateway, manager: Member, tmp_path: Path
) -> None:
    people = make_people(team, 400)
    campaign = ready(team, line, people)
    gateway.latency_s = 0.3
    states.start(campaign, by=manager.user, expected=400)
    with Crew(tmp_path, line) as crew:
        for number in range(KILLS):
            crew.kill_in_request(campaign, gateway, manager)
            if number == 5:
                flush_broker()
            if number == 10:
                states.pause(campaign, by=manager.user)
                stopped = Message.objects.filter(campaign=campaign, state="planned").order_by("-pk")[0]
                contact = Contact.objects.get(messages=stopped)
                consent.note(contact, opted_out=True, reason="au téléphone", by=manager.user)
        gateway.latency_s = 0.0

        def ended() -> bool:
            if state(campaign) != "finished":
                crew.go_on(campaign, manager)
            return state(campaign) == "finished"

        wait_until(ended, what="nobody waits any more")

    assert max(gateway.accepted.values()) == max(numbers_sent_to(gateway).values()) == 1
    found = outcome(campaign)
    assert set(found) == {"submitted", "uncertain", "skipped:opted_out"}
    assert found["skipped:opted_out"] == 1 and stopped.number not in numbers_sent_to(gateway)
    # A batch in flight at each kill, and no more.
    assert 0 < found["uncertain"] <= KILLS * BATCH
    assert names_in(campaign, "submitted") <= set(gateway.accepted)
    assert set(gateway.accepted) <= names_in(campaign, "submitted", "uncertain")
    unsure = Message.objects.filter(campaign=campaign, state="uncertain")
    assert set(unsure.values_list("state_reason", flat=True)) == {"sender_lost"}
    assert sorted(Message.objects.filter(campaign=campaign).values_list("contact", flat=True)) == people
    assert counts.refresh(campaign.pk)["states"] == found


def test_reply_leaves_within_two_batches_of_a_campaign_of_three_thousand(
    team: Team, line: Line, gateway: Gateway, manager: Member, tmp_path: Path
) -> None:
    campaign = ready(team, line, make_people(team, 3000))
    gateway.latency_s = 0.05
    with running_worker(tmp_path):
        states.start(campaign, by=manager.user, expected=3000)
        wait_until(lambda: len(gateway.requests) >= 3, what="the campaign is leaving")
        assert waiting(campaign)
        before = len(gateway.requests)
        reply = write(team, line, manager)
        wait_until(lambda: reply.id_sms_api in gateway.accepted, what="the reply left")
    names = [{each["id_sms_api"] for each in request["messages"]} for request in gateway.requests]
    sent_in = next(number for number, each in enumerate(names, 1) if reply.id_sms_api in each)
    assert sent_in - before <= 2


def test_pause_and_cancel_take_effect_within_one_batch(
    team: Team, line: Line, gateway: Gateway, manager: Member, tmp_path: Path
) -> None:
    campaign = ready(team, line, make_people(team, 3000))
    gateway.latency_s = 0.05

    def batches() -> int:
        names = set(Message.objects.filter(campaign=campaign).values_list("id_sms_api", flat=True))
        sent = [{each["id_sms_api"] for each in request["messages"]} for request in list(gateway.requests)]
        return sum(not names.isdisjoint(each) for each in sent)

    def looked_again() -> None:
        """The sender had two turns: what a colleague writes left."""
        for _ in range(2):
            left = partial(gateway.accepted.__contains__, write(team, line, manager).id_sms_api)
            wait_until(left, what="a reply left")

    with running_worker(tmp_path):
        states.start(campaign, by=manager.user, expected=3000)
        wait_until(lambda: batches() >= 3, what="it is leaving")
        assert states.pause(campaign, by=manager.user)
        before = batches()
        looked_again()
        held = batches()
        assert held <= before + 1
        looked_again()
        assert batches() == held and waiting(campaign)

        assert states.resume(campaign, by=manager.user)
        wait_until(lambda: batches() >= held + 3, what="it goes on")
        assert states.cancel(campaign, by=manager.user)
        before = batches()
        looked_again()
        assert batches() <= before + 1
        wait_until(lambda: not waiting(campaign), what="its rows are closed")
    found = outcome(campaign)
    assert set(found) == {"submitted", "cancelled"} and found.total() == 3000
    assert set(gateway.accepted.values()) == {1}
    assert names_in(campaign, "cancelled").isdisjoint(gateway.accepted)
    assert counts.refresh(campaign.pk)["states"] == found


def write(team: Team, line: Line, manager: Member) -> Message:
    return enqueue(team, [Draft(line=line, number="+33639989999", text="Oui")], by=manager.user)[0]


def planner(campaign: Campaign, data: Path) -> "subprocess.Popen[bytes]":
    """A process that plans it, twenty people a transaction."""
    command = [sys.executable, "-m", "tests.faults.planning", str(campaign.pk), "20"]
    return subprocess.Popen(command, cwd=REPO, env=environment(data))


def test_planning_that_is_killed_and_raced_makes_every_row_once(
    team: Team, line: Line, manager: Member, tmp_path: Path
) -> None:
    people = make_people(team, 3000)
    nameless = people[::10]
    Contact.objects.filter(pk__in=nameless).update(first_name="")
    Line.objects.filter(pk=line.pk).update(state=Line.State.HELD)
    campaign = ready(team, line, people)
    states.start(campaign, by=manager.user, expected=3000)

    def planned_to() -> int:
        return int(Campaign.objects.values_list("planned_to", flat=True).get(pk=campaign.pk))

    def further(before: int) -> bool:
        return planned_to() > before

    for _ in range(3):
        before = planned_to()
        process = planner(campaign, tmp_path)
        wait_until(partial(further, before), what="a chunk is done")
        process.kill()
        process.wait()
        assert plan.due() == [campaign.pk]
        assert planned_to() < people[-1]
    racing = [planner(campaign, tmp_path) for _ in range(2)]
    assert [process.wait(WITHIN_S) for process in racing] == [0, 0]
    assert plan.due() == [] and planned_to() == people[-1]
    rows = Message.objects.filter(campaign=campaign)
    assert sorted(rows.values_list("contact", flat=True)) == people
    assert outcome(campaign) == {"planned": 2700, "skipped:field_empty:first_name": 300}
    assert sorted(rows.filter(state="skipped").values_list("contact", flat=True)) == nameless
    campaign.refresh_from_db()
    assert (campaign.expected, campaign.zones) == (3000, ["Europe/Paris"])
    assert campaign.counts["states"] == outcome(campaign)
