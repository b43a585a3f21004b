"""The list of imports, and the first steps of one: the file, and what its columns are."""

from typing import Any

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from contacts import fields
from contacts.imports import forms, mapping, reading, stages, uploads, work
from contacts.imports.unreadable import Unreadable
from contacts.models import Import
from teams.access import MemberRequest, Right, team_view

# How many of the newest are listed.
SHOWN = 100
# Rows in which the first values of each column are looked for.
SAMPLES = 50


@require_safe
@team_view(Right.IMPORT_CONTACTS)
def imports(request: MemberRequest) -> HttpResponse:
    """The team's imports, newest first; for htmx the table alone."""
    found = Import.objects.for_team(request.member.team).select_related("by").order_by("-pk")
    shown = list(found[:SHOWN])
    for each in shown:
        each.address = stages.address(each)  # type: ignore[attr-defined]
        each.left_out = each.invalid + each.duplicates  # type: ignore[attr-defined]
    context = {"imports": shown, "working": any(each.state in stages.WORKING for each in shown)}
    template = "contacts/import_list.html"
    return render(request, f"{template}#table" if request.htmx else template, context)  # type: ignore[attr-defined]


@team_view(Right.IMPORT_CONTACTS)
def import_new(request: MemberRequest) -> HttpResponse:
    """The first step: a file is chosen, taken or refused in a sentence."""
    asked = request.method == "POST"
    form = forms.UploadForm(request.POST, request.FILES) if asked else forms.UploadForm()
    if asked and form.is_valid():
        try:
            import_ = uploads.take(request.member.team, form.cleaned_data["file"], request.user)
        except Unreadable as error:
            form.add_error("file", error.sentence)
        else:
            return redirect("contacts:import-map", pk=import_.pk)
    context = {"form": form, "megabytes": uploads.LARGEST // 2**20, "columns": uploads.MOST_COLUMNS}
    return render(request, "contacts/import_upload.html", context, status=422 if form.errors else 200)


@team_view(Right.IMPORT_CONTACTS)
def import_map(request: MemberRequest, pk: int) -> HttpResponse:
    """The second step: what each column is, and where the people belong. Posted, the check begins."""
    team = request.member.team
    import_ = stages.of_team(team, pk)
    if import_.state not in (Import.State.UPLOADED, Import.State.CHECKED):
        return stages.onward(request, import_)
    if request.method != "POST":
        return _map_page(request, import_)
    known = fields.of_team(team)
    given = forms.columns(import_, known, (), request.POST)
    goes_to = forms.GoesToForm(request.POST, team=team)
    forms.judge(given, known)
    if not given.wrong:
        given.problem = " ".join(mapping.problems(given.keys, known))
    if not goes_to.is_valid() or given.wrong:
        return _map_page(request, import_, posted=given, goes_to=goes_to)
    with transaction.atomic():
        begun = work.start_check(
            import_,
            given.keys,
            overwrite=import_.overwrite,
            target_list=goes_to.chosen_list(),
            tag_names=goes_to.cleaned_data["tags"],
        )
        # Somebody was quicker: no list is made for nothing, and the import is where they brought it.
        transaction.set_rollback(not begun)
    import_.refresh_from_db(fields=["state"])
    return stages.onward(request, import_)


@require_POST
@team_view(Right.IMPORT_CONTACTS)
def import_read(request: MemberRequest, pk: int) -> HttpResponse:
    """Reads the file another way: encoding, separator, sheet, whether the first row names the columns."""
    import_ = stages.of_team(request.member.team, pk)
    if import_.state not in (Import.State.UPLOADED, Import.State.CHECKED):
        return stages.onward(request, import_)
    header = request.POST.get("has_header")
    try:
        uploads.reread(
            import_,
            encoding=_one_of(request.POST.get("encoding"), reading.ENCODINGS),
            delimiter=_one_of(request.POST.get("delimiter"), reading.DELIMITERS),
            sheet=(request.POST.get("sheet") or "")[:100] or None,
            has_header=None if header not in ("1", "0") else header == "1",
        )
    except Unreadable as error:
        return _map_page(request, stages.of_team(request.member.team, pk), unreadable=error.sentence)
    return redirect("contacts:import-map", pk=import_.pk)


def _one_of(given: str | None, choices: list[tuple[str, Any]]) -> str | None:
    return given if given in {key for key, _name in choices} else None


def _map_page(
    request: MemberRequest,
    import_: Import,
    *,
    posted: forms.Columns | None = None,
    goes_to: forms.GoesToForm | None = None,
    unreadable: str = "",
) -> HttpResponse:
    team = request.member.team
    rows: list[list[str]] = []
    sheets: list[str] = []
    try:
        seen = reading.preview(import_, SAMPLES)
        rows, sheets = [row.cells for row in seen.rows], seen.sheets
    except Unreadable as error:
        unreadable = unreadable or error.sentence
    given = forms.columns(import_, fields.of_team(team), rows, _as_posted(posted))
    if posted is not None:
        given.problem = posted.problem
        for column, judged in zip(given.columns, posted.columns, strict=True):
            column.problem = judged.problem
    elif "phone" not in given.keys:
        given.problem = _("Say which column holds the phone: nobody can be imported without a number.")
    start = {"target_list": import_.target_list_id, "tags": ", ".join(import_.tag_names)}
    context = {
        "import": import_,
        "step": "map",
        "given": given,
        "goes_to": goes_to or forms.GoesToForm(team=team, initial=start),
        "unreadable": unreadable,
        "sheets": sheets,
        "encodings": reading.ENCODINGS,
        "delimiters": reading.DELIMITERS,
    }
    wrong = posted is not None or unreadable
    return render(request, "contacts/import_map.html", context, status=422 if wrong else 200)


def _as_posted(posted: forms.Columns | None) -> dict[str, str] | None:
    return None if posted is None else {f"column-{each.number}": each.key for each in posted.columns}
