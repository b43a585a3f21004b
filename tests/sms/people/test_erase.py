"""Erased means erased: the whole database is read as text afterwards, and nothing of the person is in it."""

from datetime import UTC, timedelta
from urllib.parse import quote

import pytest
from django.utils import timezone

from contacts.models import (
    Contact,
    Import,
    ImportRow,
    Suppression,
)
from contacts.people import numbers, resolve
from contacts.privacy import erase, suppression
from sms import consent
from sms.callbacks import apply
from sms.models import Callback, Conversation, KnownEvent, Line, Message, SendAttempt
from sms.sending.claim import claim
from sms.sending.queue import Draft, enqueue
from teams import files
from teams.access import Member
from teams.models import AuditEntry, Team
from tests.conftest import contact_of
from tests.contacts.imports.given import done, lines
from tests.sms.people.life import NUMBER, OTHER, SECOND, Life, callback, dump, traces_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def life(team: Team, admin: Member) -> Life:
    return Life(team, admin)


def test_world_knows_the_person_before(life: Life) -> None:
    tables = {line.partition(":")[0] for line in traces_in(dump())}
    assert {
        "contacts_contact",
        "contacts_contactphone",
        "contacts_consentchange",
        "contacts_followup",
        "contacts_importrow",
        "contacts_importchange",
        "contacts_merge",
        "contacts_savedview",
        "django_admin_log",
        "sms_call",
        "sms_callback",
        "sms_conversation",
        "sms_line",
        "sms_message",
        "sms_note",
        "sms_qualification",
        "sms_sendattempt",
        "teams_auditentry",
        "teams_idempotencykey",
        "teams_storedchunk",
    } <= tables


def test_nothing_of_the_person_is_left_anywhere(life: Life) -> None:
    gone = erase.erase(life.person, life.admin.user)
    assert traces_in(dump()) == []
    assert gone["people"] == 1 and gone["messages"] == 4 and gone["cancelled"] == 1
    assert gone["import_files"] == 1 and gone["import_rows"] == 4 and gone["export_files"] == 1


def test_what_is_other_peoples_stays(life: Life) -> None:
    erase.erase(life.person, life.admin.user)
    assert ImportRow.objects.filter(pk=life.kept_row.pk).exists()
    life.clean.refresh_from_db()
    assert life.clean.file_id is not None and life.clean.state == "checked"
    life.run.refresh_from_db()
    assert (life.run.file_id, life.run.state) == (None, "failed") and life.run.error
    assert Message.objects.filter(number=OTHER, text="Bonjour").exists()
    # Of an answer for several, the others' results stay.
    assert "theirs12345" in SendAttempt.objects.get(messages_count=2).answer
    life.export.refresh_from_db()
    assert life.export.file_id is None and life.export.error


def test_trail_says_that_it_was_done_and_not_to_whom(life: Life) -> None:
    erase.erase(life.person, life.admin.user)
    entry = AuditEntry.objects.get(action="contact.erased")
    assert entry.actor == life.admin.user
    assert entry.object_type == "team"
    assert all(isinstance(count, int) for count in entry.detail.values())


def test_doing_it_again_does_no_harm(life: Life) -> None:
    erase.erase(life.person, life.admin.user)
    assert erase.erase(life.person, life.admin.user) == {}
    assert AuditEntry.objects.filter(action="contact.erased").count() == 1


def test_both_numbers_stay_refused_whatever_door_they_come_by(life: Life) -> None:
    erase.erase(life.person, life.admin.user)
    known = suppression.known(life.team.pk, [NUMBER, SECOND])
    assert {each.reason for each in known.values()} == {Suppression.Reason.ERASED} and len(known) == 2
    # The composer and the API.
    row = enqueue(life.team, [Draft(life.line, NUMBER, "Bonjour")], by=None)[0]
    assert (row.state, row.state_reason) == ("skipped", "opted_out")
    # A form.
    somebody = Contact.objects.create(team=life.team, first_name="Dominique")
    numbers.add(somebody, SECOND)
    somebody.refresh_from_db()
    assert somebody.opted_out_at is not None


def test_stop_outlives_the_erasure_and_start_lifts_it(life: Life) -> None:
    consent.note(life.person, opted_out=True, reason="plus de SMS", by=life.admin.user)
    life.person.refresh_from_db()
    since = life.person.opted_out_at
    erase.erase(life.person, life.admin.user)
    stands = suppression.known(life.team.pk, [NUMBER])[NUMBER]
    assert (stands.reason, stands.since) == (Suppression.Reason.OPTED_OUT, since)
    when = timezone.now().astimezone(UTC).isoformat()
    callback(life.line, {"title": "incoming_sms", "from": NUMBER, "message": "Bonjour", "date": when})
    apply.apply_batch()
    again = Contact.objects.get(phones__number=NUMBER)
    assert again.opted_out_at == since
    callback(life.line, {"title": "incoming_sms", "from": NUMBER, "message": "START", "date": when})
    apply.apply_batch()
    again.refresh_from_db()
    assert again.opted_out_at is None
    assert suppression.known(life.team.pk, [NUMBER]) == {}
    assert enqueue(life.team, [Draft(life.line, NUMBER, "Bonjour")], by=None)[0].state == "queued"


