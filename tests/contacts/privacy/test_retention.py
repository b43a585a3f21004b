"""Prospects who gave no sign for too long: found by their own signs, kept with a reason, erased when confirmed."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from contacts.models import Contact, RetentionProposal
from contacts.people import numbers
from contacts.privacy import ledger, retention, suppression
from sms.models import Call, Click, Line, Message
from sms.sending.queue import Draft, enqueue
from teams.access import Member
from teams.models import AuditEntry, Team

pytestmark = pytest.mark.django_db

NOW = timezone.now()
YEAR = timedelta(days=365)
LONG_AGO = NOW - 4 * YEAR
BACKEND = "teams.accounts.Backend"


def prospect(team: Team, index: int = 0, added: datetime = LONG_AGO, **given: Any) -> Contact:
    contact = Contact.objects.create(team=team, first_name=f"Camille {index}", **given)
    numbers.add(contact, f"+3363998{index:04}")
    Contact.objects.filter(pk=contact.pk).update(created_at=added)
    return contact


def proposed(team: Team) -> dict[int, str]:
    retention.look(team)
    return {row.contact_id: row.sign for row in retention.undecided(team)}


def wrote(contact: Contact, line: Line, at: datetime, direction: str = "in") -> None:
    Message.objects.create(
        team=contact.team, line=line, contact=contact, direction=direction,
        state="received" if direction == "in" else "delivered",
        number=contact.primary_number, text="x", happened_at=at, received_at=at,
    )  # fmt: skip


def test_only_who_gave_no_sign_since_is_proposed(team: Team, line: Line) -> None:
    silent, fresh, customer = prospect(team, 0), prospect(team, 1, NOW), prospect(team, 2, consent="customer")
    writer, caller, clicker, robot, consenting = (prospect(team, index) for index in range(3, 8))
    wrote(writer, line, NOW - YEAR)
    facts = {"team": team, "line": line, "received_at": NOW, "happened_at": NOW - YEAR}
    Call.objects.create(contact=caller, direction="missed", number="x", **facts)
    Click.objects.create(contact=clicker, link="x", **facts)
    Click.objects.create(contact=robot, link="x", doubtful=True, **facts)
    ledger.grant(team.pk, [consenting.pk], basis="opted_in", source="x", at=NOW - YEAR)
    # What the team did is no sign.
    wrote(silent, line, NOW - YEAR, "out")
    Call.objects.create(contact=silent, direction="outgoing", number="x", **facts)
    assert proposed(team) == {silent.pk: "added", robot.pk: "added"}
    assert not {fresh.pk, customer.pk} & set(proposed(team))


def test_the_last_sign_is_the_one_that_counts(team: Team, line: Line) -> None:
    contact = prospect(team, 0, NOW - 8 * YEAR)
    wrote(contact, line, NOW - 5 * YEAR)
    ledger.grant(team.pk, [contact.pk], basis="opted_in", source="x", at=NOW - 6 * YEAR)
    assert proposed(team) == {contact.pk: "message"}
    assert RetentionProposal.objects.get().last_at == NOW - 5 * YEAR
    wrote(contact, line, NOW)
    assert proposed(team) == {}


def test_months_are_the_calendars() -> None:
    team = Team(retention_months=1)
    assert retention.cutoff(team, datetime(2026, 3, 31, 9, tzinfo=UTC)) == datetime(
        2026, 2, 28, 9, tzinfo=UTC
    )
    assert retention.cutoff(team, datetime(2028, 3, 30, 9, tzinfo=UTC)) == datetime(
        2028, 2, 29, 9, tzinfo=UTC
    )
    team.retention_months = 36
    assert retention.cutoff(team, datetime(2026, 1, 15, tzinfo=UTC)) == datetime(2023, 1, 15, tzinfo=UTC)


def test_other_teams_people_are_their_own(team: Team, other_team: Team) -> None:
    theirs = prospect(other_team)
    assert proposed(team) == {}
    assert proposed(other_team) == {theirs.pk: "added"}
    retention.look(team)
    assert retention.undecided(other_team).count() == 1


def test_who_is_kept_is_proposed_again_in_a_year(team: Team, admin: Member) -> None:
    contact = prospect(team)
    retention.look(team)
    assert retention.keep(team, [contact.pk], reason="a quote is open", by=admin.user) == 1
    assert proposed(team) == {}
    RetentionProposal.objects.update(kept_until=NOW - timedelta(days=1))
    assert proposed(team) == {contact.pk: "added"}
    assert RetentionProposal.objects.get().kept_reason == "a quote is open"


def test_a_worker_erases_what_was_confirmed_and_nobody_who_wrote_meanwhile(
    team: Team, admin: Member, line: Line
) -> None:
    _silent, speaks, busy = (prospect(team, index) for index in range(3))
    sent = enqueue(team, [Draft(line, busy.primary_number, "x")], by=None)[0]
    Message.objects.filter(pk=sent.pk).update(state="sending")
    retention.look(team)
    assert retention.ask_to_erase(team, None, by=admin.user) == 3
    assert retention.waiting(team) == 3
    wrote(speaks, line, NOW)
    assert retention.erase_asked() is False
    assert set(Contact.objects.values_list("pk", flat=True)) == {speaks.pk, busy.pk}
    # Whom the sender has in hand waits for the next time.
    Message.objects.filter(pk=sent.pk).update(state="submitted")
    retention.erase_asked()
    assert set(Contact.objects.values_list("pk", flat=True)) == {speaks.pk}
    assert len(suppression.known(team.pk, ["+33639980000", "+33639980001", "+33639980002"])) == 2
    trail = list(AuditEntry.objects.filter(action="contact.erased"))
    assert [entry.detail["people"] for entry in trail] == [1, 1]
    assert trail[0].actor == admin.user and trail[0].detail["why"] == "retention"


def test_cost_of_a_look_does_not_grow_with_the_people(team: Team, django_assert_max_num_queries: Any) -> None:
    for index in range(30):
        prospect(team, index)
    with django_assert_max_num_queries(10):
        assert retention.look(team) == 30


class TestPage:
    @pytest.fixture
    def client(self, admin: Member) -> Client:
        client = Client()
        client.force_login(admin.user, backend=BACKEND)
        return client

    def test_pages_by_key(self, client: Client, team: Team) -> None:
        people = [prospect(team, index, LONG_AGO - timedelta(days=index // 3)) for index in range(60)]
        retention.look(team)
        first = client.get(reverse("contacts:retention"))
        second = client.get(reverse("contacts:retention"), {"after": first.context["page"].next})
        seen = [row.pk for page in (first, second) for row in page.context["page"].rows]
        assert len(seen) == 60 and set(seen) == {each.pk for each in people}
        part = client.get(
            reverse("contacts:retention"),
            {"after": first.context["page"].next},
            headers={"HX-Request": "true"},
        )
        assert b"<html" not in part.content and part.content.count(b"<tr>") == 10
        for wrong in ("x", "_1", "2026-01-01_1", "2026-01-01T00:00:00+00:00_x"):
            assert client.get(reverse("contacts:retention"), {"after": wrong}).status_code == 404

    def test_keeping_asks_for_a_reason(self, client: Client, team: Team) -> None:
        contact = prospect(team)
        retention.look(team)
        address = reverse("contacts:retention")
        assert client.post(address, {"do": "keep"}).status_code == 422
        answer = client.post(address, {"do": "keep", "people": contact.pk, "reason": ""})
        assert answer.status_code == 422 and b"Say why" in answer.content and b"checked" in answer.content
        assert (
            client.post(address, {"do": "keep", "people": contact.pk, "reason": "quote"}).status_code == 302
        )
        page = client.get(address, {"view": "kept"}).content.decode()
        assert "quote" in page and "Malik Oumar" in page
        assert client.post(address, {"do": "propose", "people": contact.pk}).status_code == 302
        assert retention.undecided(team).count() == 1

    def test_erasing_asks_for_the_number_of_people(self, client: Client, team: Team) -> None:
        people = [prospect(team, index) for index in range(3)]
        retention.look(team)
        address = reverse("contacts:retention")
        chosen = {"do": "erase", "people": [people[0].pk, people[1].pk]}
        asked = client.post(address, chosen)
        assert asked.status_code == 200 and b"Erase 2 people" in asked.content
        assert client.post(address, {**chosen, "typed": "3"}).status_code == 422
        assert retention.waiting(team) == 0
        assert client.post(address, {**chosen, "typed": "2"}).status_code == 302
        assert retention.waiting(team) == 2
        assert client.post(address, {"do": "erase", "all": "1", "typed": "1"}).status_code == 302
        assert retention.waiting(team) == 3
        assert client.post(address, {"do": "erase", "all": "1"}).status_code == 422  # nobody is left

    def test_other_teams_people_cannot_be_named(self, client: Client, team: Team, other_team: Team) -> None:
        theirs = prospect(other_team)
        retention.look(other_team)
        answer = client.post(
            reverse("contacts:retention"), {"do": "erase", "people": theirs.pk, "typed": "1"}
        )
        assert answer.status_code == 422
        assert retention.waiting(other_team) == 0
