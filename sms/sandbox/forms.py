"""What the sandbox's page takes in."""

from django import forms
from django.utils.translation import gettext_lazy as _

from . import payloads, protocol
from .records import EVENTS

_EVENT_LABELS = {
    "status": _("Delivery reports"),
    "message": _("Incoming texts"),
    "clics": _("Clicks"),
    "calls": _("Calls"),
    "qualification": _("Qualifications"),
}
_FIELD = forms.TextInput(attrs={"class": "input w-full", "autocomplete": "off", "spellcheck": "false"})


class SomeoneNew(forms.Form):
    number = forms.CharField(
        label=_("Number"),
        max_length=40,
        widget=forms.TextInput(
            attrs={
                "class": "input w-full",
                "type": "tel",
                "autocomplete": "off",
                "placeholder": "06 39 98 42 17",
            }
        ),
    )
    name = forms.CharField(
        label=_("Name"),
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"class": "input w-full", "autocomplete": "off"}),
    )

    def clean_number(self) -> str:
        number = protocol.phone_of(self.cleaned_data["number"])
        if number is None:
            raise forms.ValidationError(_("This is no phone number."))
        return number


class Reports(forms.Form):
    """Where a line's events are called back, and how late. One address for all, or one each."""

    login = forms.CharField(label=_("Login"), max_length=254, widget=_FIELD)
    every = forms.CharField(
        label=_("The same address for all five"), max_length=2000, required=False, widget=_FIELD
    )
    status = forms.CharField(max_length=2000, required=False, widget=_FIELD)
    message = forms.CharField(max_length=2000, required=False, widget=_FIELD)
    clics = forms.CharField(max_length=2000, required=False, widget=_FIELD)
    calls = forms.CharField(max_length=2000, required=False, widget=_FIELD)
    qualification = forms.CharField(max_length=2000, required=False, widget=_FIELD)
    sent_after_s = forms.FloatField(
        label=_("Sent after, seconds"),
        min_value=0,
        max_value=3600,
        widget=forms.NumberInput(attrs={"class": "input w-24", "step": "any"}),
    )
    received_after_s = forms.FloatField(
        label=_("Received after, seconds"),
        min_value=0,
        max_value=3600,
        widget=forms.NumberInput(attrs={"class": "input w-24", "step": "any"}),
    )

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for event, label in _EVENT_LABELS.items():
            self.fields[event].label = label
            # The name of the parameter, as the vendor's document has it.
            self.fields[event].help_text = event

    def clean(self) -> None:
        super().clean()
        for name in ("every", *EVENTS):
            url = self.cleaned_data.get(name, "").strip()
            if url and payloads.callback_problem(url):
                self.add_error(
                    name, _("Only an http address of this machine, such as http://127.0.0.1:8000/cb/…")
                )

    def callbacks(self) -> dict[str, str]:
        every = self.cleaned_data["every"].strip()
        return {event: every or self.cleaned_data[event].strip() for event in EVENTS}
