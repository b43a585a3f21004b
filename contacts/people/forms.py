"""Forms of a person and of their numbers."""

from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts import phones
from contacts.models import Contact, ContactPhone
from teams.models import Team, User

_EXAMPLE = _("Write it as 06 39 98 42 17, or with its country as +33 6 39 98 42 17.")


class NumberField(forms.CharField):
    """A phone number in any writing, cleaned to E.164. The form sets `region`."""

    region = "FR"
    widget = forms.TextInput(attrs={"type": "tel", "autocomplete": "off", "inputmode": "tel"})

    def clean(self, value: Any) -> str:
        typed: str = super().clean(value)
        if not typed:
            return ""
        number = phones.normalise(typed, self.region)
        if number is None:
            raise forms.ValidationError(
                _("%(typed)s is no phone number we know. %(example)s"),
                code="number",
                params={"typed": typed, "example": _EXAMPLE},
            )
        return number


def refuse_taken(team: Team, number: str, *, contact: Contact | None) -> None:
    """Raises a ValidationError that names and links the person who has this number already."""
    owner = ContactPhone.objects.for_team(team).select_related("contact").filter(number=number).first()
    if owner is None:
        return
    written = phones.display(number, team.region)
    if contact is not None and owner.contact_id == contact.pk:
        raise forms.ValidationError(_("%(number)s is in the list already."), params={"number": written})
    name = owner.contact.name or written
    link = format_html('<a class="link-q" href="{}">{}</a>', owner.contact.get_absolute_url(), name)
    raise forms.ValidationError(
        format_html(
            # Translators: {number} is a phone number, {person} a link to somebody else.
            gettext("{number} belongs to {person}. A number stands for one person only."),
            number=written,
            person=link,
        )
    )


class ContactForm(forms.ModelForm[Contact]):
    class Meta:
        model = Contact
        fields = ("first_name", "last_name", "company", "email", "owner")

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.team = team
        owner = self.fields["owner"]
        if isinstance(owner, forms.ModelChoiceField):
            owner.queryset = colleagues(team)
            owner.empty_label = str(_("Nobody"))

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not self.errors and not self._can_be_found(given):
            raise forms.ValidationError(_("Give a name or a number, so that this person can be found again."))
        return given

    def _can_be_found(self, given: dict[str, Any]) -> bool:
        named = any(given.get(name) for name in ("first_name", "last_name", "company"))
        if named or given.get("number"):
            return True
        return not self.instance._state.adding and self.instance.phones.exists()


class NewContactForm(ContactForm):
    """A person with their first number."""

    number = NumberField(label=_("Number"), required=False, max_length=64, help_text=_EXAMPLE)
    field_order = ("first_name", "last_name", "number", "email", "company", "owner")

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, team=team, **kwargs)
        self.fields["number"].region = team.region  # type: ignore[attr-defined]

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"]
        if number:
            refuse_taken(self.team, number, contact=None)
        return number


class NumberForm(forms.Form):
    """One more number of a person."""

    number = NumberField(label=_("Another number"), max_length=64, help_text=_EXAMPLE)

    def __init__(self, *args: Any, contact: Contact, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.contact = contact
        self.fields["number"].region = contact.team.region  # type: ignore[attr-defined]

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"]
        refuse_taken(self.contact.team, number, contact=self.contact)
        return number


def colleagues(team: Team) -> Any:
    """The people of a team who may look after somebody."""
    return User.objects.filter(memberships__team=team, is_active=True).order_by("full_name", "email")
