"""People written by programs: added, changed, upserted, one and a thousand at once."""

import time
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from contacts.models import Contact, ContactList, ContactPhone, ContactTag, CustomField, Merge, Tag
from contacts.privacy import suppression
from teams.models import IdempotencyKey, Team

from .conftest import Api

CAMILLE = {
    "first_name": "Camille",
    "last_name": "Aubertin",
    "company": "Chez elle",
    "email": "c@courriel.example",
    "address": "3 rue du Port, Saint-Brieuc",
    "language": "fr",
    "phones": ["06 39 98 42 17", {"number": "01 99 00 42 17", "primary": True}],
    "tags": ["pompe à chaleur", "Salon"],
}


@pytest.fixture
def budget(team: Team) -> CustomField:
    return CustomField.objects.create(team=team, key="budget", label="Budget", kind="number")


def fields(response: Any) -> dict[str, str]:
    found: dict[str, str] = response.json()["error"]["fields"]
    return found


def add(api: Api, **given: Any) -> dict[str, Any]:
    response = api.post("contacts", {"last_name": "Aubertin"} | given)
    assert response.status_code == 201, response.content
    told: dict[str, Any] = response.json()
    return told


def test_person_is_added_with_all_that_was_said(agent: Api, team: Team, budget: CustomField) -> None:
    on = ContactList.objects.create(team=team, name="Salon de Rennes")
    told = add(agent, **CAMILLE, owner=agent.user.email, lists=["Salon de Rennes"], custom={"budget": 12000})
    assert told["created"] is True
    assert {name: told[name] for name in ("first_name", "email", "address", "language", "custom")} == {
        "first_name": "Camille",
        "email": "c@courriel.example",
        "address": "3 rue du Port, Saint-Brieuc",
        "language": "fr",
        "custom": {"budget": 12000},
    }
    assert told["phones"] == [
        {"number": "+33199004217", "primary": True, "textable": True},
        {"number": "+33639984217", "primary": False, "textable": True},
    ]
    assert sorted(told["tags"]) == ["Salon", "pompe à chaleur"]
    assert told["lists"] == [{"id": on.pk, "name": "Salon de Rennes"}]
    assert (told["owner"], told["owner_email"]) == (agent.user.pk, agent.user.email)
    assert agent.get(f"contacts/{told['id']}").json() == {k: v for k, v in told.items() if k != "created"}


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"first_name": "x" * 121}, "first_name"),
        ({"first_name": 7}, "first_name"),
        ({"first_name": "a\x00b"}, "first_name"),
        ({"last_name": "\ud800"}, "last_name"),
        ({"company": "x" * 161}, "company"),
        ({"email": "camille"}, "email"),
        ({"email": "a@" + "b" * 250 + ".example"}, "email"),
        ({"address": "x" * 301}, "address"),
        ({"language": "xx"}, "language"),
        ({"language": "français"}, "language"),
        ({"owner": 999_999}, "owner"),
        ({"owner": "nobody@brehat.example"}, "owner"),
        ({"owner": "9" * 5000}, "owner"),
        ({"owner": True}, "owner"),
        ({"phones": "06 39 98 42 17"}, "phones"),
        ({"phones": ["12"]}, "phones.0"),
        ({"phones": ["06 39 98 42 17", "INFO"]}, "phones.1"),
        ({"phones": [7]}, "phones.0"),
        ({"phones": [{"number": "0639984217", "kind": "home"}]}, "phones.0"),
        ({"phones": [{"number": "0639984217", "primary": 1}]}, "phones.0"),
        ({"phones": [{"number": "0639984217", "primary": True}, {"number": "0639984218", "primary": True}]}, "phones"),
        ({"phones": ["0639984217"] * 21}, "phones"),
        ({"tags": [" "]}, "tags.0"),
        ({"tags": ["a", "x" * 61]}, "tags.1"),
        ({"tags": ["\ud800"]}, "tags.0"),
        ({"add_tags": [3]}, "add_tags.0"),
        ({"tags": ["x"] * 51}, "tags"),
        ({"lists": [1, "Nowhere"]}, "lists.1"),
        ({"lists": [None]}, "lists.0"),
        ({"add_lists": ["9" * 5000]}, "add_lists.0"),
        ({"custom": {"unknown": 1}}, "custom.unknown"),
        ({"custom": {"budget": "much"}}, "custom.budget"),
        ({"custom": {"budget": True}}, "custom.budget"),
        ({"custom": {"budget": [1]}}, "custom.budget"),
        ({"custom": {"budget": 10**30}}, "custom.budget"),
        ({"custom": {"name": 3}}, "custom.name"),
        ({"custom": {"bought": "maybe"}}, "custom.bought"),
        ({"custom": {"visit": "2026-02-31"}}, "custom.visit"),
        ({"custom": {"level": "none of them"}}, "custom.level"),
        ({"opted_out_at": None}, "opted_out_at"),
        ({"consent": {"state": "opted_in"}}, "consent"),
    ],
)  # fmt: skip
def test_bad_value_is_named(agent: Api, team: Team, given: dict[str, Any], field: str) -> None:
    for key, kind in (("budget", "number"), ("name", "text"), ("bought", "yes_no"), ("visit", "date")):
        CustomField.objects.create(team=team, key=key, label=key, kind=kind)
    CustomField.objects.create(team=team, key="level", label="level", kind="choice", choices=["A", "B"])
    response = agent.post("contacts", {"last_name": "Aubertin"} | given)
    assert response.status_code == 422
    assert field in fields(response)
    several = agent.post("contacts", {"contacts": [{"last_name": "Kerrien"}, {"last_name": "A"} | given]})
    assert several.status_code == 422
    assert f"contacts.1.{field}" in fields(several)
    assert not Contact.objects.exists()
    assert not Tag.objects.exists()


