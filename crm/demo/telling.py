"""Writes what happened with the demo's people: facts, and what follows from them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F

from contacts import phones
from contacts.models import ConsentChange, Contact
from contacts.privacy import opting
from crm.demo.happenings import Happening, In, Noted, Opened, Out, Rang
from sms import segments_of_text, tracked_link
from sms.campaigns import credits
from sms.campaigns.credits import Deed
from sms.conversations import summary
from sms.conversations.summary import Touch
from sms.models import Call, Click, Line, Message, Note, Qualification
from sms.models.message import new_id_sms_api
from teams.models import Team, User

WAS_SUBMITTED = ("submitted", "sent", "delivered")


@dataclass(frozen=True)
class Event:
    """One happening with its person and moment."""

    contact: Contact
    number: str
    at: datetime
    what: Happening


class Stories:
    """Rows of every table, gathered event by event in order of time, then written table by table.

    Stretch by stretch: what comes later must not be known to a campaign that begins in between.
    """

    def __init__(self, team: Team, line: Line, colleagues: dict[str, User], now: datetime) -> None:
        self.team, self.line, self.colleagues, self.now = team, line, colleagues, now
        self.last_link: dict[int, Message] = {}
        self.heard, self.sent = [now - timedelta(days=365)], [now - timedelta(days=365)]
        self._begin()

    def _begin(self) -> None:
        self.messages: list[Message] = []
        self.clicks: list[Click] = []
        self.calls: list[Call] = []
        self.qualifications: list[Qualification] = []
        self.notes: list[Note] = []
        self.consents: list[ConsentChange] = []
        self.touches: list[Touch] = []
        self.deeds: list[Deed] = []

    def follow(self, texts: dict[int, Message]) -> None:
        """A campaign's texts were sent: their links are the last ones that people have."""
        self.last_link |= texts
        self.sent += [text.submitted_at for text in texts.values() if text.submitted_at]

    def write(self, events: list[Event]) -> None:
        self._begin()
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
        written = Message.objects.filter(pk__in=[message.pk for message in self.messages])
        written.update(created_at=F("received_at"))
        Call.objects.bulk_create(self.calls)
        Click.objects.bulk_create(self.clicks)
        Qualification.objects.bulk_create(self.qualifications)
        Note.objects.bulk_create(self.notes)
        ConsentChange.objects.bulk_create(self.consents)
        opting.brought({change.contact_id for change in self.consents})
        summary.write(self.touches)
        summary.refresh_trouble(message.contact_id for message in self.messages)
        credits.of_clicks([click.pk for click in self.clicks])
        credits.of_deeds(self.deeds)
        credits.of_opt_outs([change.contact_id for change in self.consents])
        self.heard += [touch.at for touch in self.touches if touch.inbound]
        self.sent += [message.submitted_at for message in self.messages if message.submitted_at]

    def close(self) -> None:
        Line.objects.filter(pk=self.line.pk).update(
            last_callback_at=max(self.heard), last_submitted_at=max(self.sent)
        )

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
        if not what.stop:
            self._deed(event, credits.Kind.REPLIED)
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
        # A click on a campaign's link stays out of the inbox as the campaign does.
        if message.campaign_id is None:
            self._touch(event, "click", message.url)

    def _deed(self, event: Event, kind: str) -> None:
        """What a campaign may be credited with."""
        self.deeds.append(Deed(event.contact.pk, kind, event.at))

    def _rang(self, event: Event, what: Rang) -> None:
        call = Call(
            **self._common(event),
            direction=what.direction,
            number=event.number,
            duration_s=what.seconds,
            raw_duration=str(what.seconds),
        )
        self.calls.append(call)
        if what.direction != "outgoing" or what.seconds:
            self._deed(event, credits.Kind.CALLED)
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
            self._deed(after, credits.Kind.QUALIFIED)

    def _noted(self, event: Event, what: Noted) -> None:
        common = self._common(event)
        del common["line"]
        self.notes.append(Note(**common, author=self.colleagues[what.by], text=what.text))
        self._touch(event, "note", what.text)
