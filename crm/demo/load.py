"""Writes the demo into an empty database, a few statements a table."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from contacts import phones
from contacts.models import ConsentChange, Contact, ContactPhone
from contacts.privacy import opting
from crm.demo import knowing, people
from crm.demo.happenings import Happening, In, Noted, Opened, Out, Rang
from crm.demo.stories import STORIES
from sms import segments_of_text, tracked_link
from sms.conversations import summary
from sms.conversations.summary import Touch
from sms.lines.connect import NewLine, connect
from sms.models import Call, Click, Conversation, Line, Message, Note, Qualification
from sms.models.message import new_id_sms_api
from teams.models import Membership, Team, User

WAS_SUBMITTED = ("submitted", "sent", "delivered")


@dataclass(frozen=True)
class Event:
    """One happening with its person and moment."""

    contact: Contact
    number: str
    at: datetime
    what: Happening


def load(base_url: str) -> Line:
    """Makes the demo team with its people, line and stories. The database must hold no team."""
    with transaction.atomic():
        team = Team.objects.create(name=people.TEAM, time_zone="Europe/Paris", region="FR")
        colleagues = _colleagues(team)
        line = connect(
            team,
            NewLine(
                name=people.LINE_NAME,
                login=people.LINE_LOGIN,
                access_key=people.LINE_KEY,
                base_url=base_url,
                number=people.LINE_NUMBER,
                holder=colleagues["malik"],
                pace=0,
                accept_automation=True,
            ),
            by=colleagues["malik"],
        )
        contacts = _contacts(team, colleagues)
        now = timezone.now().astimezone(ZoneInfo(team.time_zone))
        knowing.write(team, contacts, colleagues, now)
        events = sorted(_events(contacts, now), key=lambda event: event.at)
        _Stories(team, line, colleagues, now).write(events)
        for someone in people.PEOPLE:
            if someone.assignee:
                Conversation.objects.filter(contact=contacts[someone.key]).update(
                    assignee=colleagues[someone.assignee]
                )
    return line


def _colleagues(team: Team) -> dict[str, User]:
    # One hash for the three: hashing is slow by design, and the password is printed anyway.
    password = make_password(people.PASSWORD)
    users = User.objects.bulk_create(
        User(
            email=each.email,
            full_name=each.name,
            password=password,
            is_staff=each.role == "admin",
            is_superuser=each.role == "admin",
        )
        for each in people.COLLEAGUES
    )
    Membership.objects.bulk_create(
        Membership(team=team, user=user, role=each.role)
        for each, user in zip(people.COLLEAGUES, users, strict=True)
    )
    return {each.key: user for each, user in zip(people.COLLEAGUES, users, strict=True)}


def _contacts(team: Team, colleagues: dict[str, User]) -> dict[str, Contact]:
    now = timezone.now()
    rows = Contact.objects.bulk_create(
        Contact(
            team=team,
            first_name=each.first,
            last_name=each.last,
            company=each.company,
            email=each.email,
            owner=colleagues.get(each.owner),
        )
        for each in people.PEOPLE
    )
    for row, each in zip(rows, people.PEOPLE, strict=True):
        row.created_at = now - timedelta(days=each.known_for)
    # bulk_create sets these to now.
    Contact.objects.bulk_update(rows, ["created_at"])
    ContactPhone.objects.bulk_create(
        ContactPhone(
            team=team,
            contact=row,
            number=number,
            textable=phones.E164.fullmatch(number) is not None,
            is_primary=place == 0,
        )
        for row, each in zip(rows, people.PEOPLE, strict=True)
        for place, number in enumerate(each.numbers)
    )
    return {each.key: row for row, each in zip(rows, people.PEOPLE, strict=True)}


def _events(contacts: dict[str, Contact], now: datetime) -> Iterator[Event]:
    numbers = {each.key: each.numbers[0] for each in people.PEOPLE}
    for key, story in STORIES.items():
        for what in story:
            yield Event(contacts[key], numbers[key], what.at(now), what)


class _Stories:
    """Rows of every table, gathered event by event in order of time, then written table by table."""

    def __init__(self, team: Team, line: Line, colleagues: dict[str, User], now: datetime) -> None:
        self.team, self.line, self.colleagues, self.now = team, line, colleagues, now
        self.messages: list[Message] = []
        self.clicks: list[Click] = []
        self.calls: list[Call] = []
        self.qualifications: list[Qualification] = []
        self.notes: list[Note] = []
        self.consents: list[ConsentChange] = []
        self.touches: list[Touch] = []
        self.last_link: dict[int, Message] = {}

    def write(self, events: list[Event]) -> None:
        for event in events:
            match event.what:
                case Out():
                    self._out(event, event.what)
                case In():
                    self._in(event, event.what)
                case Opened():
                    self._opened(event, event.what)
                case Rang():
                    self._rang(event, event.what)
                case Noted():
                    self._noted(event, event.what)
        Message.objects.bulk_create(self.messages)
        Message.objects.for_team(self.team).update(created_at=F("received_at"))
        Call.objects.bulk_create(self.calls)
        Click.objects.bulk_create(self.clicks)
        Qualification.objects.bulk_create(self.qualifications)
        Note.objects.bulk_create(self.notes)
        ConsentChange.objects.bulk_create(self.consents)
        opting.brought({change.contact_id for change in self.consents})
        summary.write(self.touches)
        summary.refresh_trouble(message.contact_id for message in self.messages)
        heard = max(touch.at for touch in self.touches if touch.inbound)
        sent = max(message.submitted_at for message in self.messages if message.submitted_at)
        Line.objects.filter(pk=self.line.pk).update(last_callback_at=heard, last_submitted_at=sent)

    def _common(self, event: Event) -> dict[str, object]:
        return {
            "team": self.team,
            "line": self.line,
            "contact": event.contact,
            "happened_at": event.at,
            "received_at": event.at,
        }

    def _touch(
        self, event: Event, kind: str, preview: str, *, inbound: bool = False, unread: bool = False,
        waits: bool = False, answers: bool = False, at: datetime | None = None,
    ) -> None:  # fmt: skip
        self.touches.append(
            Touch(
                team_id=self.team.pk,
                contact_id=event.contact.pk,
                line_id=self.line.pk,
                at=at or event.at,
                kind=kind,
                preview=preview,
                inbound=inbound,
                unread=unread,
                waits=waits,
                answers=answers,
            )
        )

    def _out(self, event: Event, what: Out) -> None:
        at = event.at
        written_at = what.written(self.now) if what.written else at
        message = Message(
            **self._common(event) | {"received_at": written_at},
            direction=Message.Direction.OUT,
            number=event.number,
            text=what.text,
            url=what.url,
            state=what.state,
            state_reason=what.reason,
            id_sms_api=new_id_sms_api(),
            segments=segments_of_text.count(tracked_link.as_counted(what.text, what.url)).segments,
            due_at=at,
            created_by=self.colleagues[what.by],
            attempts=0 if what.state == "queued" else 1,
        )
        if what.state in WAS_SUBMITTED:
            message.submitted_at = at + timedelta(milliseconds=400)
        if what.state in ("sent", "delivered"):
            message.sent_at = at + timedelta(seconds=2)
        if what.state == "delivered":
            message.delivered_at = at + timedelta(seconds=5)
        self.messages.append(message)
        if what.url:
            self.last_link[event.contact.pk] = message
        preview = tracked_link.as_read(what.text, what.url)
        self._touch(event, "out", preview, answers=what.state != "failed", at=written_at)

    def _in(self, event: Event, what: In) -> None:
        self.messages.append(
            Message(
                **self._common(event),
                direction=Message.Direction.IN,
                number=event.number,
                text=what.text,
                state=Message.State.RECEIVED,
                due_at=event.at,
            )
        )
        textable = phones.E164.fullmatch(event.number) is not None
        kind, waits = ("stop", False) if what.stop else ("in", textable)
        self._touch(event, kind, what.text, inbound=True, unread=what.unread, waits=waits)
        if what.stop:
            Contact.objects.filter(pk=event.contact.pk).update(opted_out_at=event.at)
            self.consents.append(
                ConsentChange(
                    team=self.team,
                    contact=event.contact,
                    kind=ConsentChange.Kind.OPT_OUT,
                    source="sms",
                    wording=what.text,
                    happened_at=event.at,
                )
            )

    def _opened(self, event: Event, what: Opened) -> None:
        message = self.last_link[event.contact.pk]
        if what.doubtful:
            event = Event(event.contact, event.number, event.at + timedelta(seconds=8), what)
        self.clicks.append(
            Click(
                **self._common(event),
                message=message,
                id_sms_api=message.id_sms_api,
                link=message.url,
                doubtful=what.doubtful,
            )
        )
        self._touch(event, "click", message.url)

    def _rang(self, event: Event, what: Rang) -> None:
        call = Call(
            **self._common(event),
            direction=what.direction,
            number=event.number,
            duration_s=what.seconds,
            raw_duration=str(what.seconds),
        )
        self.calls.append(call)
        missed = what.direction == "missed"
        self._touch(
            event,
            what.direction,
            str(what.seconds),
            inbound=what.direction != "outgoing",
            unread=what.unread,
            waits=missed,
            answers=not missed and what.seconds > 0,
        )
        if what.noted:
            after = Event(event.contact, event.number, event.at + timedelta(seconds=what.seconds + 90), what)
            self.qualifications.append(
                Qualification(
                    **self._common(after), call=call, source=what.source, text=what.noted, number=event.number
                )
            )
            self._touch(after, "qualification", what.noted)

    def _noted(self, event: Event, what: Noted) -> None:
        common = self._common(event)
        del common["line"]
        self.notes.append(Note(**common, author=self.colleagues[what.by], text=what.text))
        self._touch(event, "note", what.text)