def test_own_fields_take_values_of_their_kind(agent: Api, team: Team) -> None:
    for key, kind in (("budget", "number"), ("bought", "yes_no"), ("visit", "date"), ("name", "text")):
        CustomField.objects.create(team=team, key=key, label=key, kind=kind)
    own = {"budget": 12.5, "bought": False, "visit": "2026-12-31", "name": "Bréhat"}
    told = add(agent, custom=own)
    assert told["custom"] == own
    assert agent.patch(f"contacts/{told['id']}", {"custom": {"budget": "1 200,5", "name": None}}).json()[
        "custom"
    ] == {"budget": 1200.5, "bought": False, "visit": "2026-12-31"}


def test_person_needs_a_number_or_a_name(agent: Api) -> None:
    response = agent.post("contacts", {"email": "c@courriel.example", "last_name": " "})
    assert response.status_code == 422
    assert list(fields(response)) == ["phones"]
    told = add(agent, last_name="", phones=["0639984217"])
    assert agent.patch(f"contacts/{told['id']}", {"phones": []}).status_code == 422
    assert agent.patch(f"contacts/{told['id']}", {"phones": [], "company": "Kerrien"}).status_code == 200


def test_number_of_somebody_else_is_refused_and_named(agent: Api) -> None:
    told = add(agent, phones=["0639984217"])
    response = agent.post("contacts", {"phones": ["0639984218", "+33 6 39 98 42 17"]})
    assert response.status_code == 409
    assert response.json()["error"]["code"] == "number_taken"
    assert fields(response) == {"phones.1": f"Contact {told['id']} has this number."}
    other = add(agent, phones=["0639984218"])
    response = agent.patch(f"contacts/{other['id']}", {"phones": ["0639984217"]})
    assert (response.status_code, fields(response)) == (
        409,
        {"phones.0": f"Contact {told['id']} has this number."},
    )


