"""What people allowed and refused."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contacts.models import Contact
from contacts.segments.asked.person import any_of
from contacts.segments.conditions import Condition, Editor, Group, Operator, Option
from teams.models import Team

# No ground at all, which is stored as "".
NO_GROUND = "none"


def _grounds(team: Team) -> Sequence[Option]:
    return [Option(each.value or NO_GROUND, each.label) for each in Contact.Consent]


@dataclass(frozen=True)
class Ground(Condition):
    operators: tuple[Operator, ...] = any_of()

    def q(self, team: Team, op: str, value: Any, *, now: datetime, **extra: Any) -> Q:
        found = Q(consent__in=["" if each == NO_GROUND else each for each in value])
        return found if op == "any" else ~found


@dataclass(frozen=True)
class Since(Condition):
    """A moment that is set where something holds. The operators are "yes" and "no"."""

    column: str = ""

    def q(self, team: Team, op: str, value: Any, *, now: datetime, **extra: Any) -> Q:
        return Q(**{f"{self.column}__isnull": op == "no"})


CONDITIONS: tuple[Condition, ...] = (
    Ground("consent", _("Consent"), Group.CONSENT, options=_grounds, noun=pgettext_lazy("whose", "consent")),
    Since(
        "opted_out",
        _("Opted out"),
        Group.CONSENT,
        (
            Operator("no", pgettext_lazy("answer", "no"), Editor.NOTHING, _("have [not opted out]")),
            Operator("yes", pgettext_lazy("answer", "yes"), Editor.NOTHING, _("have [opted out]")),
        ),
        column="opted_out_at",
    ),
    Since(
        "do_not_call",
        _("Do not call"),
        Group.CONSENT,
        (
            Operator("no", pgettext_lazy("answer", "no"), Editor.NOTHING, _("[may be called]")),
            Operator("yes", pgettext_lazy("answer", "yes"), Editor.NOTHING, _("asked [not to be called]")),
        ),
        column="do_not_call_at",
    ),
)
