"""Numbers that stay refused: known by a keyed hash, under every key, and never by themselves."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from contacts.models import Contact, ContactPhone, Suppression
from contacts.people import numbers, resolve
from contacts.privacy import opting, suppression
from contacts.privacy.opting import Wish
from teams.models import Team
from tests.conftest import contact_of

pytestmark = pytest.mark.django_db

NUMBER, OTHER = "+33639984217", "+33639984218"
OPTED_OUT, ERASED = Suppression.Reason.OPTED_OUT, Suppression.Reason.ERASED
MARCH = datetime(2026, 3, 3, 10, tzinfo=UTC)


def stop(contact_id: int, at: datetime = MARCH) -> set[int]:
    return opting.opt_out([Wish(contact_id, at, "STOP", "sms")])


def test_digest_is_keyed_and_tells_nothing_of_the_number(settings: Any) -> None:
    settings.SECRET_KEY = "one"
    first = suppression.digests(NUMBER)
    settings.SECRET_KEY = "two"
    assert first != suppression.digests(NUMBER)
    assert [len(each) for each in first] == [32]
    assert suppression.digests(NUMBER) != suppression.digests(OTHER)


def test_number_is_found_under_every_key_and_written_with_the_newest(team: Team, settings: Any) -> None:
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "old", []
    suppression.add(team.pk, [NUMBER], OPTED_OUT, MARCH)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "new", ["old"]
    assert suppression.known(team.pk, [NUMBER, OTHER])[NUMBER].since == MARCH
    suppression.add(team.pk, [NUMBER], ERASED, timezone.now())
    only = Suppression.objects.get()
    assert bytes(only.digest) == suppression.digests(NUMBER)[0]
    assert (only.reason, only.since) == (OPTED_OUT, MARCH)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "newest", ["new", "old"]
    settings.ENCRYPTION_KEYS = ["apart"]
    assert suppression.lift(team.pk, [NUMBER]) == 1
    assert not suppression.any_of(team.pk)


def test_opt_out_is_never_weakened_and_keeps_its_date(team: Team) -> None:
    suppression.add(team.pk, [NUMBER], ERASED, MARCH + timedelta(days=9))
    suppression.add(team.pk, [NUMBER], OPTED_OUT, MARCH + timedelta(days=20))
    assert Suppression.objects.get().reason == OPTED_OUT
    suppression.add(team.pk, [NUMBER, OTHER], ERASED, MARCH)
    known = suppression.known(team.pk, [NUMBER, OTHER])
    assert (known[NUMBER].reason, known[NUMBER].since) == (OPTED_OUT, MARCH)
    assert known[OTHER].reason == ERASED


def test_other_teams_know_nothing_of_it(team: Team, other_team: Team) -> None:
    suppression.add(team.pk, [NUMBER], OPTED_OUT, MARCH)
    assert suppression.known(other_team.pk, [NUMBER]) == {}
    assert suppression.any_of(team.pk) and not suppression.any_of(other_team.pk)
    assert suppression.lift(other_team.pk, [NUMBER]) == 0


def test_opt_out_suppresses_every_number_of_the_person(team: Team) -> None:
    contact = Contact.objects.get(pk=contact_of(team, NUMBER))
    numbers.add(contact, OTHER)
    Contact.objects.update(updated_at=MARCH)
    assert stop(contact.pk) == {contact.pk}
    assert set(suppression.known(team.pk, [NUMBER, OTHER])) == {NUMBER, OTHER}
    contact.refresh_from_db()
    assert contact.opted_out_at == MARCH and contact.updated_at > MARCH
    assert stop(contact.pk) == set()  # it stood so already


def test_opting_in_lifts_every_number(team: Team) -> None:
    contact = contact_of(team, NUMBER)
    stop(contact)
    assert opting.opt_in([Wish(contact, timezone.now(), "START", "sms")]) == {contact}
    assert not suppression.any_of(team.pk)


def test_suppressed_number_does_not_move_the_day_of_a_stop(team: Team) -> None:
    """It is nobody's new word: what the person said, and when, stays what it was."""
    contact = Contact.objects.get(pk=contact_of(team, NUMBER))
    stop(contact.pk)
    suppression.add(team.pk, [OTHER], OPTED_OUT, MARCH + timedelta(days=3))
    numbers.add(contact, OTHER)
    contact.refresh_from_db()
    assert contact.opted_out_at == MARCH
    assert contact.consent_changes.count() == 1


