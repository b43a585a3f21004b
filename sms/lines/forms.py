"""Forms of a line: connecting one, changing one, trying one out."""

import zoneinfo
from functools import cache
from typing import Any, ClassVar
from uuid import uuid4

from django import forms
from django.utils.translation import gettext, gettext_noop
from django.utils.translation import gettext_lazy as _

from contacts import phones
from contacts.people.forms import NumberField, colleagues
from sms.gateway.addresses import check_base_url, join
from sms.gateway.errors import BaseUrlRefused
from sms.lines.connect import NewLine, host_of, needs_key
from sms.lines.hours import HoursField
from sms.models import Line
from teams.models import Team, User

# What sms/gateway/addresses.py says, which knows no Django: here for the translators.
ADDRESS_WORDS = (
    gettext_noop("The address holds a space or a character that does not belong in one."),
    gettext_noop("The address can't be read."),
    gettext_noop("The address must start with https://."),
    gettext_noop("The address must not hold a user name or a password."),
    gettext_noop("The address must not hold a question mark or a number sign."),
    gettext_noop("The address names no host."),
    gettext_noop("No gateway can have this address."),
    gettext_noop("The address must start with https://: the access key travels in the request."),
    gettext_noop("The path holds a character that does not belong in one."),
    gettext_noop("The path must not climb."),
)
# Offered first: metropolitan France, its overseas, the neighbours.
ZONES = (
    "Europe/Paris", "America/Guadeloupe", "America/Martinique", "America/Cayenne", "Indian/Reunion", "Indian/Mayotte",
    "Pacific/Noumea", "Pacific/Tahiti", "America/Miquelon", "Europe/Brussels", "Europe/Luxembourg", "Europe/Zurich",
    "Africa/Tunis", "Africa/Casablanca",
)  # fmt: skip
FASTEST = 6000  # messages a minute that anybody would type
MOST = 1_000_000  # texts a day and people a month


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def known_zone(zone: str) -> str:
    if zone not in _zones():
        raise forms.ValidationError(_("This is no time zone we know. Write it as Europe/Paris."))
    return zone


def fit_base_url(typed: str) -> str:
    """The address without a slash at its end. A ValidationError when it may not get an access key."""
    base_url = typed.rstrip("/")
    try:
        check_base_url(base_url, {host_of(base_url)})
    except BaseUrlRefused as error:
        raise forms.ValidationError(gettext(str(error))) from error
    return base_url


def fit_path(path: str) -> str:
    try:
        join("https://gateway.example", path)
    except BaseUrlRefused as error:
        raise forms.ValidationError(gettext(str(error))) from error
    return path


def _key_field(*, required: bool, help_text: Any = "") -> forms.CharField:
    """An access key goes in and never comes out again."""
    return forms.CharField(
        label=_("Access key"),
        required=required,
        max_length=500,
        strip=True,
        help_text=help_text,
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "off"}),
    )


