"""Whatever a program posts, the answer is 201 or a 4xx of the one shape."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sms.models import Line

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
                     "test_mode", "time_zone"]),
    ANYTHING | st.sampled_from(["active", "held", "https://x.example", "Europe/Paris", "../../etc/passwd"]),
    max_size=4,
))  # fmt: skip
def test_any_change_of_a_line(admin: Api, line: Line, body: Any) -> None:
    _fair(admin.patch(f"lines/{line.pk}", json.dumps(body)), well=200)


@pytest.mark.django_db
@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(["messages", "contacts", "callbacks", "lines"]),
    query=st.dictionaries(
        st.sampled_from(["state", "contact", "cursor", "limit", "phone"]),
        st.text(max_size=20) | st.integers().map(str),
        max_size=3,
    ),
)
def test_any_query(admin: Api, line: Line, path: str, query: dict[str, str]) -> None:
    _fair(admin.get(path, **query), well=200)


def _fair(response: Any, well: int = 201) -> None:
    if response.status_code == well:
        return
    assert 400 <= response.status_code < 500, response.content
    error = response.json()["error"]
    assert set(error) == {"code", "message", "fields"}
    assert error["message"]
