"""Every address of the URLconf, asked for by a visitor, an outsider and each role. A new one must be entered here."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, get_resolver, reverse
from django.utils import timezone

from contacts.models import ConsentChange, ContactPhone
from sms.models import Callback, Conversation, GatewayHost, Message, SendAttempt
from sms.sending.queue import Draft, enqueue
from teams import audit
from teams.access import Member
from teams.models import ApiToken, AuditEntry, Team
from tests.conftest import contact_of, make_line, make_member

pytestmark = pytest.mark.django_db

BACKEND = "teams.accounts.Backend"
# An outsider is an admin of another team; staff is an admin of this one who may open the administration.
ROLES = ("visitor", "outsider", "agent", "manager", "admin", "staff")

# Method, name: the status for each of ROLES. Objects of the team are 404 for an outsider; forms are posted empty.
PAGES: dict[tuple[str, str], str] = {
    ("GET", "start"): "302 302 302 302 302 302",
    ("GET", "healthz"): "200 200 200 200 200 200",
    ("GET", "readyz"): "200 200 200 200 200 200",
    ("GET", "styleguide"): "200 200 200 200 200 200",
    ("POST", "set_language"): "302 302 302 302 302 302",
    ("GET", "teams:events"): "401 200 200 200 200 200",
    ("GET", "sms:callback"): "200 200 200 200 200 200",
    # The inbox.
    ("GET", "sms:inbox"): "302 200 200 200 200 200",
    ("GET", "sms:compose"): "302 200 200 200 200 200",
    ("POST", "sms:compose"): "302 422 422 422 422 422",
    ("GET", "sms:thread"): "302 404 200 200 200 200",
    ("GET", "sms:thread-events"): "302 404 200 200 200 200",
    ("GET", "sms:send"): "405 405 405 405 405 405",
    ("POST", "sms:send"): "302 404 422 422 422 422",
    ("GET", "sms:note"): "405 405 405 405 405 405",
    ("POST", "sms:note"): "302 404 422 422 422 422",
    ("GET", "sms:assign"): "405 405 405 405 405 405",
    ("POST", "sms:assign"): "302 404 302 302 302 302",
    ("GET", "sms:message-again"): "405 405 405 405 405 405",
    ("POST", "sms:message-again"): "302 404 302 302 302 302",
    ("GET", "sms:message-leave"): "405 405 405 405 405 405",
    ("POST", "sms:message-leave"): "302 404 302 302 302 302",
    ("GET", "sms:message-cancel"): "405 405 405 405 405 405",
    ("POST", "sms:message-cancel"): "302 404 302 302 302 302",
    # People.
    ("GET", "contacts:list"): "302 200 200 200 200 200",
    ("GET", "contacts:new"): "302 200 200 200 200 200",
    ("POST", "contacts:new"): "302 422 422 422 422 422",
    ("GET", "sms:contact"): "302 404 200 200 200 200",
    ("GET", "sms:contact-opt-out"): "405 405 405 405 405 405",
    ("POST", "sms:contact-opt-out"): "302 404 422 422 422 422",
    ("GET", "sms:contact-opt-in"): "405 405 405 405 405 405",
    ("POST", "sms:contact-opt-in"): "302 404 422 422 422 422",
    ("GET", "contacts:edit"): "302 404 200 200 200 200",
    ("POST", "contacts:edit"): "302 404 302 302 302 302",
    ("GET", "contacts:number-add"): "405 405 405 405 405 405",
    ("POST", "contacts:number-add"): "302 404 422 422 422 422",
    ("GET", "contacts:number-primary"): "405 405 405 405 405 405",
    ("POST", "contacts:number-primary"): "302 404 302 302 302 302",
    ("GET", "contacts:number-remove"): "405 405 405 405 405 405",
    ("POST", "contacts:number-remove"): "302 404 302 404 404 404",  # removed once
    # Lines are an admin's.
    ("GET", "sms:lines"): "302 200 403 403 200 200",
    ("GET", "sms:line-connect"): "302 200 403 403 200 200",
    ("POST", "sms:line-connect"): "302 422 403 403 422 422",
    ("GET", "sms:line"): "302 404 403 403 200 200",
    ("POST", "sms:line"): "302 404 403 403 422 422",
    ("GET", "sms:line-test"): "302 404 403 403 200 200",
    ("POST", "sms:line-test"): "302 404 403 403 422 422",
    ("GET", "sms:line-tested"): "302 404 403 403 200 200",
    ("GET", "sms:line-hold"): "405 405 405 405 405 405",
    ("POST", "sms:line-hold"): "302 404 403 403 302 302",
    ("GET", "sms:line-resume"): "405 405 405 405 405 405",
    ("POST", "sms:line-resume"): "302 404 403 403 302 302",
    ("GET", "sms:line-new-address"): "302 404 403 403 200 200",
    ("POST", "sms:line-new-address"): "302 404 403 403 302 302",
    # Accounts: who is signed in has no business at the sign-in page.
    ("GET", "account_login"): "200 302 302 302 302 302",
    ("GET", "account_logout"): "302 200 200 200 200 200",
    ("GET", "account_signup"): "200 302 302 302 302 302",
    ("GET", "account_inactive"): "200 200 200 200 200 200",
    ("GET", "account_reauthenticate"): "302 200 200 200 200 200",
    ("GET", "account_email"): "302 200 200 200 200 200",
    ("GET", "account_email_verification_sent"): "200 200 200 200 200 200",
    ("GET", "account_confirm_email"): "200 200 200 200 200 200",
    ("GET", "account_confirm_login_code"): "302 302 302 302 302 302",
    ("GET", "account_change_password"): "302 200 200 200 200 200",
    ("GET", "account_set_password"): "302 302 302 302 302 302",
    ("GET", "account_reset_password"): "200 200 200 200 200 200",
    ("GET", "account_reset_password_done"): "200 200 200 200 200 200",
    ("GET", "account_reset_password_from_key"): "200 200 200 200 200 200",
    ("GET", "account_reset_password_from_key_done"): "200 200 200 200 200 200",
}

# The API, with the person's token.
API: dict[tuple[str, str], str] = {
    ("GET", "api:openapi-json"): "200 200 200 200 200 200",
    ("GET", "api:openapi-view"): "200 200 200 200 200 200",
    ("GET", "api:api-root"): "404 404 404 404 404 404",
    ("GET", "api-unknown"): "404 404 404 404 404 404",
    ("POST", "api:create_messages"): "401 422 422 422 422 422",
    ("GET", "api:list_messages"): "401 200 200 200 200 200",
    ("GET", "api:get_message"): "401 404 200 200 200 200",
    ("POST", "api:cancel"): "401 404 409 409 409 409",  # it failed already
    ("GET", "api:list_contacts"): "401 200 200 200 200 200",
    ("GET", "api:get_contact"): "401 404 200 200 200 200",
    ("GET", "api:contact_timeline"): "401 404 200 200 200 200",
    ("GET", "api:list_lines"): "401 200 200 200 200 200",
    ("GET", "api:get_line"): "401 404 200 200 200 200",
    ("PATCH", "api:change_line"): "401 404 403 403 200 200",
    ("GET", "api:list_callbacks"): "401 200 403 403 200 200",
    ("GET", "api:get_callback"): "401 404 403 403 200 200",
    ("POST", "api:replay"): "401 404 403 403 200 409",  # replayed by the admin a moment before
}

# The administration: staff alone. By the end of the name; which models take what stands below.
ADMIN: dict[str, str] = {
    "admin:index": "302 302 302 302 302 200",
    "admin:search": "302 302 302 302 302 200",
    "admin:app_list": "302 302 302 302 302 200",
    "admin:login": "302 403 403 403 403 302",
    "admin:logout": "302 302 302 302 302 405",
    "admin:password_change": "302 302 302 302 302 200",
    "admin:password_change_done": "302 302 302 302 302 200",
    "admin:autocomplete": "302 302 302 302 302 403",  # asked without its field
    "admin:jsi18n": "302 302 302 302 302 200",
    "admin:view_on_site": "302 302 302 302 302 404",
    "admin:auth_user_password_change": "302 302 302 302 302 200",
    "changelist": "302 302 302 302 302 200",
    "add": "302 302 302 302 302 403",
    "history": "302 302 302 302 302 200",
    "delete": "302 302 302 302 302 403",
    "change": "302 302 302 302 302 200",
}
ALLOWED = {"admin:teams_user_add", "admin:teams_team_add", "admin:sms_gatewayhost_delete"}
# Redirects of the admin to its own pages, without a name to ask by.
NAMELESS = {"admin:None"}


@dataclass
class World:
    """One object of everything that an address can name."""

    arguments: dict[str, dict[str, Any]]
    clients: dict[str, Client]
    tokens: dict[str, str]

    def ask(self, role: str, method: str, name: str) -> int:
        if not name.startswith("api"):
            return (
                self.clients[role]
                .generic(method, reverse(name, kwargs=self.arguments.get(name, {})))
                .status_code
            )
        address = (
            "/api/nowhere" if name == "api-unknown" else reverse(name, kwargs=self.arguments.get(name, {}))
        )
        headers = {"Authorization": f"Bearer {self.tokens[role]}"} if role in self.tokens else {}
        # Without the session: the token alone says who asks.
        return Client().generic(method, address, "{}", "application/json", headers=headers).status_code


def _arguments(team: Team, admin: Member) -> dict[str, dict[str, Any]]:
    line = make_line(team)
    contact = contact_of(team, "+33639984217")
    message = enqueue(team, [Draft(line=line, number="+33639984217", text="Bonjour")], by=admin.user)[0]
    Message.objects.filter(pk=message.pk).update(state=Message.State.FAILED)
    phone = ContactPhone.objects.create(team=team, contact_id=contact, number="+33639984218")
    callback = Callback.objects.create(
        team=team, line=line, query=b"x", state=Callback.State.QUARANTINED, received_at=timezone.now()
    )
    change = _consent_change(team, contact)
    audit.record(team, "line.held", line, actor=admin.user)
    pages: dict[str, dict[str, Any]] = {
        "contact": {"pk": contact}, "contact-opt-out": {"pk": contact}, "contact-opt-in": {"pk": contact},
        **{name: {"contact_id": contact} for name in ("thread", "thread-events", "send", "note", "assign")},
        **{f"message-{name}": {"message_id": message.pk} for name in ("again", "leave", "cancel")},
        **{f"line{name}": {"pk": line.pk} for name in ("", "-test", "-hold", "-resume", "-new-address")},
        "line-tested": {"pk": line.pk, "message_id": message.pk},
        "callback": {"token": line.callback_token},
    }  # fmt: skip
    rows = {
        "teams_user": admin.user.pk, "teams_team": team.pk, "teams_auditentry": _newest(AuditEntry),
        "teams_apitoken": _newest(ApiToken), "sms_line": line.pk, "sms_message": message.pk,
        "sms_callback": callback.pk,
        "sms_gatewayhost": GatewayHost.objects.create(host="gateway.example").pk,
        "sms_sendattempt": SendAttempt.objects.create(line=line, messages_count=1, duration_ms=5).pk,
        "contacts_contact": contact, "contacts_consentchange": change,
    }  # fmt: skip
    verbs = ("history", "delete", "change")
    assert Conversation.objects.filter(contact=contact).exists()
    return {
        **{f"sms:{name}": given for name, given in pages.items()},
        **{f"admin:{row}_{verb}": {"object_id": pk} for row, pk in rows.items() for verb in verbs},
        "contacts:edit": {"pk": contact},
        "contacts:number-add": {"pk": contact},
        "contacts:number-primary": {"pk": phone.pk},
        "contacts:number-remove": {"pk": phone.pk},
        "admin:app_list": {"app_label": "sms"},
        "admin:auth_user_password_change": {"id": admin.user.pk},
        "admin:view_on_site": {"content_type_id": "0", "object_id": "0"},
        "account_confirm_email": {"key": "none"},
        "account_reset_password_from_key": {"uidb36": "1", "key": "set-password"},
        "api:get_message": {"message_id": message.pk},
        "api:cancel": {"message_id": message.pk},
        "api:get_contact": {"contact_id": contact},
        "api:contact_timeline": {"contact_id": contact},
        "api:get_line": {"line_id": line.pk},
        "api:change_line": {"line_id": line.pk},
        "api:get_callback": {"callback_id": callback.pk},
        "api:replay": {"callback_id": callback.pk},
    }


def _newest(model: Any) -> int:
    return int(model.objects.latest("pk").pk)


def _consent_change(team: Team, contact: int) -> int:
    return ConsentChange.objects.create(
        team=team, contact_id=contact, kind="opt_in", source="rep", happened_at=timezone.now()
    ).pk


@pytest.fixture
def world(
    team: Team,
    admin: Member,
    manager: Member,
    agent: Member,
    outsider: Member,
    monkeypatch: pytest.MonkeyPatch,
) -> World:
    staff = make_member(team, "staff@brehat.example", "admin", "Sam Staff")
    staff.user.is_staff = staff.user.is_superuser = True
    staff.user.save()
    members = {"outsider": outsider, "agent": agent, "manager": manager, "admin": admin, "staff": staff}
    clients, tokens = {"visitor": Client()}, {}
    for role, member in members.items():
        clients[role] = Client()
        clients[role].force_login(member.user, backend=BACKEND)
        tokens[role] = ApiToken.issue(team=member.team, user=member.user, name=role)[1]
    # The stream gives its connection back; here it is the one that holds the test's transaction.
    monkeypatch.setattr("teams.views.connections.close_all", lambda: None)
    monkeypatch.setattr("crm.health._broker", lambda: "ok")
    return World(_arguments(team, admin), clients, tokens)


def _names(patterns: Any, space: str = "") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name}"
        else:
            yield from _names(
                pattern.url_patterns, space + (f"{pattern.namespace}:" if pattern.namespace else "")
            )


EVERY = sorted(set(_names(get_resolver().url_patterns)) - NAMELESS)


def _expected(name: str) -> dict[str, list[int]]:
    """Statuses by method of one address."""
    table = {method: statuses for (method, entry), statuses in (PAGES | API).items() if entry == name}
    if name.startswith("admin:"):
        statuses = ADMIN.get(name) or ADMIN.get(name.rpartition("_")[2])
        if statuses:
            table["GET"] = statuses[:-3] + "200" if name in ALLOWED else statuses
    return {method: [int(each) for each in statuses.split()] for method, statuses in table.items()}


def test_every_address_is_entered_here() -> None:
    assert [name for name in EVERY if not _expected(name)] == []
    assert sorted({name for _, name in PAGES | API} - set(EVERY)) == [], "no such address any more"


def _walk(world: World, method: str, name: str) -> str:
    """What is not as expected, in words; "" when all is."""
    expected = dict(zip(ROLES, _expected(name)[method], strict=True))
    got = {role: world.ask(role, method, name) for role in ROLES}
    return "" if got == expected else f"{method} {name}: {got}, not {expected}"


def test_looking_at_each_address_as_each_role(world: World) -> None:
    looked = [_walk(world, "GET", name) for name in EVERY if "GET" in _expected(name)]
    assert [wrong for wrong in looked if wrong] == []


@pytest.mark.parametrize(
    ("method", "name"), [(method, name) for name in EVERY for method in _expected(name) if method != "GET"]
)
def test_changing_something_as_each_role(world: World, method: str, name: str) -> None:
    assert _walk(world, method, name) == ""


def test_staff_alone_reach_pages_with_a_looser_policy(world: World) -> None:
    policies = {
        address: world.clients["staff"].get(address).headers["Content-Security-Policy"]
        for address in (reverse("admin:index"), reverse("contacts:list"))
    }
    assert "'unsafe-eval'" in policies[reverse("admin:index")]
    assert "unsafe" not in policies[reverse("contacts:list")]
    for role in ("visitor", "admin"):
        answer = world.clients[role].get(reverse("admin:index"))
        assert "unsafe" not in answer.headers["Content-Security-Policy"]
