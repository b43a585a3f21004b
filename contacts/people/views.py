"""The contact list. The forms are in editing.py, a person's page in sms/people/views.py."""

from typing import Any

from django.contrib import messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from contacts.duplicates import proposals
from contacts.people.choice import Choice, Unknown
from contacts.people.table import Table
from teams.access import MemberRequest, Right, team_view

TEMPLATE = "contacts/contact_list.html"


@require_safe
@team_view(Right.EDIT_CONTACTS)
def contact_list(request: MemberRequest) -> HttpResponse:
    """The whole page; for htmx the rows that follow (`after`), or the people found (`q`)."""
    try:
        table = Table.of(request.member, request.GET)
    except Unknown as error:
        if request.GET.get("view"):
            messages.info(request, _("A segment, list, tag or colleague of this view is gone."))
            return redirect("contacts:list")
        raise Http404 from error
    except ValueError as error:
        raise Http404 from error
    context: dict[str, Any] = {"table": table, "menu": request.GET.get("menu", "")}
    if request.htmx and table.after:  # type: ignore[attr-defined]
        return render(request, f"{TEMPLATE}#rows", context)
    if request.htmx and request.htmx.target == "people":  # type: ignore[attr-defined]
        return render(request, f"{TEMPLATE}#people", context)
    if request.member.may(Right.MERGE_CONTACTS):
        context["duplicates"] = proposals.count(request.member.team)
    return render(request, TEMPLATE, context)


@require_safe
@team_view(Right.EDIT_CONTACTS)
def contact_count(request: MemberRequest) -> HttpResponse:
    """Exactly how many people the query means: text for a script, else the list that says it."""
    if not (request.htmx or request.headers.get("Accept") == "text/plain"):  # type: ignore[attr-defined]
        query = request.GET.copy()
        query["exact"] = "1"
        return redirect(f"{reverse('contacts:list')}?{query.urlencode()}")
    try:
        count = Choice.parse(request.GET, request.member.team).count(request.member.team)
    except Unknown as error:
        raise Http404 from error
    return HttpResponse(str(intcomma(count)), content_type="text/plain; charset=utf-8")
