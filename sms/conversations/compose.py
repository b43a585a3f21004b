"""Writing to a person: what the composer offers, and what becomes of what was written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts import phones
from contacts.models import Contact, ContactPhone
from sms.conversations import summary
from sms.conversations.forms import NoteForm, ReplyForm, TextForm
from sms.models import Line, Message, Note
from sms.sending.queue import Draft, enqueue
from teams import live
from teams.access import Member
from teams.idempotency import digest_of, once
from teams.templatetags.ligne import full_date


@dataclass(frozen=True)
class Composer:
    """What can be written to one person, and from where. `off` says why nothing can; "" when something can."""

    lines: list[Line]
    line: Line | None
    numbers: list[ContactPhone]
    number: ContactPhone | None
    off: str = ""
    asks_reason: bool = False
    region: str = "FR"

    @property
    def line_choices(self) -> list[tuple[int, str]]:
        """For the picker; empty when there is nothing to choose."""
        return (
            [(each.pk, line_label(each, self.region)) for each in self.lines] if len(self.lines) > 1 else []
        )

    @property
    def line_label(self) -> str:
        return line_label(self.line, self.region) if self.line else ""

    @property
    def number_choices(self) -> list[tuple[str, str]]:
        if len(self.numbers) < 2:
            return []
        return [(each.number, phones.display(each.number, self.region)) for each in self.numbers]

    @property
    def warning(self) -> str:
        """Why what is sent will wait, or ""."""
        if self.off or self.line is None or self.line.state != Line.State.HELD:
            return ""
        return _("%(line)s is held: what you send waits, and leaves when the line is resumed.") % {
            "line": self.line.name
        }


def line_label(line: Line, region: str) -> str:
    """`Malik, 06 39 98 10 20`, and that it is held."""
    label = f"{line.name}, {phones.display(line.number, region)}" if line.number else line.name
    return _("%(line)s (held)") % {"line": label} if line.state == Line.State.HELD else label


def lines_for(member: Member, usual_id: int | None) -> tuple[list[Line], Line | None]:
    """The lines one may write from, and the one that is chosen unless another is.

    Those that are active; a held one too where answers go to it, or where there is no other.
    """
    every = list(Line.objects.for_team(member.team).order_by("name", "id"))
    offered = [each for each in every if each.state == Line.State.ACTIVE or each.pk == usual_id] or every
    usual = next((each for each in offered if each.pk == usual_id), None)
    return offered, usual or (offered[0] if offered else None)


def composer_for(
    member: Member,
    contact: Contact,
    numbers: Sequence[ContactPhone],
    usual_line: int | None,
    last_from: str = "",
) -> Composer:
    """`last_from`: the number they last wrote from, which is then the one that is answered."""
    region = member.team.region
    lines, line = lines_for(member, usual_line)
    textable = [each for each in numbers if each.textable]
    # A landline is offered only to those who have nothing else.
    textable = [each for each in textable if phones.is_mobile(each.number)] or textable
    number = next((each for each in textable if each.number == last_from), textable[0] if textable else None)
    off, asks_reason = "", False
    if not lines:
        off = _("No line is connected yet: an admin connects one in the settings.")
    elif number is None and numbers:
        off = _("%(sender)s is a sender without a number: it can be read, not answered.") % {
            "sender": numbers[0].number
        }
    elif number is None:
        off = _("No number is known: add one to the contact.")
    elif contact.opted_out_at is not None:
        asks_reason = wrote_after_opt_out(contact)
        off = "" if asks_reason else opted_out_sentence(contact)
    return Composer(lines, line, textable, number, off, asks_reason, region)


def opted_out_sentence(contact: Contact) -> str:
    if contact.opted_out_at is None:
        return ""
    return _("They opted out on %(day)s. Nothing can be sent.") % {"day": full_date(contact.opted_out_at)}


def wrote_after_opt_out(contact: Contact) -> bool:
    """Who writes after their STOP may be answered, with the reason recorded."""
    return Message.objects.filter(
        contact=contact, direction=Message.Direction.IN, happened_at__gt=contact.opted_out_at
    ).exists()


def reply_form(composer: Composer, data: Any) -> ReplyForm:
    return ReplyForm(
        data,
        lines=composer.lines,
        line=composer.line,
        numbers=composer.numbers,
        number=composer.number,
        asks_reason=composer.asks_reason,
    )


def send(member: Member, form: TextForm, number: str) -> int:
    """The id of the message that this form's token makes, now or when it came first.

    `form` must be valid. Raises KeyReused when the token made another message before.
    """
    given = form.cleaned_data
    draft = Draft(
        line=given["line"],
        number=number,
        text=given["text"],
        url=given["url"],
        due_at=given["send_at"],
        override_reason=given.get("reason", ""),
    )
    # The time and the text as they were typed: what lay ahead at the first try may have passed at the second, and a
    # field may say something else.
    at = str(form.data.get("send_at", ""))
    text = given.get("typed", draft.text)
    told = {"number": number, "line": draft.line.pk, "text": text, "url": draft.url, "at": at}
    made, _new = once(
        team=member.team,
        scope=f"form:{member.user.pk}",
        key=given["key"],
        digest=_digest(told),
        make=lambda: [message.pk for message in enqueue(member.team, [draft], by=member.user)],
    )
    return made[0]


def add_note(member: Member, contact: Contact, form: NoteForm) -> int:
    """The id of the note that this form's token makes. Raises KeyReused as `send` does."""
    text = form.cleaned_data["text"]

    def make() -> list[int]:
        now = timezone.now()
        note = Note.objects.create(
            team=member.team, contact=contact, author=member.user, text=text, happened_at=now
        )
        summary.write(
            [
                summary.Touch(
                    team_id=member.team.pk,
                    contact_id=contact.pk,
                    line_id=None,
                    at=now,
                    kind="note",
                    preview=text,
                )
            ]
        )
        live.announce([member.team.pk])
        return [note.pk]

    with transaction.atomic():
        made, _new = once(
            team=member.team,
            scope=f"form:{member.user.pk}",
            key=form.cleaned_data["key"],
            digest=_digest({"note": text, "contact": contact.pk}),
            make=make,
        )
    return made[0]


def _digest(told: Mapping[str, object]) -> str:
    return digest_of("\0".join(f"{key}={value}" for key, value in told.items()).encode())