def test_numbers_of_another_team_are_free(agent: Api, outsider: Api) -> None:
    mine = add(agent, phones=["0639984217"], tags=["Salon"])
    theirs = add(outsider, phones=["0639984217"], tags=["salon"])
    assert mine["id"] != theirs["id"]
    assert Tag.objects.count() == 2
    assert outsider.get(f"contacts/{mine['id']}").status_code == 404
    assert outsider.patch(f"contacts/{mine['id']}", {"company": "x"}).status_code == 404
    assert outsider.put("contacts", {"company": "x"}, phone="0639984217").json()["id"] == theirs["id"]
    assert agent.get(f"contacts/{mine['id']}").json()["company"] == ""


def test_lists_and_colleagues_of_another_team_do_not_exist(agent: Api, outsider: Api) -> None:
    theirs = ContactList.objects.create(team=outsider.team, name="Theirs")
    for given in ({"lists": [theirs.pk]}, {"owner": outsider.user.pk}, {"owner": outsider.user.email}):
        assert agent.post("contacts", {"last_name": "A"} | given).status_code == 422


def test_change_leaves_what_is_not_given(agent: Api) -> None:
    told = add(agent, **CAMILLE, owner=agent.user.pk)
    changed = agent.patch(f"contacts/{told['id']}", {"company": "Atelier", "email": ""}).json()
    del told["created"]
    assert changed.pop("updated_at") > told.pop("updated_at")
    assert changed == told | {"company": "Atelier", "email": ""}
    assert agent.patch(f"contacts/{told['id']}", {"owner": None}).json()["owner"] is None


def test_change_of_nothing_is_none(agent: Api) -> None:
    told = add(agent, **CAMILLE)
    again = agent.patch(f"contacts/{told['id']}", CAMILLE).json()
    assert again["updated_at"] == told["updated_at"]


def test_what_was_read_may_be_sent_back(agent: Api) -> None:
    told = add(agent, **CAMILLE)
    body = {name: told[name] for name in ("first_name", "phones", "tags", "owner", "custom", "language")}
    body["lists"] = [each["id"] for each in told["lists"]]
    assert agent.patch(f"contacts/{told['id']}", body).json()["phones"] == told["phones"]


def test_numbers_of_a_change_are_the_whole_set(agent: Api) -> None:
    told = add(agent, phones=["0639984217", "0639984218"])
    changed = agent.patch(f"contacts/{told['id']}", {"phones": ["0639984219", "0639984218"]}).json()
    assert [(phone["number"], phone["primary"]) for phone in changed["phones"]] == [
        ("+33639984219", True),
        ("+33639984218", False),
    ]
    assert agent.get("contacts", phone="0639984217").json()["items"] == []


def test_raw_sender_may_stay_with_its_person(agent: Api, team: Team) -> None:
    contact = Contact.objects.create(team=team)
    ContactPhone.objects.create(team=team, contact=contact, number="INFO", textable=False, is_primary=True)
    changed = agent.patch(f"contacts/{contact.pk}", {"phones": ["INFO", "0639984217"]})
    assert [phone["number"] for phone in changed.json()["phones"]] == ["INFO", "+33639984217"]


def test_tags_are_set_and_added(agent: Api) -> None:
    told = add(agent, tags=["Salon", "rénovation"])
    path = f"contacts/{told['id']}"
    assert agent.patch(path, {"add_tags": ["RENOVATION", "neuf"]}).status_code == 200
    assert set(agent.get(path).json()["tags"]) == {"neuf", "rénovation", "Salon"}
    assert agent.patch(path, {"tags": ["neuf"]}).json()["tags"] == ["neuf"]
    assert agent.patch(path, {"tags": []}).json()["tags"] == []
    assert Tag.objects.count() == 3


def test_suppressed_number_opts_its_new_holder_out(agent: Api, team: Team) -> None:
    suppression.add(team.pk, ["+33639984217"], "opted_out", timezone.now())
    assert add(agent, phones=["0639984217"])["opted_out_at"] is not None


