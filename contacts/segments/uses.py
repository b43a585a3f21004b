"""Where a segment is used: what whoever changes or deletes it must know."""

from collections.abc import Callable, Iterable, Sequence

from django.http import QueryDict
from django.utils.translation import gettext as _

from contacts.models import SavedView, Segment

# Sentences, one for each thing that uses the segment.
Uses = Callable[[Segment], Iterable[str]]

_registered: list[Uses] = []


def register(uses: Uses) -> None:
    """For features of the layers above that keep a segment: campaigns, reports."""
    _registered.append(uses)


def of(segment: Segment) -> list[str]:
    return [sentence for uses in _registered for sentence in uses(segment)]


def of_views(segments: Sequence[Segment]) -> dict[int, list[SavedView]]:
    """The saved views that show each of these segments of one team. One statement."""
    found: dict[int, list[SavedView]] = {segment.pk: [] for segment in segments}
    teams = {segment.team_id for segment in segments}
    views = SavedView.objects.filter(team__in=teams, query__contains="segment=").select_related("user")
    for view in views.exclude(name=""):
        number = QueryDict(view.query).get("segment", "")
        if number.isascii() and number.isdigit() and int(number) in found:
            found[int(number)].append(view)
    return found


def _views(segment: Segment) -> Iterable[str]:
    for view in of_views([segment])[segment.pk]:
        yield _("the view “%(name)s” of %(person)s") % {"name": view.name, "person": view.user}


register(_views)
