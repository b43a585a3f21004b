"""POST /api/v1/messages."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Contact
from sms.models import Conversation, Line, Message
from teams.models import Membership
from teams.models.team import Visibility

from .conftest import Api

PERSON = "+33639984217"


def message(line: Line, /, **more: Any) -> dict[str, Any]:
    return {"line": line.pk, "to": PERSON, "text": "Bonjour"} | more


def test_message_is_queued_in_the_lane_of_programs(agent: Api, line: Line) -> None:
    response = agent.post("messages", message(line, to="06 39 98 42 17"))
    assert response.status_code == 201
    item = response.json()
    row = Message.objects.get()
    assert set(item) == {
        "id", "id_sms_api", "direction", "state", "state_reason", "campaign", "contact", "line", "from", "to", "text",
        "url", "segments", "priority", "send_at", "created_at", "submitted_at", "sent_at", "delivered_at",
    }  # fmt: skip
    assert item["id"] == row.pk
    assert (item["state"], item["state_reason"]) == ("queued", "")
    assert (item["from"], item["to"]) == ("+33639980001", PERSON)
    assert (item["line"], item["contact"]) == (line.pk, Contact.objects.get().pk)
    assert len(item["id_sms_api"]) == 15
    assert (row.lane, row.priority, row.created_by) == (Message.Lane.API, 1, agent.user)


def test_line_may_be_named(agent: Api, line: Line) -> None:
    for named in (line.pk, str(line.pk), line.name, f" {line.name} "):
        assert agent.post("messages", message(line, line=named)).status_code == 201


def test_name_of_digits_stands_above_the_id(agent: Api, line: Line, team: Any) -> None:
    other = Line(team=team, name=str(line.pk), login="x", access_key="k")
    other.new_callback_token()
    other.save()
    assert agent.post("messages", message(line, line=str(line.pk))).json()["line"] == other.pk
    assert agent.post("messages", message(line, line=line.pk)).json()["line"] == line.pk


def test_list_is_answered_with_a_list_in_its_order(agent: Api, line: Line) -> None:
    asked = [message(line, to=f"+3363998{n:04}", text=f"n° {n}") for n in range(30)]
    response = agent.post("messages", {"messages": asked})
    assert response.status_code == 201
    assert [item["text"] for item in response.json()] == [each["text"] for each in asked]
    assert [item["to"] for item in response.json()] == [each["to"] for each in asked]


def test_thousand_messages_take_few_statements(agent: Api, line: Line) -> None:
    asked = [message(line, to=f"+3363998{n:04}", url="https://brehat.example/devis") for n in range(1000)]
    with CaptureQueriesContext(
        connection,
    ) as statements:
        response = agent.post("messages", {"messages": asked})
    assert response.status_code == 201
    assert Message.objects.count() == 1000
    # Token, membership, its touch; lines; find, add and find people; messages; conversations; live; savepoints.
    assert len(statements) <= 20, [each["sql"][:80] for each in statements]


def test_who_opted_out_gets_a_skipped_row(agent: Api, line: Line) -> None:
    agent.post("messages", message(line))
    Contact.objects.update(opted_out_at=timezone.now())
    response = agent.post("messages", message(line))
    assert response.status_code == 201
    assert (response.json()["state"], response.json()["state_reason"]) == ("skipped", "opted_out")


def test_send_at_keeps_it_waiting(agent: Api, line: Line) -> None:
    at = (timezone.now() + timedelta(hours=3)).replace(microsecond=0)
    written = at.astimezone().isoformat()
    item = agent.post("messages", message(line, send_at=written)).json()
    assert datetime.fromisoformat(item["send_at"]) == at
    assert item["send_at"].endswith("Z")
    assert Message.objects.get().due_at == at


def test_send_at_in_the_past_is_now(agent: Api, line: Line) -> None:
    for past in ("2001-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00", "2020-06-01T10:00+02:00"):
        item = agent.post("messages", message(line, send_at=past)).json()
        assert abs(datetime.fromisoformat(item["send_at"]) - timezone.now()) < timedelta(minutes=1)


def test_nulls_are_as_not_given(agent: Api, line: Line) -> None:
    item = agent.post("messages", message(line, url=None, send_at=None, priority=None)).json()
    assert (item["url"], item["priority"]) == ("", 1)


def test_what_looks_like_a_field_is_sent_as_it_is(agent: Api, line: Line) -> None:
    text = "Bonjour {{ contact.first_name }} {% if x %} ‹Ville›"
    assert agent.post("messages", message(line, text=text)).json()["text"] == text
    assert Message.objects.get().text == text


def test_url_has_its_place_in_the_text(agent: Api, line: Line) -> None:
    url = "https://brehat.example/devis?a=é"
    item = agent.post("messages", message(line, text="Voici : {link} Malik", url=url, priority=2)).json()
    assert (item["text"], item["url"], item["priority"]) == ("Voici : {link} Malik", url, 2)
    # Urgent: it leaves before what other programs queued.
    assert Message.objects.get(pk=item["id"]).lane == Message.Lane.CONVERSATION
    assert agent.post("messages", message(line, text="Voici", url=url)).json()["text"] == "Voici {link}"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("to", "36180"), ("to", "INFO"), ("to", ""), ("to", None), ("to", 33639984217), ("to", "06 39 98 42 1"),
        ("to", "+33639984217\x00"), ("to", "\ud800"), ("to", ["+33639984217"]), ("to", "0" * 100_000),
        ("text", ""), ("text", " \n "), ("text", "x" * 1601), ("text", None), ("text", 3), ("text", "a\x00b"),
        ("text", "\udfff"), ("url", "ftp://x.example"), ("url", "javascript:alert(1)"), ("url", "https://"),
        ("url", "https://x.example/a b"), ("url", "brehat.example"), ("url", "https://x.example:99999/"),
        ("url", "https://[x"), ("url", "https://x.example/" + "a" * 2000), ("url", "https://x.example/\x00"),
        ("url", 5), ("send_at", "2026-11-25T10:00:00"), ("send_at", "tomorrow"), ("send_at", 1_800_000_000),
        ("send_at", ""), ("send_at", "2026-11-25"), ("send_at", "9999-12-31T23:59:59-14:00"), ("priority", 3),
        ("priority", -1), ("priority", "1"), ("priority", 1.5), ("priority", True), ("priority", 10**30),
        ("line", 0), ("line", -1), ("line", 10**30), ("line", True), ("line", 1.0), ("line", ""), ("line", None),
        ("line", "9" * 30), ("line", "nobody's"), ("line", "\x00"), ("line", "\ud800"), ("line", {}),
        ("sendat", "2026-11-25T10:00:00Z"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_named_and_nothing_is_made(
    agent: Api, line: Line, field: str, value: Any
) -> None:
    for body, name in (
        (message(line, **{field: value}), field),
        ({"messages": [message(line), message(line, **{field: value})]}, f"messages.1.{field}"),
    ):
        response = agent.post("messages", body)
        assert response.status_code == 422, response.content
        error = response.json()["error"]
        assert error["code"] == "invalid"
        assert list(error["fields"]) == [name]
    assert not Message.objects.exists()
    assert not Contact.objects.exists()


def test_every_wrong_message_of_a_list_is_named(agent: Api, line: Line) -> None:
    asked = [message(line), message(line, to="x"), message(line, line="x", to="y")]
    fields = agent.post("messages", {"messages": asked}).json()["error"]["fields"]
    assert set(fields) == {"messages.1.to", "messages.2.line", "messages.2.to"}


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"\xff\xfe\xfd", b"[[[", b'{"a": NaN}', b"[" * 200_000, b'{"a":' * 100_000, b"1" * 10_000,
        b'{"line": Infinity}',
    ],
)  # fmt: skip
def test_what_is_no_json_is_400(agent: Api, body: bytes) -> None:
    response = agent.raw("messages", body)
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "invalid_json"


@pytest.mark.parametrize("body", [b"[]", b"null", b"3", b'"x"', b'{"messages": []}', b'{"messages": {}}',
                                  b'{"messages": [3]}', b"{}", b'{"messages": null}'])  # fmt: skip
def test_json_of_another_form_is_422(agent: Api, body: bytes) -> None:
    response = agent.raw("messages", body)
    assert response.status_code == 422
    assert response.json()["error"]["fields"]


def test_more_than_a_thousand_are_refused(agent: Api, line: Line) -> None:
    response = agent.post("messages", {"messages": [message(line)] * 1001})
    assert response.status_code == 422
    assert list(response.json()["error"]["fields"]) == ["messages"]


def test_body_may_be_large_but_not_endless(agent: Api, line: Line) -> None:
    # Django's own limit, meant for forms, is 2.5 MB.
    large = [message(line, text="é" * 1600)] * 1000
    assert agent.post("messages", {"messages": large}).status_code == 201
    response = agent.raw("messages", b" " * (32 * 1024 * 1024 + 1))
    assert response.status_code == 413
    assert response.json()["error"]["code"] == "too_large"


def test_line_of_another_team_is_unknown(outsider: Api, line: Line) -> None:
    for named in (line.pk, line.name):
        response = outsider.post("messages", message(line, line=named))
        assert response.status_code == 422
        assert list(response.json()["error"]["fields"]) == ["line"]


def test_agent_who_sees_only_their_own_cannot_write_to_a_colleagues_person(
    agent: Api, admin: Api, line: Line
) -> None:
    admin.post("messages", message(line))
    Conversation.objects.update(assignee=admin.user)
    agent.team.agents_see = Visibility.OWN
    agent.team.save()
    response = agent.post("messages", message(line))
    assert response.status_code == 403
    assert list(response.json()["error"]["fields"]) == ["to"]
    assert agent.post("messages", message(line, to="+33639984218")).status_code == 201
    Membership.objects.filter(user=agent.user).update(role="manager")
    assert agent.post("messages", message(line)).status_code == 201
