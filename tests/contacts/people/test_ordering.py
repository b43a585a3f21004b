"""The orders of the contact list: each person once, whatever the order, and no place can be made up."""

from datetime import timedelta

import pytest
from django.utils import timezone

from contacts.models import Contact
from contacts.people import listing
from contacts.people.ordering import Order, Place
from sms.models import Line
from teams.models import Team
from tests.sms.conversations.conftest import receive

from .conftest import make_contact

pytestmark = pytest.mark.django_db
ORDERS = [f"{way}{key}" for key in ("name", "company", "email", "added", "event") for way in ("", "-")]


def walk(team: Team, order: str, size: int = 4) -> list[Contact]:
    seen: list[Contact] = []
    after = None
    while True:
        found = listing.page(Contact.objects.for_team(team), order=Order.parse(order), after=after, size=size)
        seen += [row.contact for row in found.rows]
        assert len(found.rows) <= size
        if found.next is None:
            return seen
        after = Place.parse(str(found.next))


@pytest.fixture
def crowd(team: Team, line: Line) -> list[Contact]:
    """People alike in everything, people of whom next to nothing is known, and what happened at one instant."""
    made = [
        make_contact(
            team,
            f"+336399800{number:02}",
            last_name=("Même", "Meme", "même", "Zoé", "")[number % 5],
            company=("", "Bois", "BOIS")[number % 3],
            email=("", "a@exemple.example")[number % 2],
        )
        for number in range(24)
    ]
    for number, contact in enumerate(made[:10]):
        receive(line, contact, "Bonjour", ago=timedelta(days=number // 3))
    Contact.objects.update(created_at=timezone.now())
    return made


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("size", [1, 4, 7, 50])
def test_pages_follow_each_other_without_gap_or_repeat(
    team: Team, crowd: list[Contact], order: str, size: int
) -> None:
    seen = [contact.pk for contact in walk(team, order, size)]
    assert sorted(seen) == sorted(contact.pk for contact in crowd)


@pytest.mark.parametrize("order", ORDERS)
def test_the_size_of_pages_changes_no_order(team: Team, crowd: list[Contact], order: str) -> None:
    assert [each.pk for each in walk(team, order, 3)] == [each.pk for each in walk(team, order, 50)]


@pytest.mark.parametrize("order", ["company", "-company"])
def test_those_without_a_company_stand_last_both_ways(team: Team, crowd: list[Contact], order: str) -> None:
    assert [bool(each.company) for each in walk(team, order)] == [True] * 16 + [False] * 8


@pytest.mark.parametrize("order", ["name", "-name"])
def test_those_without_a_name_stand_last_both_ways(team: Team, order: str) -> None:
    for name in ("Émile", "", "Zoé", "Eric"):
        make_contact(team, last_name=name)
    names = [each.last_name for each in walk(team, order)]
    assert names == (["Émile", "Eric", "Zoé", ""] if order == "name" else ["Zoé", "Eric", "Émile", ""])


@pytest.mark.parametrize("order", ["event", "-event"])
def test_those_with_whom_nothing_happened_stand_last_both_ways(
    team: Team, crowd: list[Contact], order: str
) -> None:
    seen = walk(team, order)
    assert [each.pk for each in seen[:10]] != [each.pk for each in seen[10:]]
    assert {each.pk for each in seen[:10]} == {each.pk for each in crowd[:10]}
    newest = seen[0] if order == "-event" else seen[9]
    assert newest.pk in {each.pk for each in crowd[:3]}


@pytest.mark.parametrize("text", ["", "nothing", "--name", "name;", "id", "-"])
def test_an_order_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Order.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "W10", "bnVsbA", "é", "WyJhIiwgIjEiXQ",
        "WzAsICJhIiwgLTFd",  # [0, "a", -1]
        "WzAsICJcdWQ4MDAiLCAxXQ",  # a lone surrogate
        "WzIsICJhIiwgMV0",  # a third part
        "WzAsIDEsIDFd",  # a key that is no text
        "W3RydWUsICJhIiwgMV0",  # [true, "a", 1]
        "WzAsICJhXHUwMDAwIiwgMV0",  # a NUL
        "WzAsICJhIiwgOTIyMzM3MjAzNjg1NDc3NTgwOF0",  # beyond what an id can be
    ],
)  # fmt: skip
def test_a_made_up_place_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Place.parse(text)


@pytest.mark.parametrize("key", ["x", "2026", "2026-11-24", "2026-11-24T14:32:00"])
@pytest.mark.parametrize("order", ["added", "-event"])
def test_a_place_of_another_order_is_refused(team: Team, order: str, key: str) -> None:
    with pytest.raises(ValueError):
        listing.page(Contact.objects.for_team(team), order=Order.parse(order), after=Place(0, key, 1))


def test_a_part_that_the_order_has_not_is_refused(team: Team) -> None:
    with pytest.raises(ValueError):
        listing.page(
            Contact.objects.for_team(team),
            order=Order("added"),
            after=Place(1, "2026-11-24T14:32:00+00:00", 1),
        )
