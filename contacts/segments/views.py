"""The segments of a team: their page, and what is done with one. Building one is builder.py."""

from typing import Any

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST, require_safe

from contacts.models import Segment
from contacts.segments import copying, find, listing, preview, uses
from contacts.segments.forms import ListForm
from teams import audit
from teams.access import MemberRequest, Right, team_view
from teams.templatetags.ligne import full_date


@require_safe
@team_view(Right.EDIT_CONTACTS)
def segments(request: MemberRequest) -> HttpResponse:
    """All of them; people are counted segment by segment as the page is read (`count`: the id of one)."""
    asked = request.GET.get("count", "")
    if request.htmx and asked:  # type: ignore[attr-defined]
        counted = listing.counted(_segment(request, int(asked) if _is_id(asked) else 0))
        return render(request, "contacts/segment_list.html#counted", {"counted": counted})
    context = {"entries": listing.entries(request.member.team), "asked": asked, "counted": ""}
    if _is_id(asked):
        context["counted"] = listing.counted(_segment(request, int(asked)))
    return render(request, "contacts/segment_list.html", context)


@require_POST
@team_view(Right.EDIT_CONTACTS)
def segment_duplicate(request: MemberRequest, pk: int) -> HttpResponse:
    made = copying.duplicate(_segment(request, pk), by=request.user)
    return redirect("contacts:segment-edit", pk=made.pk)


@team_view(Right.EDIT_CONTACTS)
def segment_delete(request: MemberRequest, pk: int) -> HttpResponse:
    """Says where it is used before it goes."""
    segment = _segment(request, pk)
    if request.method != "POST":
        return render(request, "contacts/segment_delete.html", {"segment": segment, "uses": uses.of(segment)})
    audit.record(segment.team, "segment.deleted", segment, actor=request.user, name=segment.name)
    segment.delete()
    messages.info(request, _("%(name)s was deleted. Its people stay.") % {"name": segment.name})
    return redirect("contacts:segments")


@team_view(Right.EDIT_CONTACTS)
def segment_to_list(request: MemberRequest, pk: int) -> HttpResponse:
    """A list of those who belong to it now, and who stay on it."""
    segment = _segment(request, pk)
    name = f"{segment.name[:55]}, {full_date(timezone.now())}"
    form = ListForm(
        request.POST if request.method == "POST" else None, team=segment.team, initial={"name": name}
    )
    if request.method == "POST" and form.is_valid():
        try:
            made, count = copying.list_of(segment, form.cleaned_data["name"], by=request.user)
        except IntegrityError:
            form.refuse_taken()
        else:
            said = ngettext("%(count)s person is on the list.", "%(count)s people are on the list.", count)
            messages.info(request, said % {"count": preview.written(count, exact=True)})
            return redirect(f"{reverse('contacts:list')}?list={made.pk}")
    context: dict[str, Any] = {"segment": segment, "form": form, "counted": ""}
    try:
        count = find.count_of(find.of_segment(segment), None)
        context |= {"counted": preview.written(count, exact=True), "count": count}
    except find.TakesTooLong:
        pass
    return render(request, "contacts/segment_to_list.html", context, status=422 if form.errors else 200)


def _segment(request: MemberRequest, pk: int) -> Segment:
    found = Segment.objects.for_team(request.member.team).select_related("team", "created_by")
    return get_object_or_404(found, pk=pk)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
