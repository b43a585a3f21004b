"""Campaigns side by side: the same figures of each, and which did best."""

import csv
import io

import pytest
from django.test import Client
from django.urls import reverse

from sms.models import Campaign, Line
from teams.access import Member
from teams.models import Team
from tests.conftest import make_line
from tests.sms.campaigns.begun import begun, browser, counted, did, rows

pytestmark = pytest.mark.django_db
COMPARE = reverse("sms:campaigns-compare")


@pytest.fixture
def client(manager: Member) -> Client:
    return browser(manager)


@pytest.fixture
def two(line: Line) -> tuple[Campaign, Campaign]:
    """The second had half as many people, who clicked more and failed more."""
    first = begun(line, {"delivered": 10}, name="Devis")
    second = begun(line, {"delivered": 4, "failed": 1, "skipped:no_number": 5}, begin=50, name="=Salon")
    did(rows(first)[0], "clicked")
    for message in rows(second)[:2]:
        did(message, "clicked")
    return counted(first), counted(second)


def lines(client: Client, *campaigns: Campaign) -> dict[str, list[tuple[int, str, bool]]]:
    given = client.get(COMPARE, {"c": [each.pk for each in campaigns]}).context["lines"]
    return {line.result: [(cell.count, cell.percent, cell.best) for cell in line.cells] for line in given}


def test_figures_and_the_best(client: Client, two: tuple[Campaign, Campaign]) -> None:
    found = lines(client, *two)
    assert found["planned"] == [(10, "100.0\u00a0%", False), (5, "50.0\u00a0%", False)]
    assert found["clicked"] == [(1, "10.0\u00a0%", False), (2, "50.0\u00a0%", True)]
    assert found["failed"] == [(0, "0.0\u00a0%", True), (1, "20.0\u00a0%", False)]
    assert found["skipped"] == [(0, "0.0\u00a0%", True), (5, "50.0\u00a0%", False)]
    # All alike: none is best.
    assert [best for _count, _share, best in found["delivered"]] == [False, False]
    assert [best for _count, _share, best in found["opted_out"]] == [False, False]


def test_in_the_order_asked_for_each_once(client: Client, two: tuple[Campaign, Campaign]) -> None:
    first, second = two
    shown = client.get(COMPARE, {"c": [second.pk, first.pk, second.pk]}).context["campaigns"]
    assert shown == [second, first]


def test_two_to_six_that_were_started(client: Client, team: Team, two: tuple[Campaign, Campaign]) -> None:
    first, second = two
    draft = Campaign.objects.create(team=team, name="Brouillon")
    assert client.get(COMPARE).status_code == 422
    assert client.get(COMPARE, {"c": [f"{first.pk}", f"{draft.pk}", "x", "9" * 30]}).status_code == 422
    more = Campaign.objects.bulk_create(Campaign(team=team, name=f"{n}", state="finished") for n in range(5))
    six = [first, second, *more[:4]]
    assert client.get(COMPARE, {"c": [each.pk for each in six]}).status_code == 200
    assert client.get(COMPARE, {"c": [each.pk for each in (*six, more[4])]}).status_code == 422


def test_those_of_another_team_are_not_there(
    client: Client, two: tuple[Campaign, Campaign], other_team: Team
) -> None:
    theirs = begun(make_line(other_team), {"delivered": 1}, name="Des voisins")
    answer = client.get(COMPARE, {"c": [two[0].pk, theirs.pk]})
    assert answer.status_code == 422
    assert "Des voisins" not in answer.content.decode()


def test_as_csv(client: Client, two: tuple[Campaign, Campaign]) -> None:
    answer = client.get(COMPARE, {"c": [f"{each.pk}" for each in two], "as": "csv"})
    text = answer.content.decode("utf-8-sig")
    head, *body = csv.reader(io.StringIO(text))
    # What a spreadsheet would calculate is guarded.
    assert head == ["Figure", "Devis", "Devis, in percent", "'=Salon", "'=Salon, in percent"]
    assert ["Clicked", "1", "10.0", "2", "50.0"] in body
    assert answer.headers["Content-Disposition"] == 'attachment; filename="campaigns.csv"'
