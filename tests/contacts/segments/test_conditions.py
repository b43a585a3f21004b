"""Each condition against a handful of people: exactly those whom it means, and nobody of the other team."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from contacts.segments import find
from contacts.segments.conditions import Vocabulary
from contacts.segments.definition import Wrong, parse
from contacts.segments.sentence import sentence

from .world import World, day

pytestmark = pytest.mark.django_db

ALL = {"Camille", "Bruno", "Claire", "Driss", "Émilie", "INFO", "Zoé"}
TEN_DAYS_AGO = (timezone.localtime() - timedelta(days=10)).date().isoformat()


def _but(*names: str) -> set[str]:
    return ALL - set(names)


CASES: list[tuple[str, str, Any, set[str]]] = [
    # Words, whatever the accents and case.
    ("first_name", "is", "camille", {"Camille"}),
    ("first_name", "is", "EMILIE", {"Émilie"}),
    ("first_name", "is", "emil", set()),
    ("first_name", "is_not", "Camille", _but("Camille")),
    ("first_name", "contains", "il", {"Camille", "Émilie"}),
    ("first_name", "contains", "mil", {"Camille", "Émilie"}),
    ("first_name", "contains_not", "mil", _but("Camille", "Émilie")),
    ("first_name", "begins", "émi", {"Émilie"}),
    ("first_name", "begins", "z", {"Zoé"}),
    ("first_name", "known", None, _but("INFO")),
    ("first_name", "unknown", None, {"INFO"}),
    ("last_name", "begins", "emil", {"Zoé"}),
    ("last_name", "contains", "100%", set()),
    ("company", "contains", "aubertin", {"Camille", "Driss"}),
    ("company", "is", "Aubertin SA", {"Camille"}),
    ("company", "unknown", None, {"Claire", "Émilie", "INFO", "Zoé"}),
    ("email", "contains", "@example.com", {"Camille", "Claire", "Émilie"}),
    ("email", "known", None, {"Camille", "Claire", "Émilie"}),
    ("address", "contains", "plerin", {"Camille"}),
    ("language", "any", ["fr"], {"Camille", "Bruno"}),
    ("language", "none", ["fr"], _but("Camille", "Bruno")),
    ("language", "unknown", None, {"Driss", "Émilie", "INFO", "Zoé"}),
    # Numbers.
    ("phone", "begins", "06 39 98 42", {"Camille"}),
    ("phone", "begins", "01 99", {"Camille"}),
    ("phone", "begins", "+324", {"Driss"}),
    ("phone", "known", None, _but("Émilie", "Zoé")),
    ("phone", "unknown", None, {"Émilie", "Zoé"}),
    ("phone_country", "any", ["33"], {"Camille", "Bruno", "Claire"}),
    ("phone_country", "any", ["33", "32"], {"Camille", "Bruno", "Claire", "Driss"}),
    ("phone_country", "none", ["33"], _but("Camille", "Bruno", "Claire")),
    ("textable", "yes", None, {"Camille", "Bruno", "Claire", "Driss"}),
    ("textable", "no", None, {"Émilie", "INFO", "Zoé"}),
    # Who looks after them.
    ("owner", "any", ["theo"], {"Camille", "Bruno"}),
    ("owner", "any", ["theo", "ines"], {"Camille", "Bruno", "Claire", "Émilie"}),
    ("owner", "none", ["theo"], _but("Camille", "Bruno")),
    ("owner", "nobody", None, {"Driss", "INFO", "Zoé"}),
    ("owner", "somebody", None, {"Camille", "Bruno", "Claire", "Émilie"}),
    # Tags and lists.
    ("tag", "any", ["pompe à chaleur"], {"Camille", "Bruno"}),
    ("tag", "any", ["pompe à chaleur", "aides 2026"], {"Camille", "Bruno", "Émilie"}),
    ("tag", "every", ["pompe à chaleur", "aides 2026"], {"Camille"}),
    ("tag", "none", ["pompe à chaleur"], _but("Camille", "Bruno")),
    ("tag", "any", ["rénovation"], set()),
    ("tag", "some", None, {"Camille", "Bruno", "Émilie"}),
    ("tag", "bare", None, _but("Camille", "Bruno", "Émilie")),
    ("list", "any", ["Rennes"], {"Camille", "Claire"}),
    ("list", "every", ["Rennes", "Nantes"], {"Claire"}),
    ("list", "none", ["Nantes"], _but("Claire")),
    ("list", "some", None, {"Camille", "Claire"}),
    ("list", "bare", None, _but("Camille", "Claire")),
    # Consent.
    ("consent", "any", ["opted_in", "customer"], {"Camille", "Bruno"}),
    ("consent", "any", ["none"], {"Émilie", "INFO", "Zoé"}),
    ("consent", "any", ["withdrawn"], {"Driss"}),
    ("consent", "none", ["none", "withdrawn"], {"Camille", "Bruno", "Claire"}),
    ("opted_out", "yes", None, {"Bruno"}),
    ("opted_out", "no", None, _but("Bruno")),
    ("do_not_call", "yes", None, {"Claire"}),
    ("do_not_call", "no", None, _but("Claire")),
    # When, and where from.
    ("added", "in_last", 1, {"Émilie", "Zoé"}),
    ("added", "not_in_last", 30, {"Camille", "Claire", "Driss", "INFO"}),
    ("added", "before", TEN_DAYS_AGO, _but("Émilie", "Zoé")),
    ("added", "since", TEN_DAYS_AGO, {"Émilie", "Zoé"}),
    ("imported_by", "any", ["salon.csv"], {"Driss"}),
    ("imported_by", "none", ["salon.csv"], _but("Driss")),
    ("imported_by", "some", None, {"Driss", "Émilie"}),
    ("imported_by", "bare", None, _but("Driss", "Émilie")),
    # What we owe them; those that are done don't count.
    ("follow_up", "open", None, {"Camille", "Bruno"}),
    ("follow_up", "overdue", None, {"Bruno"}),
    ("follow_up", "due", 2, {"Camille"}),
    ("follow_up", "due", 7, {"Camille", "Bruno"}),
    ("follow_up", "bare", None, _but("Camille", "Bruno")),
    # Fields of the team.
    ("custom.town", "is", "saint-brieuc", {"Camille", "Driss"}),
    ("custom.town", "is_not", "saint-brieuc", _but("Camille", "Driss")),
    ("custom.town", "contains", "e m", {"Zoé"}),
    ("custom.town", "unknown", None, {"Bruno", "Claire", "Émilie", "INFO"}),
    ("custom.surface", "over", 80, {"Camille", "Claire"}),
    ("custom.surface", "over", "99,5", {"Camille"}),
    ("custom.surface", "under", 99.5, {"Bruno"}),
    ("custom.surface", "is", 99.5, {"Claire"}),
    ("custom.surface", "between", [80, 100], {"Bruno", "Claire"}),
    ("custom.surface", "unknown", None, {"Driss", "Émilie", "INFO", "Zoé"}),
    ("custom.visit", "is", day(0), {"Driss"}),
    ("custom.visit", "before", day(0), {"Claire"}),
    ("custom.visit", "since", day(0), {"Camille", "Driss"}),
    ("custom.visit", "in_last", 10, {"Claire", "Driss"}),
    ("custom.visit", "in_last", 9, {"Driss"}),
    ("custom.visit", "in_next", 5, {"Camille", "Driss"}),
    ("custom.visit", "in_next", 4, {"Driss"}),
    ("custom.visit", "known", None, {"Camille", "Claire", "Driss"}),
    ("custom.house", "yes", None, {"Camille"}),
    ("custom.house", "no", None, {"Claire"}),
    ("custom.house", "unknown", None, _but("Camille", "Claire")),
    ("custom.heating", "any", ["Wood"], {"Bruno", "Claire"}),
    ("custom.heating", "none", ["Wood"], _but("Bruno", "Claire")),
    ("custom.heating", "known", None, {"Camille", "Bruno", "Claire"}),
    # What happened. A failed or a queued text reached nobody; an uncertain one may have.
    ("texted", "in_last", 4, {"Camille"}),
    ("texted", "in_last", 6, {"Camille", "Driss"}),
    ("texted", "not_in_last", 6, _but("Camille", "Driss")),
    ("texted", "before", TEN_DAYS_AGO, {"Camille", "Bruno", "Driss"}),
    ("texted", "since", TEN_DAYS_AGO, {"Camille", "Driss"}),
    ("texted", "ever", None, {"Camille", "Bruno", "Driss"}),
    ("texted", "never", None, _but("Camille", "Bruno", "Driss")),
    ("texted", "at_least", 2, {"Camille", "Bruno", "Driss"}),
    ("delivered", "ever", None, {"Camille", "Bruno"}),
    ("delivered", "in_last", 30, {"Camille"}),
    ("clicked", "ever", None, {"Camille", "Émilie"}),
    ("clicked", "in_last", 14, {"Camille"}),
    ("clicked", "not_in_last", 14, _but("Camille")),
    ("clicked", "at_least", 3, {"Émilie"}),
    ("clicked", "at_least", 4, set()),
    ("clicked", "never", None, _but("Camille", "Émilie")),
    ("replied", "ever", None, {"Camille", "Claire", "INFO"}),
    ("replied", "in_last", 100, {"Camille", "Claire"}),
    ("called", "ever", None, {"Claire"}),
    ("called", "in_last", 9, set()),
    ("missed", "in_last", 7, {"Bruno"}),
    ("missed", "never", None, _but("Bruno")),
    # What became of them in a campaign.
    ("campaign", "received", ["Rentrée"], {"Camille", "Bruno"}),
    ("campaign", "received", ["Rentrée", "Devis"], {"Camille", "Bruno"}),
    ("campaign", "sent", ["Devis"], {"Camille", "Driss"}),
    ("campaign", "clicked", ["Rentrée"], {"Camille"}),
    ("campaign", "not_clicked", ["Rentrée"], {"Bruno"}),
    ("campaign", "not_replied", ["Devis"], {"Camille"}),
    ("campaign", "replied", ["Rentrée"], {"Camille"}),
    ("campaign", "called", ["Rentrée"], {"Bruno"}),
    ("campaign", "opted_out", ["Rentrée"], {"Bruno"}),
    ("campaign", "failed", ["Rentrée"], {"Driss"}),
    ("campaign", "left_out", ["Devis"], {"Bruno"}),
    ("campaign", "in", ["Devis"], {"Camille", "Bruno", "Driss"}),
    ("campaign", "not_in", ["Devis"], _but("Camille", "Bruno", "Driss")),
    # A missed call, a click, a text and a talk come from them; a doubtful click does not.
    ("silent", "in_last", 15, {"Driss", "Émilie", "INFO", "Zoé"}),
    ("silent", "in_last", 5, _but("Camille", "Bruno")),
    ("silent", "ever", None, {"Driss", "Zoé"}),
    ("silent", "not_in_last", 15, {"Camille", "Bruno", "Claire"}),
    ("last_event", "in_last", 4, {"Camille", "Bruno", "Driss", "Émilie"}),
    ("last_event", "not_in_last", 4, {"Claire", "INFO", "Zoé"}),
    ("last_event", "before", TEN_DAYS_AGO, {"INFO"}),
    ("last_event", "never", None, {"Zoé"}),
]


def data_of(world: World, key: str, op: str, value: Any, **extra: Any) -> dict[str, Any]:
    """A condition as JSON; tags, lists … are given by their names."""
    ids = world.ids.get(key)
    if ids and isinstance(value, list):
        value = [ids[each] for each in value]
    if "line" in extra:
        extra["line"] = world.ids["line"][extra["line"]]
    condition = {"field": key, "op": op, **extra}
    return condition if value is None else condition | {"value": value}


def found(world: World, *conditions: dict[str, Any], match: str = "all") -> set[str]:
    definition = parse({"match": match, "conditions": list(conditions)}, world.team)
    return world.names(find.people(world.team, definition))


def test_each_condition_means_exactly_these_people(world: World) -> None:
    wrong = {}
    for key, op, value, expected in CASES:
        got = found(world, data_of(world, key, op, value))
        if got != expected:
            wrong[key, op, str(value)] = got ^ expected
    assert wrong == {}


def test_every_operator_of_every_condition_is_tried_above(world: World) -> None:
    tried = {(key, op) for key, op, _value, _people in CASES}
    vocabulary = Vocabulary(world.team)
    # The happenings share their operators, as the texts do: each is tried with one of them at least.
    operators = {op for _key, op in tried}
    fields = {key for key, _op in tried}
    for condition in vocabulary.conditions():
        assert condition.key in fields
        assert {operator.key for operator in condition.operators} <= operators


@pytest.mark.parametrize(
    ("key", "op", "value", "extra", "expected"),
    [
        ("clicked", "ever", None, {"line": "ines"}, {"Émilie"}),
        ("clicked", "at_least", 3, {"line": "malik"}, set()),
        ("clicked", "at_least", 2, {"line": "malik"}, {"Émilie"}),
        ("clicked", "at_least", 2, {"days": 21}, set()),
        ("clicked", "at_least", 2, {"days": 22}, {"Émilie"}),
        ("texted", "in_last", 50, {"line": "ines"}, {"Camille"}),
        ("texted", "never", None, {"line": "ines"}, _but("Camille")),
        ("replied", "ever", None, {"line": "ines"}, {"Claire"}),
    ],
)
def test_through_one_line_and_within_some_days(
    world: World, key: str, op: str, value: Any, extra: dict[str, Any], expected: set[str]
) -> None:
    assert found(world, data_of(world, key, op, value, **extra)) == expected


def test_all_of_them_or_any_of_them(world: World) -> None:
    tag = data_of(world, "tag", "any", ["pompe à chaleur"])
    clicked = data_of(world, "clicked", "ever", None)
    assert found(world, tag, clicked) == {"Camille"}
    assert found(world, tag, clicked, match="any") == {"Camille", "Bruno", "Émilie"}


def test_groups_hold_together(world: World) -> None:
    theirs = data_of(world, "owner", "any", ["theo"])
    either = {
        "match": "any",
        "conditions": [data_of(world, "opted_out", "yes", None), data_of(world, "replied", "ever", None)],
    }
    both = {**either, "match": "all"}
    assert found(world, theirs, either) == {"Camille", "Bruno"}
    assert found(world, theirs, both) == set()
    assert found(world, theirs, both, match="any") == {"Camille", "Bruno"}
    claire = data_of(world, "first_name", "is", "Claire")
    assert found(world, claire, either, match="any") == {"Camille", "Bruno", "Claire", "INFO"}


def test_no_condition_at_all_is_everybody(world: World) -> None:
    assert found(world) == ALL


def test_a_field_of_another_team_is_unknown(world: World) -> None:
    from contacts.models import CustomField, Tag

    theirs = Tag.objects.exclude(team=world.team).first()
    assert theirs
    with pytest.raises(Wrong):
        parse({"conditions": [{"field": "tag", "op": "any", "value": [theirs.pk]}]}, world.team)
    CustomField.objects.for_team(world.team).filter(key="town").delete()
    with pytest.raises(Wrong):
        parse({"conditions": [{"field": "custom.town", "op": "known"}]}, world.team)


def test_the_sentence_of_each_condition_reads_as_one(world: World) -> None:
    """No placeholder, bracket or double space is left over."""
    for key, op, value, _expected in CASES:
        definition = parse({"conditions": [data_of(world, key, op, value)]}, world.team)
        said = sentence(world.team, definition)
        assert said.startswith("People ")
        assert not any(left in said for left in ("%(", "[", "]", "  ", "…")), said
