"""The ledger keeps everything; a person's columns say what the newest entry says."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from contacts.models import ConsentChange, Contact, Import
from contacts.privacy import ledger
from contacts.privacy.ledger import Entry
from teams.models import Team
from tests.conftest import contact_of

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)
MARCH = datetime(2026, 3, 3, 18, 22, tzinfo=UTC)
WORDS = "J'accepte de recevoir par SMS des offres de l'Atelier Bréhat."


def person(team: Team, number: str = "+33639984217") -> Contact:
    return Contact.objects.get(pk=contact_of(team, number))


def test_grant_is_kept_with_everything_and_shows_on_the_person(team: Team) -> None:
    contact = person(team)
    Contact.objects.update(updated_at=MARCH)
    added = ledger.grant(
        team.pk,
        [contact.pk],
        basis="opted_in",
        source="Web form",
        wording=WORDS,
        proof="192.0.2.7",
        at=MARCH,
    )
    assert added == 1
    contact.refresh_from_db()
    assert (contact.consent, contact.consent_at) == ("opted_in", MARCH)
    assert contact.updated_at > MARCH
    entry = contact.consent_changes.get()
    assert (entry.kind, entry.basis, entry.source, entry.wording, entry.proof) == (
        "granted",
        "opted_in",
        "Web form",
        WORDS,
        "192.0.2.7",
    )


def test_an_older_grant_does_not_undo_a_withdrawal(team: Team) -> None:
    contact = person(team)
    ledger.withdraw(team.pk, [contact.pk], source="rep", at=MARCH)
    ledger.grant(team.pk, [contact.pk], basis="customer", source="rep", at=MARCH - DAY)
    ledger.grant(team.pk, [contact.pk], basis="customer", source="rep", at=MARCH)  # the same moment
    contact.refresh_from_db()
    assert (contact.consent, contact.consent_at) == ("withdrawn", MARCH)
    assert contact.consent_changes.count() == 3
    ledger.grant(team.pk, [contact.pk], basis="opted_in", source="rep", at=MARCH + DAY)
    contact.refresh_from_db()
    assert (contact.consent, contact.consent_at) == ("opted_in", MARCH + DAY)


def test_an_import_never_gives_back_what_was_withdrawn(team: Team) -> None:
    contact = person(team)
    run = Import.objects.create(team=team, name="salon.csv")
    ledger.withdraw(team.pk, [contact.pk], source="rep", at=MARCH)
    added = ledger.grant(
        team.pk, [contact.pk], basis="opted_in", source="import", at=MARCH + DAY, imported_by_id=run.pk
    )
    contact.refresh_from_db()
    assert added == 0 and contact.consent == "withdrawn"


def test_calls_follow_the_newest_word(team: Team) -> None:
    contact = person(team)
    ledger.may_call(team.pk, [contact.pk], source="rep", at=MARCH)
    ledger.do_not_call(team.pk, [contact.pk], source="rep", at=MARCH - DAY)
    contact.refresh_from_db()
    assert contact.do_not_call_at is None
    ledger.do_not_call(team.pk, [contact.pk], source="rep", at=MARCH + DAY)
    contact.refresh_from_db()
    assert contact.do_not_call_at == MARCH + DAY
    assert contact.consent == ""  # another question


def test_what_a_column_says_without_an_entry_counts(team: Team) -> None:
    contact = person(team)
    Contact.objects.filter(pk=contact.pk).update(consent="withdrawn", consent_at=MARCH)
    ledger.grant(team.pk, [contact.pk], basis="customer", source="rep", at=MARCH - DAY)
    contact.refresh_from_db()
    assert contact.consent == "withdrawn"


def test_other_teams_people_are_left_out(team: Team, other_team: Team) -> None:
    theirs = person(other_team)
    assert ledger.grant(team.pk, [theirs.pk], basis="customer", source="rep") == 0
    theirs.refresh_from_db()
    assert theirs.consent == "" and not theirs.consent_changes.exists()


def test_no_ground_is_refused(team: Team) -> None:
    with pytest.raises(ValueError, match="no ground"):
        ledger.grant(team.pk, [person(team).pk], basis="withdrawn", source="rep")


def test_any_number_of_people_costs_the_same(team: Team, django_assert_max_num_queries) -> None:  # type: ignore[no-untyped-def]
    people = [contact_of(team, f"+336399800{index:02}") for index in range(40)]
    with django_assert_max_num_queries(4):
        assert ledger.grant(team.pk, people, basis="customer", source="rep", at=MARCH) == 40
    assert Contact.objects.filter(consent="customer", consent_at=MARCH).count() == 40


KINDS = ["granted", "withdrawn", "do_not_call", "may_call"]


class AnyOrder(TestCase):
    @given(st.lists(st.tuples(st.sampled_from(KINDS), st.integers(0, 5)), max_size=8), st.booleans())
    def test_columns_follow_the_newest_whatever_the_order_and_the_batches(
        self, told: list[tuple[str, int]], at_once: bool
    ) -> None:
        team = Team.objects.create(name=f"Team {Team.objects.count()}")
        contact = person(team)
        entries = [
            Entry(contact.pk, kind, MARCH + day * DAY, "rep", basis="opted_in" if kind == "granted" else "")
            for kind, day in told
        ]
        for batch in [entries] if at_once else [[entry] for entry in entries]:
            ledger.record(team.pk, batch)
        contact.refresh_from_db()
        texts = [(day, kind == "withdrawn") for kind, day in told if kind in KINDS[:2]]
        calls = [(day, kind == "do_not_call") for kind, day in told if kind in KINDS[2:]]
        refused = max(texts, default=None)
        self.assertEqual(
            contact.consent, "" if refused is None else "withdrawn" if refused[1] else "opted_in"
        )
        silent = max(calls, default=(0, False))
        self.assertEqual(contact.do_not_call_at, MARCH + silent[0] * DAY if silent[1] else None)
        self.assertEqual(ConsentChange.objects.filter(contact=contact).count(), len(told))
