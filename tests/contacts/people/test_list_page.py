"""The contact list as a page: bounded work however many people there are."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from contacts.people import listing
from contacts.people.ordering import PAGE
from teams.access import Member
from teams.models import Team

from .conftest import make_contact, sign_in

pytestmark = pytest.mark.django_db
LIST = reverse("contacts:list")


def test_shows_who_they_are_and_what_is_known(agent: Member, team: Team) -> None:
    make_contact(
        team,
        "+33639984217",
        first_name="Camille",
        last_name="Aubertin",
        company="Aubertin SA",
        owner=agent.user,
    )
    page = sign_in(agent).get(LIST).content.decode()
    assert "Camille Aubertin" in page
    assert "06\u00a039\u00a098\u00a042\u00a017" in page
    assert "Aubertin SA" in page


def test_names_are_only_text(agent: Member, team: Team) -> None:
    make_contact(team, first_name="<script>alert(1)</script>", company='"><img src=x onerror=alert(1)>')
    page = sign_in(agent).get(LIST, {"q": "<script>"}).content.decode()
    assert "<script>alert" not in page
    assert "<img" not in page


def test_nobody_yet_says_what_to_do(agent: Member) -> None:
    assert "No contacts yet" in sign_in(agent).get(LIST).content.decode()


def test_nobody_found_says_so(agent: Member, team: Team) -> None:
    make_contact(team, first_name="Camille")
    assert "Nobody matches" in sign_in(agent).get(LIST, {"q": "zzz"}).content.decode()


def test_another_teams_people_are_not_there(outsider: Member, team: Team) -> None:
    make_contact(team, first_name="Camille")
    assert "Camille" not in sign_in(outsider).get(LIST).content.decode()


def test_a_made_up_place_is_not_found(agent: Member) -> None:
    assert sign_in(agent).get(LIST, {"after": "nonsense"}).status_code == 404


def test_following_pages_by_link_and_by_htmx_hold_the_same_people(agent: Member, team: Team) -> None:
    for number in range(PAGE + 3):
        make_contact(team, last_name=f"Nom {number:03}")
    client = sign_in(agent)
    after = re.search(r"after=([\w-]+)", client.get(LIST).content.decode())
    assert after
    whole = client.get(LIST, {"after": after[1]}).content.decode()
    rows = client.get(LIST, {"after": after[1]}, headers={"HX-Request": "true"}).content.decode()
    for page in (whole, rows):
        assert re.findall(r"<bdi>(Nom \d+)", page) == ["Nom 050", "Nom 051", "Nom 052"]
    assert "<html" in whole
    assert "<html" not in rows


def test_searching_by_htmx_swaps_the_list_alone(agent: Member, team: Team) -> None:
    make_contact(team, first_name="Camille")
    headers = {"HX-Request": "true", "HX-Target": "people"}
    answer = sign_in(agent).get(LIST, {"q": "cam"}, headers=headers).content.decode()
    assert "Camille" in answer
    assert "<html" not in answer


def _statements(member: Member) -> int:
    client = sign_in(member)
    client.get(LIST)
    with CaptureQueriesContext(connection) as caught:
        client.get(LIST)
    return len(caught)


def test_as_many_statements_for_one_person_as_for_a_page_full(agent: Member, team: Team) -> None:
    make_contact(team, "+33639984217", first_name="Camille", owner=agent.user)
    few = _statements(agent)
    for number in range(PAGE + 5):
        make_contact(
            team,
            f"+336399850{number:02}",
            "+324701234" + f"{number:02}",
            last_name=f"Nom {number}",
            owner=agent.user,
        )
    # One more counts those who stand on no page yet.
    assert _statements(agent) <= few + 1 <= 12


def test_the_count_stops_at_a_thousand_and_goes_on_when_asked(
    agent: Member, team: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "COUNTED", 60)
    for number in range(70):
        make_contact(team, last_name=f"Nom {number}")
    client = sign_in(agent)
    assert ">60+</a>" in client.get(LIST).content.decode()
    assert ">70</span>" in client.get(LIST, {"exact": "1"}).content.decode()
    assert (
        client.get(reverse("contacts:count"), {"q": "nom"}, headers={"Accept": "text/plain"}).content == b"70"
    )
    plain = client.get(reverse("contacts:count"), {"q": "nom"})
    assert plain["Location"] == f"{LIST}?q=nom&exact=1"


def test_nearly_the_name_is_said_to_be_near(agent: Member, team: Team) -> None:
    make_contact(team, "+33639984217", first_name="Camille", last_name="Aubertin")
    page = sign_in(agent).get(LIST, {"q": "aubretin"}).content.decode()
    assert "Nobody is called exactly so. Near:" in page
    assert "Camille Aubertin" in page
    assert '<input type="hidden" name="near" value="1">' in page  # what is done with all of them
    assert "Nobody is called" not in sign_in(agent).get(LIST, {"q": "aubert"}).content.decode()


@pytest.mark.parametrize(
    "query",
    ["sort=x", "tag=9", "segment=x", "after=WzEsICJhIiwgMV0&sort=added", "after=x", "f={", "owner=99999"],
)
def test_a_made_up_address_is_not_found(agent: Member, query: str) -> None:
    assert sign_in(agent).get(f"{LIST}?{query}").status_code == 404


def test_a_reload_brings_as_many_rows_as_there_were(agent: Member, team: Team) -> None:
    for number in range(120):
        make_contact(team, last_name=f"Nom {number:03}")
    client = sign_in(agent)
    for rows, expected in (("100", 100), ("5", 50), ("9" * 30, 50), ("-1", 50), ("x", 50), ("501", 120)):
        assert client.get(LIST, {"rows": rows}).content.decode().count("data-item") == expected


def test_an_arabic_name_stands_in_its_own_direction(agent: Member, team: Team) -> None:
    make_contact(team, "+33639984217", first_name="محمد", last_name="بن علي")
    assert "<bdi>محمد بن علي</bdi>" in sign_in(agent).get(LIST, {"q": "محمد"}).content.decode()


@pytest.mark.parametrize(
    ("consent", "opted_out", "do_not_call", "words"),
    [
        ("opted_in", False, False, "Opted in"), ("customer", False, True, "Customer, do not call"),
        ("", False, False, "None"), ("opted_in", True, False, "Opted out"), ("", True, True, "Opted out, do not call"),
        ("withdrawn", False, False, "Withdrawn"), ("professional", False, False, "Professional"),
    ],
)  # fmt: skip
def test_consent_in_words(
    agent: Member, team: Team, consent: str, opted_out: bool, do_not_call: bool, words: str
) -> None:
    since = "2026-11-01T00:00:00Z"
    make_contact(
        team,
        last_name="Aubertin",
        consent=consent,
        opted_out_at=since if opted_out else None,
        do_not_call_at=since if do_not_call else None,
    )
    assert f"></span>{words}</span>" in sign_in(agent).get(LIST).content.decode()


def test_agents_are_offered_no_export(agent: Member, manager: Member, team: Team) -> None:
    make_contact(team, last_name="Aubertin")
    export = f'formaction="{reverse("contacts:export-new")}"'
    assert export not in sign_in(agent).get(LIST).content.decode()
    assert export in sign_in(manager).get(LIST).content.decode()
