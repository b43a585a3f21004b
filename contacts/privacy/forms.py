"""What a colleague fills in about what somebody allows, and what an admin confirms."""

from datetime import datetime, time
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from contacts import phones
from contacts.models import Contact
from contacts.people.forms import NumberField
from teams.models import Team

# The first telephones that could be texted.
EARLIEST = datetime(1990, 1, 1).date()  # noqa: DTZ001 - a day has no zone


class DayField(forms.DateField):
    """A day up to today. `moment` makes of it when it happened: now for today, else the middle of that day."""

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")

    def __init__(self, **given: Any) -> None:
        given.setdefault("label", _("When"))
        given.setdefault("initial", timezone.localdate)
        given.setdefault("input_formats", ["%Y-%m-%d", "%d/%m/%Y"])
        given.setdefault("error_messages", {"invalid": _("Write the day as 31/12/2026.")})
        super().__init__(**given)

    def clean(self, value: Any) -> Any:
        day = super().clean(value)
        if day is not None and day > timezone.localdate():
            raise forms.ValidationError(_("This day is still to come."), code="future")
        if day is not None and day < EARLIEST:
            raise forms.ValidationError(_("This day is too long ago."), code="past")
        return day


class _Dated(forms.Form):
    def moment(self) -> datetime:
        """When it happened, aware."""
        day = self.cleaned_data["day"]
        if day == timezone.localdate():
            return timezone.now()
        return timezone.make_aware(datetime.combine(day, time(12)))


class GrantForm(_Dated):
    """On what ground commercial texts may be sent to somebody, and what shows it."""

    basis = forms.ChoiceField(
        label=_("Ground"),
        choices=[
            (Contact.Consent.OPTED_IN.value, _("Opted in: they agreed to commercial texts")),
            (Contact.Consent.CUSTOMER.value, _("Customer: texts about what they bought, or alike")),
            (Contact.Consent.PROFESSIONAL.value, _("Professional: texts about their profession")),
        ],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the ground."), "invalid_choice": _("Choose the ground.")},
    )
    source = forms.CharField(
        label=_("Where it comes from"),
        max_length=80,
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
        help_text=_("A form, a fair, an order: what a colleague can look up."),
    )
    wording = forms.CharField(
        label=_("The words they agreed to"),
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )
    proof = forms.CharField(
        label=_("Proof"),
        max_length=1000,
        required=False,
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
        help_text=_("An address, the name of a file, or where the paper is kept."),
    )
    day = DayField()

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not given.get("wording") and not given.get("proof") and "wording" not in self.errors:
            self.add_error("wording", _("Give the words, or a proof: without either nobody can show it."))
        return given


class WordsForm(_Dated):
    """What somebody said: a withdrawal, an opt-out, a change of mind, a word about calls."""

    said = forms.CharField(
        label=_("What they said, and where"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        help_text=_("Kept as the proof, with your name and the time."),
    )
    day = DayField()


class EraseForm(forms.Form):
    """The name or a number of the person, typed: nobody erases by a slip of the hand."""

    typed = forms.CharField(
        label=_("Name or number"),
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
        error_messages={"required": _("Type it, so that nobody is erased by mistake.")},
    )

    def __init__(self, *args: Any, contact: Contact, **given: Any) -> None:
        super().__init__(*args, **given)
        self.contact = contact

    def clean_typed(self) -> str:
        typed = " ".join(str(self.cleaned_data["typed"]).split())
        names = {self.contact.name.casefold()} - {""}
        numbers = {phone.number for phone in self.contact.phones.all()}
        number = phones.normalise(typed, self.contact.team.region) or typed
        alone = not names and not numbers and typed == str(self.contact.pk)
        if typed.casefold() not in names and number not in numbers and not alone:
            raise forms.ValidationError(_("This is neither their name nor one of their numbers."))
        return typed


class RetentionForm(forms.ModelForm[Team]):
    class Meta:
        model = Team
        fields = ("retention_months",)

    retention_months = forms.IntegerField(
        label=_("Months of silence"),
        validators=[MinValueValidator(1), MaxValueValidator(600)],
        help_text=_("36 is what the CNIL recommends for prospects."),
        error_messages={"required": _("Give a number of months."), "invalid": _("Give a number of months.")},
    )


class KeepForm(forms.Form):
    reason = forms.CharField(
        label=_("Why they are kept"),
        max_length=300,
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
        error_messages={"required": _("Say why: it is shown when they are proposed again.")},
    )


class LiftForm(forms.Form):
    """A number that may be texted again, on an admin's word."""

    number = NumberField(label=_("Number"), max_length=64)
    reason = forms.CharField(
        label=_("Why it is lifted"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
        help_text=_("Only on the word of the person who has the number. Kept in the audit trail."),
        error_messages={"required": _("Say why.")},
    )

    def __init__(self, *args: Any, team: Team, **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["number"].region = team.region  # type: ignore[attr-defined]
