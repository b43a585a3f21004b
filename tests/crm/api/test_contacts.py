"""Contacts by number, and their timeline."""

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from contacts.models import ConsentChange, Contact, ContactPhone
from sms.models import Call, Click, Conversation, Line, Message, Note, Qualification
from teams.models import Team
from teams.models.team import Visibility

from .conftest import Api


@pytest.fixture
def camille(team: Team) -> Contact:
    contact = Contact.objects.create(
        team=team, first_name="Camille", last_name="Aubertin", company="Chez elle", email="c@courriel.example"
    )
    ContactPhone.objects.create(team=team, contact=contact, number="+33199004217")
    ContactPhone.objects.create(team=team, contact=contact, number="+33639984217", is_primary=True)
    return contact


@pytest.fixture
def story(camille: Contact, line: Line, agent: Api) -> list[str]:
    """One event of each kind, an hour apart, oldest first; and a consent change, which is none of them."""
    now = timezone.now()
    at = [now - timedelta(hours=hours) for hours in range(6, 0, -1)]
    common = {"team": line.team, "contact": camille}
    message = Message.objects.create(
        **common, line=line, direction="out", number="+33639984217", text="Voici {link}", state="delivered",
        url="https://brehat.example/devis", id_sms_api="abc", segments=2, happened_at=at[0], received_at=at[0],
    )  # fmt: skip
    Click.objects.create(
        **common, line=line, message=message, id_sms_api="abc", link="https://brehat.example/devis", doubtful=True,
        happened_at=at[1], received_at=at[1],
    )  # fmt: skip
    call = Call.objects.create(
        **common, line=line, direction="outgoing", duration_s=252, happened_at=at[2], received_at=at[2]
    )
    Qualification.objects.create(
        **common,
        line=line,
        call=call,
        source="mobile",
        text="Intéressée",
        happened_at=at[3],
        received_at=at[3],
    )
    Note.objects.create(**common, author=agent.user, text="Rappeler", happened_at=at[4])
    ConsentChange.objects.create(**common, kind="opt_out", source="rep", happened_at=at[5])
    return ["message", "click", "call", "qualification", "note"]


@pytest.mark.parametrize(
    "written",
    ["+33639984217", " 33639984217", "06 39 98 42 17", "0639984217", "0033639984217", "06.39.98.42.17", "33639984217",
     "+33 (0)6 39 98 42 17", "+33199004217", "01 99 00 42 17"],
)  # fmt: skip
def test_number_in_any_writing_finds_its_person(agent: Api, camille: Contact, written: str) -> None:
    response = agent.get("contacts", phone=written)
    assert response.status_code == 200
    items = response.json()["items"]
    assert (len(items), response.json()["next_cursor"]) == (1, None)
    moments = {name: items[0][name] for name in ("created_at", "updated_at")}
    assert items[0] == {
        "id": camille.pk,
        "first_name": "Camille",
        "last_name": "Aubertin",
        "company": "Chez elle",
        "email": "c@courriel.example",
        "address": "",
        "language": "",
        "owner": None,
        "owner_email": None,
        "phones": [
            {"number": "+33639984217", "primary": True, "textable": True},
            {"number": "+33199004217", "primary": False, "textable": True},
        ],
        "tags": [],
        "lists": [],
        "custom": {},
        "consent": {"state": "none", "since": None},
        "opted_out_at": None,
        "do_not_call_at": None,
        **moments,
    }


def test_plus_that_was_not_encoded(agent: Api, camille: Contact) -> None:
    client = agent._client()
    items = client.get("/api/v1/contacts?phone=+33639984217").json()["items"]
    assert [item["id"] for item in items] == [camille.pk]


@pytest.mark.parametrize("sender", ["INFO", "36180", "a+b@courriel.example", "Ma Banque"])
def test_raw_sender_is_found_as_it_came(agent: Api, team: Team, sender: str) -> None:
    contact = Contact.objects.create(team=team)
    ContactPhone.objects.create(team=team, contact=contact, number=sender, textable=False, is_primary=True)
    for query in (sender, sender.replace("+", " ")):
        items = agent.get("contacts", phone=query).json()["items"]
        assert [item["id"] for item in items] == [contact.pk]
    assert items[0]["phones"] == [{"number": sender, "primary": True, "textable": False}]


@pytest.mark.parametrize("unknown", ["", " ", "06 39 98 42 18", "x", "\ufffd", "9" * 5000])
def test_unknown_or_blank_number_finds_nobody(agent: Api, camille: Contact, unknown: str) -> None:
    assert agent.get("contacts", phone=unknown).json() == {"items": [], "next_cursor": None}


