"""The form control of a custom field: what people type, checked as contacts/custom.py says."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts import custom
from contacts.fields import CUSTOM
from contacts.models import Contact, CustomField


class CustomFormField(forms.CharField):
    """Cleans to the value to store, None for nothing. A stored value that fits no more may stay as it is."""

    def __init__(self, field: CustomField, stored: custom.Value | None) -> None:
        self.field, self.stored = field, stored
        super().__init__(
            label=field.label,
            required=False,
            strip=True,
            widget=_widget(field, stored),
            initial=custom.write(stored),
        )

    def clean(self, value: Any) -> Any:
        written = super().clean(value).replace("\r\n", "\n").replace("\r", "\n")
        if self.stored is not None and written == custom.write(self.stored):
            return self.stored
        try:
            return custom.parse(self.field, written)
        except ValueError as wrong:
            raise forms.ValidationError(str(wrong)) from wrong


def controls(fields: Iterable[CustomField], contact: Contact) -> dict[str, CustomFormField]:
    """By the keys of contacts/fields.py, in the order of `fields`."""
    return {CUSTOM + each.key: CustomFormField(each, contact.custom.get(each.key)) for each in fields}


def _widget(field: CustomField, stored: custom.Value | None) -> forms.Widget:
    plain = {"autocomplete": "off"}
    match field.kind:
        case CustomField.Kind.NUMBER:
            return forms.TextInput(attrs={"inputmode": "decimal", **plain})
        case CustomField.Kind.DATE:
            # Text in browsers that don't know days: any usual writing of one is understood.
            return forms.TextInput(attrs={"type": "date", **plain})
        case CustomField.Kind.YES_NO:
            return forms.Select(choices=[("", "–"), ("yes", _("Yes")), ("no", _("No"))])
        case CustomField.Kind.CHOICE:
            offered = list(field.choices)
            if stored is not None and str(stored) not in offered:
                offered.append(str(stored))
            return forms.Select(choices=[("", "–"), *((each, each) for each in offered)])
        case _:
            lines = str(stored or "").count("\n") + 1
            if lines > 1:
                return forms.Textarea(attrs={"rows": min(lines, 8), "dir": "auto"})
            return forms.TextInput(attrs={"dir": "auto", **plain})
