"""What a definition may say, and what is told about one that is wrong."""

from typing import Any

import pytest
from django.db import connection

from contacts.models import ContactList, CustomField, Segment, Tag
from contacts.segments import definition, find, references
from contacts.segments.conditions import Condition, Group, register
from contacts.segments.definition import Wrong, parse, stored
from contacts.segments.sentence import parts, sentence
from teams.models import Team

from .world import World

pytestmark = pytest.mark.django_db


def _wrong(data: Any, team: Team) -> dict[str, list[str]]:
    with pytest.raises(Wrong) as caught:
        parse(data, team)
    return caught.value.as_dict()


@pytest.mark.parametrize(
    ("condition", "says"),
    [
        ({"field": "tag", "op": "any", "value": [999]}, "One that is chosen here is gone."),
        ({"field": "tag", "op": "any", "value": []}, "Choose at least one."),
        ({"field": "tag", "op": "any", "value": "pompe"}, "Choose at least one."),
        ({"field": "tag", "op": "any", "value": [True]}, "One that is chosen here is gone."),
        ({"field": "tag", "op": "over", "value": 3}, "“Tag” can't be asked that way."),
        ({"field": "custom.nothing", "op": "is", "value": "x"}, "This field is gone."),
        ({"field": "", "op": "is"}, "Choose a field."),
        ({"field": "company", "op": "is"}, "Fill this in."),
        ({"field": "company", "op": "is", "value": 7}, "Fill this in."),
        ({"field": "company", "op": "is", "value": "x" * 201}, "Longer than 200 characters."),
        ({"field": "company", "op": "is", "value": "a\0b"}, "This holds characters that can't be stored."),
        ({"field": "company", "op": "known", "value": "x"}, "Nothing is to be filled in here."),
        ({"field": "clicked", "op": "in_last", "value": 0}, "A number from 1 to 3650."),
        ({"field": "clicked", "op": "in_last", "value": 1.5}, "Give a number of days."),
        ({"field": "clicked", "op": "in_last", "value": True}, "Give a number of days."),
        ({"field": "clicked", "op": "before", "value": "yesterday"}, "yesterday is no day"),
        ({"field": "clicked", "op": "ever", "line": 999}, "One that is chosen here is gone."),
        ({"field": "clicked", "op": "ever", "days": 3}, "Unknown: days."),
        ({"field": "opted_out", "op": "no", "line": 1}, "Unknown: line."),
        ({"field": "custom.surface", "op": "over", "value": "1,234"}, "can be read in two ways"),
        ({"field": "custom.surface", "op": "over", "value": float("inf")}, "That number is too large."),
        (
            {"field": "custom.surface", "op": "between", "value": [5, 1]},
            "The first number is the smaller one.",
        ),
        ({"field": "custom.surface", "op": "between", "value": [5]}, "Give two numbers."),
        ({"field": "phone", "op": "begins", "value": "abc"}, "No number begins like that."),
        ("tag", "A condition is an object"),
        ({"match": "any", "conditions": []}, "This group is empty."),
        ({"match": "some", "conditions": [{"field": "opted_out", "op": "no"}]}, "“match” is “all” or “any”."),
    ],
)
def test_each_mistake_is_told_at_its_condition(world: World, condition: Any, says: str) -> None:
    right = {"field": "opted_out", "op": "no"}
    told = _wrong({"match": "all", "conditions": [right, condition]}, world.team)
    assert list(told) == ["conditions.1"]
    assert says in told["conditions.1"][0]


def test_groups_hold_no_groups(world: World) -> None:
    inner = {"match": "any", "conditions": [{"field": "opted_out", "op": "no"}]}
    told = _wrong({"conditions": [{"conditions": [inner]}]}, world.team)
    assert told == {"conditions.0.0": ["A group holds no other group."]}


