"""What people write: a reply, a note, a first message to somebody. Errors are sentences."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.follow_ups import times
from contacts.models import ContactPhone
from sms.gateway.texts import LINK_PLACE
from sms.models import Line

LONGEST_TEXT = 1600
LONGEST_NOTE = 5000
# A moment that passed while one typed still means "now".
JUST_PASSED = timedelta(minutes=5)
FURTHEST = timedelta(days=366)


class KeyField(forms.CharField):
    """The form's token: one message a token, however often it arrives. Made anew where a client sent none."""

    def __init__(self) -> None:
        super().__init__(required=False, max_length=64, widget=forms.HiddenInput)

    def clean(self, value: Any) -> str:
        return super().clean(value) or new_key()


def new_key() -> str:
    return uuid4().hex


class WrittenField(forms.CharField):
    """Words of a person: line ends as `\\n`, no blank ends, never empty."""

    def __init__(self, longest: int, **given: Any) -> None:
        super().__init__(
            error_messages={"required": _("Write something first.")}, widget=forms.Textarea, **given
        )
        self.longest = longest

    def to_python(self, value: Any) -> str:
        return (super().to_python(value) or "").replace("\r\n", "\n").replace("\r", "\n").strip()

    def validate(self, value: str) -> None:
        super().validate(value)
        if len(value) > self.longest:
            raise ValidationError(
                _("%(length)d characters are too many: at most %(longest)d."),
                params={"length": len(value), "longest": self.longest},
            )


class LocalMomentField(forms.Field):
    """A `datetime-local` in the reader's zone → an aware moment, or None for "now"."""

    def to_python(self, value: Any) -> datetime | None:
        written = str(value or "").strip()
        if not written:
            return None
        try:
            naive = datetime.fromisoformat(written)
        except ValueError as error:
            raise ValidationError(_("Give a day and a time.")) from error
        if naive.tzinfo is not None:
            raise ValidationError(_("Give a day and a time."))
        moment = _in_zone(naive)
        now = timezone.now()
        if moment < now - JUST_PASSED:
            raise ValidationError(_("That time has passed."))
        if moment > now + FURTHEST:
            raise ValidationError(_("At most a year ahead."))
        return moment if moment > now else None


def _in_zone(naive: datetime) -> datetime:
    """`naive` in the active zone; of an hour that comes twice, the first. Raises for one that never comes."""
    try:
        return times.in_zone(naive)
    except ValueError as wrong:
        raise ValidationError(str(wrong)) from wrong


class TextForm(forms.Form):
    """The fields of every text that leaves."""

    key = KeyField()
    text = WrittenField(LONGEST_TEXT, label=_("Message"))
    url = forms.CharField(
        required=False,
        max_length=2000,
        label=_("Tracked link"),
        validators=[
            URLValidator(schemes=["http", "https"], message=_("Give an address that begins with https://."))
        ],
    )
    send_at = LocalMomentField(required=False, label=_("Send later, at"))
    line = forms.IntegerField(
        required=False, error_messages={"invalid": _("Choose the line that it leaves from.")}
    )

    def __init__(
        self,
        data: Any,
        *,
        lines: Sequence[Line],
        line: Line | None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        self.lines = {each.pk: each for each in lines}
        self.usual_line = line

    def clean_line(self) -> Line:
        wanted = self.cleaned_data["line"]
        found = self.lines.get(wanted) if wanted is not None else self.usual_line
        if found is None:
            raise ValidationError(_("Choose the line that it leaves from."))
        return found

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if LINK_PLACE in cleaned.get("text", "") and not cleaned.get("url") and "url" not in self.errors:
            self.add_error("url", _("The text says {link}: give the address that stands there."))
        return cleaned


class ReplyForm(TextForm):
    """An answer to a person. `asks_reason`: they opted out and wrote again, so the reason is recorded."""

    to = forms.CharField(required=False, max_length=200)
    reason = forms.CharField(required=False, max_length=200, label=_("Why you answer"))

    def __init__(
        self,
        data: Any,
        *,
        lines: Sequence[Line],
        line: Line | None,
        numbers: Sequence[ContactPhone],
        number: ContactPhone | None,
        asks_reason: bool,
    ) -> None:
        super().__init__(data, lines=lines, line=line)
        self.numbers = {each.number: each for each in numbers}
        self.usual_number = number
        self.asks_reason = asks_reason

    def clean_to(self) -> str:
        wanted = self.cleaned_data["to"]
        found = self.numbers.get(wanted) if wanted else self.usual_number
        if found is None or not found.textable:
            raise ValidationError(_("Choose one of their numbers."))
        return found.number

    def clean_reason(self) -> str:
        reason = " ".join(str(self.cleaned_data["reason"]).split())
        if not self.asks_reason:
            return ""
        if not reason:
            raise ValidationError(_("They opted out. Say why you answer; it is kept with the message."))
        return reason


class NoteForm(forms.Form):
    key = KeyField()
    text = WrittenField(LONGEST_NOTE, label=_("Note"))


class FirstForm(TextForm):
    """A message to a number or to a person, by their name."""

    to = forms.CharField(
        max_length=200, label=_("To"), error_messages={"required": _("Say to whom: a number or a name.")}
    )


class AssignForm(forms.Form):
    """Whose conversation it is; empty for nobody's."""

    assignee = forms.IntegerField(required=False)
