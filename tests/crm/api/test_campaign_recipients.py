"""The people of a campaign for programs: by result, page by page, each with what became of them."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from contacts.models import Contact, CustomField
from crm.seed.load import fill
from sms.models import Campaign, CampaignCredit, CampaignLine, Line, Message
from teams.models import Team
from tests.conftest import contact_of
from tests.plans import read_by, statements

from .conftest import Api

STATES = (
    "delivered",
    "delivered",
    "sent",
    "submitted",
    "failed",
    "uncertain",
    "planned",
    "skipped",
    "skipped",
    "skipped",
)
REASONS = {7: "opted_out", 8: "field_empty:custom.town", 9: "text_wrong: There is no field “contact.town”."}


@pytest.fixture
def campaign(team: Team, line: Line) -> Campaign:
    """Ten people, one of everything; the first clicked and called."""
    made = Campaign.objects.create(
        team=team,
        name="Rentrée",
        state="running",
        expected=len(STATES),
        planned_at=timezone.now(),
        text="Bonjour",
    )
    CampaignLine.objects.create(campaign=made, line=line)
    CustomField.objects.create(team=team, key="town", label="Ville")
    now = timezone.now()
    ids = [contact_of(team, f"+3363998421{number}") for number in range(len(STATES))]
    for number, state in enumerate(STATES):
        Message.objects.create(
            team=team, line=line, contact_id=ids[number], campaign=made, direction="out",
            number=f"+3363998421{number}", text="Bonjour", state=state, lane=2, happened_at=now, received_at=now,
            state_reason=REASONS.get(number, ""),
        )  # fmt: skip
    first = Message.objects.filter(campaign=made).earliest("pk")
    for kind in ("clicked", "called"):
        CampaignCredit.objects.create(
            campaign=made, message=first, contact_id=ids[0], kind=kind, at=now + timedelta(minutes=4),
            after_s=240,
        )  # fmt: skip
    return made


def every(api: Api, campaign: Campaign, **query: Any) -> list[dict[str, Any]]:
    """All pages, as a program reads them."""
    items: list[dict[str, Any]] = []
    cursor = None
    while True:
        page = api.get(
            f"campaigns/{campaign.pk}/recipients", **query, **({"cursor": cursor} if cursor else {})
        )
        assert page.status_code == 200, page.content
        items += page.json()["items"]
        cursor = page.json()["next_cursor"]
        if cursor is None:
            return items


@pytest.mark.parametrize("limit", [1, 2, 4, 200])
def test_everybody_is_told_once_whatever_the_page(admin: Api, campaign: Campaign, limit: int) -> None:
    items = every(admin, campaign, limit=limit)
    assert sorted(item["state"] for item in items) == sorted(STATES)
    assert len({item["id"] for item in items}) == len(STATES)


def test_each_number_of_the_counts_has_its_people(admin: Api, campaign: Campaign) -> None:
    told = admin.get(f"campaigns/{campaign.pk}").json()
    assert sum(told["counts"].values()) == told["recipients"] == len(STATES)
    for key, count in told["counts"].items():
        found = every(admin, campaign, result=key, limit=1)
        assert len(found) == count, key
        assert {item["state"] for item in found} == {key.partition(":")[0]}
    for kind, count in told["credits"].items():
        assert len(every(admin, campaign, result=kind)) == count
    assert len(every(admin, campaign, result="not_clicked")) == 1
    assert len(every(admin, campaign, result="waiting")) == 1
    assert len(every(admin, campaign, result="skipped")) == 3


def test_a_person_is_told_with_what_they_did(admin: Api, campaign: Campaign, line: Line) -> None:
    (item,) = every(admin, campaign, result="clicked")
    assert (item["number"], item["state"], item["words"], item["line"]) == (
        "+33639984210", "delivered", "Delivered", line.pk,
    )  # fmt: skip
    assert set(item["credits"]) == {"clicked", "called"}
    assert item["contact"] == Contact.objects.get(phones__number="+33639984210").pk


def test_whoever_is_left_out_is_told_why(admin: Api, campaign: Campaign) -> None:
    told = {item["state_reason"]: item["words"] for item in every(admin, campaign, result="skipped")}
    assert told == dict(
        zip(REASONS.values(), ("Opted out", "Ville is empty", "The text could not be filled in"), strict=True)
    )
    (one,) = every(admin, campaign, result="skipped:field_empty:custom.town")
    assert one["state_reason"] == "field_empty:custom.town"
    assert every(admin, campaign, result="skipped:no_consent") == []


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"result": "gone"}, "result"),
        ({"result": "skipped:DROP TABLE"}, "result"),
        ({"result": "skipped:a\x00"}, "result"),
        ({"result": "delivered:x"}, "result"),
        ({"cursor": "x"}, "cursor"),
        ({"cursor": "1-"}, "cursor"),
        ({"cursor": "1-99999999999999999999"}, "cursor"),
        ({"cursor": "٣-1"}, "cursor"),
        ({"limit": "0"}, "limit"),
        ({"limit": "201"}, "limit"),
    ],
)
def test_what_cant_be_asked_is_named(
    admin: Api, campaign: Campaign, query: dict[str, str], field: str
) -> None:
    response = admin.get(f"campaigns/{campaign.pk}/recipients", **query)
    assert response.status_code == 422
    assert list(response.json()["error"]["fields"]) == [field]


def test_a_page_costs_the_same_whatever_is_on_it(
    admin: Api, campaign: Campaign, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    admin.get(f"campaigns/{campaign.pk}")  # notes the token's use
    for limit in (1, 200):
        with django_assert_num_queries(
            7
        ):  # token, membership, campaign, ids, messages, credits, the field's label
            admin.get(
                f"campaigns/{campaign.pk}/recipients", limit=limit, result="skipped:field_empty:custom.town"
            )


def test_a_page_reads_a_page_of_however_many(admin: Api, team: Team) -> None:
    fill(team, contacts=16_000, events=40_000, campaigns=1)
    campaign = Campaign.objects.get()
    path = f"/api/v1/campaigns/{campaign.pk}/recipients"
    bearer = {"authorization": f"Bearer {admin.token}"}
    for query in (
        {},
        {"result": "delivered"},
        {"result": "submitted"},
        {"result": "waiting"},
        {"result": "skipped:no_consent"},
        {"result": "clicked"},
        {"result": "all", "cursor": "4-0"},
    ):
        for sql in statements(Client(), f"{path}?{urlencode(query)}", bearer):
            assert read_by(sql) <= 4 * 51, (query, sql)
