"""The phone's address book: who is in it, changes only, and never in the way of a text."""

import json
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, connections
from django.utils import timezone

from contacts.duplicates.merge import merge
from contacts.models import Contact, ContactPhone
from sms.address_book import changed, push, state, switching, turn
from sms.address_book.settle import settle
from sms.gateway.contacts import BookOutcome, PushResult
from sms.lines import connect, holding
from sms.models import AddressBook, AddressBookEntry, Conversation, Line, Message
from sms.sending.drain import drain
from sms.sending.queue import Draft, enqueue
from teams.access import Member
from teams.models import AuditEntry, Team
from tests.conftest import contact_of, make_line
from tests.gateway import Gateway, running_gateway

pytestmark = pytest.mark.django_db


class Phone:
    """A gateway whose phone keeps an address book; `answer` tells what it says about a request."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self.people: dict[str, dict[str, str]] = {}
        self.requests: list[list[str]] = []
        self.paths: list[str] = []
        self.status = 200
        self.refused: dict[str, str] = {}
        self.most = 1000
        self.hang = threading.Event()
        self.hang.set()
        self.hanging = threading.Event()
        gateway.script = self.script

    def script(self, handler: Any) -> None:
        with self.gateway.lock:
            body = self.gateway.requests[-1]
        self.paths.append(handler.path)
        if "contacts" not in body:
            results = [{"id_sms_api": each["id_sms_api"], "sent": 1} for each in body["messages"]]
            return self._say(handler, 200, results)
        self.requests.append([each["phone_number"] for each in body["contacts"]])
        self.hanging.set()
        self.hang.wait(60)
        if self.status != 200 or len(body["contacts"]) > self.most:
            return self._say(handler, self.status if self.status != 200 else 413, {})
        rows = []
        for each in body["contacts"]:
            number = each["phone_number"]
            code = self.refused.get(number, "")
            if code in ("", "#004"):
                self.people[number] = each
            result = "success" if code in ("", "#004") else "failed"
            rows.append({"phonenumber": number, "result": result, "errors": [code] if code else []})
        return self._say(handler, 200, {"data": {"contact": rows}})

    def _say(self, handler: Any, status: int, answer: Any) -> None:
        raw = json.dumps(answer).encode()
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(raw)))
        handler.end_headers()
        try:
            handler.wfile.write(raw)
        except OSError:
            handler.close_connection = True

    def names(self) -> dict[str, str]:
        return {
            number: f"{each['firstname']} {each['lastname']}".strip() for number, each in self.people.items()
        }


@pytest.fixture
def phone() -> Iterator[Phone]:
    with running_gateway() as gateway:
        phone = Phone(gateway)
        yield phone
        phone.hang.set()


@pytest.fixture
def line(team: Team, phone: Phone, agent: Member) -> Line:
    return make_line(team, base_url=phone.gateway.url, holder=agent.user, push_contacts=True)


def talks(line: Line, number: str, **fields: Any) -> Contact:
    """Somebody of this number whose conversation goes through the line."""
    pk = contact_of(line.team, number)
    Contact.objects.filter(pk=pk).update(**fields)
    Conversation.objects.update_or_create(
        contact_id=pk,
        defaults={"team": line.team, "line": line, "last_at": timezone.now(), "last_kind": "in"},
    )
    return Contact.objects.get(pk=pk)


def named(line: Line, count: int) -> None:
    for index in range(count):
        talks(line, f"+3363998{index:04}", first_name="Prénom", last_name=f"{index}")


def again_at_once(line: Line) -> None:
    AddressBook.objects.filter(line=line).update(not_before=None, next_at=None)


def test_whoever_talks_on_the_line_or_is_looked_after_by_its_holder(
    line: Line, phone: Phone, agent: Member, manager: Member
) -> None:
    talks(line, "+33639984217", first_name="Camille", last_name="Aubertin")
    owned = contact_of(line.team, "+33639984218")
    Contact.objects.filter(pk=owned).update(first_name="Bruno", owner=agent.user)
    others = contact_of(line.team, "+33639984219")
    Contact.objects.filter(pk=others).update(first_name="Claire", owner=manager.user)
    talks(make_line(line.team, "Inès"), "+33639984220", first_name="Driss")
    assert push.push(line.pk) is False
    assert phone.names() == {"+33639984217": "Camille Aubertin", "+33639984218": "Bruno"}
    assert phone.paths == ["/api/contact"]


def test_company_stands_for_a_name_and_nobody_without_either_is_pushed(line: Line, phone: Phone) -> None:
    talks(line, "+33639984217", company="Énergie Bréhat")
    talks(line, "+33639984218")
    push.push(line.pk)
    assert phone.names() == {"+33639984217": "Énergie Bréhat"}


def test_every_number_that_can_be_texted_and_opted_out_people_too(line: Line, phone: Phone) -> None:
    camille = talks(line, "+33639984217", first_name="Camille", opted_out_at=timezone.now())
    ContactPhone.objects.create(team=line.team, contact=camille, number="+33639984299")
    ContactPhone.objects.create(team=line.team, contact=camille, number="INFO", textable=False)
    push.push(line.pk)
    assert phone.names() == {"+33639984217": "Camille", "+33639984299": "Camille"}


def test_only_changes_are_pushed(line: Line, phone: Phone) -> None:
    named(line, 3)
    push.push(line.pk)
    push.push(line.pk)
    assert [len(each) for each in phone.requests] == [3]
    Contact.objects.filter(last_name="1").update(last_name="Aubertin")
    # What is not in the address book changes nothing there.
    Contact.objects.filter(last_name="2").update(language="fr", custom={"a": 1})
    push.push(line.pk)
    assert phone.requests[1:] == [["+33639980001"]]
    assert phone.names()["+33639980001"] == "Prénom Aubertin"


def test_batches_of_a_hundred(line: Line, phone: Phone) -> None:
    named(line, 230)
    push.push(line.pk)
    assert [len(each) for each in phone.requests] == [100, 100, 30]
    assert len(phone.people) == 230
    assert state.of_line(line).word == "complete"


def test_refused_is_told_in_words_and_not_tried_again_until_it_changes(line: Line, phone: Phone) -> None:
    talks(line, "+33639984217", first_name="Camille", email="none")
    talks(line, "+33639984218", first_name="Bruno")
    phone.refused = {"+33639984217": "#004", "+33639984218": "#001"}
    push.push(line.pk)
    book = state.of_line(line)
    assert (book.inside, book.refused) == (1, 1)
    assert [(each.entry.contact.first_name, str(each.words)) for each in book.remarks] == [
        ("Bruno", "The gateway takes this for no phone number."),
        ("Camille", "Added without the e-mail address: the gateway takes it for none."),
    ]
    push.push(line.pk)
    assert len(phone.requests) == 1
    phone.refused = {}
    Contact.objects.filter(first_name="Bruno").update(last_name="Lachenal")
    push.push(line.pk)
    assert (state.of_line(line).inside, state.of_line(line).refused) == (2, 0)


def test_push_again_tells_everybody(line: Line, phone: Phone) -> None:
    named(line, 2)
    push.push(line.pk)
    switching.again(line)
    assert state.of_line(line).word == "filling"
    push.push(line.pk)
    assert [len(each) for each in phone.requests] == [2, 2]
    assert state.of_line(line).word == "complete"
    push.push(line.pk)
    assert len(phone.requests) == 2


def test_nothing_is_pushed_unless_asked_for(team: Team, phone: Phone) -> None:
    line = make_line(team, base_url=phone.gateway.url)
    talks(line, "+33639984217", first_name="Camille")
    push.push(line.pk)
    assert (phone.requests, turn.due(10), state.of_line(line).word) == ([], [], "off")


@pytest.mark.parametrize("values", [{"state": "held"}, {"test_mode": True}])
def test_paused_with_the_line(line: Line, phone: Phone, values: dict[str, Any]) -> None:
    named(line, 1)
    Line.objects.filter(pk=line.pk).update(**values)
    push.push(line.pk)
    assert (phone.requests, turn.due(10)) == ([], [])


def test_paused_while_the_line_backs_off(line: Line, phone: Phone) -> None:
    named(line, 1)
    Line.objects.filter(pk=line.pk).update(not_before=timezone.now() + timedelta(minutes=1))
    push.push(line.pk)
    assert (phone.requests, turn.due(10)) == ([], [])


def test_gives_way_to_a_sender(line: Line, phone: Phone) -> None:
    named(line, 1)
    Line.objects.filter(pk=line.pk).update(sender="x", lease_until=timezone.now() + timedelta(seconds=20))
    push.push(line.pk)
    assert phone.requests == []


def test_refused_key_stops_the_book_and_not_the_line(line: Line, phone: Phone, agent: Member) -> None:
    named(line, 1)
    phone.status = 403
    push.push(line.pk)
    line.refresh_from_db()
    assert line.state == "active"
    book = state.of_line(line)
    assert (book.word, str(book.stopped_why)) == (
        "stopped",
        "the gateway does not let this account fill the address book.",
    )
    assert AuditEntry.objects.get(action="line.address_book_stopped").detail == {"reason": "forbidden"}
    push.push(line.pk)
    assert len(phone.requests) == 1
    phone.status = 200
    connect.change(line, {"contact_path": "/api/addcontactSolo"}, accept_automation=False, by=agent.user)
    push.push(line.pk)
    assert (phone.paths[-1], len(phone.people)) == ("/api/addcontactSolo", 1)


def test_resuming_the_line_lets_the_book_try_again(line: Line, phone: Phone) -> None:
    named(line, 1)
    phone.status = 401
    push.push(line.pk)
    phone.status = 200
    holding.resume(line)
    push.push(line.pk)
    assert len(phone.people) == 1


@pytest.mark.parametrize(("status", "least"), [(500, 20), (429, 50)])
def test_trouble_backs_off_the_book_alone(line: Line, phone: Phone, status: int, least: int) -> None:
    named(line, 1)
    phone.status = status
    push.push(line.pk)
    book = AddressBook.objects.get(line=line)
    assert book.not_before is not None
    assert book.not_before > timezone.now() + timedelta(seconds=least)
    assert (state.of_line(line).word, turn.due(10)) == ("waiting", [])
    line.refresh_from_db()
    assert (line.state, line.not_before, line.failures) == ("active", None, 0)
    enqueue(line.team, [Draft(line=line, number="+33639984217", text="Bonjour")], by=None)
    drain(line.pk)
    assert Message.objects.get().state == "submitted"
    phone.status = 200
    again_at_once(line)
    push.push(line.pk)
    assert (len(phone.people), state.of_line(line).word) == (1, "complete")


def test_request_that_is_too_large_is_halved(line: Line, phone: Phone) -> None:
    named(line, 100)
    phone.most = 30
    push.push(line.pk)
    assert len(phone.people) == 100
    assert [len(each) for each in phone.requests][:3] == [100, 50, 25]


def test_merged_person_is_pushed_under_the_kept_name(line: Line, phone: Phone) -> None:
    one = talks(line, "+33639984217", first_name="Camille", last_name="Aubertin")
    other = talks(line, "+33639984218", first_name="Cam")
    push.push(line.pk)
    merge(one.pk, other.pk, None)
    push.push(line.pk)
    assert phone.requests[1:] == [["+33639984218"]]
    assert phone.names() == dict.fromkeys(["+33639984217", "+33639984218"], "Camille Aubertin")


def test_person_who_is_erased_meanwhile_is_not_written_down(line: Line, phone: Phone) -> None:
    camille = talks(line, "+33639984217", first_name="Camille")
    people = changed.of_line(line.pk, 10)
    Contact.objects.filter(pk=camille.pk).delete()
    AddressBook.objects.filter(line=line).update(worker="me")
    settle(line.pk, line.team_id, "me", people, PushResult({"+33639984217": BookOutcome("made")}))
    assert AddressBookEntry.objects.count() == 0


def test_sweep_finds_lines_without_a_book_and_waits_between_two_looks(line: Line, phone: Phone) -> None:
    AddressBook.objects.all().delete()
    assert turn.due(10) == [line.pk]
    push.push(line.pk)
    assert turn.due(10) == []
    AddressBook.objects.update(next_at=timezone.now() - timedelta(seconds=1))
    assert turn.due(10) == [line.pk]


def test_no_more_books_at_once_than_the_settings_say(line: Line, settings: Any) -> None:
    settings.ADDRESS_BOOKS_AT_ONCE = 1
    other = make_line(line.team, "Inès", push_contacts=True)
    assert turn.take(line.pk, "a") is not None
    assert turn.take(other.pk, "b") is None
    assert turn.take(line.pk, "b") is None
    assert turn.take(line.pk, "a") is not None
    turn.release(line.pk, "a", rest_s=0, complete=False)
    assert turn.take(other.pk, "b") is not None


@pytest.mark.django_db(transaction=True)
def test_hanging_address_book_delays_no_text(line: Line, phone: Phone, settings: Any) -> None:
    settings.ADDRESS_BOOK_DEADLINE_S = 60.0
    named(line, 1)
    phone.hang.clear()

    def pushing() -> None:
        push.push(line.pk)
        connections.close_all()

    thread = threading.Thread(target=pushing)
    thread.start()
    try:
        assert phone.hanging.wait(60)
        enqueue(line.team, [Draft(line=line, number="+33639984217", text="Bonjour")], by=None)
        drain(line.pk)
        assert Message.objects.get().state == "submitted"
        assert thread.is_alive()
    finally:
        phone.hang.set()
        thread.join(60)
    assert AddressBookEntry.objects.count() == 1


def test_twenty_thousand_people_are_compared_in_no_time(line: Line, phone: Phone) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH people AS (
                INSERT INTO contacts_contact (team_id, first_name, last_name, company, email, created_at, updated_at)
                SELECT %s, 'P' || n, 'N' || n, '', '', now(), now() FROM generate_series(1, 20000) n RETURNING id
            ), numbers AS (
                INSERT INTO contacts_contactphone (team_id, contact_id, number, textable, is_primary, created_at)
                SELECT %s, id, '+336' || lpad(id::text, 8, '0'), true, true, now() FROM people
            )
            INSERT INTO sms_conversation (contact_id, team_id, line_id, unread, trouble, last_at, last_kind, preview)
            SELECT id, %s, %s, 0, '', now(), 'in', '' FROM people""",
            [line.team_id, line.team_id, line.team_id, line.pk],
        )
    started = time.monotonic()
    assert len(changed.of_line(line.pk, 2000)) == 2000
    assert time.monotonic() - started < 20
