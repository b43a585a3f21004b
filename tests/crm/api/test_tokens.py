"""Who may call, and what every error looks like."""

import json
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from sms.models import Line
from teams.models import ApiToken, Membership, Team

from .conftest import Api


def assert_refused(client: Client) -> None:
    response = client.get("/api/v1/messages")
    assert response.status_code == 401
    assert response["WWW-Authenticate"].startswith("Bearer")
    assert set(response.json()["error"]) == {"code", "message", "fields"}


@pytest.mark.django_db
@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Bearer lgn_wrong", "Basic eDp5", "Token x", "Bearer é", "x" * 9000]
)
def test_no_living_token_is_401(header: str) -> None:
    assert_refused(Client(headers={"authorization": header}))


def test_revoked_token_is_401(agent: Api) -> None:
    ApiToken.objects.update(revoked_at=timezone.now())
    assert_refused(agent._client())


def test_token_of_someone_who_left_is_401(agent: Api) -> None:
    # Being in another team is no way back in.
    Membership.objects.filter(user=agent.user).delete()
    Membership.objects.create(user=agent.user, team=Team.objects.create(name="Elsewhere"), role="admin")
    assert_refused(agent._client())


def test_token_of_a_closed_account_is_401(agent: Api) -> None:
    agent.user.is_active = False
    agent.user.save()
    assert_refused(agent._client())


def test_signed_in_browser_is_no_token(agent: Api) -> None:
    client = Client()
    client.force_login(agent.user)
    assert_refused(client)


def test_role_is_that_of_today(admin: Api, line: Line) -> None:
    assert admin.get("callbacks").status_code == 200
    Membership.objects.update(role="agent")
    assert admin.get("callbacks").status_code == 403


def test_use_is_noted_once_a_minute(agent: Api) -> None:
    agent.get("messages")
    first = ApiToken.objects.get().last_used_at
    assert first is not None
    agent.get("messages")
    assert ApiToken.objects.get().last_used_at == first
    ApiToken.objects.update(last_used_at=first - timedelta(minutes=2))
    agent.get("messages")
    assert (ApiToken.objects.get().last_used_at or first) >= first


def test_busy_client_is_not_limited(agent: Api) -> None:
    assert {agent.get("lines").status_code for _ in range(300)} == {200}


@pytest.mark.parametrize(
    "path", ["", "v1", "v1/", "v1/nope", "v1/messages/", "v2/messages", "v1/messages/1/send"]
)
def test_unknown_address_has_the_shape(agent: Api, path: str) -> None:
    for response in (agent._client().get(f"/api/{path}"), Client().post(f"/api/{path}")):
        assert response.status_code == 404
        assert response.json()["error"] == {
            "code": "not_found",
            "message": "There is no such thing here.",
            "fields": {},
        }


def test_wrong_method_has_the_shape(agent: Api) -> None:
    response = agent._client().delete("/api/v1/messages")
    assert response.status_code == 405
    assert response.json()["error"]["code"] == "method_not_allowed"
    assert set(response["Allow"].replace(",", " ").split()) == {"GET", "POST"}


@pytest.mark.django_db
@pytest.mark.parametrize("signed_in", [False, True])
def test_reference_comes_from_this_machine_alone(agent: Api, signed_in: bool) -> None:
    client = Client()
    if signed_in:
        client.force_login(agent.user)
    response = client.get("/api/docs")
    assert response.status_code == 200
    page = response.content.decode()
    loaded = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert loaded
    assert not [address for address in loaded if "//" in address]
    assert "unsafe" not in response["Content-Security-Policy"]
    for told in (
        "/api/v1/messages",
        "Idempotency-Key",
        "/api/openapi.json",
        "send_at",
        "next_cursor",
        "list of Message",
    ):
        assert told in page


OPERATIONS = {
    "messages": "post get",
    "messages/{message_id}": "get",
    "messages/{message_id}/cancel": "post",
    "campaigns": "get post",
    "campaigns/{campaign_id}": "get patch delete",
    **{f"campaigns/{{campaign_id}}/{verb}": "post" for verb in ("start", "pause", "resume", "cancel")},
    "campaigns/{campaign_id}/recipients": "get",
    "contacts": "get post put",
    "contacts/{contact_id}": "get patch",
    "contacts/{contact_id}/timeline": "get",
    "contacts/{contact_id}/consent": "post",
    "tags": "get post",
    "tags/{tag_id}": "get patch delete",
    "lists": "get post",
    "lists/{list_id}": "get patch delete",
    "lists/{list_id}/members": "get post",
    "segments": "get post",
    "segments/preview": "post",
    "segments/{segment_id}": "get patch delete",
    "segments/{segment_id}/contacts": "get",
    "follow-ups": "get post",
    "follow-ups/{follow_up_id}": "get patch delete",
    "lines": "get",
    "lines/{line_id}": "get patch",
    "callbacks": "get",
    "callbacks/{callback_id}": "get",
    "callbacks/{callback_id}/replay": "post",
}


@pytest.mark.django_db
def test_description_names_every_operation() -> None:
    schema = json.loads(Client().get("/api/openapi.json").content)
    assert schema["openapi"].startswith("3.")
    told = {f"{method} {path}" for path, methods in schema["paths"].items() for method in methods}
    assert told == {
        f"{method} /api/v1/{path}" for path, methods in OPERATIONS.items() for method in methods.split()
    }
    post = schema["paths"]["/api/v1/messages"]["post"]
    assert "Idempotency-Key" in {parameter["name"] for parameter in post["parameters"]}
    one, several = post["requestBody"]["content"]["application/json"]["schema"]["oneOf"]
    assert set(one["required"]) == {"line", "to", "text"}
    assert "$ref" not in json.dumps(several)
