"""The contact list as a page: bounded work however many people there are."""

import json
import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from contacts.models.contact import LAST
from contacts.people import listing
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
    for number in range(listing.PAGE + 3):
        make_contact(team, last_name=f"Nom {number:03}")
    client = sign_in(agent)
    after = re.search(r"after=([\w-]+)", client.get(LIST).content.decode())
    assert after
    whole = client.get(LIST, {"after": after[1]}).content.decode()
    rows = client.get(LIST, {"after": after[1]}, headers={"HX-Request": "true"}).content.decode()
    for page in (whole, rows):
        assert re.findall(r"Nom \d+", page) == ["Nom 050", "Nom 051", "Nom 052"]
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
    for number in range(listing.PAGE + 5):
        make_contact(
            team,
            f"+336399850{number:02}",
            "+324701234" + f"{number:02}",
            last_name=f"Nom {number}",
            owner=agent.user,
        )
    assert _statements(agent) == few <= 12


_MANY = """
INSERT INTO contacts_contact (team_id, first_name, last_name, company, email, created_at, updated_at)
SELECT %s, CASE WHEN n %% 3 = 0 THEN '' ELSE 'Prénom ' || n END,
    CASE WHEN n %% 3 = 0 THEN '' ELSE 'Nom ' || n %% 700 END,
    '', '', now(), now() FROM generate_series(1, 50000) n
"""
_NUMBERS = """
INSERT INTO contacts_contactphone (team_id, contact_id, number, textable, is_primary, created_at)
SELECT team_id, id, '+336' || lpad(id::text, 8, '0'), true, true, now() FROM contacts_contact
"""


def _scanned(plan: dict[str, Any]) -> float:
    """Rows that leave or are thrown away by the scans below this node."""
    below = sum(_scanned(child) for child in plan.get("Plans", []))
    if "Scan" not in str(plan["Node Type"]):
        return below
    rows = float(plan["Actual Rows"]) + float(plan.get("Rows Removed by Filter", 0))
    return below + rows * float(plan["Actual Loops"])


def test_a_page_of_fifty_thousand_people_reads_a_page_of_rows(agent: Member, team: Team) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_MANY, [team.pk])
        cursor.execute(_NUMBERS)
        cursor.execute("ANALYZE contacts_contact, contacts_contactphone")
    found = listing.search(team, "").select_related("conversation")
    middle = listing.Place("nom 350 prenom 1050", 25_000)
    nameless = listing.Place(LAST, 10**6)  # far into those of whom only a number is known
    for after in (None, middle, nameless):
        with CaptureQueriesContext(connection) as caught:
            listing.page(found, after=after)
        for query in caught.captured_queries:
            with connection.cursor() as cursor:
                cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON) " + query["sql"])
                plan = cursor.fetchone()[0]
            plan = json.loads(plan) if isinstance(plan, str) else plan
            assert _scanned(plan[0]["Plan"]) <= 4 * listing.PAGE, query["sql"]