def test_no_more_than_forty_conditions(world: World) -> None:
    one = {"field": "opted_out", "op": "no"}
    assert len(parse({"conditions": [one] * 40}, world.team).items) == 40
    assert _wrong({"conditions": [one] * 41}, world.team) == {"definition": ["At most 40 conditions."]}
    assert _wrong({"conditions": [{"conditions": [one] * 21}] * 2}, world.team) == {
        "definition": ["At most 40 conditions."]
    }


@pytest.mark.parametrize("data", [None, 3, "x", [], {"conditions": 3}, {"conditions": [], "else": 1}])
def test_what_is_no_definition_is_refused(world: World, data: Any) -> None:
    assert "definition" in _wrong(data, world.team)


def test_values_come_out_as_they_are_stored(world: World) -> None:
    tag = world.ids["tag"]["aides 2026"]
    found = parse(
        {
            "conditions": [
                {"field": "tag", "op": "any", "value": [str(tag), tag]},
                {"field": "clicked", "op": "in_last", "value": "14", "line": ""},
                {"field": "custom.surface", "op": "over", "value": "99,50"},
                {"field": "custom.visit", "op": "is", "value": "24/12/2026"},
                {"field": "company", "op": "is", "value": "  Aubertin   SA "},
            ]
        },
        world.team,
    )
    values = [term.value for _path, term in found.terms()]
    assert values == [[tag], 14, 99.5, "2026-12-24", "Aubertin SA"]
    assert all("line" not in term.as_json() for _path, term in found.terms())


def test_what_is_gone_is_said_and_means_nobody(world: World) -> None:
    """Not even by a condition that leaves out the people of a list that is gone."""
    gone = world.ids["list"]["Nantes"]
    data = {"match": "any", "conditions": [
        {"field": "list", "op": "none", "value": [gone]}, {"field": "opted_out", "op": "no"}]}  # fmt: skip
    segment = Segment.objects.create(team=world.team, name="Sans Nantes", definition=data)
    assert find.of_segment(segment).count() == 7
    ContactList.objects.filter(pk=gone).delete()
    found, problems = stored(segment.definition, world.team)
    assert [problem.path for problem in problems] == [(0,)]
    assert found.as_json() == data
    assert find.of_segment(segment).count() == 0
    assert find.people(world.team, found).count() == 0
    assert find.glance(find.people(world.team, found)) == find.Glance(0, [])
    said = parts(world.team, found)
    assert "something deleted" in sentence(world.team, found)
    assert [part.place for part in said if part.gone] == ["0"]


def test_a_field_that_is_gone_is_said(world: World) -> None:
    data = {"conditions": [{"field": "custom.town", "op": "is", "value": "Pordic"}]}
    segment = Segment.objects.create(team=world.team, name="Pordic", definition=data)
    CustomField.objects.for_team(world.team).filter(key="town").delete()
    found, problems = stored(data, world.team)
    assert [problem.message for problem in problems] == ["This field is gone."]
    assert "is gone" in sentence(world.team, found)
    assert find.of_segment(segment).count() == 0


