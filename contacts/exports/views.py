"""The page of exports, the form that asks for one, and the file itself."""

from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_safe

from contacts import downloads
from contacts.exports import work
from contacts.exports.forms import ExportForm
from contacts.fields import CONSENT_KEYS, CUSTOM, of_team
from contacts.models import Export
from contacts.people.choice import Choice, Unknown
from contacts.segments.definition import Wrong
from teams import audit
from teams.access import MemberRequest, Right, team_view

# How many of the newest are shown; their files live for a week.
SHOWN = 100


@require_safe
@team_view(Right.EXPORT_CONTACTS)
def exports(request: MemberRequest) -> HttpResponse:
    """The team's exports, newest first; for htmx the table alone."""
    found = Export.objects.for_team(request.member.team).defer("ids").select_related("by", "file")
    shown = list(found.order_by("-pk")[:SHOWN])
    busy = any(each.state in (Export.State.WAITING, Export.State.RUNNING) for each in shown)
    context = {"exports": shown, "busy": busy, "days": work.KEEP.days}
    template = "contacts/export_list.html"
    return render(request, f"{template}#table" if request.htmx else template, context)  # type: ignore[attr-defined]


@team_view(Right.EXPORT_CONTACTS)
def export_new(request: MemberRequest) -> HttpResponse:
    """Asks for the file and its columns. The people come by the table's query string, or posted by its bulk bar;
    a post that says the format makes the export.
    """
    team = request.member.team
    given = request.POST if request.method == "POST" else request.GET
    try:
        choice = Choice.parse(given, team)
        people = choice.count(team)
    except (Unknown, Wrong) as error:
        raise Http404 from error
    fields = of_team(team)
    asked = request.method == "POST" and "format" in request.POST
    form = ExportForm(request.POST if asked else None, fields=fields)
    if asked and people and form.is_valid():
        work.make(team, request.user, choice, form.cleaned_data["columns"], form.cleaned_data["format"])
        return redirect("contacts:exports")
    context = {
        "form": form,
        "people": people,
        "choice": choice,
        "groups": _groups(form),
        "chosen": form["format"].value(),
        "days": work.KEEP.days,
    }
    return render(request, "contacts/export_new.html", context, status=422 if asked else 200)


def _groups(form: ExportForm) -> list[tuple[str, list[dict[str, Any]]]]:
    """The columns as checkboxes: of everybody, of consent, of the team's own making."""
    groups: dict[str, list[dict[str, Any]]] = {"person": [], "consent": [], "custom": []}
    wanted = set(form["columns"].value() or ())
    field: Any = form.fields["columns"]
    for key, label in field.choices:
        group = "custom" if key.startswith(CUSTOM) else "consent" if key in CONSENT_KEYS else "person"
        groups[group].append({"key": key, "label": label, "on": key in wanted})
    return [(name, boxes) for name, boxes in groups.items() if boxes]


@require_safe
@team_view(Right.EXPORT_CONTACTS)
def export_download(request: MemberRequest, pk: int) -> HttpResponseBase:
    team = request.member.team
    export = get_object_or_404(Export.objects.for_team(team).select_related("file"), pk=pk)
    if export.file is None:
        return render(request, "contacts/export_gone.html", {"days": work.KEEP.days}, status=404)
    if request.method == "GET":
        audit.record(team, "export.downloaded", export, actor=request.user, file=export.file.name)
    kind = downloads.XLSX if export.format == Export.Format.XLSX else downloads.CSV
    return downloads.stored(request, export.file, kind)
