"""What those who manage a team's fields write: a name, a kind, choices a line each."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from contacts.models import CustomField
from teams.models import Team

MOST_CHOICES = 200
LONGEST_CHOICE = 80


class ChoicesField(forms.CharField):
    """A choice a line, cleaned to a list without blank ones and repeats."""

    widget = forms.Textarea(attrs={"rows": 5, "dir": "auto"})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        lines = [" ".join(line.split()) for line in super().clean(value).splitlines()]
        choices = list(dict.fromkeys(line for line in lines if line))
        if long := next((each for each in choices if len(each) > LONGEST_CHOICE), None):
            raise forms.ValidationError(
                _("“%(choice)s…” is longer than %(longest)s characters."),
                params={"choice": long[:30], "longest": LONGEST_CHOICE},
            )
        if len(choices) > MOST_CHOICES:
            raise forms.ValidationError(_("At most %(most)s choices."), params={"most": MOST_CHOICES})
        return choices


class FieldForm(forms.Form):
    """A field; its kind is chosen when it is made and never changes: its values would not fit."""

    label = forms.CharField(
        label=_("Name"),
        max_length=60,
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
        error_messages={"required": _("Give it a name.")},
    )
    kind = forms.ChoiceField(label=_("Kind"), choices=CustomField.Kind.choices)
    choices = ChoicesField(
        label=_("Choices"),
        required=False,
        help_text=_("One a line. For a field of the kind “One of a list”."),
    )

    def __init__(self, *args: Any, team: Team, field: CustomField | None = None, **given: Any) -> None:
        if field is not None:
            given["initial"] = {"label": field.label, "kind": field.kind, "choices": field.choices}
        super().__init__(*args, **given)
        self.team, self.field = team, field
        if field is not None:
            del self.fields["kind"]
            if field.kind != CustomField.Kind.CHOICE:
                del self.fields["choices"]
            else:
                self.fields["choices"].help_text = _("One a line.")

    def clean_label(self) -> str:
        label = " ".join(str(self.cleaned_data["label"]).split())
        others = CustomField.objects.for_team(self.team).filter(label__iexact=label)
        if self.field is not None:
            others = others.exclude(pk=self.field.pk)
        if others.exists():
            raise forms.ValidationError(_("There is a field of this name."))
        return label

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        kind = self.field.kind if self.field else given.get("kind")
        if kind == CustomField.Kind.CHOICE and not given.get("choices") and "choices" not in self.errors:
            self.add_error("choices", _("Write what may be chosen."))
        if kind != CustomField.Kind.CHOICE:
            given["choices"] = []
        return given
