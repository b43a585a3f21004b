"""Two people become one: nothing lost, the stricter consent kept, what the other was remembered."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from contacts.duplicates.merge import AlreadyMerged, merge
from contacts.models import (
    ConsentChange,
    Contact,
    ContactList,
    ContactPhone,
    ContactTag,
    DuplicatePair,
    FollowUp,
    Import,
    ImportChange,
    ListMember,
    Merge,
    Tag,
)
from contacts.privacy import ledger, suppression
from teams.access import Member
from teams.models import AuditEntry, Team
from tests.contacts.duplicates.test_find import somebody

pytestmark = pytest.mark.django_db

JANUARY = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
MARCH = datetime(2026, 3, 5, 9, 0, tzinfo=UTC)


@pytest.fixture
def camille(team: Team) -> Contact:
    return somebody(team, "+33639984217", first_name="Camille", last_name="Aubertin")


@pytest.fixture
def double(team: Team) -> Contact:
    return somebody(team, "+33639984218", "0639984219", first_name="Cam", company="Énergie Bréhat")


def test_fields_of_the_kept_one_stay_and_gaps_are_filled(
    camille: Contact, double: Contact, manager: Member
) -> None:
    Contact.objects.filter(pk=camille.pk).update(custom={"town": "Pordic"})
    Contact.objects.filter(pk=double.pk).update(
        custom={"town": "Binic", "house": "118 m²"},
        email="c@exemple.example",
        language="fr",
        owner=manager.user,
    )
    kept = merge(camille.pk, double.pk, manager.user)
    assert (kept.first_name, kept.last_name, kept.company) == ("Camille", "Aubertin", "Énergie Bréhat")
    assert (kept.email, kept.language, kept.owner) == ("c@exemple.example", "fr", manager.user)
    assert kept.custom == {"town": "Pordic", "house": "118 m²"}
    assert not Contact.objects.filter(pk=double.pk).exists()


def test_chosen_fields_come_from_the_other(camille: Contact, double: Contact, manager: Member) -> None:
    Contact.objects.filter(pk=camille.pk).update(custom={"town": "Pordic"})
    Contact.objects.filter(pk=double.pk).update(custom={"town": "Binic"})
    kept = merge(camille.pk, double.pk, manager.user, taken=["first_name", "last_name", "custom.town"])
    # Nothing to take leaves what is there.
    assert (kept.first_name, kept.last_name, kept.custom) == ("Cam", "Aubertin", {"town": "Binic"})


def test_every_number_is_kept_and_one_is_primary(camille: Contact, double: Contact) -> None:
    merge(camille.pk, double.pk, None)
    phones = ContactPhone.objects.filter(contact=camille).order_by("pk")
    assert [(each.number, each.is_primary) for each in phones] == [
        ("+33639984217", True), ("+33639984218", False), ("0639984219", False),
    ]  # fmt: skip


def test_chosen_number_is_primary(camille: Contact, double: Contact) -> None:
    wanted = double.phones.get(number="+33639984218")
    assert merge(camille.pk, double.pk, None, primary_id=wanted.pk).primary_number == "+33639984218"


def test_number_of_somebody_else_is_never_primary(team: Team, camille: Contact, double: Contact) -> None:
    stranger = somebody(team, "+33639984299").phones.get()
    assert merge(camille.pk, double.pk, None, primary_id=stranger.pk).primary_number == "+33639984217"


def test_number_that_can_be_texted_is_primary_before_a_sender(team: Team, double: Contact) -> None:
    sender = somebody(team, "0639984218")
    assert merge(sender.pk, double.pk, None).primary_number == "+33639984218"


def test_tags_lists_and_follow_ups_are_united(team: Team, camille: Contact, double: Contact) -> None:
    tags = [Tag.objects.create(team=team, name=name) for name in ("chaud", "salon", "aides")]
    lists = [ContactList.objects.create(team=team, name=name) for name in ("A", "B")]
    for contact, tag in ((camille, 0), (camille, 1), (double, 1), (double, 2)):
        ContactTag.objects.create(contact=contact, tag=tags[tag])
    for contact, which in ((camille, 0), (double, 0), (double, 1)):
        ListMember.objects.create(contact=contact, list=lists[which])
    FollowUp.objects.create(team=team, contact=double, text="Rappeler", due_at=timezone.now())
    merge(camille.pk, double.pk, None)
    assert set(camille.tags.values_list("name", flat=True)) == {"chaud", "salon", "aides"}
    assert set(camille.lists.values_list("name", flat=True)) == {"A", "B"}
    assert camille.follow_ups.get().text == "Rappeler"


def test_what_imports_noted_follows(team: Team, camille: Contact, double: Contact) -> None:
    both, one = (Import.objects.create(team=team, name=name) for name in ("a.csv", "b.csv"))
    for contact, run in ((camille, both), (double, both), (double, one)):
        ImportChange.objects.create(run=run, contact=contact, before={"of": contact.pk}, after={})
    merge(camille.pk, double.pk, None)
    assert {(change.run, change.before["of"]) for change in ImportChange.objects.all()} == {
        (both, camille.pk), (one, double.pk),
    }  # fmt: skip


def test_word_that_somebody_else_is_another_holds_for_the_kept_one(
    team: Team, camille: Contact, double: Contact
) -> None:
    third, fourth = somebody(team), somebody(team)
    pair = {"team": team, "why": "name"}
    DuplicatePair.objects.create(**pair, first=camille, second=double)
    DuplicatePair.objects.create(**pair, first=double, second=third, dismissed_at=timezone.now())
    DuplicatePair.objects.create(**pair, first=camille, second=third)
    DuplicatePair.objects.create(**pair, first=double, second=fourth)
    merge(camille.pk, double.pk, None)
    left = {
        (each.first_id, each.second_id, each.dismissed_at is None) for each in DuplicatePair.objects.all()
    }
    assert left == {(camille.pk, third.pk, False), (camille.pk, fourth.pk, True)}


def test_what_the_other_was_is_remembered(
    team: Team, camille: Contact, double: Contact, manager: Member
) -> None:
    ContactTag.objects.create(contact=double, tag=Tag.objects.create(team=team, name="salon"))
    ListMember.objects.create(contact=double, list=ContactList.objects.create(team=team, name="A"))
    Contact.objects.filter(pk=double.pk).update(opted_out_at=JANUARY)
    merge(camille.pk, double.pk, manager.user)
    gone = Merge.objects.get().gone
    assert gone["fields"]["first_name"] == "Cam"
    assert [each["number"] for each in gone["phones"]] == ["+33639984218", "0639984219"]
    assert (gone["tags"], gone["lists"]) == (["salon"], ["A"])
    assert gone["consent"]["opted_out_at"] == JANUARY.isoformat()
    entry = AuditEntry.objects.get(action="contact.merged")
    assert (entry.actor, entry.object_id, entry.detail) == (
        manager.user,
        str(camille.pk),
        {"gone": double.pk},
    )


def test_chain_of_merges_leads_to_the_last_one(team: Team, camille: Contact, double: Contact) -> None:
    third = somebody(team)
    merge(double.pk, third.pk, None)
    merge(camille.pk, double.pk, None)
    assert set(Merge.objects.values_list("gone_id", "kept_id")) == {
        (third.pk, camille.pk), (double.pk, camille.pk),
    }  # fmt: skip


def test_second_merge_of_the_same_two_names_who_is_left(camille: Contact, double: Contact) -> None:
    merge(camille.pk, double.pk, None)
    for kept, gone in ((camille.pk, double.pk), (double.pk, camille.pk)):
        with pytest.raises(AlreadyMerged) as error:
            merge(kept, gone, None)
        assert error.value.kept_id == camille.pk
    assert Merge.objects.count() == 1


def test_one_person_two_teams_or_nobody(camille: Contact, other_team: Team) -> None:
    with pytest.raises(ValueError, match="one person"):
        merge(camille.pk, camille.pk, None)
    with pytest.raises(ValueError, match="two teams"):
        merge(camille.pk, somebody(other_team).pk, None)
    with pytest.raises(Contact.DoesNotExist):
        merge(camille.pk, camille.pk + 1000, None)


def test_stop_of_either_counts_and_of_two_the_newer(camille: Contact, double: Contact) -> None:
    Contact.objects.filter(pk=camille.pk).update(opted_out_at=JANUARY)
    Contact.objects.filter(pk=double.pk).update(opted_out_at=MARCH)
    assert merge(camille.pk, double.pk, None).opted_out_at == MARCH


def test_numbers_of_an_opted_out_person_join_the_suppression_list(
    team: Team, camille: Contact, double: Contact
) -> None:
    Contact.objects.filter(pk=double.pk).update(opted_out_at=JANUARY)
    merge(camille.pk, double.pk, None)
    known = suppression.known(team.pk, ["+33639984217", "+33639984218", "0639984219"])
    assert {number: each.reason for number, each in known.items()} == dict.fromkeys(
        ["+33639984217", "+33639984218", "0639984219"], "opted_out"
    )


def test_start_of_one_does_not_undo_the_stop_of_the_other(
    team: Team, camille: Contact, double: Contact
) -> None:
    Contact.objects.filter(pk=double.pk).update(opted_out_at=JANUARY)
    common: dict[str, Any] = {"team": team, "source": "sms"}
    ConsentChange.objects.create(**common, contact=double, kind="opt_out", happened_at=JANUARY)
    ConsentChange.objects.create(**common, contact=camille, kind="opt_in", happened_at=MARCH)
    assert merge(camille.pk, double.pk, None).opted_out_at == JANUARY
    kinds = (
        ConsentChange.objects.filter(contact=camille).order_by("happened_at").values_list("kind", "source")
    )
    assert list(kinds) == [("opt_out", "sms"), ("opt_in", "sms"), ("opt_out", "merge")]


def test_withdrawal_stands_above_a_newer_consent(team: Team, camille: Contact, double: Contact) -> None:
    ledger.withdraw(team.pk, [double.pk], source="rep", at=JANUARY)
    ledger.grant(team.pk, [camille.pk], basis="opted_in", source="Salon", at=MARCH)
    kept = merge(camille.pk, double.pk, None)
    assert (kept.consent, kept.consent_at) == ("withdrawn", JANUARY)
    # What the ledger works out next says so too.
    ledger.may_call(team.pk, [camille.pk], source="rep")
    assert Contact.objects.get(pk=camille.pk).consent == "withdrawn"


def test_of_two_grounds_the_newer_one_counts(team: Team, camille: Contact, double: Contact) -> None:
    ledger.grant(team.pk, [camille.pk], basis="opted_in", source="Salon", at=JANUARY)
    ledger.grant(team.pk, [double.pk], basis="customer", source="rep", at=MARCH)
    kept = merge(camille.pk, double.pk, None)
    assert (kept.consent, kept.consent_at) == ("customer", MARCH)
    assert ConsentChange.objects.filter(contact=camille).count() == 2


def test_ground_of_the_other_comes_with_its_proof(team: Team, camille: Contact, double: Contact) -> None:
    ledger.grant(team.pk, [double.pk], basis="opted_in", source="Salon", wording="J'accepte", at=JANUARY)
    assert merge(camille.pk, double.pk, None).consent == "opted_in"
    assert ConsentChange.objects.get(contact=camille).wording == "J'accepte"


def test_wish_not_to_be_called_stays(team: Team, camille: Contact, double: Contact) -> None:
    ledger.do_not_call(team.pk, [double.pk], source="rep", at=JANUARY)
    ledger.may_call(team.pk, [camille.pk], source="rep", at=MARCH)
    assert merge(camille.pk, double.pk, None).do_not_call_at == JANUARY
    ledger.grant(team.pk, [camille.pk], basis="customer", source="rep")
    assert Contact.objects.get(pk=camille.pk).do_not_call_at is not None


def test_known_since_the_earlier_day_and_changed_now(camille: Contact, double: Contact) -> None:
    Contact.objects.filter(pk=double.pk).update(created_at=JANUARY)
    Contact.objects.filter(pk=camille.pk).update(updated_at=JANUARY)
    kept = merge(camille.pk, double.pk, None)
    assert kept.created_at == JANUARY
    assert timezone.now() - kept.updated_at < timedelta(minutes=1)
