"""Consent, everything, erasure and the settings of privacy, as people use them."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts.models import Contact, CustomField, Suppression
from contacts.people import numbers
from contacts.privacy import ledger, suppression
from sms.models import Line, Message
from sms.sending.queue import Draft, enqueue
from teams.access import Member
from teams.models import AuditEntry, Team
from tests.conftest import contact_of

pytestmark = pytest.mark.django_db

NUMBER = "+33639984217"
BACKEND = "teams.accounts.Backend"


def signed_in(member: Member) -> Client:
    client = Client()
    client.force_login(member.user, backend=BACKEND)
    return client


@pytest.fixture
def person(team: Team) -> Contact:
    contact = Contact.objects.create(team=team, first_name="Camille", last_name="Aubertin")
    numbers.add(contact, NUMBER)
    return contact


def record(client: Client, contact: Contact, do: str, **given: str) -> Any:
    today = timezone.localdate().isoformat()
    return client.post(reverse("contacts:consent", args=[contact.pk]), {"do": do, "day": today, **given})


def test_a_consent_is_recorded_with_its_proof_and_shown(agent: Member, person: Contact) -> None:
    client = signed_in(agent)
    answer = record(
        client,
        person,
        "grant",
        basis="opted_in",
        source="Salon de Rennes",
        wording="J'accepte de recevoir des offres.",
        proof="https://forms.example/7",
        day="2026-03-03",
    )
    assert answer.status_code == 302
    person.refresh_from_db()
    assert person.consent == "opted_in" and person.consent_at is not None
    page = client.get(reverse("sms:contact", args=[person.pk])).content.decode()
    assert "Opted in, 3 March 2026" in page or "Opted in, 3 Mar 2026" in page
    assert "J&#x27;accepte de recevoir des offres." in page
    assert 'href="https://forms.example/7" target="_blank" rel="noopener nofollow' in page


def test_a_proof_that_is_no_web_address_is_no_link(agent: Member, person: Contact) -> None:
    client = signed_in(agent)
    record(client, person, "grant", basis="customer", source="x", proof="javascript:alert(1)")
    page = client.get(reverse("contacts:consent", args=[person.pk])).content.decode()
    assert "javascript:alert(1)" in page and 'href="javascript' not in page


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"basis": "opted_in", "source": "salon"}, "Give the words, or a proof"),
        ({"source": "salon", "wording": "oui"}, "Choose the ground"),
        ({"basis": "withdrawn", "source": "salon", "wording": "oui"}, "Choose the ground"),
        ({"basis": "customer", "wording": "oui"}, "This field is required"),
        ({"basis": "customer", "source": "x", "wording": "y", "day": "tomorrow"}, "Write the day as"),
    ],
)
def test_a_consent_without_what_shows_it_is_refused_beside_the_field(
    agent: Member, person: Contact, given: dict[str, str], said: str
) -> None:
    answer = record(signed_in(agent), person, "grant", **given)
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not person.consent_changes.exists()


def test_no_day_to_come(agent: Member, person: Contact) -> None:
    tomorrow = (timezone.localdate() + timedelta(days=1)).isoformat()
    answer = record(signed_in(agent), person, "opt_out", said="stop", day=tomorrow)
    assert answer.status_code == 422 and "still to come" in answer.content.decode()
    assert answer.content.decode().count("stop</textarea>") == 1  # what was typed is kept


def test_each_way_changes_what_it_says(agent: Member, person: Contact, line: Line) -> None:
    client = signed_in(agent)
    waits = enqueue(person.team, [Draft(line, NUMBER, "Bonjour")], by=None)[0]
    assert record(client, person, "do_not_call", said="plus d'appels").status_code == 302
    assert record(client, person, "opt_out", said="plus de SMS").status_code == 302
    person.refresh_from_db()
    assert person.do_not_call_at is not None and person.opted_out_at is not None
    waits.refresh_from_db()
    assert (waits.state, waits.state_reason) == (Message.State.SKIPPED, "opted_out")
    assert record(client, person, "may_call", said="si").status_code == 302
    assert record(client, person, "opt_in", said="si").status_code == 302
    assert record(client, person, "grant", basis="customer", source="x", wording="y").status_code == 302
    assert record(client, person, "withdraw", said="non").status_code == 302
    person.refresh_from_db()
    assert person.do_not_call_at is None
    assert person.opted_out_at is None
    assert person.consent == "withdrawn"
    assert person.consent_changes.count() == 6
    page = client.get(reverse("contacts:consent", args=[person.pk])).content.decode()
    assert "plus d&#x27;appels" in page and "Théo Vasseur" in page


def test_a_start_from_before_their_stop_changes_nothing_and_says_so(agent: Member, person: Contact) -> None:
    client = signed_in(agent)
    record(client, person, "opt_out", said="plus de SMS")
    yesterday = timezone.localdate() - timedelta(days=1)
    record(client, person, "opt_in", said="si", day=yesterday.isoformat())
    person.refresh_from_db()
    assert person.opted_out_at is not None
    page = client.get(reverse("sms:contact", args=[person.pk])).content.decode()
    assert "Nothing was changed: they said STOP after that day." in page


def test_a_long_ledger_comes_in_pages(agent: Member, person: Contact) -> None:
    start = timezone.now() - timedelta(days=90)
    for day in range(60):
        ledger.grant(
            person.team_id,
            [person.pk],
            basis="customer",
            source=f"order {day}",
            at=start + day * timedelta(days=1),
        )
    client = signed_in(agent)
    first = client.get(reverse("contacts:consent", args=[person.pk]))
    assert len(first.context["entries"]) == 50
    second = client.get(reverse("contacts:consent", args=[person.pk]), {"before": first.context["older"]})
    assert [row.source for row, _link in second.context["entries"]] == [
        f"order {day}" for day in range(9, -1, -1)
    ]
    for wrong in ("x", "2026-01-01_1", "_"):
        assert client.get(reverse("contacts:consent", args=[person.pk]), {"before": wrong}).status_code == 404


def test_everything_is_told_as_json_and_to_be_read(admin: Member, person: Contact, line: Line) -> None:
    ledger.grant(person.team_id, [person.pk], basis="opted_in", source="Salon", wording="oui")
    enqueue(person.team, [Draft(line, NUMBER, "Votre devis est prêt")], by=admin.user)
    CustomField.objects.create(team=person.team, key="town", label="Town")
    Contact.objects.filter(pk=person.pk).update(custom={"town": "Lamballe"})
    client = signed_in(admin)
    answer = client.get(reverse("contacts:everything-json", args=[person.pk]))
    told = json.loads(b"".join(answer.streaming_content))  # type: ignore[attr-defined]
    assert told["person"]["last_name"] == "Aubertin"
    assert [row["number"] for row in told["numbers"]] == [NUMBER]
    assert [row["text"] for row in told["messages"]] == ["Votre devis est prêt"]
    assert told["consent"][0]["wording"] == "oui"
    assert {
        "tags",
        "lists",
        "follow_ups",
        "merges",
        "calls",
        "clicks",
        "qualifications",
        "notes",
        "callbacks",
    } <= set(told)
    page = client.get(reverse("contacts:everything", args=[person.pk])).content.decode()
    assert "Votre devis est prêt" in page and "Aubertin" in page and "Lamballe" in page
    assert AuditEntry.objects.filter(action="contact.told").count() == 2


def test_a_person_is_erased_by_their_name_or_number_typed(admin: Member, person: Contact) -> None:
    client = signed_in(admin)
    address = reverse("contacts:erase", args=[person.pk])
    assert client.get(address).status_code == 200
    for wrong in ("", "Camille", "06 39 98 42 18"):
        answer = client.post(address, {"typed": wrong})
        assert answer.status_code == 422 and Contact.objects.filter(pk=person.pk).exists()
    assert client.post(address, {"typed": " camille  AUBERTIN "}).status_code == 302
    assert not Contact.objects.exists()
    again = Contact.objects.get(pk=contact_of(person.team, NUMBER))
    assert again.opted_out_at is not None
    assert client.post(reverse("contacts:erase", args=[again.pk]), {"typed": "0639984217"}).status_code == 302


def test_erasing_says_when_it_has_to_wait(admin: Member, person: Contact, line: Line) -> None:
    sent = enqueue(person.team, [Draft(line, NUMBER, "Bonjour")], by=None)[0]
    Message.objects.filter(pk=sent.pk).update(state="sending")
    answer = signed_in(admin).post(reverse("contacts:erase", args=[person.pk]), {"typed": "Camille Aubertin"})
    assert answer.status_code == 422 and "on its way to the phone" in answer.content.decode()


def test_a_number_is_lifted_with_a_reason(admin: Member, person: Contact, team: Team) -> None:
    client = signed_in(admin)
    address = reverse("contacts:privacy")
    suppression.add(team.pk, ["+33639981203"], Suppression.Reason.ERASED, timezone.now())
    given = {"do": "lift", "number": "06 39 98 12 03", "reason": ""}
    assert client.post(address, given).status_code == 422
    assert (
        client.post(address, {**given, "reason": "she asked", "number": "06 39 98 12 04"}).status_code == 422
    )
    assert client.post(address, {**given, "reason": "she asked"}).status_code == 302
    assert not suppression.any_of(team.pk)
    entry = AuditEntry.objects.get(action="suppression.lifted")
    assert entry.detail == {"reason": "she asked"}
    # One who has it and opted out is opted in by that.
    record(client, person, "opt_out", said="stop")
    assert client.post(address, {**given, "number": NUMBER, "reason": "he asked"}).status_code == 302
    person.refresh_from_db()
    assert person.opted_out_at is None


def test_months_are_changed_and_looked_at_again(admin: Member, team: Team) -> None:
    client = signed_in(admin)
    for wrong in ("", "0", "601", "x"):
        answer = client.post(reverse("contacts:privacy"), {"do": "months", "retention_months": wrong})
        assert answer.status_code == 422
    assert (
        client.post(reverse("contacts:privacy"), {"do": "months", "retention_months": "24"}).status_code
        == 302
    )
    team.refresh_from_db()
    assert team.retention_months == 24


def test_hashes_are_shown_nowhere_and_lifted_with_a_reason_in_the_administration(
    admin: Member, team: Team
) -> None:
    admin.user.is_staff = admin.user.is_superuser = True
    admin.user.save()
    client = signed_in(admin)
    suppression.add(team.pk, [NUMBER], Suppression.Reason.OPTED_OUT, timezone.now())
    row = Suppression.objects.get()
    pages = [
        client.get(reverse("admin:contacts_suppression_changelist")).content.decode(),
        client.get(reverse("admin:contacts_suppression_change", args=[row.pk])).content.decode(),
    ]
    digest = bytes(row.digest)
    assert all(digest.hex() not in page and repr(digest) not in page for page in pages)
    assert "opted out: 1" in pages[0]
    address = reverse("admin:contacts_suppression_change", args=[row.pk])
    assert client.post(address, {"why": ""}).status_code == 200
    assert Suppression.objects.exists()
    assert client.post(address, {"why": "she asked by letter"}).status_code == 302
    assert not Suppression.objects.exists()
    assert AuditEntry.objects.get(action="suppression.lifted").detail == {"reason": "she asked by letter"}
