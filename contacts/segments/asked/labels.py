"""What was put on people by hand or by an import: tags and lists."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, Model, OuterRef, Q
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from contacts.models import ContactList, ContactTag, ListMember, Tag
from contacts.segments import values, wording
from contacts.segments.conditions import Condition, Editor, Group, Lead, Operator, Option, Phrase, Vocabulary
from contacts.segments.wording import expand
from teams.models import Team


def tags(team: Team) -> Sequence[Option]:
    return [Option(*row) for row in Tag.objects.for_team(team).order_by("name").values_list("pk", "name")]


def lists(team: Team) -> Sequence[Option]:
    return [Option(*row) for row in ContactList.objects.for_team(team).values_list("pk", "name")]


@dataclass(frozen=True)
class _Labels(Condition):
    """`through` ties a contact to what the column `to` names."""

    through: type[Model] = ContactTag
    to: str = "tag"

    def q(self, team: Team, op: str, value: Any, *, now: datetime, **extra: Any) -> Q:
        if op in ("some", "bare"):
            found = self._having(Q())
            return found if op == "some" else ~found
        if op == "every":
            found = Q()
            for each in value:
                found &= self._having(Q(**{self.to: each}))
            return found
        found = self._having(Q(**{f"{self.to}__in": value}))
        return found if op == "any" else ~found

    def _having(self, condition: Q) -> Q:
        return Q(Exists(self.through._default_manager.filter(condition, contact=OuterRef("pk"))))

    def phrase(self, op: str, value: Any, vocabulary: Vocabulary, place: str, **extra: Any) -> Phrase:
        operator = self.operator(op)
        if operator.editor is not Editor.SEVERAL or not isinstance(value, list):
            return super().phrase(op, value, vocabulary, place, **extra)
        choices = self.choices(operator, vocabulary)
        named = wording.names([values.name_of(each, choices) for each in value], every=op == "every")
        template = self._says(op, len(value))
        return Phrase(operator.lead, expand(template, {"value": named or "…"}, place=place))

    def _says(self, op: str, count: int) -> str:
        raise NotImplementedError


@dataclass(frozen=True)
class Tags(_Labels):
    def _says(self, op: str, count: int) -> str:
        if op == "none":
            return ngettext("without tag %(value)s", "without tag %(value)s", count)
        if op == "every":
            return ngettext("with tag %(value)s", "with tags %(value)s", count)
        return ngettext("with tag %(value)s", "with tag %(value)s", count)


@dataclass(frozen=True)
class Lists(_Labels):
    through: type[Model] = ListMember
    to: str = "list"

    def _says(self, op: str, count: int) -> str:
        if op == "none":
            return _now("not on the list %(value)s")
        if op == "every":
            return ngettext("on the list %(value)s", "on the lists %(value)s", count)
        return _now("on the list %(value)s")


CONDITIONS: tuple[Condition, ...] = (
    Tags(
        "tag",
        _("Tag"),
        Group.LABELS,
        (
            Operator("any", _("has any of"), Editor.SEVERAL, lead=Lead.WITH),
            Operator("every", _("has all of"), Editor.SEVERAL, lead=Lead.WITH),
            Operator("none", _("has none of"), Editor.SEVERAL, lead=Lead.WITH),
            Operator("some", _("has any tag at all"), Editor.NOTHING, _("with [any tag]"), Lead.WITH),
            Operator("bare", _("has no tag at all"), Editor.NOTHING, _("without [any tag]"), Lead.WITH),
        ),
        options=tags,
    ),
    Lists(
        "list",
        _("List"),
        Group.LABELS,
        (
            Operator("any", _("is on any of"), Editor.SEVERAL, lead=Lead.WITH),
            Operator("every", _("is on all of"), Editor.SEVERAL, lead=Lead.WITH),
            Operator("none", _("is on none of"), Editor.SEVERAL, lead=Lead.WITH),
            Operator("some", _("is on any list at all"), Editor.NOTHING, _("on [any list]"), Lead.WITH),
            Operator("bare", _("is on no list at all"), Editor.NOTHING, _("on [no list]"), Lead.WITH),
        ),
        options=lists,
    ),
)
