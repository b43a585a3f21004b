"""Whatever a program posts, the answer is 201 or a 4xx of the one shape."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contacts.models import Contact, ContactList, CustomField
from sms.models import Campaign, Line

from .conftest import Api

TEXTS = st.text(st.characters(codec=None, exclude_categories=[]), max_size=40)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=8,
)
NUMBERS = st.sampled_from(["+33639984217", "06 39 98 42 17", "0199003118", "INFO", "+"]) | ANYTHING
TIMES = st.datetimes(timezones=st.none() | st.timezones()).map(lambda at: at.isoformat()) | ANYTHING
ONE = st.fixed_dictionaries(
    {},
    optional={
        "line": st.sampled_from(["Malik", "malik"]) | ANYTHING,
        "to": NUMBERS,
        "text": TEXTS | ANYTHING,
        "url": st.sampled_from(["https://brehat.example/x", "http://[::1]:80/", ""]) | ANYTHING,
        "send_at": TIMES,
        "priority": st.sampled_from([0, 1, 2]) | ANYTHING,
        "other": ANYTHING,
    },
)
BODIES = ONE | st.fixed_dictionaries({"messages": st.lists(ONE, max_size=3) | ANYTHING}) | ANYTHING


@pytest.mark.django_db
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=BODIES)
def test_any_json(agent: Api, line: Line, body: Any) -> None:
    _fair(agent.raw("messages", json.dumps(body).encode()))


@pytest.mark.django_db
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=60))
def test_any_bytes(agent: Api, line: Line, body: bytes) -> None:
    _fair(agent.raw("messages", body))


@pytest.mark.django_db
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.dictionaries(
    st.sampled_from(["state", "name", "number", "login", "access_key", "base_url", "send_path", "marker", "pace",
                     "test_mode", "time_zone", "window", "day_budget", "month_budget"]),
    ANYTHING | st.sampled_from(["active", "held", "https://x.example", "Europe/Paris", "../../etc/passwd", 12])
    | st.lists(st.none() | st.lists(st.integers(-1, 1441), max_size=3), min_size=7, max_size=7),
    max_size=4,
))  # fmt: skip
def test_any_change_of_a_line(admin: Api, line: Line, body: Any) -> None:
    _fair(admin.patch(f"lines/{line.pk}", json.dumps(body)), well=200)


PERSON = st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(("first_name", "last_name", "company", "email", "address"), TEXTS | ANYTHING),
        "language": st.sampled_from(["fr", "EN"]) | ANYTHING,
        "owner": ANYTHING,
        "phones": st.lists(NUMBERS, max_size=3) | ANYTHING,
        **{
            name: st.lists(TEXTS, max_size=3) | ANYTHING
            for name in ("tags", "add_tags", "lists", "add_lists")
        },
        "custom": st.dictionaries(st.sampled_from(["budget", "x"]), ANYTHING, max_size=2) | ANYTHING,
    },
)
PEOPLE = (
    PERSON
    | st.fixed_dictionaries({"contacts": st.lists(PERSON, max_size=3) | ANYTHING, "upsert": st.booleans()})
    | ANYTHING
)


@pytest.mark.django_db
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=PEOPLE)
def test_any_person(agent: Api, body: Any) -> None:
    CustomField.objects.get_or_create(team=agent.team, key="budget", label="Budget", kind="number")
    _fair(agent.raw("contacts", json.dumps(body).encode()))


CONDITION = st.fixed_dictionaries(
    {},
    optional={
        "field": st.sampled_from(["tag", "company", "consent", "clicked", "silent", "owner", "custom.budget"])
        | TEXTS,
        "op": st.sampled_from(["is", "is_not", "any", "contains", "in_last", "before", "empty", "more"])
        | TEXTS,
        "value": st.sampled_from([1, [1], "2026-01-01", "x"]) | ANYTHING,
        "line": ANYTHING,
    },
)
GROUP = st.fixed_dictionaries(
    {"conditions": st.lists(CONDITION, max_size=3) | ANYTHING},
    optional={"match": st.sampled_from(["all", "any"]) | ANYTHING},
)
DEFINITION = st.fixed_dictionaries(
    {"conditions": st.lists(CONDITION | GROUP, max_size=4) | ANYTHING},
    optional={"match": st.sampled_from(["all", "any"]) | ANYTHING},
)


@pytest.mark.django_db
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(definition=DEFINITION | ANYTHING)
def test_any_definition(agent: Api, definition: Any) -> None:
    _fair(agent.raw("segments/preview", json.dumps({"definition": definition}).encode()), well=200)


PART = st.dictionaries(
    st.sampled_from(["segment", "list", "tag", "campaign", "contacts", "result"]),
    st.integers(1, 3)
    | st.lists(st.integers(1, 3), max_size=2)
    | st.sampled_from(["clicked", "skipped:"])
    | ANYTHING,
    max_size=2,
)
PARTS = st.lists(PART | ANYTHING, max_size=3) | ANYTHING
CAMPAIGN = st.fixed_dictionaries(
    {
        "name": TEXTS | ANYTHING,
        "kind": st.sampled_from(["commercial", "service", "appointment"]) | ANYTHING,
        "text": st.sampled_from(["Bonjour {{ contact.first_name }}", "{% if", "{{ x }}", "{link}"])
        | TEXTS
        | ANYTHING,
        "lines": st.just(["Malik"]) | st.lists(ANYTHING, max_size=2) | ANYTHING,
    },
    optional={
        "url": st.sampled_from(["https://brehat.example/x", "http://[::1]:80/", ""]) | ANYTHING,
        **dict.fromkeys(("segment", "list", "tag"), st.integers(1, 3) | ANYTHING),
        "contacts": st.lists(st.integers(1, 3), max_size=3) | ANYTHING,
        "audience": st.fixed_dictionaries({"include": PARTS}, optional={"exclude": PARTS}) | ANYTHING,
        "exclude": PARTS,
        **dict.fromkeys(("send_at", "expires_at"), TIMES),
        "window": st.lists(st.none() | st.lists(st.integers(-1, 1441), max_size=3), min_size=7, max_size=7)
        | ANYTHING,
        **dict.fromkeys(("pace", "rest_days", "credit_days"), st.integers(-1, 100) | ANYTHING),
        "other": ANYTHING,
    },
)


@pytest.mark.django_db
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=CAMPAIGN | ANYTHING)
def test_any_campaign(admin: Api, line: Line, body: Any) -> None:
    _fair(admin.raw("campaigns", json.dumps(body).encode()))


@pytest.mark.django_db
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(changes=CAMPAIGN.flatmap(lambda body: st.sets(st.sampled_from(sorted(body))).map(
    lambda names: {name: body[name] for name in names})))  # fmt: skip
def test_any_change_of_a_campaign(admin: Api, line: Line, changes: Any) -> None:
    draft = Campaign.objects.get_or_create(team=admin.team, name="Salon", kind="service", text="Bonjour")[0]
    _fair(admin.patch(f"campaigns/{draft.pk}", json.dumps(changes)), well=200)


@pytest.mark.django_db
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    verb=st.sampled_from(["start", "pause", "resume", "cancel"]),
    body=st.fixed_dictionaries({"recipients": st.integers() | ANYTHING}) | ANYTHING,
)
def test_any_turn_of_a_campaign(admin: Api, line: Line, verb: str, body: Any) -> None:
    draft = Campaign.objects.get_or_create(team=admin.team, name="Salon")[0]
    _refused(admin.raw(f"campaigns/{draft.pk}/{verb}", json.dumps(body).encode()))


@pytest.mark.django_db
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    query=st.dictionaries(
        st.sampled_from(["result", "cursor", "limit"]),
        st.text(max_size=20)
        | st.sampled_from(
            ["all", "clicked", "not_clicked", "skipped:opted_out", "0-0", "99999999999999999999-1"]
        ),
    )
)
def test_any_query_of_recipients(admin: Api, query: dict[str, str]) -> None:
    draft = Campaign.objects.get_or_create(team=admin.team, name="Salon")[0]
    _fair(admin.get(f"campaigns/{draft.pk}/recipients", **query), well=200)


@pytest.mark.django_db
@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(
        ["tags", "lists", "segments", "follow-ups", "lists/{list}/members", "contacts/{contact}/consent"]
    ),
    body=st.dictionaries(
        st.sampled_from(
            ["name", "definition", "contact", "text", "due_at", "owner", "add", "remove", "change", "basis", "source",
             "wording", "proof", "happened_at"]
        ),
        ANYTHING | TIMES | st.sampled_from(["granted", "opt_out", "opted_in"]),
        max_size=6,
    )
    | ANYTHING,
)  # fmt: skip
def test_any_body(agent: Api, path: str, body: Any) -> None:
    known = ContactList.objects.get_or_create(team=agent.team, name="Salon")[0].pk
    contact = Contact.objects.get_or_create(team=agent.team, first_name="Camille")[0].pk
    response = agent.raw(path.format(list=known, contact=contact), json.dumps(body).encode())
    _fair(response, well=200 if path.endswith("members") else 201)


@pytest.mark.django_db
@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(
        ["messages", "contacts", "callbacks", "lines", "tags", "lists", "segments", "follow-ups", "campaigns"]
    ),
    query=st.dictionaries(
        st.sampled_from(
            ["state", "contact", "cursor", "limit", "phone", "q", "email", "tag", "list", "owner", "consent",
             "opted_out", "updated_since", "done", "due_before"]
        ),
        st.text(max_size=20) | st.integers().map(str) | st.sampled_from(["true", "2026-01-01T00:00:00Z"]),
        max_size=3,
    ),
)  # fmt: skip
def test_any_query(admin: Api, line: Line, path: str, query: dict[str, str]) -> None:
    _fair(admin.get(path, **query), well=200)


def _fair(response: Any, well: int = 201) -> None:
    if response.status_code != well:
        _refused(response)


def _refused(response: Any) -> None:
    assert 400 <= response.status_code < 500, response.content
    error = response.json()["error"]
    assert set(error) == {"code", "message", "fields"}
    assert error["message"]
