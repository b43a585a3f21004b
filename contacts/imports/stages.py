"""Which page of the wizard an import is at. A page that it has left, or not reached, sends one there."""

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from contacts import downloads
from contacts.imports import rows
from contacts.models import Import
from teams.models import Team

State = Import.State

# Where each state is shown.
PAGES: dict[str, str] = {
    State.UPLOADED: "map",
    State.CHECKING: "check",
    State.CHECKED: "check",
    State.RUNNING: "run",
    State.FINISHED: "result",
    State.CANCELLED: "result",
    State.FAILED: "result",
    State.REVERTING: "result",
    State.REVERTED: "result",
}
# Somebody works on it: the page looks again by itself.
WORKING = frozenset({State.CHECKING, State.RUNNING, State.REVERTING})


def of_team(team: Team, pk: int) -> Import:
    """The team's import, or 404."""
    return get_object_or_404(Import.objects.for_team(team).select_related("team", "by", "target_list"), pk=pk)


def address(import_: Import) -> str:
    return reverse(f"contacts:import-{PAGES[import_.state]}", args=[import_.pk])


def onward(request: HttpRequest, import_: Import) -> HttpResponse:
    """To the page where the import is now; htmx, which asked for a part, is told to turn the whole page."""
    if getattr(request, "htmx", False):
        return HttpResponse(status=204, headers={"HX-Redirect": address(import_)})
    return redirect(address(import_))


def rejects_of(request: HttpRequest, import_: Import) -> StreamingHttpResponse:
    """The rows that are left out, as a CSV file: their line, the reason, and what stood there."""
    pieces = (piece.encode() for piece in rows.rejects(import_))
    stem = import_.name.rpartition(".")[0] or import_.name
    return downloads.download(request, _("%(file)s, left out.csv") % {"file": stem}, downloads.CSV, pieces)
