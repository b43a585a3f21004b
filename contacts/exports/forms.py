"""What an export is to hold."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.fields import Field
from contacts.models import Export


class ExportForm(forms.Form):
    format = forms.ChoiceField(
        label=_("File"), choices=Export.Format.choices, initial=Export.Format.XLSX, widget=forms.RadioSelect
    )
    columns = forms.MultipleChoiceField(
        label=_("Columns"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose one column at least.")},
    )

    def __init__(self, *args: Any, fields: list[Field], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        column: Any = self.fields["columns"]
        column.choices = [(field.key, field.label) for field in fields]
        column.initial = [field.key for field in fields]