def test_upsert_adds_once_and_changes_after(agent: Api) -> None:
    first = agent.put("contacts", {"first_name": "Camille", "phones": ["0199004217"]}, phone="06 39 98 42 17")
    assert (first.status_code, first.json()["created"]) == (201, True)
    assert first.json()["phones"][0] == {"number": "+33639984217", "primary": True, "textable": True}
    again = agent.put("contacts", {"company": "Atelier", "add_tags": ["x"]}, phone="+33639984217")
    assert (again.status_code, again.json()["created"], again.json()["id"]) == (
        200,
        False,
        first.json()["id"],
    )
    assert again.json()["first_name"] == "Camille"
    assert len(again.json()["phones"]) == 2
    plus = agent._client().put("/api/v1/contacts?phone=+33639984217", "{}", content_type="application/json")
    assert plus.json()["id"] == first.json()["id"]


@pytest.mark.parametrize("phone", ["", "x", "12", "\x00", "INFO"])
def test_upsert_needs_a_number(agent: Api, phone: str) -> None:
    response = agent.put("contacts", {"first_name": "Camille"}, phone=phone)
    assert (response.status_code, list(fields(response))) == (422, ["phone"])
    assert agent.put("contacts", {"first_name": "Camille"}).status_code == 422


def test_upsert_that_means_two_people_is_refused(agent: Api) -> None:
    one, two = add(agent, phones=["0639984217"]), add(agent, phones=["0639984218"])
    response = agent.put("contacts", {"phones": ["0639984218"]}, phone="0639984217")
    assert response.status_code == 409
    assert fields(response) == {
        "phone": f"This is the number of contact {one['id']}.",
        "phones.0": f"This is the number of contact {two['id']}.",
    }


def test_many_are_written_in_order_or_not_at_all(agent: Api) -> None:
    known = add(agent, last_name="Known", phones=["0639984217"])
    asked = [{"last_name": f"n° {n}", "phones": [f"06399810{n:02}"]} for n in range(5)]
    asked.insert(2, {"company": "Atelier", "phones": ["0639984217", "0639984218"], "add_tags": ["x"]})
    refused = agent.post("contacts", {"contacts": asked})
    assert (refused.status_code, list(fields(refused))) == (409, ["contacts.2.phones.0"])
    assert Contact.objects.count() == 1
    written = agent.post("contacts", {"contacts": asked, "upsert": True})
    assert written.status_code == 201
    assert [each["created"] for each in written.json()] == [True, True, False, True, True, True]
    assert [each["last_name"] for each in written.json()][:3] == ["n° 0", "n° 1", "Known"]
    changed = written.json()[2]
    assert (changed["id"], changed["company"], changed["tags"]) == (known["id"], "Atelier", ["x"])
    assert [phone["number"] for phone in changed["phones"]] == ["+33639984217", "+33639984218"]


def test_two_of_one_request_cannot_have_one_number(agent: Api) -> None:
    asked = [{"phones": ["0639984217"]}, {"phones": ["0639984218", "06 39 98 42 17"]}]
    for upsert in (False, True):
        response = agent.post("contacts", {"contacts": asked, "upsert": upsert})
        assert response.status_code == 422
        assert list(fields(response)) == ["contacts.0.phones.0"]
    add(agent, phones=["0639984217", "0639984218"])
    apart = [{"phones": ["0639984217"]}, {"phones": ["0639984218"]}]
    response = agent.post("contacts", {"contacts": apart, "upsert": True})
    assert (response.status_code, list(fields(response))) == (422, ["contacts.1.phones"])


@pytest.mark.parametrize("size", [0, 1001])
def test_one_to_a_thousand(agent: Api, size: int) -> None:
    response = agent.post("contacts", {"contacts": [{"last_name": "A"}] * size})
    assert (response.status_code, list(fields(response))) == (422, ["contacts"])


def _thousand(team: Team) -> list[dict[str, Any]]:
    return [
        {
            "first_name": f"Prénom {n}",
            "last_name": f"Nom {n}",
            "email": f"n{n}@courriel.example",
            "phones": [f"+3363998{n:04}"],
            "tags": ["salon", f"groupe {n % 7}"],
            "custom": {"budget": n},
        }
        for n in range(1000)
    ]