class LineForm(forms.ModelForm[Line]):
    """The settings of a line. `access_key` is empty when the stored one stays."""

    access_key = _key_field(required=False, help_text=_("Leave it empty to keep the one that is stored."))
    number = NumberField(
        label=_("Number of the SIM"),
        required=False,
        max_length=64,
        help_text=_("As 06 39 98 10 20. Shown to your team."),
    )
    time_zone = forms.CharField(
        label=_("Time zone of the phone"),
        max_length=64,
        widget=forms.TextInput(attrs={"list": "zones", "autocomplete": "off", "spellcheck": "false"}),
        help_text=_("The gateway gives some times in the phone's own."),
    )
    window = HoursField(
        label=_("Hours of campaigns"),
        unset=_("At any hour that the campaign keeps"),
        help_text=_("What people write leaves at any hour."),
    )
    accept_automation = forms.BooleanField(
        label=_("We accept that programs send through this SIM"),
        required=False,
        help_text=_(
            "Operators may block a personal number that sends in bulk. Your acceptance is recorded with your name "
            "and the date."
        ),
    )

    class Meta:
        model = Line
        fields = (
            "name",
            "login",
            "base_url",
            "send_path",
            "contact_path",
            "marker",
            "number",
            "holder",
            "time_zone",
            "pace",
            "day_budget",
            "month_budget",
            "window",
            "test_mode",
        )
        labels: ClassVar[dict[str, Any]] = {
            "name": _("Name"),
            "login": _("Login"),
            "base_url": _("Base URL"),
            "send_path": _("Path for sending"),
            "contact_path": _("Path for the address book"),
            "marker": _("Place of the tracked link"),
            "holder": _("Holder"),
            "pace": _("Messages a minute"),
            "day_budget": _("Texts a day"),
            "month_budget": _("People a month"),
            "test_mode": _("Test mode: the gateway answers and nothing is sent"),
        }
        help_texts: ClassVar[dict[str, Any]] = {
            "name": _("As your team calls it, such as the holder's first name."),
            "login": _("The e-mail address of the inSIM account."),
            "marker": _("The word that the gateway replaces by the short link."),
            "holder": _("One SIM, one person: whose phone it is in."),
            "pace": _("3 is what a person could type. 0 is as fast as the gateway takes them."),
            "day_budget": _("Everybody's texts count, and campaigns stop there. 0 sets no limit."),
            "month_budget": _(
                "Different people in a calendar month, as the SIM's plan allows. 0 sets no limit."
            ),
        }

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.team = team
        self.fields["number"].region = team.region  # type: ignore[attr-defined]
        self.fields["pace"].max_value = FASTEST  # type: ignore[attr-defined]
        # Whoever does not fill address books leaves it as it is.
        self.fields["contact_path"].required = False
        for name in ("day_budget", "month_budget"):
            self.fields[name].required = False
        holder = self.fields["holder"]
        if isinstance(holder, forms.ModelChoiceField):
            holder.queryset = colleagues(team)
            holder.empty_label = str(_("Nobody yet"))
        if self.instance.pk:
            self.fields["accept_automation"].initial = self.instance.automation_accepted_at is not None
            self.initial["number"] = phones.display(self.instance.number, team.region)

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        if Line.objects.for_team(self.team).filter(name=name).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(_("Another line of your team has this name."))
        return name

    def clean_time_zone(self) -> str:
        return known_zone(self.cleaned_data["time_zone"])

    def clean_pace(self) -> int:
        pace: int = self.cleaned_data["pace"]
        if pace > FASTEST:
            raise forms.ValidationError(_("At most %(most)s. 0 sets no limit."), params={"most": FASTEST})
        return pace

    def clean_day_budget(self) -> int:
        return self._budget("day_budget")

    def clean_month_budget(self) -> int:
        return self._budget("month_budget")

    def _budget(self, name: str) -> int:
        """Nothing typed is no limit."""
        budget: int = self.cleaned_data[name] or 0
        if budget > MOST:
            raise forms.ValidationError(_("At most %(most)s. 0 sets no limit."), params={"most": MOST})
        return budget

    def clean_base_url(self) -> str:
        return fit_base_url(self.cleaned_data["base_url"])

    def clean_send_path(self) -> str:
        return fit_path(self.cleaned_data["send_path"])

    def clean_contact_path(self) -> str:
        return fit_path(
            self.cleaned_data["contact_path"] or Line._meta.get_field("contact_path").get_default()
        )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or self.cleaned_data
        stored = Line.objects.for_team(self.team).filter(pk=self.instance.pk).first()
        if (
            stored
            and not given.get("access_key")
            and needs_key(stored, given.get("base_url", stored.base_url))
        ):
            self.add_error("access_key", _("The address names another host: give the access key for it."))
        return given


class ConnectForm(LineForm):
    """A new line: the access key is needed."""

    access_key = _key_field(
        required=True, help_text=_("From the inSIM app. It is encrypted and never shown again.")
    )

    def new_line(self) -> NewLine:
        given = self.cleaned_data
        return NewLine(
            **{name: given[name] for name in (*self.Meta.fields, "access_key", "accept_automation")}
        )


class TestForm(forms.Form):
    """A number to send one real text to. `key` makes a double click one text."""

    __test__ = False  # no test of pytest's

    number = NumberField(
        label=_("Your number"), max_length=64, help_text=_("One real SMS goes there, at the price of one.")
    )
    key = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, line: Line, by: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["number"].region = line.team.region  # type: ignore[attr-defined]
        self.fields["key"].initial = uuid4
        if line.holder_id == by.pk or line.holder_id is None:
            # Whoever holds the phone reads it there.
            self.fields["number"].initial = phones.display(line.number, line.team.region)


class KeyForm(forms.Form):
    """The field beside "Test and resume"."""

    access_key = _key_field(required=False)
