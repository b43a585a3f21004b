"""Forms of the wizard. Errors are sentences beside their fields."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from sms.conversations.forms import LocalMomentField
from sms.gateway.texts import LINK_PLACE
from sms.lines.forms import FASTEST
from sms.lines.hours import HoursField
from sms.merge_fields.reading import LONGEST_SOURCE
from sms.models import Campaign, Line

NAME = Campaign._meta.get_field("name").max_length


class NameForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=NAME,
        error_messages={"required": _("Give it a name, so that you find it again later.")},
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
    )


class NewForm(NameForm):
    kind = forms.ChoiceField(
        label=_("Purpose"),
        choices=Campaign.Kind.choices,
        initial=Campaign.Kind.COMMERCIAL,
        widget=forms.RadioSelect,
    )


class RestForm(forms.Form):
    days = forms.IntegerField(
        required=False,
        min_value=1,
        max_value=365,
        error_messages={
            "invalid": _("A number of days."),
            "min_value": _("At least one day, or leave it empty to leave nobody out."),
            "max_value": _("At most 365 days."),
        },
        widget=forms.NumberInput(attrs={"class": "tok-input num", "placeholder": "–"}),
    )


class MessageForm(forms.Form):
    """A draft may be empty; a message that somebody goes on with may not."""

    text = forms.CharField(label=_("Message"), required=False, strip=False, widget=forms.Textarea)
    url = forms.CharField(
        label=_("Tracked link"),
        required=False,
        max_length=2000,
        validators=[
            URLValidator(schemes=["http", "https"], message=_("Give an address that begins with https://."))
        ],
    )

    def clean_text(self) -> str:
        text = self.cleaned_data["text"].replace("\r\n", "\n").replace("\r", "\n").strip()
        if len(text) > LONGEST_SOURCE:
            raise forms.ValidationError(
                _("%(length)d characters are too many: at most %(longest)d."),
                params={"length": len(text), "longest": LONGEST_SOURCE},
            )
        return str(text)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if LINK_PLACE in given.get("text", "") and not given.get("url") and "url" not in self.errors:
            self.add_error("url", _("The text says {link}: give the address that stands there."))
        return given


LAW = _("Never from 22:00 to 08:00, on Sundays or on public holidays where the recipient is: it is the law.")


class WhenForm(forms.Form):
    """When it leaves, through which lines, and how fast. `team` and its `lines` are given."""

    at = forms.ChoiceField(
        label=_("Send"),
        choices=(("now", _("As soon as you confirm")), ("later", _("At a time"))),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose when sending begins.")},
    )
    starts_at = LocalMomentField(required=False, label=_("Day and time"))
    expires_at = LocalMomentField(
        required=False,
        label=_("No later than"),
        help_text=_("Anyone not texted by then is left out: nobody gets it the next morning."),
    )
    lines = forms.TypedMultipleChoiceField(label=_("Lines"), required=False, coerce=int)
    pace = forms.IntegerField(
        label=_("Messages a minute"),
        required=False,
        min_value=1,
        max_value=FASTEST,
        help_text=_("For all lines together. Empty: as fast as each line allows."),
    )
    credit_days = forms.IntegerField(
        label=_("Days of tracking"),
        min_value=1,
        max_value=90,
        help_text=_("A reply, a call or an opt-out within this time after the text counts for the campaign."),
    )

    def __init__(self, *args: Any, kind: str, usual: str, lines: Sequence[Line], **kwargs: Any) -> None:
        """`usual`: what counts without hours of its own, in words."""
        super().__init__(*args, **kwargs)
        commercial = kind == Campaign.Kind.COMMERCIAL
        self.fields["window"] = HoursField(
            label=_("Hours"), unset=usual, law=commercial, help_text=LAW if commercial else ""
        )
        self.of_team = {line.pk: line for line in lines}
        choice = self.fields["lines"]
        if isinstance(choice, forms.TypedMultipleChoiceField):
            choice.choices = [(line.pk, line.name) for line in lines]

    def clean_lines(self) -> list[int]:
        chosen: list[int] = self.cleaned_data["lines"]
        for each in chosen:
            if self.of_team[each].automation_accepted_at is None:
                raise forms.ValidationError(
                    _("“%(line)s” can't be chosen until an admin accepts that programs send through it."),
                    params={"line": self.of_team[each].name},
                )
        return chosen

    def clean_starts_at(self) -> datetime | None:
        at: datetime | None = self.cleaned_data["starts_at"]
        if self.cleaned_data.get("at") != "later":
            return None
        if at is None:
            raise forms.ValidationError(_("Give a day and a time."))
        return at

    def clean_expires_at(self) -> datetime | None:
        at: datetime | None = self.cleaned_data["expires_at"]
        begins = self.cleaned_data.get("starts_at")
        if at is not None and begins is not None and at <= begins:
            raise forms.ValidationError(_("Sending would stop before it begins."))
        if at is None and self.data.get("expires_at"):
            raise forms.ValidationError(_("That time has passed."))
        return at

    @property
    def values(self) -> dict[str, Any]:
        """By the columns of a campaign."""
        given = self.cleaned_data
        return {
            "starts_at": given["starts_at"],
            "expires_at": given["expires_at"],
            "window": given["window"],
            "pace": given["pace"] or 0,
            "credit_days": given["credit_days"],
        }
