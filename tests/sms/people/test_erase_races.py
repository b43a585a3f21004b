"""Erasing somebody while the worker writes about them, from two connections."""

import json
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection, transaction
from django.utils import timezone

from contacts.models import Contact
from contacts.people import resolve
from contacts.privacy import erase
from contacts.privacy.traces import Traces
from sms.callbacks import apply
from sms.gateway.results import Outcome, SendResult
from sms.models import Callback, Line, Message, SendAttempt
from sms.sending.claim import claim
from sms.sending.queue import Draft, enqueue
from sms.sending.settle import settle
from teams.models import Team
from tests.conftest import contact_of, make_line

pytestmark = pytest.mark.django_db(transaction=True)

NUMBER = "+33639984217"
PATIENCE_S = 60.0


class Beside:
    """Runs `work` on a connection of its own. `result()` waits for it and raises what it raised."""

    def __init__(self, work: Callable[[], Any]) -> None:
        self._work, self._told, self._error = work, None, None
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._told = self._work()
        except BaseException as error:  # noqa: BLE001 - raised again by result()
            self._error = error  # type: ignore[assignment]
        finally:
            connection.close()

    def result(self) -> Any:
        self._thread.join(PATIENCE_S)
        assert not self._thread.is_alive(), "it waits for ever"
        if self._error is not None:
            raise self._error
        return self._told


def waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
        )
        return bool(cursor.fetchone()[0])


def until(condition: Callable[[], bool]) -> None:
    end = threading.Event()
    for _ in range(int(PATIENCE_S * 50)):
        if condition():
            return
        end.wait(0.02)
    raise AssertionError("it never came to that")


def text(line: Line, words: str, number: str = NUMBER) -> Callback:
    payload = {
        "title": "incoming_sms",
        "from": number,
        "message": words,
        "date": timezone.now().astimezone(UTC).isoformat(),
    }
    return Callback.objects.create(
        team=line.team,
        line=line,
        query=f"message={quote(json.dumps(payload))}".encode(),
        received_at=timezone.now(),
    )


class Pause:
    """Stops an erasure inside its transaction."""

    def __init__(self) -> None:
        self.reached, self.go_on = threading.Event(), threading.Event()

    def erase(self, _found: Traces) -> Counter[str]:
        self.reached.set()
        assert self.go_on.wait(PATIENCE_S)
        return Counter()


@pytest.fixture
def pause() -> Iterator[Pause]:
    pause = Pause()
    eraser = erase.Eraser(trace=lambda found: None, erase=pause.erase)
    erase._erasers.append(eraser)
    yield pause
    erase._erasers.remove(eraser)


def test_what_a_batch_writes_meanwhile_is_erased_too(team: Team) -> None:
    line = make_line(team)
    person = Contact.objects.get(pk=contact_of(team, NUMBER))
    written, go_on = threading.Event(), threading.Event()

    def batch() -> None:
        with transaction.atomic():
            found = resolve.find_or_add([(team.pk, NUMBER)])[team.pk, NUMBER]
            written.set()
            assert go_on.wait(PATIENCE_S)
            now = timezone.now()
            Message.objects.create(
                team=team, line=line, contact_id=found.contact_id, direction="in", state="received",
                number=NUMBER, text="Bonjour", happened_at=now, received_at=now,
            )  # fmt: skip

    beside = Beside(batch)
    assert written.wait(PATIENCE_S)
    erasure = Beside(lambda: erase.erase(person, None))
    until(waits_for_a_lock)
    go_on.set()
    beside.result()
    assert erasure.result()["messages"] == 1
    assert not Message.objects.exists() and not Contact.objects.exists()


def test_a_batch_that_meets_an_erasure_waits_and_makes_somebody_new(team: Team, pause: Pause) -> None:
    line = make_line(team)
    text(line, "Bonjour")
    sent = enqueue(team, [Draft(line, NUMBER, "Bonjour")], by=None)[0]
    apply.apply_batch()
    Message.objects.filter(pk=sent.pk).update(state="submitted")
    person = Contact.objects.get(phones__number=NUMBER)
    erasure = Beside(lambda: erase.erase(person, None))
    assert pause.reached.wait(PATIENCE_S)
    # Came while it is under way: their text, somebody else's, and what became of a message of theirs.
    text(line, "Encore moi")
    text(line, "Bonjour", "+33639989999")
    status = {"id_sms_api": sent.id_sms_api, "status": "received", "date_status": ""}
    Callback.objects.create(
        team=team,
        line=line,
        query=f"status={quote(json.dumps(status))}".encode(),
        received_at=timezone.now(),
    )
    batch = Beside(lambda: apply.apply_batch())
    until(waits_for_a_lock)
    pause.go_on.set()
    assert erasure.result()["people"] == 1
    assert batch.result() == 3
    assert not Callback.objects.filter(state="quarantined").exists()
    assert Callback.objects.get(state="parked").parked_for == sent.id_sms_api
    again = Contact.objects.get(phones__number=NUMBER)
    assert again.pk != person.pk and again.opted_out_at is not None
    assert Message.objects.get(contact=again).text == "Encore moi"


def test_two_admins_erase_the_same_person(team: Team, pause: Pause) -> None:
    person = Contact.objects.get(pk=contact_of(team, NUMBER))
    first = Beside(lambda: erase.erase(person, None))
    assert pause.reached.wait(PATIENCE_S)
    second = Beside(lambda: erase.erase(person, None))
    until(waits_for_a_lock)
    pause.go_on.set()
    assert first.result()["people"] == 1
    assert second.result() == {}


def test_an_answer_about_a_message_that_is_gone_settles_the_others(team: Team) -> None:
    line = make_line(team)
    gone, stays = enqueue(
        team, [Draft(line, NUMBER, "Bonjour"), Draft(line, "+33639989999", "Bonjour")], by=None
    )
    taken = claim(line, "a sender")
    assert taken is not None and len(taken.messages) == 2
    Message.objects.filter(pk=gone.pk).delete()
    outcomes = {
        each.id_sms_api: Outcome(state="submitted", reason="", gateway_id=None, words="", segments=1)
        for each in (gone, stays)
    }
    result = SendResult(outcomes=outcomes, line_held=None, retry_after_s=None, raw="{}", error="", status=200)
    assert settle(line.pk, team.pk, "a sender", taken.messages, result, 0.1) is False
    stays.refresh_from_db()
    assert stays.state == "submitted"
    assert SendAttempt.objects.count() == 1


def test_a_claim_and_an_erasure_never_both_win(team: Team, pause: Pause) -> None:
    """Whoever erases first leaves nothing to send; the claim passes over what is held."""
    line = make_line(team)
    enqueue(team, [Draft(line, NUMBER, "Bonjour")], by=None)
    person = Contact.objects.get(phones__number=NUMBER)
    erasure = Beside(lambda: erase.erase(person, None))
    assert pause.reached.wait(PATIENCE_S)
    taken = Beside(lambda: claim(line, "a sender")).result()
    assert taken is not None and taken.messages == []
    pause.go_on.set()
    assert erasure.result()["cancelled"] == 1
    assert not Message.objects.exists()
