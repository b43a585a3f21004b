"""What the demo shows of people: enough of everything for a first look, and nothing that real data could not be."""

import re

import pytest
from django.utils import timezone

from contacts import custom
from contacts.models import (
    ConsentChange,
    Contact,
    ContactPhone,
    CustomField,
    DuplicatePair,
    FollowUp,
    Segment,
    Tag,
)
from contacts.segments import definition, find
from crm.demo.load import load
from teams.models import Team

pytestmark = pytest.mark.django_db


@pytest.fixture
def demo() -> Team:
    return load("http://127.0.0.1:9").team


def test_every_segment_reads_and_finds_somebody(demo: Team) -> None:
    segments = Segment.objects.for_team(demo)
    assert {each.name for each in segments} == {
        "Chauds à relancer",
        "Sans réponse 30 j",
        "Clients à parrainer",
    }
    for each in segments:
        assert 0 < find.count(demo, definition.parse(each.definition), 1000) < Contact.objects.count()


def test_values_are_as_people_would_have_typed_them(demo: Team) -> None:
    fields = {field.key: field for field in CustomField.objects.for_team(demo)}
    assert len(fields) == 6
    for person in Contact.objects.for_team(demo):
        for key, value in person.custom.items():
            assert custom.parse(fields[key], custom.write(value)) == value


def test_consent_follows_its_ledger_and_has_its_proof(demo: Team) -> None:
    grants = ConsentChange.objects.for_team(demo).filter(kind="granted")
    assert {grant.basis for grant in grants} == {"opted_in", "customer", "professional"}
    for grant in grants.filter(basis="opted_in").select_related("contact"):
        assert grant.wording
        assert grant.proof
        assert grant.contact.consent == "opted_in"
    assert (
        not Contact.objects.for_team(demo)
        .exclude(consent="")
        .exclude(consent_changes__kind="granted")
        .exists()
    )


def test_something_is_overdue_something_to_come_and_something_done(demo: Team) -> None:
    owed = FollowUp.objects.for_team(demo)
    now = timezone.now()
    assert owed.filter(done_at=None, due_at__lt=now).count() >= 2
    assert owed.filter(done_at=None, due_at__gte=now).count() >= 5
    assert owed.filter(done_at__isnull=False).count() >= 2
    assert not owed.filter(created_at__gt=now).exists()


def test_the_table_is_full_and_two_of_them_are_one(demo: Team) -> None:
    assert Contact.objects.for_team(demo).count() >= 60
    assert Tag.objects.for_team(demo).filter(contacts__isnull=False).distinct().count() >= 6
    assert DuplicatePair.objects.for_team(demo).filter(dismissed_at=None).count() == 1


def test_every_number_is_of_those_kept_for_fiction(demo: Team) -> None:
    numbers = ContactPhone.objects.for_team(demo).filter(textable=True).values_list("number", flat=True)
    assert all(re.fullmatch(r"\+33(63998\d{4}|19900\d{4})", number) for number in numbers)
