"""What people write down to do, and until when they put it off."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts.follow_ups import times
from contacts.models import FollowUp
from contacts.people.forms import colleagues
from teams.models import Team, User

# A moment that passed while one typed is no mistake.
JUST_PASSED = timedelta(minutes=5)
FURTHEST = timedelta(days=5 * 366)
_LOCAL = "%Y-%m-%dT%H:%M"


class DueField(forms.Field):
    """A `datetime-local` in the reader's zone → an aware moment. `kept` may stay though it has passed."""

    widget = forms.TextInput(attrs={"type": "datetime-local"})

    def __init__(self, **given: Any) -> None:
        super().__init__(**given)
        self.kept: datetime | None = None

    def prepare_value(self, value: Any) -> Any:
        return timezone.localtime(value).strftime(_LOCAL) if isinstance(value, datetime) else value

    def to_python(self, value: Any) -> datetime | None:
        written = str(value or "").strip()
        if not written:
            return None
        try:
            naive = datetime.fromisoformat(written)
        except ValueError as error:
            raise forms.ValidationError(_("Give a day and a time.")) from error
        if naive.tzinfo is not None:
            raise forms.ValidationError(_("Give a day and a time."))
        if self.kept is not None and self.prepare_value(self.kept) == naive.strftime(_LOCAL):
            return self.kept
        try:
            moment = times.in_zone(naive)
        except ValueError as wrong:
            raise forms.ValidationError(str(wrong)) from wrong
        now = timezone.now()
        if moment < now - JUST_PASSED:
            raise forms.ValidationError(_("That time has passed."))
        if moment > now + FURTHEST:
            raise forms.ValidationError(_("At most five years ahead."))
        return moment


class FollowUpForm(forms.Form):
    text = forms.CharField(
        label=_("What to do"),
        max_length=200,
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
        error_messages={"required": _("Write what is to be done.")},
    )
    due_at = DueField(label=_("Due"), error_messages={"required": _("Give a day and a time.")})
    owner = forms.ModelChoiceField(
        label=_("Owner"), queryset=User.objects.none(), required=False, empty_label=_("Nobody")
    )

    def __init__(self, *args: Any, team: Team, follow_up: FollowUp | None = None, **given: Any) -> None:
        if follow_up is not None:
            now = {"text": follow_up.text, "due_at": follow_up.due_at, "owner": follow_up.owner_id}
            given["initial"] = now | given.get("initial", {})
        super().__init__(*args, **given)
        owner, due = self.fields["owner"], self.fields["due_at"]
        if isinstance(owner, forms.ModelChoiceField):
            owner.queryset = colleagues(team)
        if isinstance(due, DueField) and follow_up is not None:
            due.kept = follow_up.due_at

    def clean_text(self) -> str:
        return " ".join(str(self.cleaned_data["text"]).split())


class SnoozeForm(forms.Form):
    """One of the ways of times.py by its key, or a day of one's own: that morning."""

    until = forms.CharField(required=False, max_length=10)
    day = forms.DateField(
        required=False, input_formats=["%Y-%m-%d"], error_messages={"invalid": _("Give a day.")}
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        ways = {each.key: each.until for each in times.snoozes()}
        moment = ways.get(given.get("until") or "")
        day = given.get("day")
        if moment is None and day is not None:
            if not timezone.localdate() < day <= timezone.localdate() + FURTHEST:
                raise forms.ValidationError(_("Choose a day to come."))
            moment = times.at(day)
        if moment is None:
            raise forms.ValidationError(_("Choose until when."))
        given["moment"] = moment
        return given