@pytest.mark.parametrize(
    ("day", "source", "lifted"),
    [
        (timedelta(hours=-22), "sms", False),
        (timedelta(hours=-22), "rep", False),  # said the day before the STOP
        (timedelta(hours=2), "rep", True),
        (timedelta(hours=-2), "api", False),
        (timedelta(hours=2), "api", True),
        (timedelta(hours=-2), "rep", True),  # a colleague names the day, not the hour
    ],
)
def test_opt_out_is_lifted_by_what_was_said_after_it(
    team: Team, day: timedelta, source: str, lifted: bool
) -> None:
    contact = contact_of(team, NUMBER)
    noon = MARCH.replace(hour=14)
    stop(contact, noon)
    changed = opting.opt_in([Wish(contact, noon + day, "oui", source)])
    assert changed == ({contact} if lifted else set())
    assert suppression.any_of(team.pk) is not lifted
    moments = (
        Contact.objects.get(pk=contact).consent_changes.order_by("pk").values_list("happened_at", flat=True)
    )
    assert list(moments) == sorted(moments)


def test_number_added_to_an_opted_out_person_is_suppressed_too(team: Team) -> None:
    contact = Contact.objects.get(pk=contact_of(team, NUMBER))
    stop(contact.pk)
    numbers.add(contact, OTHER)
    assert OTHER in suppression.known(team.pk, [OTHER])


def test_number_taken_from_an_opted_out_person_stays_refused(team: Team) -> None:
    contact = Contact.objects.create(team=team, first_name="Camille")
    numbers.add(contact, NUMBER)
    stop(contact.pk)
    numbers.remove(ContactPhone.objects.get(number=NUMBER))
    somebody = Contact.objects.create(team=team, first_name="Dominique")
    numbers.add(somebody, OTHER)
    numbers.add(somebody, NUMBER)
    somebody.refresh_from_db()
    assert somebody.opted_out_at == MARCH
    assert somebody.consent_changes.get().source == opting.SUPPRESSION
    # And with it the number they had.
    assert OTHER in suppression.known(team.pk, [OTHER])


def test_people_made_under_a_suppressed_number_are_opted_out_from_the_beginning(team: Team) -> None:
    suppression.add(team.pk, [NUMBER], ERASED, MARCH)
    found = resolve.find_or_add([(team.pk, NUMBER), (team.pk, OTHER)])
    assert found[team.pk, NUMBER].opted_out and not found[team.pk, OTHER].opted_out
    contact = Contact.objects.get(pk=found[team.pk, NUMBER].contact_id)
    assert contact.consent_changes.get().kind == "opt_out"
    # Nothing more when they come again.
    assert resolve.find_or_add([(team.pk, NUMBER)])[team.pk, NUMBER].opted_out
    assert contact.consent_changes.count() == 1


def test_cost_does_not_grow_with_the_number_of_people(team: Team, django_assert_max_num_queries: Any) -> None:
    people = [contact_of(team, f"+336399800{index:02}") for index in range(50)]
    wishes = [Wish(pk, MARCH + timedelta(minutes=index), "STOP", "sms") for index, pk in enumerate(people)]
    with django_assert_max_num_queries(8):  # two of them a savepoint
        assert len(opting.opt_out(wishes)) == 50
    assert Suppression.objects.count() == 50
    later = [Wish(wish.contact_id, wish.at + timedelta(hours=1), "START", "sms") for wish in wishes]
    with django_assert_max_num_queries(8):
        assert len(opting.opt_in(later)) == 50
    assert not Suppression.objects.exists()
