"""Taken back: whom the import made and nobody touched, what it changed and still stands, and nothing else."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from contacts.imports import passing, revert, work
from contacts.models import Contact, ContactList, ContactPhone, FollowUp, Import, Tag
from contacts.tags import tagging
from sms.models import Line, Note
from sms.sending.queue import Draft, enqueue
from teams.access import Member
from teams.models import Team
from tests.conftest import contact_of
from tests.contacts.imports.given import done, lines, person

pytestmark = pytest.mark.django_db


def taken_back(import_: Import) -> Import:
    assert work.start_revert(import_)
    work.revert(import_.pk)
    import_.refresh_from_db()
    assert import_.state == Import.State.REVERTED
    return import_


def test_new_people_go_and_those_before_get_back_what_they_had(team: Team) -> None:
    before = contact_of(team, "+33639984217")
    Contact.objects.filter(pk=before).update(first_name="Zoé", company="Atelier")
    text = "Prénom;Nom;Mobile;Fixe;Société\nZ;Lefèvre;0639984217;0199003118;Autre\nN;N;0639984218;;\n"
    import_ = done(team, text, overwrite=True, tag_names=["Salon"])
    assert Contact.objects.count() == 2
    taken_back(import_)
    zoe = Contact.objects.get()
    assert (zoe.first_name, zoe.last_name, zoe.company) == ("Zoé", "", "Atelier")
    assert list(zoe.phones.values_list("number", flat=True)) == ["+33639984217"]
    assert not zoe.tags.exists()
    assert (import_.reverted, import_.left_alone) == (2, 0)


def test_nothing_waits_for_a_number_that_is_taken_back(team: Team, line: Line) -> None:
    """Else it would go to the next one who has it, who may have said STOP meanwhile."""
    contact_of(team, "+33639984217")
    import_ = done(team, "Mobile;Téléphone 2\n0639984217;0639984218\n")
    drafts = [Draft(line, number, "Bonjour") for number in ("+33639984217", "+33639984218")]
    stays, goes = enqueue(team, drafts, by=None)
    taken_back(import_)
    assert list(ContactPhone.objects.values_list("number", flat=True)) == ["+33639984217"]
    stays.refresh_from_db()
    goes.refresh_from_db()
    assert stays.state == "queued"
    assert (goes.state, goes.state_reason) == ("skipped", "number_removed")


def test_field_that_somebody_changed_since_stays(team: Team) -> None:
    before = contact_of(team, "+33639984217")
    import_ = done(team, lines("Zoé;Lefèvre;0639984217;;Atelier"))
    Contact.objects.filter(pk=before).update(last_name="Le Fèvre", updated_at=timezone.now())
    taken_back(import_)
    zoe = Contact.objects.get(pk=before)
    assert (zoe.first_name, zoe.last_name, zoe.company) == ("", "Le Fèvre", "")
    assert (import_.reverted, import_.left_alone) == (0, 1)


def edited(contact: Contact, agent: Member) -> None:
    contact.first_name = "Autre"
    contact.save()


def noted(contact: Contact, agent: Member) -> None:
    Note.objects.create(
        team=contact.team, contact=contact, text="Rappeler", author=agent.user, happened_at=timezone.now()
    )


def to_follow(contact: Contact, agent: Member) -> None:
    FollowUp.objects.create(team=contact.team, contact=contact, text="Rappeler", due_at=timezone.now())


def numbered(contact: Contact, agent: Member) -> None:
    ContactPhone.objects.create(team=contact.team, contact=contact, number="+33639984299")
    ContactPhone.objects.filter(number="+33639984299").update(
        created_at=timezone.now() + timedelta(seconds=1)
    )


def tagged(contact: Contact, agent: Member) -> None:
    tagging.put([Tag.objects.create(team=contact.team, name="VIP")], Contact.objects.filter(pk=contact.pk))


def listed(contact: Contact, agent: Member) -> None:
    found = ContactList.objects.create(team=contact.team, name="Rennes")
    found.members.add(contact, through_defaults={})


@pytest.mark.parametrize("touch", [edited, noted, to_follow, numbered, tagged, listed])
def test_person_whom_somebody_touched_since_stays(team: Team, agent: Member, touch) -> None:  # type: ignore[no-untyped-def]
    import_ = done(team, lines("Zoé;Lefèvre;0639984217;;", "Noé;N;0639984218;;"))
    # Another transaction's time: the tests' own stands still.
    Contact.objects.update(created_at="2026-01-01T00:00Z", updated_at="2026-01-01T00:00Z")
    ContactPhone.objects.update(created_at="2026-01-01T00:00Z")
    touch(person(team, "+33639984217"), agent)
    taken_back(import_)
    stays = Contact.objects.get()
    assert stays.primary_number == "+33639984217"
    assert stays.imported_by is None
    assert (import_.reverted, import_.left_alone) == (1, 1)


@pytest.fixture
def registry() -> Iterator[None]:
    known = list(revert._touched)
    yield
    revert._touched[:] = known


def test_layers_above_tell_what_happened_since(team: Team, registry: None) -> None:
    import_ = done(team, lines("Zoé;Lefèvre;0639984217;;"))
    revert.register(lambda ids: set(ids))
    taken_back(import_)
    assert Contact.objects.count() == 1


def test_only_its_own_memberships_are_taken(team: Team) -> None:
    zoe = Contact.objects.get(pk=contact_of(team, "+33639984217"))
    tagging.put(tagging.named(team, ["VIP"]).values(), Contact.objects.filter(pk=zoe.pk))
    rennes = ContactList.objects.create(team=team, name="Rennes")
    text = "Téléphone;Étiquettes\n0639984217;VIP, Salon\n"
    taken_back(done(team, text, target_list=rennes))
    assert [tag.name for tag in zoe.tags.all()] == ["VIP"]
    assert not zoe.lists.exists()


def test_it_goes_on_where_another_worker_was(team: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(revert, "SIZE", 2)
    contact_of(team, "+33639984200")
    import_ = done(team, lines(*[f"A;B;06399842{at:02d};;" for at in range(7)]), tag_names=["Salon"])
    assert work.start_revert(import_)
    passing.ending.set()
    try:
        for _ in range(20):
            work.revert(import_.pk)
    finally:
        passing.ending.clear()
    work.revert(import_.pk)
    import_.refresh_from_db()
    assert (import_.state, import_.reverted, import_.left_alone) == ("reverted", 7, 0)
    assert Contact.objects.count() == 1


def test_after_thirty_days_nothing_is_taken_back(team: Team) -> None:
    import_ = done(team, lines("Zoé;Lefèvre;0639984217;;"))
    Import.objects.update(finished_at=timezone.now() - timedelta(days=31))
    import_.refresh_from_db()
    assert not work.revertable(import_)
    assert not work.start_revert(import_)
