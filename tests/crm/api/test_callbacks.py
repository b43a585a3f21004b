"""Raw callbacks and their replay: for admins."""

from collections.abc import Callable

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from sms.callbacks import apply
from sms.models import Callback, Line, Message
from teams.models import AuditEntry, Team

from .conftest import Api

QUERY = b'message={"title":"incoming_sms","from":"+33639984217","content":"Oui%20%C3%A9"}&x=\xe9 \x00'


@pytest.fixture
def callback(line: Line) -> Callback:
    return Callback.objects.create(
        team=line.team,
        line=line,
        query=QUERY,
        state="quarantined",
        detail="no JSON",
        received_at=timezone.now(),
    )


def test_callback_is_told_as_it_came(admin: Api, line: Line, callback: Callback) -> None:
    page = admin.get("callbacks", state="quarantined").json()
    assert page["next_cursor"] is None
    assert page["items"] == [admin.get(f"callbacks/{callback.pk}").json()]
    item = page["items"][0]
    assert item["query"] == (
        'message={"title":"incoming_sms","from":"+33639984217","content":"Oui%20%C3%A9"}&x=%E9%20%00'
    )
    assert {
        key: item[key] for key in ("id", "state", "detail", "line", "parked_for", "part_of", "applied_at")
    } == {
        "id": callback.pk,
        "state": "quarantined",
        "detail": "no JSON",
        "line": line.pk,
        "parked_for": "",
        "part_of": None,
        "applied_at": None,
    }


def test_list_by_state_page_by_page(
    admin: Api, line: Line, callback: Callback, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for state in ("received", "applied", "parked", "applied"):
        Callback.objects.create(
            team=line.team, line=line, query=b"a", state=state, received_at=timezone.now()
        )
    page = admin.get("callbacks", limit=3).json()
    rest = admin.get("callbacks", limit=3, cursor=page["next_cursor"]).json()
    ids = [item["id"] for item in page["items"] + rest["items"]]
    assert ids == sorted(Callback.objects.values_list("pk", flat=True), reverse=True)
    assert rest["next_cursor"] is None
    with django_assert_num_queries(3):  # token, membership, callbacks
        assert len(admin.get("callbacks", state="applied").json()["items"]) == 2
    assert admin.get("callbacks", state="lost").status_code == 422


def test_replay_applies_what_can_be_understood_now(
    admin: Api, line: Line, callback: Callback, woken: list[tuple[str, tuple[int, ...]]],
    django_capture_on_commit_callbacks: Callable[..., object],
) -> None:  # fmt: skip
    callback.query = b'message={"title":"incoming_sms","from":"+33639984217","message":"Oui","date":""}'
    callback.save()
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        response = admin.post(f"callbacks/{callback.pk}/replay")
    assert response.status_code == 200
    assert response.json()["state"] == "received"
    assert ("sms.tasks.callbacks_apply", ()) in woken
    assert AuditEntry.objects.filter(action="callback.replayed", actor=admin.user).exists()
    apply.drain()
    assert admin.get(f"callbacks/{callback.pk}").json()["state"] == "applied"
    assert Message.objects.get().text == "Oui"


@pytest.mark.parametrize("state", ["received", "applied"])
def test_what_is_not_stuck_is_not_replayed(admin: Api, callback: Callback, state: str) -> None:
    Callback.objects.update(state=state)
    response = admin.post(f"callbacks/{callback.pk}/replay")
    assert response.status_code == 409
    assert response.json()["error"]["code"] == "not_replayable"


@pytest.mark.parametrize("role", ["agent", "manager"])
def test_only_admins(join: Callable[[Team, str], Api], team: Team, callback: Callback, role: str) -> None:
    member = join(team, role)
    assert member.get("callbacks").status_code == 403
    assert member.get(f"callbacks/{callback.pk}").status_code == 403
    assert member.post(f"callbacks/{callback.pk}/replay").status_code == 403
    assert Callback.objects.get().state == "quarantined"


def test_outsider_finds_nothing(outsider: Api, callback: Callback) -> None:
    assert outsider.get("callbacks").json()["items"] == []
    assert outsider.get(f"callbacks/{callback.pk}").status_code == 404
    assert outsider.post(f"callbacks/{callback.pk}/replay").status_code == 404
    assert Callback.objects.get().state == "quarantined"
