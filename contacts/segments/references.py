"""Segments that name something: a tag, a list, a colleague, a field."""

from typing import Any

from django.db import transaction

from contacts.models import Segment
from contacts.segments import definition
from contacts.segments.definition import Definition, Group, Term
from teams.models import Team


def naming(team: Team, field: str, value: int | str | None = None) -> list[Segment]:
    """The team's segments with a condition on `field`, and of those on `value` when it is given."""
    return [
        segment
        for segment in Segment.objects.for_team(team)
        if any(_names(term, field, value) for _path, term in _read(segment).terms())
    ]


def replace(team: Team, field: str, old: int, new: int) -> int:
    """Puts `new` in the place of `old` in every segment: two tags became one. How many changed."""
    changed = 0
    with transaction.atomic():
        for segment in Segment.objects.for_team(team).select_for_update().order_by("pk"):
            found = _read(segment)
            items = tuple(
                _replaced(item, field, old, new)
                if isinstance(item, Term)
                else Group(item.every, tuple(_replaced(term, field, old, new) for term in item.terms))
                for item in found.items
            )
            if items != found.items:
                Segment.objects.filter(pk=segment.pk).update(
                    definition=Definition(found.every, items).as_json()
                )
                changed += 1
    return changed


def _read(segment: Segment) -> Definition:
    try:
        return definition.parse(segment.definition)
    except definition.Wrong:
        return Definition()


def _names(term: Term, field: str, value: int | str | None) -> bool:
    if term.field != field:
        return False
    return value is None or (isinstance(term.value, list) and value in term.value)


def _replaced(term: Term, field: str, old: int, new: int) -> Term:
    if not _names(term, field, old):
        return term
    value: Any = list(dict.fromkeys(new if each == old else each for each in term.value))
    return Term(term.field, term.op, value, term.extra)
