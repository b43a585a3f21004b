"""The longest text of a draft, found by rendering a few of its people."""

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from contacts.models import Contact
from sms import merge_fields, segments_of_text
from sms.campaigns import longest
from sms.campaigns.longest import Longest
from sms.models import Campaign
from teams.models import Team
from tests.sms.campaigns.conftest import make_list, make_people

pytestmark = pytest.mark.django_db
Named = Callable[..., Campaign]


@pytest.fixture
def named(team: Team, make: Callable[..., Campaign]) -> Named:
    """A draft to people of these first names."""

    def draft(names: list[str], text: str, **given: str) -> Campaign:
        ids = make_people(team, len(names))
        for pk, name in zip(ids, names, strict=True):
            Contact.objects.filter(pk=pk).update(first_name=name)
        return make(ids, text=text, **given)

    return draft


def _longest(campaign: Campaign, **given: int) -> Longest | None:
    around = [merge_fields.shared_of(campaign.lines.get(), campaign.team)]
    return longest.of(campaign, merge_fields.compile(campaign.text), around, **given)


def test_the_longest_name_makes_the_longest_text(named: Named) -> None:
    found = _longest(named(["Anne", "Jean-Christophe", "Zoé"], "Bonjour {{ contact.first_name }} !"))
    assert found is not None
    assert found.text == "Bonjour Jean-Christophe !"
    assert found.contact is not None
    assert found.contact.first_name == "Jean-Christophe"
    assert found.characters == 25


def test_a_short_name_that_needs_the_larger_alphabet_costs_more(named: Named) -> None:
    names = ["Jean-Christophe" for _ in range(120)] + ["Anaël"]
    found = _longest(named(names, "Bonjour {{ contact.first_name }}, " + "x" * 100))
    assert found is not None
    assert found.contact is not None
    assert (found.contact.first_name, found.size.segments) == ("Anaël", 2)


def test_what_stands_in_for_an_empty_field_may_be_the_longest(named: Named) -> None:
    names = ["Jean-Christophe" for _ in range(120)] + [""]
    text = '{{ contact.first_name | default: "Chère cliente, cher client de notre maison" }}'
    found = _longest(named(names, text))
    assert found is not None
    assert found.text == "Chère cliente, cher client de notre maison"


def test_only_those_who_would_get_it(named: Named) -> None:
    campaign = named(["Anne", "Jean-Christophe"], "Bonjour {{ contact.first_name }}")
    Contact.objects.filter(first_name="Jean-Christophe").update(opted_out_at="2026-01-01T00:00Z")
    found = _longest(campaign)
    assert found is not None
    assert found.text == "Bonjour Anne"
    Contact.objects.update(opted_out_at="2026-01-01T00:00Z")
    assert _longest(campaign) is None


def test_a_text_without_fields_is_everybodys(named: Named) -> None:
    found = _longest(named(["Anne", "Zoé"], "Bonjour à tous"))
    assert found is not None
    assert (found.text, found.contact) == ("Bonjour à tous", None)


def test_the_link_counts_as_long_as_it_will_be(named: Named) -> None:
    found = _longest(named(["Anne"], "Voir {link}", url="https://ardary.example/" + "x" * 300))
    assert found is not None
    assert found.text == "Voir https://arsms.co/000000000000"


def test_as_many_statements_for_many_as_for_few(named: Named, team: Team) -> None:
    campaign = named(["Anne", "Zoé"], "Bonjour {{ contact.first_name }}")
    with CaptureQueriesContext(connection) as few:
        _longest(campaign)
    ids = make_people(team, 300, begin=100)
    campaign.audience = {"include": [{"list": make_list(team, ids).pk}]}
    campaign.save()
    with CaptureQueriesContext(connection) as many:
        found = _longest(campaign)
    assert found is not None
    assert len(many) <= len(few) + 2  # the list's name is looked up


def test_a_person_without_the_field_is_passed_over(named: Named) -> None:
    found = _longest(
        named(["", "Zoé"], "{% if contact.company == blank %}{{ contact.first_name }}{% endif %}.")
    )
    assert found is not None
    assert found.text == "Zoé."
    assert found.size == segments_of_text.count("Zoé.")
