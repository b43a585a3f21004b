"""Lines: health and settings."""

from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from sms.models import GatewayHost, Line, Message
from teams.models import AuditEntry

from .conftest import Api


def test_line_is_told_without_its_secrets(agent: Api, line: Line) -> None:
    response = agent.get(f"lines/{line.pk}")
    assert response.status_code == 200
    item = response.json()
    assert {
        key: item[key] for key in ("name", "number", "login", "base_url", "send_path", "marker", "pace")
    } == {
        "name": "Malik",
        "number": "+33639980001",
        "login": "malik",
        "base_url": "http://127.0.0.1:9",
        "send_path": "/api/sendSms",
        "marker": "[Lien_Tracking]",
        "pace": 0,
    }
    assert (item["state"], item["held_reason"], item["queue"], item["uncertain"]) == ("active", "", 0, 0)
    assert "access_key" not in item
    assert "secret key" not in response.content.decode()
    assert line.callback_token not in response.content.decode()


def test_queue_and_uncertain_are_counted(agent: Api, line: Line) -> None:
    asked = [{"line": line.pk, "to": f"+3363998{n:04}", "text": "x"} for n in range(5)]
    made = agent.post("messages", {"messages": asked}).json()
    Message.objects.filter(pk=made[0]["id"]).update(state="uncertain")
    Message.objects.filter(pk=made[1]["id"]).update(state="uncertain", left_at=timezone.now())
    item = agent.get("lines").json()["items"][0]
    assert (item["queue"], item["uncertain"]) == (3, 1)


