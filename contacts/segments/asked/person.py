"""Names, addresses, language, numbers, and who looks after a person."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contacts import phones
from contacts.languages import LANGUAGES
from contacts.models import Contact, ContactPhone
from contacts.segments.asked.text import KNOWN, Text
from contacts.segments.conditions import Condition, Editor, Group, Lead, Operator, Option, Unfit, Vocabulary
from teams.models import Team, User

# The countries that a number can be of, by their calling code: one may stand for several.
COUNTRIES = {
    "33": _("France (+33)"),
    "32": _("Belgium (+32)"),
    "41": _("Switzerland (+41)"),
    "352": _("Luxembourg (+352)"),
    "377": _("Monaco (+377)"),
    "590": _("Guadeloupe (+590)"),
    "596": _("Martinique (+596)"),
    "594": _("French Guiana (+594)"),
    "262": _("Réunion and Mayotte (+262)"),
    "687": _("New Caledonia (+687)"),
    "689": _("French Polynesia (+689)"),
    "44": _("United Kingdom (+44)"),
    "353": _("Ireland (+353)"),
    "49": _("Germany (+49)"),
    "43": _("Austria (+43)"),
    "31": _("Netherlands (+31)"),
    "34": _("Spain (+34)"),
    "351": _("Portugal (+351)"),
    "39": _("Italy (+39)"),
    "1": _("United States and Canada (+1)"),
    "212": _("Morocco (+212)"),
    "213": _("Algeria (+213)"),
    "216": _("Tunisia (+216)"),
    "221": _("Senegal (+221)"),
    "225": _("Ivory Coast (+225)"),
}


def _languages(team: Team) -> Sequence[Option]:
    return [Option(code, name) for code, name in LANGUAGES]


def _countries(team: Team) -> Sequence[Option]:
    return [Option(code, name) for code, name in COUNTRIES.items()]


def colleagues(team: Team) -> Sequence[Option]:
    """Members, and whoever has left the team but still has people of it."""
    owners = Contact.objects.for_team(team).exclude(owner=None).values("owner")
    members = User.objects.filter(Q(memberships__team=team) | Q(pk__in=owners)).distinct()
    return [Option(user.pk, str(user)) for user in members.order_by("full_name", "email")]


def any_of(lead: Lead = Lead.WHOSE) -> tuple[Operator, ...]:
    return (
        Operator("any", _("is one of"), Editor.SEVERAL, _("%(field)s is %(value)s"), lead),
        Operator("none", _("is none of"), Editor.SEVERAL, _("%(field)s is not %(value)s"), lead),
    )


@dataclass(frozen=True)
class Language(Condition):
    operators: tuple[Operator, ...] = (*any_of(), *KNOWN)

    def q(self, team: Team, op: str, value: Any, *, now: datetime, **extra: Any) -> Q:
        if op in ("known", "unknown"):
            return Q(language="") if op == "unknown" else ~Q(language="")
        found = Q(language__in=value)
        return found if op == "any" else ~found


@dataclass(frozen=True)
class Owner(Condition):
    operators: tuple[Operator, ...] = (
        *any_of(),
        Operator("nobody", _("is nobody"), Editor.NOTHING, _("have [no owner]")),
        Operator("somebody", _("is somebody"), Editor.NOTHING, _("have [an owner]")),
    )

    def q(self, team: Team, op: str, value: Any, *, now: datetime, **extra: Any) -> Q:
        if op in ("nobody", "somebody"):
            return Q(owner__isnull=op == "nobody")
        found = Q(owner__in=value)
        return found if op == "any" else ~found


def _with_number(team: Team, condition: Q) -> Q:
    return Q(Exists(ContactPhone.objects.for_team(team).filter(condition, contact=OuterRef("pk"))))


def _beginning(start: str) -> Q:
    """The range is for the index, whatever the database's collation."""
    after = start[:-1] + chr(ord(start[-1]) + 1)
    return Q(number__gte=start, number__lt=after, number__startswith=start)


@dataclass(frozen=True)
class Phone(Condition):
    operators: tuple[Operator, ...] = (
        Operator("begins", _("begins with"), Editor.TEXT, _("%(field)s begins with %(value)s"), Lead.WHOSE),
        *KNOWN,
    )

    def clean(self, op: str, value: Any, vocabulary: Vocabulary) -> Any:
        cleaned = super().clean(op, value, vocabulary)
        if op == "begins" and not _beginnings(cleaned, vocabulary.team):
            raise Unfit(str(_("No number begins like that. Write it as 06 39, or as +33 6 39.")))
        return cleaned

    def q(self, team: Team, op: str, value: Any, *, now: datetime, **extra: Any) -> Q:
        if op in ("known", "unknown"):
            found = _with_number(team, Q())
            return found if op == "known" else ~found
        condition = Q()
        for start in _beginnings(value, team):
            condition |= _beginning(start)
        return _with_number(team, condition)


def _beginnings(written: str, team: Team) -> list[str]:
    return sorted(phones.beginnings(written, team.region) or [])


@dataclass(frozen=True)
class PhoneCountry(Condition):
    operators: tuple[Operator, ...] = any_of()

    def q(self, team: Team, op: str, value: Any, *, now: datetime, **extra: Any) -> Q:
        condition = Q()
        for code in value:
            condition |= Q(number__startswith=f"+{code}")
        found = _with_number(team, condition)
        return found if op == "any" else ~found


@dataclass(frozen=True)
class Textable(Condition):
    operators: tuple[Operator, ...] = (
        Operator(
            "yes", pgettext_lazy("answer", "yes"), Editor.NOTHING, _("have [a number that can be texted]")
        ),
        Operator(
            "no", pgettext_lazy("answer", "no"), Editor.NOTHING, _("have [no number that can be texted]")
        ),
    )

    def q(self, team: Team, op: str, value: Any, *, now: datetime, **extra: Any) -> Q:
        found = _with_number(team, Q(textable=True))
        return found if op == "yes" else ~found


# Translators: nouns of the context "whose" follow the words "People whose"; in French with their article.
CONDITIONS: tuple[Condition, ...] = (
    Text(
        "first_name", _("First name"), Group.PERSON, noun=pgettext_lazy("whose", "first name"), searched=True
    ),
    Text("last_name", _("Last name"), Group.PERSON, noun=pgettext_lazy("whose", "last name"), searched=True),
    Text("company", _("Company"), Group.PERSON, noun=pgettext_lazy("whose", "company"), searched=True),
    Text("email", _("E-mail"), Group.PERSON, noun=pgettext_lazy("whose", "e-mail"), searched=True),
    Text("address", _("Address"), Group.PERSON, noun=pgettext_lazy("whose", "address")),
    Language(
        "language", _("Language"), Group.PERSON, options=_languages, noun=pgettext_lazy("whose", "language")
    ),
    Phone("phone", _("Phone"), Group.PERSON, noun=pgettext_lazy("whose", "number")),
    PhoneCountry(
        "phone_country",
        _("Country of the number"),
        Group.PERSON,
        options=_countries,
        noun=pgettext_lazy("whose", "number's country"),
    ),
    Textable("textable", _("Can be texted"), Group.PERSON),
    Owner("owner", _("Owner"), Group.PERSON, options=colleagues, noun=pgettext_lazy("whose", "owner")),
)
