"""Where somebody went who was merged: old addresses lead to the person kept."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.urls import reverse

from contacts.models import Merge
from teams.models import Team

# Addresses whose first number is a person: a page of theirs, or their thread.
_OF_A_PERSON = ("contacts/<int:", "inbox/<int:")


class Onward(HttpResponseRedirect):
    """307: asked again as it was, with what was typed. A text written to the one who is gone reaches the kept."""

    status_code = 307


def kept_of(team: Team, gone_id: int) -> int | None:
    """The id of whom this one was merged into; None for somebody who never was. A chain was shortened by each
    merge, so that one look is enough.
    """
    return Merge.objects.for_team(team).filter(gone_id=gone_id).values_list("kept_id", flat=True).first()


def follow_merges(
    get_response: Callable[[HttpRequest], HttpResponseBase],
) -> Callable[[HttpRequest], HttpResponseBase]:
    """Middleware: an address of a person who is not there any more goes on to the one they were merged into."""

    def middleware(request: HttpRequest) -> HttpResponseBase:
        response = get_response(request)
        return (_onward(request) or response) if response.status_code == 404 else response

    return middleware


def _onward(request: HttpRequest) -> HttpResponse | None:
    match = request.resolver_match
    member = getattr(request, "member", None)
    if match is None or member is None or not match.route.startswith(_OF_A_PERSON):
        return None
    name = match.route.partition("<int:")[2].partition(">")[0]
    kept = kept_of(member.team, match.kwargs[name])
    if kept is None:
        return None
    address = reverse(match.view_name, kwargs=match.kwargs | {name: kept})
    if request.GET:
        address += "?" + urlencode(list(request.GET.lists()), doseq=True)
    return HttpResponseRedirect(address) if request.method in ("GET", "HEAD") else Onward(address)
