"""What a job needs to stand in the tables: a team, its lines, its people, a queue."""

import secrets
from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone

from bench.payloads import PEOPLE, number_of
from contacts.people import resolve
from sms.lines.connect import NewLine, connect
from sms.models import Line, Message
from sms.models.message import new_id_sms_api
from teams.models import Team

TEXT = "Bonjour Camille, votre devis est prêt : nous pouvons passer jeudi à 14 h. Cela vous convient-il ?"


def team() -> Team:
    return Team.objects.create(name="Atelier Bréhat")


def line(team: Team, name: str, base_url: str = "http://127.0.0.1:9", send_path: str = "/0/send") -> Line:
    new = NewLine(
        name=name,
        login="user@example.com",
        access_key=secrets.token_hex(16),
        base_url=base_url,
        send_path=send_path,
        pace=0,
        accept_automation=True,
    )
    return connect(team, new, by=None)


def people(team: Team, count: int = PEOPLE) -> list[int]:
    """Contacts with the first `count` numbers of the fiction range, in the order of their numbers."""
    numbers = [number_of(each) for each in range(count)]
    found = resolve.find_or_add((team.pk, number) for number in numbers)
    return [found[team.pk, number].contact_id for number in numbers]


def messages(
    line: Line,
    contacts: list[int],
    count: int,
    state: str,
    names: Iterable[str] = (),
    lane: int = Message.Lane.API,
) -> list[Message]:
    """Outgoing messages in `state`, one a person in turn; ids as given, or new ones."""
    now: datetime = timezone.now()
    given = iter(names)
    rows = [
        Message(
            team_id=line.team_id,
            line=line,
            contact_id=contacts[index % len(contacts)],
            direction=Message.Direction.OUT,
            number=number_of(index % len(contacts)),
            text=TEXT,
            state=state,
            id_sms_api=next(given, "") or new_id_sms_api(),
            lane=lane,
            due_at=now,
            happened_at=now,
            received_at=now,
        )
        for index in range(count)
    ]
    return Message.objects.bulk_create(rows, batch_size=2000)
