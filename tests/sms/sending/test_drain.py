"""A line's drain against a real HTTP server: what is accepted, what is kept, what is never sent twice."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from contacts.models import Contact
from sms.lines import holding
from sms.models import Callback, Line, Message, SendAttempt
from sms.sending import claim as claiming
from sms.sending import decide
from sms.sending.drain import drain
from sms.sending.queue import Draft, enqueue
from teams.access import Member
from teams.models import AuditEntry, Team
from tests.conftest import contact_of, make_line
from tests.gateway import Gateway, running_gateway

pytestmark = pytest.mark.django_db


@pytest.fixture
def gateway() -> Iterator[Gateway]:
    with running_gateway() as gateway:
        yield gateway


@pytest.fixture
def line(team: Team, gateway: Gateway) -> Line:
    return make_line(team, base_url=gateway.url)


def queue(team: Team, line: Line, count: int = 3, **given: object) -> list[Message]:
    drafts = [
        Draft(line=line, number=f"+3363998{index:04d}", text=f"Bonjour {index}", **given)  # type: ignore[arg-type]
        for index in range(count)
    ]
    return enqueue(team, drafts, by=None)


def states() -> Counter[str]:
    return Counter(Message.objects.values_list("state", flat=True))


def test_queued_messages_are_handed_over_once(team: Team, line: Line, gateway: Gateway) -> None:
    messages = queue(team, line, 250)
    drain(line.pk)
    assert states() == {"submitted": 250}
    assert gateway.accepted == Counter(message.id_sms_api for message in messages)
    assert [len(request["messages"]) for request in gateway.requests] == [100, 100, 50]
    assert Message.objects.exclude(submitted_at=None).count() == 250


@pytest.mark.parametrize("mode", ["reset", "500", "html", "empty", "truncated"])
def test_what_may_have_been_accepted_is_uncertain_and_stays(
    mode: str, team: Team, line: Line, gateway: Gateway
) -> None:
    queue(team, line)
    gateway.mode = mode
    drain(line.pk)
    gateway.mode = "ok"
    drain(line.pk)
    assert set(states()) <= {"uncertain", "submitted"}
    assert states()["uncertain"] >= 2
    assert max(gateway.accepted.values()) == 1
    if mode in ("500", "html"):
        assert SendAttempt.objects.order_by("id")[0].answer in ("oops", "<html>503</html>")


def test_gateway_that_hangs_past_the_deadline_leaves_uncertain(
    team: Team, line: Line, gateway: Gateway, settings: object
) -> None:
    settings.GATEWAY_DEADLINE_S = 0.5  # type: ignore[attr-defined]
    queue(team, line)
    gateway.mode = "hang"
    drain(line.pk)
    assert states() == {"uncertain": 3}
    assert max(gateway.accepted.values()) == 1


@pytest.mark.parametrize("mode", ["401", "404"])
def test_wrong_setting_holds_the_line_and_fails_nothing(
    mode: str, team: Team, line: Line, gateway: Gateway
) -> None:
    queue(team, line)
    gateway.mode = mode
    drain(line.pk)
    drain(line.pk)
    line.refresh_from_db()
    assert line.state == Line.State.HELD
    assert states() == {"queued": 3}
    assert len(gateway.requests) == 1
    assert AuditEntry.objects.filter(action="line.held").count() == 1
    gateway.mode = "ok"
    holding.resume(line)
    drain(line.pk)
    assert states() == {"submitted": 3}
    assert max(gateway.accepted.values()) == 1


def test_rate_limit_waits_a_minute_in_order(team: Team, line: Line, gateway: Gateway) -> None:
    messages = queue(team, line)
    gateway.mode = "429"
    before = timezone.now()
    drain(line.pk)
    line.refresh_from_db()
    assert line.not_before is not None
    assert line.not_before >= before + timedelta(seconds=60)
    gateway.mode = "ok"
    drain(line.pk)
    assert states() == {"queued": 3}
    Line.objects.update(not_before=None)
    drain(line.pk)
    sent = [each["id_sms_api"] for each in gateway.requests[-1]["messages"]]
    assert sent == [message.id_sms_api for message in messages]


def test_refused_connections_back_off_and_open_the_circuit(team: Team) -> None:
    line = make_line(team, base_url="http://127.0.0.1:9")
    queue(team, line)
    waits = []
    for _ in range(6):
        drain(line.pk)
        line.refresh_from_db()
        assert line.not_before is not None
        waits.append((line.not_before - timezone.now()).total_seconds())
        Line.objects.update(not_before=None)
    assert states() == {"queued": 3}
    assert waits[0] < 4
    assert waits[-1] > 40
    assert line.failures == 6


def test_conversation_goes_before_what_a_program_queued(team: Team, line: Line, gateway: Gateway) -> None:
    queue(team, line, 150, lane=Message.Lane.API)
    reply = enqueue(team, [Draft(line=line, number="+33639984217", text="Oui")], by=None)[0]
    drain(line.pk)
    assert gateway.requests[0]["messages"][0]["id_sms_api"] == reply.id_sms_api


def test_scheduled_message_waits_for_its_time(team: Team, line: Line, gateway: Gateway) -> None:
    queue(team, line, 1, due_at=timezone.now() + timedelta(hours=1))
    drain(line.pk)
    assert states() == {"queued": 1}
    Message.objects.update(due_at=timezone.now())
    drain(line.pk)
    assert states() == {"submitted": 1}


def test_cancelled_message_never_leaves(team: Team, line: Line, gateway: Gateway) -> None:
    (message,) = queue(team, line, 1)
    assert decide.cancel(message)
    drain(line.pk)
    assert states() == {"cancelled": 1}
    assert not gateway.requests
    assert not decide.cancel(message)


def test_who_opted_out_while_queued_is_skipped(team: Team, line: Line, gateway: Gateway) -> None:
    first, second = queue(team, line, 2)
    Contact.objects.filter(messages=first).update(opted_out_at=timezone.now())
    drain(line.pk)
    first.refresh_from_db()
    assert (first.state, first.state_reason) == ("skipped", "opted_out")
    assert list(gateway.accepted) == [second.id_sms_api]


def test_message_to_who_opted_out_is_skipped_unless_answered_with_a_reason(
    team: Team, line: Line, gateway: Gateway
) -> None:
    contact = contact_of(team, "+33639984217")
    Contact.objects.filter(pk=contact).update(opted_out_at=timezone.now())
    skipped, answer = enqueue(
        team,
        [
            Draft(line=line, number="+33639984217", text="Promo"),
            Draft(line=line, number="+33639984217", text="Oui", override_reason="They asked"),
        ],
        by=None,
    )
    assert (skipped.state, skipped.state_reason) == ("skipped", "opted_out")
    drain(line.pk)
    answer.refresh_from_db()
    assert answer.state == "submitted"


def test_sender_id_that_is_no_number_is_never_texted(team: Team, line: Line, gateway: Gateway) -> None:
    (message,) = enqueue(team, [Draft(line=line, number="INFO", text="Bonjour")], by=None)
    assert (message.state, message.state_reason) == ("skipped", "not_textable")


def test_killed_senders_messages_become_uncertain_after_its_lease(
    team: Team, line: Line, gateway: Gateway
) -> None:
    queue(team, line, 150)
    taken = claiming.claim(line, "killed")
    assert taken is not None
    assert len(taken.messages) == 100
    # While the lease runs, nobody else sends.
    assert claiming.claim(line, "next") is None
    Line.objects.update(lease_until=timezone.now() - timedelta(seconds=1))
    drain(line.pk)
    assert states() == {"uncertain": 100, "submitted": 50}
    assert not set(gateway.accepted) & {message.id_sms_api for message in taken.messages}


def test_pace_spreads_messages(team: Team, gateway: Gateway) -> None:
    line = make_line(team, base_url=gateway.url, pace=60)
    queue(team, line, 5)
    taken = claiming.claim(line, "me")
    assert taken is not None
    assert len(taken.messages) == 2
    after = claiming.claim(line, "me")
    assert after is not None
    assert not after.messages
    assert 1 < after.wait_s <= 2


def test_delivery_that_is_quicker_than_our_own_note_is_not_lowered(
    team: Team, line: Line, gateway: Gateway
) -> None:
    (message,) = queue(team, line, 1)
    taken = claiming.claim(line, "me")
    assert taken is not None
    Message.objects.filter(pk=message.pk).update(state="delivered")
    from sms.gateway.results import Outcome, SendResult
    from sms.sending.settle import settle

    result = SendResult(outcomes={message.id_sms_api: Outcome("submitted")}, status=200)
    settle(line.pk, team.pk, "me", taken.messages, result, 0.1)
    message.refresh_from_db()
    assert message.state == "delivered"


def test_callback_under_the_gateways_own_id_is_matched_after_the_answer(
    team: Team, line: Line, gateway: Gateway
) -> None:
    from sms.gateway.results import Outcome, SendResult
    from sms.sending.settle import settle

    (message,) = queue(team, line, 1)
    taken = claiming.claim(line, "me")
    assert taken is not None
    Callback.objects.create(
        team=team, line=line, query=b"", state="parked", parked_for="GW1", received_at=timezone.now()
    )
    result = SendResult(outcomes={message.id_sms_api: Outcome("submitted", gateway_id="GW1")}, status=200)
    settle(line.pk, team.pk, "me", taken.messages, result, 0.1)
    message.refresh_from_db()
    assert message.gateway_id == "GW1"
    assert Callback.objects.get().state == "received"


def test_uncertain_message_is_repeated_once_on_a_persons_decision(
    team: Team, line: Line, gateway: Gateway, agent: Member
) -> None:
    queue(team, line, 1)
    gateway.mode = "500"
    drain(line.pk)
    message = Message.objects.get()
    gateway.mode = "ok"
    again = decide.send_again(message, by=agent.user)
    assert again is not None
    assert decide.send_again(message, by=agent.user) is None
    assert not decide.leave(message, by=agent.user)
    drain(line.pk)
    again.refresh_from_db()
    assert again.state == "submitted"
    assert again.id_sms_api != message.id_sms_api