def test_segments_that_name_something_are_found_and_renamed(world: World) -> None:
    one, two = world.ids["tag"]["aides 2026"], world.ids["tag"]["rénovation"]
    inner = {"match": "any", "conditions": [{"field": "tag", "op": "any", "value": [two, one]}]}
    segment = Segment.objects.create(
        team=world.team, name="A", definition={"match": "all", "conditions": [inner]}
    )
    Segment.objects.create(
        team=world.team, name="B", definition={"conditions": [{"field": "list", "op": "some"}]}
    )
    assert references.naming(world.team, "tag", one) == [segment]
    assert references.naming(world.team, "tag", 999) == []
    assert [each.name for each in references.naming(world.team, "list")] == ["B"]
    assert references.replace(world.team, "tag", one, two) == 1
    segment.refresh_from_db()
    assert segment.definition["conditions"][0]["conditions"][0]["value"] == [two]
    assert references.replace(world.team, "tag", one, two) == 0


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"conditions": []}, "Everybody"),
        (
            {"conditions": [{"field": "clicked", "op": "in_last", "value": 1}]},
            "People who clicked a link in the last day",
        ),
        (
            {"match": "any", "conditions": [
                {"field": "company", "op": "contains", "value": "toit"}, {"field": "replied", "op": "ever"},
                {"field": "missed", "op": "at_least", "value": 2, "days": 30}]},
            "People whose company contains toit or who replied or left a missed call at least 2 times in the "
            "last 30 days",
        ),
        (
            {"conditions": [{"field": "opted_out", "op": "no"}, {"match": "any", "conditions": [
                {"field": "clicked", "op": "ever"}, {"field": "texted", "op": "never"}]}]},
            "People who have not opted out and (clicked a link or were never texted)",
        ),
        (
            {"conditions": [{"field": "opted_out", "op": "no"}, {"match": "any", "conditions": [
                {"field": "company", "op": "known"}, {"field": "texted", "op": "never"}]}]},
            "People who have not opted out and (whose company is known or who were never texted)",
        ),
        (
            {"conditions": [{"field": "consent", "op": "any", "value": ["opted_in", "customer"]},
                            {"field": "custom.surface", "op": "between", "value": [80, 120]}]},
            "People whose consent is Opted in or Customer and Surface is between 80 and 120",
        ),
    ],
)  # fmt: skip
def test_the_sentence(world: World, data: dict[str, Any], says: str) -> None:
    assert sentence(world.team, parse(data, world.team)) == says


def test_the_sentence_of_the_design(world: World) -> None:
    tag = Tag.objects.for_team(world.team).get(name="pompe à chaleur")
    data = {
        "match": "all",
        "conditions": [
            {"field": "tag", "op": "any", "value": [tag.pk]},
            {"field": "clicked", "op": "in_last", "value": 14},
            {"field": "follow_up", "op": "bare"},
            {"field": "opted_out", "op": "no"},
        ],
    }
    found = parts(world.team, parse(data, world.team))
    assert "".join(part.text for part in found) == (
        "People with tag pompe à chaleur who clicked a link in the last 14 days, have no open follow-up and have "
        "not opted out"
    )
    assert [(part.text, part.place) for part in found if part.place] == [
        ("pompe à chaleur", "0"),
        ("clicked a link", "1"),
        ("14 days", "1"),
        ("no open follow-up", "2"),
        ("not opted out", "3"),
    ]


def test_names_with_marks_in_them_are_only_names(world: World) -> None:
    tag = Tag.objects.create(team=world.team, name="[x] %(value)s <b>")
    found = parse({"conditions": [{"field": "tag", "op": "any", "value": [tag.pk]}]}, world.team)
    assert sentence(world.team, found) == "People with tag [x] %(value)s <b>"


def test_two_conditions_of_one_key_are_refused() -> None:
    with pytest.raises(ValueError, match="tag"):
        register(Condition("tag", "Tag", Group.LABELS))


def test_counting_stops_at_the_cap_and_after_a_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    everybody = definition.Definition()
    assert find.count(world.team, everybody, 3) == 4
    assert find.count(world.team, everybody, None) == 7
    slow: Any = find.people(world.team, everybody).extra(where=["pg_sleep(5) IS NOT NULL"])
    with pytest.raises(find.TakesTooLong):
        find.count_of(slow, seconds=0.05)
    # What comes after is no longer held to it.
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        assert cursor.fetchone() == ("0",)
    assert find.count(world.team, everybody, 3) == 4


def test_two_choices_together(world: World) -> None:
    """The table narrows a segment by a filter: one query set and the other."""
    one = parse({"conditions": [{"field": "clicked", "op": "ever"}]}, world.team)
    two = parse({"conditions": [{"field": "tag", "op": "some"}]}, world.team)
    both = find.people(world.team, one) & find.people(world.team, two)
    assert world.names(both) == {"Camille", "Émilie"}