def test_list_takes_the_same_statements_for_any_length(
    agent: Api, line: Line, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    agent.get("lines")  # notes the token's use
    for count in (1, 5):
        while Line.objects.count() < count:
            other = Line(team=line.team, name=f"SIM {Line.objects.count()}", login="x", access_key="k")
            other.new_callback_token()
            other.save()
        with django_assert_num_queries(4):  # token, membership, lines, their counts
            assert len(agent.get("lines").json()["items"]) == count


def test_admin_holds_and_resumes(admin: Api, line: Line, woken: list[Any]) -> None:
    held = admin.patch(f"lines/{line.pk}", {"state": "held"}).json()
    assert (held["state"], held["held_reason"]) == ("held", "by_hand")
    assert held["held_at"]
    resumed = admin.patch(f"lines/{line.pk}", {"state": "active"}).json()
    assert (resumed["state"], resumed["held_reason"], resumed["held_at"]) == ("active", "", None)
    assert list(AuditEntry.objects.order_by("id").values_list("action", "actor")) == [
        ("line.connected", None),
        ("line.held", admin.user.pk),
        ("line.resumed", admin.user.pk),
    ]


def test_active_clears_back_off_and_circuit_of_an_active_line_too(admin: Api, line: Line) -> None:
    Line.objects.update(not_before=timezone.now(), failures=7, last_error="refused", batch_limit=3)
    item = admin.patch(f"lines/{line.pk}", {"state": "active"}).json()
    assert (item["not_before"], item["failures"], item["last_error"]) == (None, 0, "")
    line.refresh_from_db()
    assert line.batch_limit == 0


def test_settings_change_and_the_trail_tells_who(admin: Api, line: Line) -> None:
    change = {
        "name": "Bureau",
        "number": "06 39 98 10 20",
        "login": "bureau",
        "access_key": "new secret",
        "base_url": "https://gateway.example/",
        "send_path": "/sendsms.php",
        "marker": "[Link]",
        "pace": 12,
        "test_mode": True,
        "time_zone": "Indian/Reunion",
    }
    response = admin.patch(f"lines/{line.pk}", change)
    assert response.status_code == 200
    shown = change | {"number": "+33639981020", "base_url": "https://gateway.example"}
    del shown["access_key"]
    assert {key: response.json()[key] for key in shown} == shown
    line.refresh_from_db()
    assert line.access_key == "new secret"
    assert GatewayHost.objects.get().host == "gateway.example"
    entry = AuditEntry.objects.get(action="line.changed")
    assert entry.actor == admin.user
    assert "new secret" not in str(entry.detail)


def test_hours_and_budgets_are_set_and_told_with_what_is_used(admin: Api, agent: Api, line: Line) -> None:
    item = admin.get(f"lines/{line.pk}").json()
    assert {
        name: item[name] for name in ("window", "day_budget", "day_used", "month_budget", "month_used")
    } == {
        "window": None,
        "day_budget": 0,
        "day_used": None,
        "month_budget": 0,
        "month_used": None,
    }
    asked = [{"line": line.pk, "to": f"+3363998{n % 3:04}", "text": "x"} for n in range(4)]
    admin.post("messages", {"messages": asked})
    # They left today, to three people.
    Message.objects.update(state="delivered", happened_at=timezone.now())
    change = {"window": [[480, 1200]] * 5 + [None, None], "day_budget": 40, "month_budget": 200}
    response = admin.patch(f"lines/{line.pk}", change)
    assert response.status_code == 200, response.content
    item = agent.get(f"lines/{line.pk}").json()
    assert {name: item[name] for name in change} == change
    assert (item["day_used"], item["month_used"]) == (4, 3)
    assert admin.patch(f"lines/{line.pk}", {"name": "Malik"}).json()["window"] == change["window"]
    item = admin.patch(f"lines/{line.pk}", {"window": None, "day_budget": 0, "month_budget": 0}).json()
    assert (item["window"], item["day_used"], item["month_used"]) == (None, None, None)


def test_what_is_not_given_stays(admin: Api, line: Line) -> None:
    before = admin.get(f"lines/{line.pk}").json()
    assert admin.patch(f"lines/{line.pk}", {}).json() == before
    assert admin.patch(f"lines/{line.pk}", {"pace": None, "name": None}).json() == before
    line.refresh_from_db()
    assert line.access_key == "secret key"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("state", "paused"), ("state", 1), ("name", " "), ("name", "x" * 81), ("name", "a\x00"), ("number", "06"),
        ("login", ""), ("access_key", " "), ("base_url", "http://gateway.example"), ("base_url", "https://a@b.example"),
        ("base_url", "file:///etc/passwd"), ("base_url", "x"), ("send_path", "/a/../b"), ("send_path", "/a?b"),
        ("marker", ""), ("pace", -1), ("pace", "3"), ("pace", 10**9), ("test_mode", "yes"), ("test_mode", 1),
        ("time_zone", "Europe/Pari"), ("time_zone", "../../etc/passwd"), ("window", []), ("window", [[0, 1441]] * 7),
        ("window", [None] * 7), ("day_budget", -1), ("day_budget", True), ("month_budget", 10**9),
        ("month_budget", "3"), ("queue", 3), ("id", 1),
    ],
)  # fmt: skip
def test_unfit_setting_is_named_and_nothing_changes(admin: Api, line: Line, field: str, value: Any) -> None:
    before = admin.get(f"lines/{line.pk}").json()
    response = admin.patch(f"lines/{line.pk}", {"login": "other", field: value})
    assert response.status_code == 422
    assert list(response.json()["error"]["fields"]) == [field]
    assert admin.get(f"lines/{line.pk}").json() == before
    assert not GatewayHost.objects.exists()


def test_name_of_another_line_is_refused(admin: Api, line: Line) -> None:
    other = Line(team=line.team, name="Inès", login="ines", access_key="k")
    other.new_callback_token()
    other.save()
    response = admin.patch(f"lines/{other.pk}", {"name": "Malik", "state": "held"})
    assert response.status_code == 422
    other.refresh_from_db()
    assert (other.name, other.state) == ("Inès", "active")


def test_agent_reads_lines_and_changes_none(agent: Api, line: Line) -> None:
    assert agent.get("lines").status_code == 200
    response = agent.patch(f"lines/{line.pk}", {"state": "held"})
    assert response.status_code == 403
    assert response.json()["error"]["code"] == "forbidden"
    line.refresh_from_db()
    assert line.state == "active"


def test_outsider_finds_no_line(outsider: Api, line: Line) -> None:
    assert outsider.get("lines").json()["items"] == []
    assert outsider.get(f"lines/{line.pk}").status_code == 404
    assert outsider.patch(f"lines/{line.pk}", {"state": "held"}).status_code == 404
    line.refresh_from_db()
    assert line.state == "active"
