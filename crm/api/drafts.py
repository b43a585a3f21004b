"""From what a program asked for to drafts for the queue."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any
from urllib.parse import urlsplit

import pydantic
from django.db.models import Q
from django.utils import timezone

from contacts import phones
from contacts.people import resolve
from crm.api import visible
from crm.api.bodies import Asked, Text, aware, storable
from crm.api.errors import ApiError, Invalid
from crm.api.pages import LARGEST_ID
from sms.models import Line, Message
from sms.sending.queue import Draft
from teams.access import Member

LONGEST_TEXT = 1600
LONGEST_URL = 2000
MOST = 1000
# Whoever writes a date years ahead mistook its form.
FURTHEST = timedelta(days=366)


def _line(value: Any) -> int | str:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip():
        return storable(value).strip()
    raise ValueError("Give the line's id, or its name.")


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("The text is blank.")
    return text


def web_address(url: str) -> str:
    """A tracked link, or "". Raises ValueError."""
    if not url:
        return url
    try:
        parts = urlsplit(url)
        fit = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        fit = False
    if not fit or not all(each.isprintable() and not each.isspace() for each in url):
        raise ValueError("Give an address that begins with https:// or http://.")
    return url


def _moment(text: str) -> datetime:
    at, now = aware(text), timezone.now()
    if at > now + FURTHEST:
        raise ValueError(f"The time is more than {FURTHEST.days} days ahead.")
    return max(at, now).astimezone(UTC)


class MessageAsked(Asked):
    """One message to send."""

    line: Annotated[
        int | str,
        pydantic.PlainValidator(_line),
        pydantic.WithJsonSchema(
            {"anyOf": [{"type": "integer"}, {"type": "string"}], "description": "The line's id, or its name."}
        ),
    ]
    to: Annotated[Text, pydantic.Field(description="A phone number, in any usual writing.")]
    text: Annotated[
        Text,
        pydantic.Field(
            max_length=LONGEST_TEXT, description="`{link}` marks the place of `url`; without it, the end."
        ),
        pydantic.AfterValidator(_not_blank),
    ]
    url: Annotated[
        Text | None,
        pydantic.Field(
            max_length=LONGEST_URL, description="An address whose opening is reported: a tracked link."
        ),
        pydantic.AfterValidator(lambda url: web_address(url or "")),
    ] = None
    send_at: Annotated[
        Annotated[Text, pydantic.AfterValidator(_moment)] | None,
        pydantic.WithJsonSchema(
            {
                "anyOf": [{"type": "string", "format": "date-time"}, {"type": "null"}],
                "description": "Not before; with an offset. What is past, or nothing: now.",
            }
        ),
    ] = None
    priority: Annotated[
        Annotated[int, pydantic.Strict(), pydantic.Field(ge=0, le=2)] | None,
        pydantic.Field(
            description="0 low, 1 normal (when not given), 2 high: leaves before what waits with the others."
        ),
    ] = None


class MessagesAsked(Asked):
    """Several messages: all are made, or none."""

    messages: Annotated[list[MessageAsked], pydantic.Field(min_length=1, max_length=MOST)]


def drafts_of(member: Member, asked: Sequence[MessageAsked], place: Callable[[int, str], str]) -> list[Draft]:
    """A draft for each; 422 that names every line and number that can't be used, by `place(index, field)`."""
    lines = LinesOfTeam(member, [each.line for each in asked])
    wrong: dict[str, str] = {}
    drafts: list[Draft] = []
    for index, each in enumerate(asked):
        line = lines.find(each.line)
        number = phones.normalise(each.to, member.team.region)
        if line is None:
            wrong[place(index, "line")] = "The team has no such line."
        if number is None:
            wrong[place(index, "to")] = "This is no phone number."
        if line is not None and number is not None:
            drafts.append(
                Draft(
                    line=line,
                    number=number,
                    text=each.text,
                    url=each.url or "",
                    due_at=each.send_at,  # type: ignore[arg-type]  # its validator made it a moment
                    lane=_lane(each.priority),
                    priority=Message.Priority.NORMAL if each.priority is None else each.priority,
                )
            )
    if wrong:
        raise Invalid(wrong)
    _refuse_hidden(member, drafts, place)
    return drafts


def _lane(priority: int | None) -> Message.Lane:
    """What a program calls urgent goes with what people write by hand, before all that programs queued."""
    return Message.Lane.CONVERSATION if priority == Message.Priority.HIGH else Message.Lane.API


class LinesOfTeam:
    """The lines that some messages name, by id or by name. One statement."""

    def __init__(self, member: Member, named: Sequence[int | str]) -> None:
        names = {each for each in named if isinstance(each, str)}
        ids = {each for each in named if isinstance(each, int)} | {
            int(name) for name in names if name.isascii() and name.isdigit() and len(name) < 20
        }
        known = Line.objects.for_team(member.team).filter(
            Q(pk__in=[each for each in ids if 0 < each <= LARGEST_ID]) | Q(name__in=names)
        )
        self.by_id = {line.pk: line for line in known}
        self.by_name = {line.name: line for line in self.by_id.values()}

    def find(self, named: int | str) -> Line | None:
        if isinstance(named, int):
            return self.by_id.get(named)
        if named in self.by_name:
            return self.by_name[named]
        return self.by_id.get(int(named)) if named.isascii() and named.isdigit() and len(named) < 20 else None


def _refuse_hidden(member: Member, drafts: Sequence[Draft], place: Callable[[int, str], str]) -> None:
    """An agent who sees only their own conversations writes in no other one."""
    if not member.sees_only_own:
        return
    people = resolve.find((member.team.pk, draft.number) for draft in drafts)
    hidden = visible.hidden(member, {person.contact_id for person in people.values()})
    wrong = {}
    for index, draft in enumerate(drafts):
        person = people.get((member.team.pk, draft.number))
        if person is not None and person.contact_id in hidden:
            wrong[place(index, "to")] = "A colleague looks after this person."
    if wrong:
        raise ApiError(403, "forbidden", "Some of these people are a colleague's.", wrong)
