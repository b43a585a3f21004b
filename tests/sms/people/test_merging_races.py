"""Callbacks and merges at the same moment, on two connections: one waits for the other, and nothing is lost."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from contacts.duplicates.merge import AlreadyMerged, merge
from contacts.models import Contact, ContactPhone
from sms.callbacks import apply, facts
from sms.models import Callback, Conversation, Line, Message
from sms.sending.queue import Draft, enqueue
from teams.models import Team
from tests.conftest import contact_of

pytestmark = pytest.mark.django_db(transaction=True)

PATIENCE_S = 60.0
LOW, HIGH = "+33639984217", "+33639984218"


def written(line: Line, number: str, words: str) -> None:
    payload = {"title": "incoming_sms", "from": number, "message": words, "date": timezone.now().isoformat()}
    query = "message=" + quote(json.dumps(payload))
    Callback.objects.create(team=line.team, line=line, query=query.encode(), received_at=timezone.now())


def delivered(line: Line, message: Message) -> None:
    payload = {"status": "received", "phone_number": message.number, "id_sms_api": message.id_sms_api}
    query = "status=" + quote(json.dumps(payload | {"date_status": timezone.now().isoformat()}))
    Callback.objects.create(team=line.team, line=line, query=query.encode(), received_at=timezone.now())


def clicked(line: Line, message: Message) -> None:
    payload = {
        "title": "clicked link",
        "phone_number": message.number,
        "link": "x",
        "id_sms_api": message.id_sms_api,
    }
    query = "clics=" + quote(json.dumps(payload | {"date": timezone.now().isoformat()}))
    Callback.objects.create(team=line.team, line=line, query=query.encode(), received_at=timezone.now())


@contextmanager
def beside(work: Callable[[], object]) -> Iterator[threading.Thread]:
    """Runs `work` on a connection of its own; what it raised is raised at the end."""
    errors: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001 - told at the end
            errors.append(error)
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield thread
    finally:
        thread.join(PATIENCE_S)
    assert not thread.is_alive()
    if errors:
        raise errors[0]


# What waits for a row's transaction names no database: whoever waits holds a lock on a table of this one.
WAITING = """
SELECT count(*) FROM pg_locks waiting JOIN pg_locks held USING (pid) JOIN pg_database here ON here.oid = held.database
WHERE NOT waiting.granted AND here.datname = current_database()
"""


def wait_for_a_lock(thread: threading.Thread) -> None:
    """Until the other connection waits for one of ours."""
    for _ in range(int(PATIENCE_S * 50)):
        with connection.cursor() as cursor:
            cursor.execute(WAITING)
            if cursor.fetchone()[0]:
                return
        time.sleep(0.02)
    assert thread.is_alive(), "it went through without waiting"
    pytest.fail("nobody waited")


def nothing_lost(texts: int, contact: int) -> None:
    assert set(Callback.objects.values_list("state", flat=True)) == {"applied"}
    assert Message.objects.filter(direction="in", contact_id=contact).count() == texts
    assert Message.objects.exclude(contact_id=contact).count() == 0
    assert [row.contact_id for row in Conversation.objects.all()] == [contact]


@pytest.mark.parametrize("kept_first", [True, False])
def test_merge_waits_for_callbacks_that_are_being_applied(
    team: Team, line: Line, monkeypatch: pytest.MonkeyPatch, kept_first: bool
) -> None:
    low, high = contact_of(team, LOW), contact_of(team, HIGH)
    kept, gone = (low, high) if kept_first else (high, low)
    number = HIGH if gone == high else LOW
    sent = enqueue(team, [Draft(line=line, number=number, text="Bonjour", url="https://x.example")], by=None)[
        0
    ]
    Message.objects.update(state="submitted")
    written(line, number, "Oui")
    clicked(line, sent)
    delivered(line, sent)
    began, go_on = threading.Event(), threading.Event()
    write = facts.write

    def slowly(items: Any) -> None:
        began.set()
        go_on.wait(PATIENCE_S)
        write(items)

    monkeypatch.setattr(facts, "write", slowly)
    with beside(apply.apply_batch) as applying:
        assert began.wait(PATIENCE_S)
        with beside(lambda: merge(kept, gone, None)) as merging:
            wait_for_a_lock(merging)
            go_on.set()
        applying.join(PATIENCE_S)
    nothing_lost(1, kept)
    assert Message.objects.get(pk=sent.pk).state == "delivered"
    assert sent.clicks.get().contact_id == kept


def test_callbacks_wait_for_a_merge_and_find_the_kept_one(team: Team, line: Line) -> None:
    kept, gone = contact_of(team, LOW), contact_of(team, HIGH)
    sent = enqueue(team, [Draft(line=line, number=HIGH, text="Bonjour", url="https://x.example")], by=None)[0]
    Message.objects.update(state="submitted")
    written(line, HIGH, "Oui")
    written(line, LOW, "Merci")
    clicked(line, sent)
    with transaction.atomic():
        merge(kept, gone, None)
        with beside_until_commit(apply.apply_batch) as applying:
            wait_for_a_lock(applying)
    applying.join(PATIENCE_S)
    assert not applying.is_alive()
    nothing_lost(2, kept)
    assert sent.clicks.get().contact_id == kept
    assert ContactPhone.objects.filter(contact_id=kept).count() == 2


@contextmanager
def beside_until_commit(work: Callable[[], object]) -> Iterator[threading.Thread]:
    """As `beside`, without waiting: the work ends after our commit."""

    def run() -> None:
        try:
            work()
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    yield thread


def test_text_that_is_written_while_somebody_merges_reaches_the_kept_one(team: Team, line: Line) -> None:
    kept, gone = contact_of(team, LOW), contact_of(team, HIGH)
    with transaction.atomic():
        merge(kept, gone, None)
        with beside_until_commit(
            lambda: enqueue(team, [Draft(line=line, number=HIGH, text="Bonjour")], by=None)
        ) as writing:
            wait_for_a_lock(writing)
    writing.join(PATIENCE_S)
    assert Message.objects.get().contact_id == kept


def test_two_merges_of_the_same_two_end_as_one(team: Team) -> None:
    one, other = contact_of(team, LOW), contact_of(team, HIGH)
    refused: list[int] = []

    def second() -> None:
        try:
            merge(other, one, None)
        except AlreadyMerged as error:
            refused.append(error.kept_id)

    with transaction.atomic():
        merge(one, other, None)
        with beside_until_commit(second) as merging:
            wait_for_a_lock(merging)
    merging.join(PATIENCE_S)
    assert refused == [one]
    assert Contact.objects.count() == 1


def test_hundreds_of_callbacks_while_people_are_merged(team: Team, line: Line) -> None:
    numbers = [f"+3363998{index:04}" for index in range(60)]
    people = [contact_of(team, number) for number in numbers]
    for index in range(600):
        written(line, numbers[index * 7 % 60], f"Message {index}")
    done = threading.Event()

    def applying() -> None:
        while apply.apply_batch(limit=40) or not done.is_set():
            pass

    with beside(applying), beside(applying):
        for kept, gone in zip(people[1::2], people[::2], strict=True):
            merge(kept, gone, None)
        done.set()
    assert set(Callback.objects.values_list("state", flat=True)) == {"applied"}
    assert Message.objects.count() == 600
    assert Contact.objects.count() == 30
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM sms_message m JOIN contacts_contactphone p ON p.number = m.number"
            " WHERE p.contact_id <> m.contact_id"
        )
        assert cursor.fetchone()[0] == 0
    unread = Conversation.objects.values_list("unread", flat=True)
    assert sum(unread) == 600
