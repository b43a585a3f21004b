"""What is written of a template. Errors are sentences beside their fields."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.utils.translation import gettext_lazy as _

from contacts.segments.forms import NameForm
from sms import merge_fields
from sms.conversations.forms import WrittenField
from sms.gateway.texts import LINK_PLACE
from sms.merge_fields.reading import LONGEST_SOURCE
from sms.models import MessageTemplate


class TemplateForm(NameForm):
    model = MessageTemplate
    taken = _("There is a template of this name.")

    text = WrittenField(LONGEST_SOURCE, label=_("Message"))
    url = forms.CharField(
        required=False,
        max_length=2000,
        label=_("Tracked link"),
        validators=[
            URLValidator(schemes=["http", "https"], message=_("Give an address that begins with https://."))
        ],
    )

    def clean_text(self) -> str:
        text = str(self.cleaned_data["text"])
        try:
            merge_fields.checked(text, self.team)
        except merge_fields.Wrong as wrong:
            raise ValidationError(str(wrong)) from wrong
        return text

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if LINK_PLACE in cleaned.get("text", "") and not cleaned.get("url") and "url" not in self.errors:
            self.add_error("url", _("The text says {link}: give the address that stands there."))
        return cleaned
