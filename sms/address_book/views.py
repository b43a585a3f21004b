"""The section of a line's page about the phone's address book: its switch, its state, and "Push again"."""

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from sms.address_book import state, switching
from sms.lines import connect
from sms.models import Line
from teams.access import MemberRequest, Right, team_view


@team_view(Right.MANAGE_LINES)
def line_address_book(request: MemberRequest, pk: int) -> HttpResponse:
    """POST `do`: on, off, again. GET: for htmx the section as it stands now, else the line's page."""
    lines = Line.objects.for_team(request.member.team).select_related("team", "holder")
    line = get_object_or_404(lines, pk=pk)
    if request.method == "POST":
        _do(request, line)
    elif request.htmx:  # type: ignore[attr-defined]
        context = {"line": line, "book": state.of_line(line), "most_inside": state.MOST}
        return render(request, "sms/lines_address_book.html#state", context)
    return redirect("sms:line", pk=line.pk)


def _do(request: MemberRequest, line: Line) -> None:
    asked = request.POST.get("do")
    if asked in ("on", "off"):
        automation = line.automation_accepted_at is not None
        connect.change(line, {"push_contacts": asked == "on"}, accept_automation=automation, by=request.user)
    elif asked == "again":
        with transaction.atomic():
            switching.again(line)
        messages.info(request, _("Everybody is told to the phone again."))
