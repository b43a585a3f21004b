"""Campaigns of programs: composed, started with the number of people they expect, held up, followed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from contacts.models import Contact, ContactList, CustomField, Segment, Tag
from contacts.privacy import ledger
from contacts.segments import find
from sms.campaigns import blockers, counts, states
from sms.campaigns.plan import plan
from sms.models import Campaign, CampaignLine, Line, Message
from teams.models import AuditEntry, Team
from tests.conftest import contact_of

from .conftest import Api

HOURS = [[480, 1200]] * 5 + [None, None]


@pytest.fixture
def manager(team: Team, join: Callable[[Team, str], Api]) -> Api:
    return join(team, "manager")


@pytest.fixture
def accepted(line: Line) -> Line:
    """A line through which programs may send."""
    line.automation_accepted_at = timezone.now()
    line.save(update_fields=["automation_accepted_at"])
    return line


@pytest.fixture
def people(team: Team) -> list[int]:
    """Five with a mobile, the last of them opted out."""
    ids = [contact_of(team, f"+3363998421{n}") for n in range(5)]
    Contact.objects.filter(pk__in=ids).update(first_name="Camille")
    Contact.objects.filter(pk=ids[-1]).update(opted_out_at=timezone.now())
    return ids


def body(line: Line, people: list[int] | None = None, /, **more: Any) -> dict[str, Any]:
    asked: dict[str, Any] = {
        "name": "Rappel de visite",
        "kind": "appointment",
        "text": "Bonjour {{ contact.first_name }}, à demain.",
        "lines": [line.pk],
    }
    return asked | ({} if people is None else {"contacts": people}) | more


def fields(response: Any) -> list[str]:
    assert response.status_code == 422, response.content
    return list(response.json()["error"]["fields"])


def make_rows(campaign_id: int) -> None:
    """Makes the row of everybody, as a worker does."""
    while plan(campaign_id):
        pass


def test_a_draft_tells_whom_it_reaches(manager: Api, accepted: Line, people: list[int]) -> None:
    response = manager.post("campaigns", body(accepted, people, pace=30))
    assert response.status_code == 201, response.content
    told = response.json()
    assert {
        name: told[name] for name in ("name", "kind", "state", "recipients", "receive", "blocked", "counts")
    } == {
        "name": "Rappel de visite",
        "kind": "appointment",
        "state": "draft",
        "recipients": 5,
        "receive": 4,
        "blocked": {"opted_out": 1},
        "counts": {},
    }
    assert (told["lines"], told["pace"], told["credit_days"]) == ([accepted.pk], 30, 7)
    assert told["audience"] == {"include": [{"contacts": people}], "exclude": []}
    assert manager.get(f"campaigns/{told['id']}").json() == told
    assert Campaign.objects.get().created_by == manager.user
    assert not Message.objects.exists()


def test_every_way_to_say_whom_it_is_for(manager: Api, team: Team, accepted: Line, people: list[int]) -> None:
    on_list = ContactList.objects.create(team=team, name="Salon")
    on_list.members.set(people[:3])
    tag = Tag.objects.create(team=team, name="salon")
    tag.contacts.set(people[1:3])
    segment = Segment.objects.create(team=team, name="Tous", definition={"conditions": []})
    for given, count in (
        ({"list": on_list.pk}, 3),
        ({"tag": tag.pk}, 2),
        ({"segment": segment.pk}, 5),
        ({"contacts": people[:4]}, 4),
        ({"list": on_list.pk, "exclude": [{"tag": tag.pk}]}, 1),
        (
            {
                "audience": {
                    "include": [{"list": on_list.pk}, {"contacts": [people[4]]}],
                    "exclude": [{"tag": tag.pk}],
                }
            },
            2,
        ),
    ):
        told = manager.post("campaigns", body(accepted, **given)).json()
        assert told["recipients"] == count, given


def test_a_commercial_text_needs_consent_and_says_how_to_stop(
    manager: Api, team: Team, accepted: Line, people: list[int]
) -> None:
    ledger.grant(team.pk, people[:2], basis="opted_in", source="Salon", wording="oui")
    told = manager.post("campaigns", body(accepted, people, kind="commercial")).json()
    assert (told["receive"], told["blocked"]) == (2, {"no_consent": 2, "opted_out": 1})
    assert told["text"].startswith("Bonjour {{ contact.first_name }}, à demain.")
    assert "Atelier Bréhat" in told["text"] and "STOP" in told["text"]
    # What it said once it does not say twice.
    path = f"campaigns/{told['id']}"
    assert manager.patch(path, {"text": told["text"], "pace": 3}).json()["text"] == told["text"]
    service = manager.post("campaigns", body(accepted, people)).json()
    assert "STOP" not in service["text"]
    assert "STOP" in manager.patch(f"campaigns/{service['id']}", {"kind": "commercial"}).json()["text"]


@pytest.mark.parametrize(
    ("wrong", "named"),
    [
        ({"name": " "}, "name"),
        ({"name": "x" * 81}, "name"),
        ({"kind": "spam"}, "kind"),
        ({"text": ""}, "text"),
        ({"text": "Bonjour {{ contact.nickname }}"}, "text"),
        ({"text": "Bonjour {{ contact.custom.gone }}"}, "text"),
        ({"text": "Bonjour {{ contact.first_name"}, "text"),
        ({"text": "x" * 5001}, "text"),
        ({"text": "Voici : {link}"}, "url"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"lines": []}, "lines"),
        ({"lines": [999_999]}, "lines.0"),
        ({"lines": ["Nobody"]}, "lines.0"),
        ({"rest_days": 0}, "rest_days"),
        ({"pace": -1}, "pace"),
        ({"credit_days": 91}, "credit_days"),
        ({"send_at": "2026-11-24T14:32:00"}, "send_at"),
        ({"send_at": "2099-01-01T00:00:00Z"}, "send_at"),
        ({"expires_at": "2020-01-01T00:00:00Z"}, "expires_at"),
        ({"window": [[480, 1200]]}, "window"),
        ({"window": [None] * 7}, "window"),
        ({"window": [[1200, 480]] * 7}, "window"),
        ({"contacts": None}, "audience"),
        ({"contacts": [999_999]}, "contacts.0"),
        ({"contacts": []}, "contacts"),
        ({"contacts": [1] * 10_001}, "contacts"),
        ({"contacts": None, "segment": 999_999}, "segment"),
        ({"contacts": None, "list": 999_999}, "list"),
        ({"contacts": None, "tag": 999_999}, "tag"),
        ({"list": 1}, "contacts"),
        ({"exclude": [{"list": 999_999}]}, "exclude.0"),
        ({"exclude": [{"nothing": 1}]}, "exclude.0"),
        ({"contacts": None, "audience": {"include": []}}, "audience"),
        ({"contacts": None, "audience": {"only": []}}, "audience"),
        (
            {"contacts": None, "audience": {"include": [{"contacts": [999_999]}]}},
            "audience.include.0.contacts.0",
        ),
        ({"contacts": None, "audience": {"include": [{"campaign": 999_999}]}}, "audience.include.0"),
        ({"sendat": "2026-11-24T14:32:00Z"}, "sendat"),
    ],
)
def test_what_cant_be_is_named(
    manager: Api, accepted: Line, people: list[int], wrong: dict[str, Any], named: str
) -> None:
    assert fields(manager.post("campaigns", body(accepted, people) | wrong)) == [named]
    assert not Campaign.objects.exists()


def test_things_of_another_team_are_unknown(
    manager: Api, outsider: Api, accepted: Line, people: list[int]
) -> None:
    theirs = Line(team=outsider.team, name="Leur", login="x", access_key="k")
    theirs.new_callback_token()
    theirs.save()
    stranger = contact_of(outsider.team, "+33639984999")
    their_list = ContactList.objects.create(team=outsider.team, name="Leur")
    assert fields(manager.post("campaigns", body(accepted, people, lines=[theirs.pk]))) == ["lines.0"]
    assert fields(manager.post("campaigns", body(accepted, [people[0], stranger]))) == ["contacts.1"]
    assert fields(manager.post("campaigns", body(accepted, list=their_list.pk))) == ["list"]


def test_a_draft_changes_where_it_is_told_to(
    manager: Api, team: Team, accepted: Line, people: list[int]
) -> None:
    CustomField.objects.create(team=team, key="town", label="Town")
    made = manager.post("campaigns", body(accepted, people, rest_days=30, window=HOURS)).json()
    path = f"campaigns/{made['id']}"
    later = (timezone.now() + timedelta(days=2)).replace(microsecond=0)
    told = manager.patch(
        path, {"text": "Bonjour {{ contact.custom.town }}", "send_at": later.isoformat()}
    ).json()
    assert told["text"] == "Bonjour {{ contact.custom.town }}"
    assert told["blocked"] == {"opted_out": 1, "field_empty:custom.town": 4}
    assert told["send_at"].startswith(later.isoformat()[:19])
    same = ("name", "kind", "lines", "audience", "rest_days", "window")
    assert {name: told[name] for name in same} == {name: made[name] for name in same}
    told = manager.patch(path, {"rest_days": None, "window": None, "send_at": None, "name": None}).json()
    assert (told["rest_days"], told["window"], told["send_at"]) == (None, None, None)
    assert told["name"] == made["name"]
    told = manager.patch(path, {"contacts": people[:1]}).json()
    assert (told["audience"]["include"], told["recipients"]) == ([{"contacts": people[:1]}], 1)
    told = manager.patch(path, {"exclude": [{"contacts": people[:1]}]}).json()
    assert (told["audience"]["include"], told["recipients"]) == ([{"contacts": people[:1]}], 0)
    for wrong, named in (
        ({"text": "{{ nothing }}"}, "text"),
        ({"expires_at": later.isoformat(), "send_at": later.isoformat()}, "expires_at"),
        ({"lines": [999_999]}, "lines.0"),
    ):
        assert fields(manager.patch(path, wrong)) == [named]


def test_a_time_that_never_comes_is_named(manager: Api, accepted: Line, people: list[int]) -> None:
    soon, later = timezone.now() + timedelta(hours=1), timezone.now() + timedelta(hours=2)
    made = manager.post("campaigns", body(accepted, people, expires_at=soon.isoformat())).json()
    assert fields(manager.patch(f"campaigns/{made['id']}", {"send_at": later.isoformat()})) == ["send_at"]


def test_it_starts_with_the_number_expected(
    manager: Api, accepted: Line, people: list[int], woken: list[Any], django_capture_on_commit_callbacks: Any
) -> None:
    for expected in (5, 4):
        made = manager.post("campaigns", body(accepted, people)).json()
        with django_capture_on_commit_callbacks(execute=True):
            response = manager.post(f"campaigns/{made['id']}/start", {"recipients": expected})
        assert response.status_code == 200, response.content
        told = response.json()
        assert (told["state"], told["recipients"], told["started_by"]) == ("running", 5, manager.user.pk)
        assert sum(told["counts"].values()) == 5
        assert ("sms.tasks.campaign_plan", (made["id"],)) in woken
        make_rows(made["id"])
        told = manager.get(f"campaigns/{made['id']}").json()
        assert told["counts"] == {"planned": 4, "skipped:opted_out": 1}
        assert (told["recipients"], told["receive"], told["blocked"]) == (5, 4, {"opted_out": 1})


def test_another_number_is_refused_with_both(manager: Api, accepted: Line, people: list[int]) -> None:
    made = manager.post("campaigns", body(accepted, people)).json()
    response = manager.post(f"campaigns/{made['id']}/start", {"recipients": 312})
    assert response.status_code == 409
    error = response.json()["error"]
    assert error["code"] == "recipients_differ"
    assert (error["expected"], error["recipients"], error["receive"]) == (312, 5, 4)
    assert manager.get(f"campaigns/{made['id']}").json()["state"] == "draft"


def test_one_that_lacks_something_says_what(
    manager: Api, line: Line, accepted: Line, team: Team, people: list[int]
) -> None:
    made = manager.post("campaigns", body(accepted, people)).json()
    path = f"campaigns/{made['id']}/start"
    Line.objects.update(automation_accepted_at=None)
    response = manager.post(path, {"recipients": 5})
    assert response.status_code == 422
    assert response.json()["error"]["code"] == "not_ready"
    assert "Malik" in response.json()["error"]["fields"]["lines"]
    Line.objects.update(automation_accepted_at=timezone.now())
    Campaign.objects.update(text="", audience={"include": []})
    assert set(manager.post(path, {"recipients": 5}).json()["error"]["fields"]) == {"audience", "text"}
    never = [[0, 60], *[None] * 6]
    past = timezone.now() - timedelta(minutes=1)
    Campaign.objects.update(
        text="Voici : {link}", kind="commercial", audience={"list": 1}, window=never, expires_at=past
    )
    named = set(manager.post(path, {"recipients": 5}).json()["error"]["fields"])
    assert named == {"audience", "url", "window", "expires_at"}
    Campaign.objects.update(
        text="Bonjour",
        kind="service",
        audience={"include": [{"contacts": people[-1:]}]},
        window=None,
        expires_at=None,
    )
    response = manager.post(path, {"recipients": 1})
    assert (response.status_code, list(response.json()["error"]["fields"])) == (422, ["audience"])
    assert fields(manager.post(path, {"recipients": "5"})) == ["recipients"]
    assert fields(manager.post(path, {})) == ["recipients"]
    assert Campaign.objects.get().state == "draft"


def test_a_second_start_is_refused_without_its_key(manager: Api, accepted: Line, people: list[int]) -> None:
    made = manager.post("campaigns", body(accepted, people)).json()
    path = f"campaigns/{made['id']}/start"
    key = {"Idempotency-Key": "s1"}
    assert manager.post(path, {"recipients": 5}, **key).status_code == 200
    assert manager.post(path, {"recipients": 5}, **key).status_code == 200
    for again in (
        manager.post(path, {"recipients": 5}),
        manager.post(path, {"recipients": 5}, **{"Idempotency-Key": "s2"}),
    ):
        assert (again.status_code, again.json()["error"]["code"]) == (409, "not_a_draft")
    assert manager.post(path, {"recipients": 4}, **key).json()["error"]["code"] == "key_reused"
    assert AuditEntry.objects.filter(action="campaign.started").count() == 1


def test_a_refused_start_leaves_its_key_free(manager: Api, accepted: Line, people: list[int]) -> None:
    path = f"campaigns/{manager.post('campaigns', body(accepted, people)).json()['id']}/start"
    key = {"Idempotency-Key": "s1"}
    assert manager.post(path, {"recipients": 9}, **key).status_code == 409
    assert manager.post(path, {"recipients": 5}, **key).status_code == 200


def test_the_same_key_makes_one_draft(manager: Api, accepted: Line, people: list[int]) -> None:
    key = {"Idempotency-Key": "k1"}
    first = manager.post("campaigns", body(accepted, people), **key)
    again = manager.post("campaigns", body(accepted, people), **key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert Campaign.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_twenty_starts_at_once_are_one(manager: Api, accepted: Line, people: list[int]) -> None:
    made = manager.post("campaigns", body(accepted, people)).json()

    def start(number: int) -> int:
        headers = {"Idempotency-Key": "s1"} if number % 2 else {}
        try:
            answer = manager.post(f"campaigns/{made['id']}/start", {"recipients": 5}, **headers)
            return int(answer.status_code)
        finally:
            connection.close()

    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(start, range(20)))
    assert set(answers) <= {200, 409} and 200 in answers
    assert AuditEntry.objects.filter(action="campaign.started").count() == 1


def test_it_starts_at_its_time(manager: Api, accepted: Line, people: list[int]) -> None:
    at = timezone.now() + timedelta(hours=3)
    made = manager.post("campaigns", body(accepted, people, send_at=at.isoformat())).json()
    assert manager.post(f"campaigns/{made['id']}/start", {"recipients": 5}).json()["state"] == "scheduled"


def test_doing_it_twice_is_doing_it_once(manager: Api, accepted: Line, people: list[int]) -> None:
    made = manager.post("campaigns", body(accepted, people)).json()
    path = f"campaigns/{made['id']}"
    for verb in ("pause", "resume", "cancel"):
        response = manager.post(f"{path}/{verb}")
        assert (response.status_code, response.json()["error"]["code"]) == (409, "wrong_state"), verb
    manager.post(f"{path}/start", {"recipients": 5})
    for verb, state in (
        ("pause", "paused"),
        ("resume", "running"),
        ("pause", "paused"),
        ("cancel", "cancelled"),
    ):
        for _ in range(2):
            response = manager.post(f"{path}/{verb}")
            assert (response.status_code, response.json()["state"]) == (200, state), verb
    for verb in ("pause", "resume"):
        assert manager.post(f"{path}/{verb}").status_code == 409
    actions = AuditEntry.objects.filter(action__startswith="campaign.").values_list("action", flat=True)
    assert sorted(actions) == [
        "campaign.cancelled", "campaign.created", "campaign.paused", "campaign.paused", "campaign.resumed",
        "campaign.started",
    ]  # fmt: skip


def test_a_paused_one_takes_another_text_and_nothing_else(
    manager: Api, accepted: Line, people: list[int]
) -> None:
    made = manager.post("campaigns", body(accepted, people)).json()
    path = f"campaigns/{made['id']}"
    manager.post(f"{path}/start", {"recipients": 5})
    response = manager.patch(path, {"text": "Autre"})
    assert (response.status_code, response.json()["error"]["code"]) == (409, "not_a_draft")
    manager.post(f"{path}/pause")
    given = {"text": "Voici : {link}", "url": "https://brehat.example/x"}
    told = manager.patch(path, given).json()
    assert {name: told[name] for name in given} == given
    response = manager.patch(path, {"text": "Autre", "pace": 3, "contacts": people[:1]})
    assert (response.status_code, set(response.json()["error"]["fields"])) == (409, {"pace", "contacts"})
    assert Campaign.objects.get().text == "Voici : {link}"


def test_a_draft_is_deleted_and_what_was_started_stays(
    manager: Api, accepted: Line, people: list[int]
) -> None:
    draft, started = (manager.post("campaigns", body(accepted, people)).json()["id"] for _ in range(2))
    manager.post(f"campaigns/{started}/start", {"recipients": 5})
    assert manager.delete(f"campaigns/{draft}").status_code == 204
    assert manager.delete(f"campaigns/{draft}").status_code == 404
    assert manager.delete(f"campaigns/{started}").status_code == 409
    assert list(Campaign.objects.values_list("pk", flat=True)) == [started]


def test_the_list_is_filtered_paged_and_of_the_kept_figures(
    manager: Api, accepted: Line, people: list[int], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ids = [manager.post("campaigns", body(accepted, people)).json()["id"] for _ in range(4)]
    manager.post(f"campaigns/{ids[0]}/start", {"recipients": 5})
    make_rows(ids[0])
    page = manager.get("campaigns", limit=3).json()
    assert [item["id"] for item in page["items"]] == ids[:0:-1]
    assert {(item["recipients"], item["receive"]) for item in page["items"]} == {(None, None)}
    rest = manager.get("campaigns", limit=3, cursor=page["next_cursor"]).json()
    assert (rest["items"][0]["counts"], rest["next_cursor"]) == ({"planned": 4, "skipped:opted_out": 1}, None)
    assert [item["id"] for item in manager.get("campaigns", state="running").json()["items"]] == ids[:1]
    assert manager.get("campaigns", state="gone").status_code == 422
    for limit in (1, 4):
        with django_assert_num_queries(4):  # token, membership, campaigns, their lines
            manager.get("campaigns", limit=limit)


def test_figures_add_up_while_its_people_are_planned(manager: Api, accepted: Line, people: list[int]) -> None:
    made = manager.post("campaigns", body(accepted, people)).json()
    path = f"campaigns/{made['id']}"
    manager.post(f"{path}/start", {"recipients": 5})
    for told in (manager.get(path).json(), manager.get("campaigns").json()["items"][0]):
        assert (told["recipients"], told["counts"], told["planned_at"]) == (5, {"planned": 5}, None)
    make_rows(made["id"])
    Message.objects.filter(contact=people[0]).update(state="delivered")
    assert manager.get(path).json()["counts"] == {"delivered": 1, "planned": 3, "skipped:opted_out": 1}
    counts.refresh(made["id"])
    assert manager.get("campaigns").json()["items"][0]["counts"]["delivered"] == 1
    states.cancel(Campaign.objects.get(), by=None)
    told = manager.get(path).json()
    assert sum(told["counts"].values()) == told["recipients"] == 5


def test_a_count_that_takes_too_long_is_null_and_no_error(
    manager: Api, accepted: Line, people: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def slow(*_args: Any, **_given: Any) -> None:
        raise find.TakesTooLong

    monkeypatch.setattr(blockers, "counts", slow)
    told = manager.post("campaigns", body(accepted, people)).json()
    assert (told["recipients"], told["receive"], told["blocked"]) == (None, None, None)
    response = manager.post(f"campaigns/{told['id']}/start", {"recipients": 5})
    assert (response.status_code, response.json()["error"]["code"]) == (503, "takes_too_long")
    assert response.headers["Retry-After"]
    assert Campaign.objects.get().state == "draft"


def test_agents_and_other_teams_have_no_part_in_it(
    manager: Api, agent: Api, outsider: Api, accepted: Line, people: list[int]
) -> None:
    path = f"campaigns/{manager.post('campaigns', body(accepted, people)).json()['id']}"
    assert outsider.get("campaigns").json()["items"] == []
    for other, status in ((agent, 403), (outsider, 404)):
        answers = [
            other.get(path),
            other.get(f"{path}/recipients"),
            other.patch(path, {"name": "x"}),
            other.post(f"{path}/start", {"recipients": 5}),
            *(other.post(f"{path}/{verb}") for verb in ("pause", "resume", "cancel")),
            other.delete(path),
        ]
        assert {answer.status_code for answer in answers} == {status}
    assert (
        agent.get("campaigns").status_code
        == agent.post("campaigns", body(accepted, people)).status_code
        == 403
    )
    assert Campaign.objects.get().state == "draft"


def test_lines_go_by_name_too(manager: Api, accepted: Line, people: list[int]) -> None:
    told = manager.post("campaigns", body(accepted, people, lines=["Malik", accepted.pk])).json()
    assert told["lines"] == [accepted.pk]
    assert CampaignLine.objects.count() == 1


def test_messages_name_their_campaign(manager: Api, accepted: Line, people: list[int]) -> None:
    manager.post("messages", {"line": accepted.pk, "to": "+33639984210", "text": "Bonjour"})
    made = manager.post("campaigns", body(accepted, people[:1])).json()
    manager.post(f"campaigns/{made['id']}/start", {"recipients": 1})
    make_rows(made["id"])
    planned = manager.get("messages", state="planned").json()["items"]
    assert [(item["campaign"], item["text"]) for item in planned] == [(made["id"], "")]
    assert manager.get("messages", state="queued").json()["items"][0]["campaign"] is None
    Message.objects.filter(campaign=made["id"]).update(state="delivered")
    events = manager.get(f"contacts/{people[0]}/timeline").json()["items"]
    assert {event["campaign"] for event in events} == {made["id"], None}