def test_outsider_finds_nobody(outsider: Api, camille: Contact) -> None:
    assert outsider.get("contacts", phone="+33639984217").json()["items"] == []
    assert outsider.get("contacts").json()["items"] == []
    assert outsider.get(f"contacts/{camille.pk}").status_code == 404
    assert outsider.get(f"contacts/{camille.pk}/timeline").status_code == 404


def test_list_takes_the_same_statements_for_any_length(
    agent: Api, team: Team, camille: Contact, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(9):
        Contact.objects.create(team=team)
    agent.get("contacts")  # notes the token's use
    for limit in (2, 10):
        with django_assert_num_queries(6):  # token, membership, contacts, numbers, tags, lists
            assert len(agent.get("contacts", limit=limit).json()["items"]) == limit


def test_opt_out_is_told(agent: Api, camille: Contact) -> None:
    camille.opted_out_at = timezone.now()
    camille.save()
    assert agent.get(f"contacts/{camille.pk}").json()["opted_out_at"] is not None


def test_timeline_tells_five_kinds_newest_first(
    agent: Api, camille: Contact, line: Line, story: list[str]
) -> None:
    items = agent.get(f"contacts/{camille.pk}/timeline").json()["items"]
    assert [item["kind"] for item in items] == story[::-1]
    note, qualification, call, click, message = items
    for item in items:
        assert item["happened_at"] and item["received_at"] and item["id"]
    assert {item["line"] for item in items[1:]} == {line.pk}
    assert (note["line"], note["text"], note["author"]) == (None, "Rappeler", agent.user.pk)
    assert (qualification["source"], qualification["text"]) == ("mobile", "Intéressée")
    assert qualification["call"] == call["id"]
    assert (call["direction"], call["duration_s"]) == ("outgoing", 252)
    assert click["doubtful"] is True
    assert (click["link"], click["id_sms_api"]) == ("https://brehat.example/devis", "abc")
    assert {key: message[key] for key in ("direction", "text", "state", "state_reason", "segments")} == {
        "direction": "out",
        "text": "Voici {link}",
        "state": "delivered",
        "state_reason": "",
        "segments": 2,
    }
    assert (message["id_sms_api"], message["url"]) == ("abc", "https://brehat.example/devis")


def test_timeline_goes_on_by_cursor(agent: Api, camille: Contact, story: list[str]) -> None:
    found: list[dict[str, Any]] = []
    cursor = ""
    while cursor is not None:
        page = agent.get(f"contacts/{camille.pk}/timeline", limit=2, cursor=cursor).json()
        found += page["items"]
        cursor = page["next_cursor"]
    assert found == agent.get(f"contacts/{camille.pk}/timeline").json()["items"]


def test_timeline_takes_the_same_statements_for_any_length(
    agent: Api,
    camille: Contact,
    line: Line,
    story: list[str],
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    now = timezone.now()
    Call.objects.bulk_create(
        Call(team=line.team, line=line, contact=camille, direction="missed", happened_at=now, received_at=now)
        for _ in range(60)
    )
    agent.get("messages")  # notes the token's use
    # Token, membership, contact, keys; one a kind found, and the qualifications of calls.
    with django_assert_max_num_queries(10):
        assert len(agent.get(f"contacts/{camille.pk}/timeline", limit=200).json()["items"]) == 65


def coded(raw: str) -> str:
    return base64.urlsafe_b64encode(raw.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "cursor",
    [
        "x",
        "é",
        "\x00",
        coded("2026"),
        coded("2026-01-01T00:00:00|0|1"),
        coded("2026-01-01T00:00:00+00:00|99|1"),
        coded(f"2026-01-01T00:00:00+00:00|0|{2**63}"),
        coded("2026-01-01T00:00:00+00:00|0|-1"),
    ],
)
def test_bad_cursor_is_named(agent: Api, camille: Contact, cursor: str) -> None:
    response = agent.get(f"contacts/{camille.pk}/timeline", cursor=cursor)
    assert response.status_code == 422
    assert list(response.json()["error"]["fields"]) == ["cursor"]


def test_timeline_of_a_colleagues_person_is_hidden_from_who_sees_only_their_own(
    agent: Api, admin: Api, camille: Contact
) -> None:
    agent.team.agents_see = Visibility.OWN
    agent.team.save()
    assert agent.get(f"contacts/{camille.pk}/timeline").status_code == 200
    Conversation.objects.create(
        contact=camille, team=agent.team, assignee=admin.user, last_at=timezone.now(), last_kind="in"
    )
    assert agent.get(f"contacts/{camille.pk}/timeline").status_code == 404
    assert admin.get(f"contacts/{camille.pk}/timeline").status_code == 200
