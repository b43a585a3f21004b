"""Definitions drawn at random: they are read back as they were written, and mean whom an oracle says."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.segments import find
from contacts.segments.conditions import Condition, Editor, Operator, Vocabulary
from contacts.segments.definition import Wrong, parse, stored
from contacts.segments.sentence import sentence

from .oracle import fulfils
from .world import HEATING, World, day

pytestmark = pytest.mark.django_db

WORDS = st.sampled_from(
    [
        "camille",
        "AUBERTIN",
        "é",
        "emil",
        "a",
        "m",
        "Saint-Brieuc",
        "le mans",
        "@example.com",
        "%",
        "_",
        "\\",
        "zz",
    ]
)
# None of these days is the edge of a day of the world: moments pass while the test runs.
DAYS = st.sampled_from([4, 6, 14, 25, 31, 45, 70, 150, 300])
NUMBERS = st.sampled_from([0, 79.5, 80, 99.5, 100, 120, 121])
DATES = st.integers(-250, 10).map(day)
STARTS = st.sampled_from(["06 39 98", "+324", "01 99", "+33"])


def _values(condition: Condition, operator: Operator, vocabulary: Vocabulary) -> st.SearchStrategy[Any]:
    match operator.editor:
        case Editor.TEXT:
            return STARTS if condition.key == "phone" else WORDS
        case Editor.NUMBER:
            return NUMBERS
        case Editor.BETWEEN:
            return st.tuples(NUMBERS, NUMBERS).map(sorted)
        case Editor.DAY:
            return DATES
        case Editor.DAYS:
            return DAYS
        case Editor.TIMES:
            return st.integers(1, 4)
        case Editor.SEVERAL:
            options = sorted(vocabulary.choices(operator.options or condition.options or (lambda team: [])))
            return st.lists(st.sampled_from(options), min_size=1, max_size=3, unique=True)
        case _:
            return st.none()


def _terms(vocabulary: Vocabulary, lines: list[int]) -> st.SearchStrategy[dict[str, Any]]:
    def of(condition: Condition, operator: Operator) -> st.SearchStrategy[dict[str, Any]]:
        fixed = {"field": st.just(condition.key), "op": st.just(operator.key)}
        if operator.editor is not Editor.NOTHING:
            fixed["value"] = _values(condition, operator, vocabulary)
        extras = {"line": st.sampled_from(lines), "days": DAYS}
        return st.fixed_dictionaries(fixed, optional={key: extras[key] for key in operator.extras})

    pairs = [
        (condition, operator) for condition in vocabulary.conditions() for operator in condition.operators
    ]
    return st.sampled_from(pairs).flatmap(lambda pair: of(*pair))


def _definitions(world: World) -> st.SearchStrategy[dict[str, Any]]:
    terms = _terms(Vocabulary(world.team), list(world.ids["line"].values()))
    match = st.sampled_from(["all", "any"])
    groups = st.fixed_dictionaries({"match": match, "conditions": st.lists(terms, min_size=1, max_size=3)})
    return st.fixed_dictionaries({"match": match, "conditions": st.lists(terms | groups, max_size=4)})


_ONE_WORLD = settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])


def test_any_definition_means_whom_the_oracle_says(world: World) -> None:
    @_ONE_WORLD
    @given(_definitions(world))
    def check(data: dict[str, Any]) -> None:
        definition = parse(data, world.team)
        written = json.loads(json.dumps(definition.as_json()))
        assert parse(written, world.team) == definition
        assert parse(written, world.team).as_json() == written
        expected = {
            person.first or "INFO" for person in world.people.values() if fulfils(person, written, world)
        }
        assert world.names(find.people(world.team, definition)) == expected
        assert find.count(world.team, definition, 100) == len(expected)
        said = sentence(world.team, definition)
        assert said
        assert "%(" not in said and "[" not in said

    check()


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
_FIELDS = st.sampled_from(
    ["tag", "company", "clicked", "custom.surface", "added", "phone", "consent", "x", ""]
)
_OPS = st.sampled_from(["any", "is", "in_last", "before", "between", "begins", "at_least", "none", ""])
_NEARLY = st.fixed_dictionaries(
    {"field": _FIELDS | _JSON, "op": _OPS | _JSON}, optional={"value": _JSON, "line": _JSON, "days": _JSON}
)


def test_anything_at_all_is_read_or_refused_in_words(world: World) -> None:
    groups = st.fixed_dictionaries({"conditions": st.lists(_NEARLY | _JSON, max_size=3) | _JSON})
    some = st.fixed_dictionaries(
        {"conditions": st.lists(_NEARLY | groups, max_size=4)}, optional={"match": _JSON}
    )

    @_ONE_WORLD
    @given(some | _JSON)
    def check(data: Any) -> None:
        try:
            definition = parse(data, world.team)
        except Wrong as error:
            assert error.problems
            assert all(problem.message for problem in error.problems)
            definition, problems = stored(data, world.team)
            assert problems
        sentence(world.team, definition)
        find.people(world.team, definition).count()

    check()


def test_the_choices_of_the_world_are_those_of_the_field(world: World) -> None:
    condition = Vocabulary(world.team).condition("custom.heating")
    assert [option.value for option in condition.options(world.team)] == HEATING  # type: ignore[misc]
