"""People with a history, as the callbacks and the queue would have written it."""

from datetime import datetime, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from contacts.models import Contact
from sms.conversations import summary
from sms.models import Call, Line, Message
from sms.models.message import new_id_sms_api
from teams.access import Member
from tests.conftest import contact_of

BACKEND = "teams.accounts.Backend"
HTMX = {"HX-Request": "true"}


def browser(member: Member) -> Client:
    """A browser in which `member` is signed in."""
    client = Client()
    client.force_login(member.user, backend=BACKEND)
    return client


@pytest.fixture
def camille(line: Line) -> Contact:
    """A contact with a name and a conversation: she wrote 14 minutes ago and waits."""
    contact = Contact.objects.get(pk=contact_of(line.team, "+33639984217"))
    contact.first_name, contact.last_name = "Camille", "Aubertin"
    contact.save()
    receive(line, contact, "Vous pouvez passer jeudi ?", ago=timedelta(minutes=14))
    return contact


def receive(line: Line, contact: Contact, text: str, ago: timedelta = timedelta()) -> Message:
    at = timezone.now() - ago
    message = Message.objects.create(
        team=line.team,
        line=line,
        contact=contact,
        direction=Message.Direction.IN,
        number=contact.phones.first().number,  # type: ignore[union-attr]
        text=text,
        state=Message.State.RECEIVED,
        happened_at=at,
        received_at=at,
    )
    _touch(line, contact, at, "in", text, inbound=True, unread=True, waits=True)
    return message


def written(
    line: Line, contact: Contact, text: str, state: str, ago: timedelta = timedelta(), **more: object
) -> Message:
    at = timezone.now() - ago
    message = Message.objects.create(
        team=line.team,
        line=line,
        contact=contact,
        direction=Message.Direction.OUT,
        number=contact.phones.first().number,  # type: ignore[union-attr]
        text=text,
        state=state,
        id_sms_api=new_id_sms_api(),
        happened_at=at,
        received_at=at,
        **more,
    )
    _touch(line, contact, at, "out", text, answers=True)
    summary.refresh_trouble([contact.pk])
    return message


def rang(
    line: Line, contact: Contact, direction: str, seconds: int | None, ago: timedelta = timedelta()
) -> Call:
    at = timezone.now() - ago
    call = Call.objects.create(
        team=line.team,
        line=line,
        contact=contact,
        direction=direction,
        duration_s=seconds,
        happened_at=at,
        received_at=at,
    )
    missed = direction == Call.Direction.MISSED
    _touch(line, contact, at, direction, str(seconds or ""), inbound=True, unread=missed, waits=missed)
    return call


def _touch(line: Line, contact: Contact, at: datetime, kind: str, preview: str, **flags: bool) -> None:
    touch = summary.Touch(
        team_id=line.team_id,
        contact_id=contact.pk,
        line_id=line.pk,
        at=at,
        kind=kind,
        preview=preview,
        **flags,
    )
    summary.write([touch])
