"""The form of a team's rules for campaigns."""

from typing import Any, ClassVar

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from sms import optout_words
from sms.campaigns.mention import USUAL, says_how
from sms.lines.hours import HoursField
from teams.models import Team

_PERCENT = _("Give a number from 1 to 100.")


class RulesForm(forms.ModelForm[Team]):
    commercial_window = HoursField(
        label=_("Hours of commercial texts"),
        unset=_("The usual ones: Monday to Friday 08:00 to 20:00, Saturday 10:00 to 18:00"),
        law=True,
    )
    pause_percent = forms.IntegerField(
        label=_("Failures that pause a campaign, in percent"),
        validators=[MinValueValidator(1, message=_PERCENT), MaxValueValidator(100, message=_PERCENT)],
        help_text=_("Among its last texts: those that failed, or that may not have gone out."),
        error_messages={"required": _PERCENT, "invalid": _PERCENT},
    )

    class Meta:
        model = Team
        fields = ("sender_name", "stop_mention", "commercial_window", "pause_percent")
        labels: ClassVar[dict[str, Any]] = {
            "sender_name": _("Sender's name"),
            "stop_mention": _("How to opt out"),
        }
        help_texts: ClassVar[dict[str, Any]] = {
            "sender_name": _("The name that people know you by. Empty: the team's name."),
            "stop_mention": format_lazy("{} {}", _("Empty: the usual words."), USUAL),
        }

    def clean_sender_name(self) -> str:
        return " ".join(self.cleaned_data["sender_name"].split())

    def clean_stop_mention(self) -> str:
        mention = " ".join(self.cleaned_data["stop_mention"].split())
        if mention and not says_how(mention, self.instance):
            words = ", ".join(
                sorted(each.upper() for each in (*optout_words.STOP, *self.instance.stop_words))
            )
            raise forms.ValidationError(
                _(
                    "Say in a sentence which word opts out, for example: %(usual)s Words that opt out: %(words)s."
                ),
                params={"usual": USUAL, "words": words},
            )
        return mention