def test_a_text_that_is_being_handed_over_is_waited_for(life: Life) -> None:
    assert claim(life.line, "a sender")
    with pytest.raises(erase.Busy):
        erase.erase(life.person, life.admin.user)
    assert Contact.objects.filter(pk=life.person.pk).exists()
    assert Message.objects.filter(contact=life.person).exists()


@pytest.mark.parametrize("state", ["checking", "running"])
def test_a_file_that_is_being_read_is_waited_for(life: Life, state: str) -> None:
    Import.objects.filter(pk=life.run.pk).update(state=state)
    with pytest.raises(erase.Busy):
        erase.erase(life.person, life.admin.user)
    assert Contact.objects.filter(pk=life.person.pk).exists()


def test_a_file_whose_columns_are_not_named_yet_is_read_for_them(team: Team, admin: Member) -> None:
    keep = timedelta(days=7)
    person = Contact.objects.get(pk=contact_of(team, NUMBER))
    holds = b"Nom;Tel\nX;0033 (0)6-39-98-42-17\n"
    theirs = Import.objects.create(
        team=team, name="a.csv", encoding="utf-8", delimiter=";",
        file=files.store(team, "a.csv", [holds], by=None, keep=keep),
    )  # fmt: skip
    others = Import.objects.create(
        team=team, name="b.csv", encoding="utf-8", delimiter=";",
        file=files.store(team, "b.csv", [b"Nom;Tel\nY;0639989999\n"], by=None, keep=keep),
    )  # fmt: skip
    erase.erase(person, admin.user)
    theirs.refresh_from_db()
    others.refresh_from_db()
    assert (theirs.file_id, theirs.state) == (None, "failed") and theirs.error
    assert others.file_id is not None and others.state == "uploaded"


def test_number_that_is_somebody_elses_now_is_theirs(team: Team, line: Line, admin: Member) -> None:
    """A number that moved: the new holder's texts, callbacks and freedom to be texted stay."""
    when = timezone.now().astimezone(UTC).isoformat()
    text = {"title": "incoming_sms", "from": NUMBER, "message": "de la première", "date": when}
    callback(line, text)
    apply.apply_batch()
    person = Contact.objects.get(phones__number=NUMBER)
    Contact.objects.filter(pk=person.pk).update(first_name="Camille")
    numbers.add(person, SECOND)
    numbers.remove(person.phones.get(number=NUMBER))
    heir = Contact.objects.create(team=team, first_name="Dominique")
    numbers.add(heir, NUMBER)
    callback(line, text | {"message": "de la seconde"})
    apply.apply_batch()
    erase.erase(Contact.objects.get(pk=person.pk), admin.user)
    told = dump()
    assert "première" not in told and quote("première") not in told
    assert Message.objects.get(contact=heir).text == "de la seconde"
    assert Callback.objects.count() == 1
    assert set(suppression.known(team.pk, [NUMBER, SECOND])) == {SECOND}


def test_callbacks_from_before_they_said_whose_they_are(life: Life) -> None:
    Callback.objects.update(about=None)
    erase.erase(life.person, life.admin.user)
    assert traces_in(dump()) == []


def test_a_callback_comes_again_after_the_erasure(life: Life) -> None:
    """It makes somebody new, who is opted out."""
    when = timezone.now().astimezone(UTC).isoformat()
    erase.erase(life.person, life.admin.user)
    assert not KnownEvent.objects.filter(line=life.line).exclude(digest__in=_digests()).exists()
    callback(life.line, {"title": "incoming_sms", "from": NUMBER, "message": "Allô ?", "date": when})
    apply.apply_batch()
    found = resolve.find([(life.team.pk, NUMBER)])[life.team.pk, NUMBER]
    assert found.opted_out
    assert Conversation.objects.filter(contact=found.contact_id).exists()


def _digests() -> list[bytes]:
    """Of the events that are other people's."""
    from sms.callbacks.decode import decode

    return [event.digest for row in Callback.objects.all() for event in decode(bytes(row.query)).events]


def test_import_again_leaves_them_out_and_keeps_nothing_readable(team: Team, admin: Member) -> None:
    """A real import made them; after the erasure a real import of the same file refuses them."""
    table = lines("Camille;Aubertin;06.39.98.42.17;camille.aubertin@exemple.example;", "Le;Goff;0639989999;;")
    first = done(team, table)
    assert first.created == 2
    erase.erase(Contact.objects.get(phones__number=NUMBER), admin.user)
    assert traces_in(dump()) == []
    again = done(team, table)
    assert (again.created, again.invalid) == (0, 1)
    assert not Contact.objects.filter(phones__number=NUMBER).exists()