def test_a_thousand_take_as_many_statements_as_one(agent: Api, team: Team, budget: CustomField) -> None:
    asked = _thousand(team)

    def statements(some: list[dict[str, Any]]) -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert agent.post("contacts", {"contacts": some, "upsert": True}).status_code == 201
        return len(seen)

    agent.get("contacts")  # notes the token's use
    one, many = statements(asked[:2]), statements(asked[2:])
    assert many <= one
    changed = [each | {"company": "Atelier", "tags": ["neuf"]} for each in asked]
    assert statements(changed) <= one + 5
    assert (Contact.objects.filter(company="Atelier").count(), ContactTag.objects.count()) == (1000, 1000)


def test_a_thousand_upserts_are_no_long_wait(agent: Api, team: Team, budget: CustomField) -> None:
    asked = _thousand(team)
    agent.post("contacts", {"contacts": asked[:500], "upsert": True})
    best = 99.0
    for company in ("A", "B", "C"):
        body = {"contacts": [each | {"company": company} for each in asked], "upsert": True}
        began = time.perf_counter()
        assert agent.post("contacts", body).status_code == 201
        best = min(best, time.perf_counter() - began)
    print(f"\n1,000 upserts: {best:.2f} s")  # noqa: T201
    # An idle machine takes half a second: what takes so much longer is no slow machine.
    assert best < 15


def test_same_key_writes_once_and_is_answered_alike(agent: Api) -> None:
    add(agent, phones=["0639984217"])
    body = {
        "contacts": [{"last_name": "A", "phones": ["0639984218"]}, {"phones": ["0639984217"]}],
        "upsert": True,
    }
    first = agent.post("contacts", body, **{"Idempotency-Key": "k1"})
    again = agent.post("contacts", body, **{"Idempotency-Key": "k1"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert [each["created"] for each in again.json()] == [True, False]
    other = agent.post("contacts", {"last_name": "B"}, **{"Idempotency-Key": "k1"})
    assert (other.status_code, other.json()["error"]["code"]) == (409, "key_reused")


def test_refused_request_leaves_its_key_free(agent: Api) -> None:
    add(agent, phones=["0639984217"])
    key = {"Idempotency-Key": "k1"}
    assert agent.post("contacts", {"phones": ["0639984217"]}, **key).status_code == 409
    assert not IdempotencyKey.objects.exists()
    assert agent.post("contacts", {"phones": ["0639984218"]}, **key).status_code == 201


def test_key_of_one_address_is_refused_at_another(agent: Api) -> None:
    key = {"Idempotency-Key": "k1"}
    assert agent.post("tags", {"name": "Salon"}, **key).status_code == 201
    assert agent.post("lists", {"name": "Salon"}, **key).status_code == 409


def test_address_of_who_was_merged_leads_to_who_was_kept(agent: Api, outsider: Api, team: Team) -> None:
    told = add(agent, last_name="Kept")
    gone = told["id"] + 1000
    Merge.objects.create(team=team, kept_id=told["id"], gone_id=gone, gone={}, happened_at=timezone.now())
    assert agent.get(f"contacts/{gone}").json()["id"] == told["id"]
    assert agent.get(f"contacts/{gone}/timeline").status_code == 200
    assert agent.patch(f"contacts/{gone}", {"company": "x"}).json()["id"] == told["id"]
    assert outsider.get(f"contacts/{gone}").status_code == 404


@pytest.mark.parametrize("path", ["contacts/0", f"contacts/{2**63}", "contacts/999999"])
def test_nobody_is_404(agent: Api, path: str) -> None:
    assert agent.get(path).status_code == 404
    assert agent.patch(path, {}).status_code == 404
    assert agent.delete(path).status_code == 405


@pytest.mark.django_db(transaction=True)
def test_two_at_once_make_one_person(agent: Api) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def put(number: int) -> int:
        try:
            response = agent.put("contacts", {"company": f"n° {number}"}, phone="0639984217")
            return int(response.json()["id"])
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(put, range(16)))) == 1
    assert Contact.objects.count() == ContactPhone.objects.count() == 1
