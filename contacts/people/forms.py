"""Forms of a person and of their numbers."""

from typing import Any

from django import forms
from django.db.models.functions import Lower
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from contacts import phones
from contacts.custom_fields import controls
from contacts.languages import LANGUAGES
from contacts.models import Contact, ContactPhone, CustomField, Tag
from contacts.models.unaccent import Unaccent
from contacts.tags import tagging
from teams.models import Team, User

MOST_TAGS = 50
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


class TagsField(forms.CharField):
    """Names of tags, separated by commas; cleaned to a list of them."""

    def clean(self, value: Any) -> Any:
        names = tagging.split(super().clean(value))
        if len(names) > MOST_TAGS:
            raise forms.ValidationError(_("At most %(most)s tags."), params={"most": MOST_TAGS})
        return names


class ContactForm(forms.ModelForm[Contact]):
    """A person's fields, the team's own ones and tags; with `only` a single one of them, by its key."""

    tags = TagsField(
        label=_("Tags"),
        required=False,
        max_length=2000,
        help_text=_("Separated by commas. A new name makes a new tag."),
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
    )

    class Meta:
        model = Contact
        fields = ("first_name", "last_name", "company", "email", "address", "language", "owner")

    def __init__(self, *args: Any, team: Team, only: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.team = team
        owner, language = self.fields["owner"], self.fields["language"]
        if isinstance(owner, forms.ModelChoiceField):
            owner.queryset = colleagues(team)
            owner.empty_label = str(_("Nobody"))
        if isinstance(language, forms.ChoiceField):
            named = sorted(
                ((code, str(capfirst(name))) for code, name in LANGUAGES), key=lambda each: each[1]
            )
            language.choices = [("", "–"), *named]
        self.own = controls.controls(CustomField.objects.for_team(team), self.instance)
        self.fields.update(self.own)
        self.had_tags: list[str] = []
        if only:
            self.fields = {only: self.fields[only]}
        if "tags" in self.fields:
            self.had_tags = tags_of(self.instance)
            self.initial["tags"] = ", ".join(self.had_tags)

    @property
    def own_fields(self) -> list[forms.BoundField]:
        """The team's own fields, in their order."""
        return [self[key] for key in self.own if key in self.fields]

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if not self.errors and not self._can_be_found(given):
            raise forms.ValidationError(_("Give a name or a number, so that this person can be found again."))
        return given

    def _can_be_found(self, given: dict[str, Any]) -> bool:
        names = ("first_name", "last_name", "company")
        if given.get("number") or any(given.get(name, getattr(self.instance, name)) for name in names):
            return True
        return not self.instance._state.adding and self.instance.phones.exists()

    def save(self, commit: bool = True) -> Contact:
        """Inside a transaction that holds the person's row, where they exist already."""
        contact = self.instance
        for key, control in self.own.items():
            if key in self.fields:
                contact.custom.pop(control.field.key, None)
                if (value := self.cleaned_data[key]) is not None:
                    contact.custom[control.field.key] = value
        saved: Contact = super().save(commit)
        if commit and "tags" in self.fields and self.cleaned_data["tags"] != self.had_tags:
            self.save_tags()
        return saved

    def save_tags(self) -> None:
        tags = tagging.named(self.team, self.cleaned_data["tags"])
        person = Contact.objects.for_team(self.team).filter(pk=self.instance.pk)
        tagging.replace(person, list({tag.pk: tag for tag in tags.values()}.values()))


class NewContactForm(ContactForm):
    """A person with their first number."""

    number = NumberField(label=_("Number"), required=False, max_length=64, help_text=_EXAMPLE)

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


def tags_of(contact: Contact) -> list[str]:
    """The names of a person's tags, as they are written beside each other."""
    if contact._state.adding:
        return []
    return list(
        Tag.objects.filter(contacts=contact).order_by(Unaccent(Lower("name"))).values_list("name", flat=True)
    )


def colleagues(team: Team) -> Any:
    """The people of a team who may look after somebody."""
    return User.objects.filter(memberships__team=team, is_active=True).order_by("full_name", "email")
