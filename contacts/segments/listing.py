"""The segments of a team as their page shows them."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts.models import SavedView, Segment
from contacts.segments import definition, find, preview, sentence, uses
from contacts.segments.conditions import Vocabulary
from contacts.segments.definition import Definition
from contacts.segments.wording import Part
from teams.models import Team


@dataclass(frozen=True)
class Entry:
    """`broken`: it names something that is gone, and means nobody until that is mended."""

    segment: Segment
    found: Definition
    sentence_parts: list[Part]
    broken: bool
    views: list[SavedView]


def entries(team: Team) -> list[Entry]:
    """By name. A fixed number of statements, however many segments there are; nobody is counted."""
    segments = list(Segment.objects.for_team(team).select_related("created_by"))
    used = uses.of_views(segments)
    vocabulary = Vocabulary(team)
    made = []
    for segment in segments:
        found, problems = definition.stored(segment.definition, team, vocabulary=vocabulary)
        parts = sentence.parts(team, found, vocabulary=vocabulary)
        made.append(Entry(segment, found, parts, bool(problems), used[segment.pk]))
    return made


def counted(segment: Segment) -> str:
    """How many they are, in words: "48 people", "10,000+ people", or that they are too many to count."""
    try:
        count = find.count_of(find.of_segment(segment))
    except find.TakesTooLong:
        return _("too many to count")
    said = ngettext("%(count)s person", "%(count)s people", count)
    return said % {"count": preview.written(count)}
