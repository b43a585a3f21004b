"""What people allow and refuse, noted by programs."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from contacts.models import ConsentChange, Contact, ContactPhone, Suppression
from sms.models import Line, Message
from teams.models import Team

from .conftest import Api

GRANT = {"change": "granted", "basis": "opted_in", "source": "Salon de Rennes", "wording": "J'accepte"}


@pytest.fixture
def path(team: Team) -> str:
    contact = Contact.objects.create(team=team, first_name="Camille")
    ContactPhone.objects.create(team=team, contact=contact, number="+33639984217", is_primary=True)
    return f"contacts/{contact.pk}/consent"


def test_grant_and_withdrawal_are_the_state(agent: Api, path: str) -> None:
    at = timezone.now() - timedelta(days=3)
    told = agent.post(path, GRANT | {"happened_at": at.isoformat(), "proof": "fiche 12"})
    assert told.status_code == 201
    assert told.json()["consent"]["state"] == "opted_in"
    assert told.json()["consent"]["since"][:19] == at.isoformat()[:19]
    entry = ConsentChange.objects.get()
    assert (entry.source, entry.wording, entry.proof, entry.by) == (
        "Salon de Rennes",
        "J'accepte",
        "fiche 12",
        agent.user,
    )
    assert agent.post(path, {"change": "withdrawn"}).json()["consent"]["state"] == "withdrawn"
    assert ConsentChange.objects.get(kind="withdrawn").source == "api"
    # What was signed before it does not undo it.
    assert agent.post(path, GRANT | {"happened_at": at.isoformat()}).json()["consent"]["state"] == "withdrawn"


def test_opt_out_holds_at_once_and_can_be_undone(agent: Api, path: str, line: Line) -> None:
    sent = agent.post("messages", {"line": line.pk, "to": "+33639984217", "text": "Bonjour"}).json()
    assert (
        agent.post(path, {"change": "opt_out", "wording": "par téléphone"}).json()["opted_out_at"] is not None
    )
    assert Message.objects.get(pk=sent["id"]).state == "skipped"
    assert Suppression.objects.count() == 1
    assert agent.post(path, {"change": "opt_in"}).status_code == 422
    told = agent.post(path, {"change": "opt_in", "wording": "Elle l'a redemandé"})
    assert told.json()["opted_out_at"] is None
    assert not Suppression.objects.exists()


def test_calls(agent: Api, path: str) -> None:
    assert agent.post(path, {"change": "do_not_call"}).json()["do_not_call_at"] is not None
    later = (timezone.now() + timedelta(seconds=1)).isoformat()
    assert agent.post(path, {"change": "may_call", "happened_at": later}).json()["do_not_call_at"] is None


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"change": "forgotten"}, "change"),
        ({}, "change"),
        ({"change": "granted", "wording": "x"}, "basis"),
        ({"change": "granted", "basis": "friend", "wording": "x"}, "basis"),
        ({"change": "granted", "basis": "withdrawn", "wording": "x"}, "basis"),
        ({"change": "granted", "basis": "opted_in"}, "proof"),
        ({"change": "granted", "basis": "opted_in", "wording": " "}, "proof"),
        ({"change": "withdrawn", "basis": "opted_in"}, "basis"),
        (GRANT | {"happened_at": "2199-01-01T00:00:00Z"}, "happened_at"),
        (GRANT | {"happened_at": "2026-01-01T00:00:00"}, "happened_at"),
        (GRANT | {"happened_at": 5}, "happened_at"),
        (GRANT | {"source": ""}, "source"),
        (GRANT | {"source": "x" * 81}, "source"),
        (GRANT | {"wording": "a\x00"}, "wording"),
        (GRANT | {"proof": "\udc00"}, "proof"),
        (GRANT | {"by": 3}, "by"),
    ],
)
def test_bad_entry_is_named(agent: Api, path: str, given: dict[str, Any], field: str) -> None:
    response = agent.post(path, given)
    assert response.status_code == 422
    assert field in response.json()["error"]["fields"]
    assert not ConsentChange.objects.exists()


def test_same_key_notes_once(agent: Api, path: str) -> None:
    for _ in range(2):
        assert agent.post(path, GRANT, **{"Idempotency-Key": "k"}).status_code == 201
    assert ConsentChange.objects.count() == 1


def test_another_teams_person_is_not_there(outsider: Api, path: str) -> None:
    assert outsider.post(path, {"change": "opt_out"}).status_code == 404
    assert not ConsentChange.objects.exists()
