"""When people were added and by which import, and what we owe them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contacts.models import FollowUp, Import
from contacts.segments import wording
from contacts.segments.conditions import Condition, Editor, Group, Lead, Operator, Option, Phrase, Vocabulary
from contacts.segments.wording import expand
from teams.models import Team

# Of many imports the newest can be chosen.
IMPORTS = 200


def start_of(day: str, team: Team) -> datetime:
    """When the day begins where the team is."""
    return datetime.combine(date.fromisoformat(day), time.min, ZoneInfo(team.time_zone))


def _imports(team: Team) -> Sequence[Option]:
    newest = Import.objects.for_team(team).order_by("-pk")
    return [Option(*row) for row in newest.values_list("pk", "name")[:IMPORTS]]


@dataclass(frozen=True)
class Added(Condition):
    operators: tuple[Operator, ...] = (
        Operator("in_last", _("in the last"), Editor.DAYS, _("were added %(when)s")),
        Operator("not_in_last", _("not in the last"), Editor.DAYS, _("were not added %(when)s")),
        Operator("before", _("before"), Editor.DAY, _("were added %(when)s")),
        Operator("since", _("since"), Editor.DAY, _("were added %(when)s")),
    )

    def q(self, team: Team, op: str, value: Any, *, now: datetime, **extra: Any) -> Q:
        at = start_of(value, team) if op in ("before", "since") else now - timedelta(days=value)
        return Q(created_at__lt=at) if op in ("before", "not_in_last") else Q(created_at__gte=at)

    def phrase(self, op: str, value: Any, vocabulary: Vocabulary, place: str, **extra: Any) -> Phrase:
        operator = self.operator(op)
        when = wording.when(op, value, place=place)
        return Phrase(operator.lead, expand(str(operator.says), {"when": when}, place=place))


@dataclass(frozen=True)
class Imported(Condition):
    def q(self, team: Team, op: str, value: Any, *, now: datetime, **extra: Any) -> Q:
        if op in ("some", "bare"):
            return Q(imported_by__isnull=op == "bare")
        found = Q(imported_by__in=value)
        return found if op == "any" else ~found


@dataclass(frozen=True)
class FollowUps(Condition):
    operators: tuple[Operator, ...] = (
        Operator("open", _("one is open"), Editor.NOTHING, _("have [an open follow-up]")),
        Operator("overdue", _("one is overdue"), Editor.NOTHING, _("have [an overdue follow-up]")),
        Operator("due", _("one is due in the next"), Editor.DAYS, _("have a follow-up due %(when)s")),
        Operator("bare", _("none is open"), Editor.NOTHING, _("have [no open follow-up]")),
    )

    def q(self, team: Team, op: str, value: Any, *, now: datetime, **extra: Any) -> Q:
        due = Q(done_at=None)
        if op == "overdue":
            due &= Q(due_at__lt=now)
        elif op == "due":
            due &= Q(due_at__gte=now, due_at__lt=now + timedelta(days=value))
        found = Q(Exists(FollowUp.objects.for_team(team).filter(due, contact=OuterRef("pk"))))
        return ~found if op == "bare" else found

    def phrase(self, op: str, value: Any, vocabulary: Vocabulary, place: str, **extra: Any) -> Phrase:
        operator = self.operator(op)
        when = wording.when("in_next", value, place=place) if op == "due" else ""
        return Phrase(operator.lead, expand(str(operator.says), {"when": when}, place=place))


CONDITIONS: tuple[Condition, ...] = (
    FollowUps("follow_up", _("Follow-up"), Group.HAPPENED),
    Added("added", pgettext_lazy("segment", "Added"), Group.ADDED),
    Imported(
        "imported_by",
        _("Import"),
        Group.ADDED,
        (
            Operator("any", _("is one of"), Editor.SEVERAL, _("from the import %(value)s"), Lead.WITH),
            Operator("none", _("is none of"), Editor.SEVERAL, _("not from the import %(value)s"), Lead.WITH),
            Operator("some", _("any import"), Editor.NOTHING, _("came [with an import]")),
            Operator("bare", _("no import"), Editor.NOTHING, _("came [without an import]")),
        ),
        options=_imports,
    ),
)
