"""Tags are put on and taken off in one go, by names that forgive accents and case."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact, ContactTag, Tag
from contacts.tags import tagging
from teams.models import Team
from tests.contacts.people.conftest import make_contact

pytestmark = pytest.mark.django_db


@pytest.fixture
def crowd(team: Team) -> list[Contact]:
    return [make_contact(team, first_name=f"P{number}") for number in range(5)]


def names_of(contact: Contact) -> list[str]:
    return sorted(contact.tags.values_list("name", flat=True))


def test_a_name_is_one_tag_whoever_writes_it(team: Team) -> None:
    found = tagging.named(team, ["Rénovation", "renovation", " RENOVATION ", "poêle"])
    assert len({tag.pk for tag in found.values()}) == 2
    assert found["renovation"].name == "Rénovation"
    assert tagging.named(team, ["RÉNOVATION"])["RÉNOVATION"].pk == found["Rénovation"].pk
    assert Tag.objects.count() == 2


def test_unknown_names_are_made_only_when_asked(team: Team) -> None:
    assert tagging.named(team, ["neuf"], create=False) == {}
    assert Tag.objects.count() == 0


def test_blank_names_are_left_out(team: Team) -> None:
    assert tagging.named(team, ["", "  ", ",;", "\u202e"]) == {}


def test_a_name_never_holds_what_separates_tags_or_turns_the_text(team: Team) -> None:
    assert tagging.clean("a, b;\nc\u202e d\x00") == "a b c d"
    assert len(tagging.clean("x" * 500)) == tagging.LONGEST
    assert tagging.split("a, b; a ,, c") == ["a", "b", "c"]


def test_two_teams_have_their_own(team: Team, other_team: Team) -> None:
    ours, theirs = tagging.named(team, ["pro"])["pro"], tagging.named(other_team, ["pro"])["pro"]
    assert ours.pk != theirs.pk


def test_putting_counts_who_had_not_all_of_them(team: Team, crowd: list[Contact]) -> None:
    tags = list(tagging.named(team, ["a", "b"]).values())
    everybody = Contact.objects.for_team(team)
    assert tagging.put(tags[:1], everybody.filter(pk=crowd[0].pk)) == 1
    assert tagging.put(tags, everybody) == 5
    assert tagging.put(tags, everybody) == 0
    assert ContactTag.objects.count() == 10


def test_taking_counts_who_had_one(team: Team, crowd: list[Contact]) -> None:
    tags = list(tagging.named(team, ["a", "b"]).values())
    tagging.put(tags, Contact.objects.filter(pk__in=[each.pk for each in crowd[:2]]))
    assert tagging.take(tags[:1], Contact.objects.for_team(team)) == 2
    assert names_of(crowd[0]) == ["b"]


def test_another_teams_people_never_get_ours(team: Team, other_team: Team, crowd: list[Contact]) -> None:
    stranger = make_contact(other_team, first_name="Autre")
    tags = tagging.named(team, ["a"]).values()
    assert tagging.put(tags, Contact.objects.all()) == 5
    assert names_of(stranger) == []


def test_who_changed_says_so(team: Team, crowd: list[Contact]) -> None:
    before = crowd[0].updated_at
    tags = tagging.named(team, ["a"]).values()
    tagging.put(tags, Contact.objects.filter(pk=crowd[0].pk))
    crowd[0].refresh_from_db()
    crowd[1].refresh_from_db()
    assert crowd[0].updated_at != before
    untouched = crowd[1].updated_at
    tagging.put(tags, Contact.objects.filter(pk=crowd[0].pk))
    crowd[1].refresh_from_db()
    assert crowd[1].updated_at == untouched


def test_a_crowd_costs_as_many_statements_as_one_person(team: Team, crowd: list[Contact]) -> None:
    tags = list(tagging.named(team, ["a", "b", "c"]).values())
    with CaptureQueriesContext(connection) as caught:
        tagging.put(tags, Contact.objects.for_team(team))
    assert len(caught) == 1


def test_nobody_and_nothing_are_no_error(team: Team, crowd: list[Contact]) -> None:
    tags = list(tagging.named(team, ["a"]).values())
    assert tagging.put(tags, Contact.objects.none()) == 0
    assert tagging.put([], Contact.objects.all()) == 0
    assert tagging.take(tags, Contact.objects.filter(pk__in=[])) == 0


def test_chosen_people_may_come_from_joins_and_slices(team: Team, crowd: list[Contact]) -> None:
    tags = list(tagging.named(team, ["a", "b"]).values())
    tagging.put(tags, Contact.objects.filter(pk=crowd[0].pk))
    # Twice in the join, once in the result.
    joined = Contact.objects.filter(tags__in=[tag.pk for tag in tags])
    assert tagging.put(tagging.named(team, ["c"]).values(), joined) == 1


def test_replacing_leaves_these_and_no_others(team: Team, crowd: list[Contact]) -> None:
    one = Contact.objects.filter(pk=crowd[0].pk)
    tagging.put(tagging.named(team, ["a", "b"]).values(), one)
    tagging.replace(one, list(tagging.named(team, ["b", "c"]).values()))
    assert names_of(crowd[0]) == ["b", "c"]
    tagging.replace(one, [])
    assert names_of(crowd[0]) == []
