"""Whatever is done with a campaign, and whenever its sender is killed: everybody once, and every row accounted for."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import override_settings
from django.utils import timezone
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from contacts.models import Contact
from sms import consent
from sms.campaigns import counts, plan, states, watch
from sms.gateway import client
from sms.models import Campaign, CampaignLine, Line, Message
from sms.sending import drain as draining
from teams.access import Member
from teams.models import Team
from tests.gateway import Gateway
from tests.sms.campaigns.conftest import Make, make_people

pytestmark = pytest.mark.django_db

PEOPLE, BATCH, CHUNK = 12, 3, 5
OPEN = {"planned", "sending"}
LEFT = {"submitted", "uncertain"}
ENDED = ("finished", "cancelled")
PAST = "2020-01-01T00:00:00Z"


class Killed(BaseException):
    """kill -9: nothing that comes after is done."""


class Story:
    """A campaign, and what people, workers and bad luck do with it. A step that does not fit changes nothing."""

    def __init__(self, campaign: Campaign, line: Line, gateway: Gateway, by: Member) -> None:
        self.line, self.gateway, self.by = line, gateway, by
        self.rows = Message.objects.filter(campaign=campaign)
        self.found = Campaign.objects.filter(pk=campaign.pk)

    @property
    def campaign(self) -> Campaign:
        return self.found.select_related("team").get()

    # What people do.
    def start(self) -> None:
        with suppress(states.Refused):
            states.start(self.campaign, by=self.by.user, expected=PEOPLE)

    def start_later(self) -> None:
        self.found.filter(state="draft").update(starts_at=timezone.now() + timedelta(hours=1))
        self.start()

    def pause(self) -> None:
        states.pause(self.campaign, by=self.by.user)

    def resume(self) -> None:
        states.resume(self.campaign, by=self.by.user)

    def cancel(self) -> None:
        states.cancel(self.campaign, by=self.by.user)

    def someone_says_stop(self) -> None:
        row = self.rows.filter(state="planned").order_by("pk").first()
        if row is not None:
            contact = Contact.objects.get(messages=row)
            consent.note(contact, opted_out=True, reason="au téléphone", by=self.by.user)

    # What time does.
    def its_hour_comes(self) -> None:
        states.begin(timezone.now() + timedelta(hours=2))

    def time_passes(self) -> None:
        """Back-offs end, and leases of the dead."""
        Line.objects.update(not_before=None, lease_until=PAST)
        CampaignLine.objects.update(not_before=None)
        self.found.update(planner_until=PAST)

    def it_expires(self) -> None:
        self.found.exclude(state="draft").update(expires_at=PAST)

    # What workers do.
    def plan(self) -> None:
        while plan.plan(self.campaign.pk):
            pass

    def plan_and_be_killed(self) -> None:
        self._interrupted(plan, "_make", after=True, work=self.plan)

    def send(self) -> None:
        draining.drain(self.line.pk)

    def send_a_batch(self) -> None:
        """Then the worker is asked to end."""

        def last(*given: Any, **named: Any) -> Any:
            draining.ending.set()
            return send(*given, **named)

        send = client.send
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(client, "send", last)
            self.send()
        draining.ending.clear()

    def be_killed_before_the_request(self) -> None:
        self._interrupted(client, "send", after=False, work=self.send)

    def be_killed_after_the_request(self) -> None:
        self._interrupted(client, "send", after=True, work=self.send)

    def look_after_it(self) -> None:
        watch.look(self.campaign.pk)

    # What the gateway does.
    def gateway_refuses(self) -> None:
        self._with_gateway("429")

    def gateway_breaks(self) -> None:
        self._with_gateway("500")

    def _with_gateway(self, mode: str) -> None:
        self.gateway.mode = mode
        self.send_a_batch()
        self.gateway.mode = "ok"

    def _interrupted(self, module: Any, name: str, *, after: bool, work: Callable[[], None]) -> None:
        """A killed sender gives no lease back."""
        whole = getattr(module, name)

        def cut(*given: Any, **named: Any) -> None:
            if after:
                whole(*given, **named)
            raise Killed

        with pytest.MonkeyPatch.context() as patch, suppress(Killed):
            patch.setattr(module, name, cut)
            patch.setattr(draining, "release", lambda line_id, sender: None)
            work()

    def to_the_end(self) -> None:
        """Everybody does their work, and nothing goes wrong any more."""
        for _ in range(8):
            if self.campaign.state in ("draft", "finished"):
                break
            self.time_passes()
            self.its_hour_comes()
            self.resume()
            self.plan()
            self.send()
            self.look_after_it()

    # What must hold after every step.
    def check(self) -> None:
        rows = list(self.rows.values_list("contact", "state", "state_reason", "id_sms_api"))
        assert len({contact for contact, *_rest in rows}) == len(rows) <= PEOPLE
        assert all(times == 1 for times in self.gateway.accepted.values())
        assert {name for _contact, state, _reason, name in rows if state == "submitted"} <= set(
            self.gateway.accepted
        )
        told = Counter(f"{state}:{reason}" if state == "skipped" else state for _, state, reason, _ in rows)
        assert {state.partition(":")[0] for state in told} <= OPEN | LEFT | {"skipped", "cancelled"}
        assert "skipped:" not in told
        assert counts.exact(self.campaign.pk)["states"] == told

    def check_end(self) -> None:
        campaign, told = self.campaign, Counter(self.rows.values_list("state", flat=True))
        if campaign.state == "draft":
            assert not told and not self.gateway.accepted
            return
        assert campaign.state in ENDED
        assert OPEN.isdisjoint(told)
        left = set(self.rows.filter(state__in=LEFT).values_list("id_sms_api", flat=True))
        assert set(self.gateway.accepted) <= left
        # Planning goes no further for a campaign that was cancelled meanwhile.
        assert told.total() == PEOPLE or (campaign.state == "cancelled" and campaign.planned_at is None)


STEPS: Sequence[Callable[[Story], None]] = (
    Story.start,
    Story.start_later,
    Story.pause,
    Story.resume,
    Story.cancel,
    Story.someone_says_stop,
    Story.its_hour_comes,
    Story.time_passes,
    Story.it_expires,
    Story.plan,
    Story.plan_and_be_killed,
    Story.send,
    Story.send_a_batch,
    Story.be_killed_before_the_request,
    Story.be_killed_after_the_request,
    Story.look_after_it,
    Story.gateway_refuses,
    Story.gateway_breaks,
)
HOLDING = ("draft", "scheduled", "paused", *ENDED)


@override_settings(GATEWAY_BATCH=BATCH)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    # Most stories begin with a start, or nothing would happen in them.
    begin=st.sampled_from([[], [Story.start_later], [Story.start], *[[Story.start, Story.plan]] * 3]),
    steps=st.lists(st.sampled_from(STEPS), max_size=14),
)
@example(
    begin=[Story.start, Story.plan_and_be_killed],
    steps=[Story.be_killed_after_the_request, Story.pause, Story.time_passes, Story.send, Story.plan],
)
@example(
    begin=[Story.start, Story.plan],
    steps=[Story.be_killed_before_the_request, Story.gateway_breaks, Story.cancel, Story.send],
)
@example(
    begin=[Story.start_later, Story.plan, Story.someone_says_stop, Story.its_hour_comes],
    steps=[Story.gateway_refuses, Story.time_passes, Story.send_a_batch, Story.it_expires],
)
def test_any_order_of_steps_leaves_every_row_accounted_for(
    make: Make,
    team: Team,
    line: Line,
    gateway: Gateway,
    manager: Member,
    monkeypatch: pytest.MonkeyPatch,
    begin: list[Callable[[Story], None]],
    steps: list[Callable[[Story], None]],
) -> None:
    monkeypatch.setattr(plan, "CHUNK", CHUNK)
    # Nobody waits for what is planned in a second.
    monkeypatch.setattr(draining, "PATIENCE_S", 0.01)
    gateway.accepted.clear()
    with transaction.atomic():
        story = Story(make(make_people(team, PEOPLE)), line, gateway, manager)
        for step in (*begin, *steps):
            state, accepted = story.campaign.state, len(gateway.accepted)
            step(story)
            story.check()
            if state in HOLDING:
                assert len(gateway.accepted) == accepted
        story.to_the_end()
        story.check()
        story.check_end()
        transaction.set_rollback(True)
