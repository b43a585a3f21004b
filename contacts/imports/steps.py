"""The later steps of an import: what the check found, the run, what came of it, and taking it back."""

import json
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from contacts.fields import CONSENT_KEYS
from contacts.imports import rows, stages, work
from contacts.models import Import, ImportRow
from teams.access import MemberRequest, Right, team_view

# Rows of the check that are shown at once.
PAGE = 50
# Rows that a run writes in a second, for a first estimate: half of what a small machine does.
PACE = 10_000
State = Import.State


@team_view(Right.IMPORT_CONTACTS)
def import_check(request: MemberRequest, pk: int) -> HttpResponse:
    """The third step. While the file is read: how far; then what would become of its rows. Posted, the run
    begins. For htmx the progress, or the rows that follow (`after`).
    """
    import_ = stages.of_team(request.member.team, pk)
    if request.method == "POST":
        return _start(request, import_)
    if import_.state == State.CHECKING:
        return _progress(request, import_, "check")
    if import_.state != State.CHECKED or (_asks_for_progress(request) and "after" not in request.GET):
        return stages.onward(request, import_)
    counts = rows.counts(import_)
    show = request.GET.get("show", "")
    show = show if show in rows.CHIPS else "look" if counts["look"] else "all"
    after = _line(request.GET.get("after", "0"))
    context = _check_context(import_, counts, show) | _page(import_, show, after)
    template = "contacts/import_check.html"
    if request.htmx and after:  # type: ignore[attr-defined]
        return render(request, f"{template}#rows", context)
    return render(request, template, context)


def _asks_for_progress(request: MemberRequest) -> bool:
    return bool(request.htmx)  # type: ignore[attr-defined]


def _start(request: MemberRequest, import_: Import) -> HttpResponse:
    confirmed = request.POST.get("consent") == "on"
    work.start_run(import_, overwrite=request.POST.get("overwrite") == "on", consent_confirmed=confirmed)
    import_.refresh_from_db()
    return stages.onward(request, import_)


def _line(text: str) -> int:
    """A line of a file. Raises Http404 for anything else."""
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise Http404
    return int(text)


def _page(import_: Import, show: str, after: int) -> dict[str, Any]:
    found = rows.page(import_, show, after, PAGE + 1)
    more = found[PAGE - 1].line if len(found) > PAGE else 0
    return {"rows": found[:PAGE], "more": more, "after": after}


def _check_context(import_: Import, counts: dict[str, int], show: str) -> dict[str, Any]:
    people = import_.created + import_.updated
    about_consent = bool(CONSENT_KEYS & set(import_.mapping))
    return {
        "import": import_,
        "step": "check",
        "people": people,
        "counts": counts,
        "show": show,
        "chips": [(chip, counts[chip]) for chip in rows.CHIPS if chip != "look"],
        "left_out": import_.invalid + import_.duplicates,
        "seconds": max(1, round(import_.rows / PACE)),
        "about_consent": about_consent,
        "opted_out": _opted_out(import_),
        "revert_days": work.REVERT_DAYS,
    }


def _opted_out(import_: Import) -> int:
    """Rows of people who opted out earlier."""
    if not import_.warnings:
        return 0
    return ImportRow.objects.filter(run=import_, remarks__contains=["opted_out"]).count()


@require_POST
@team_view(Right.IMPORT_CONTACTS)
def import_choose(request: MemberRequest, pk: int) -> HttpResponse:
    """Overwrite or not, consent confirmed or not: the rows are counted anew. For htmx what the counts change."""
    import_ = stages.of_team(request.member.team, pk)
    if import_.state != State.CHECKED:
        return stages.onward(request, import_)
    work.recheck(
        import_,
        overwrite=request.POST.get("overwrite") == "on",
        consent_confirmed=request.POST.get("consent") == "on",
    )
    import_.refresh_from_db()
    return stages.onward(request, import_)


@require_POST
@team_view(Right.IMPORT_CONTACTS)
def import_use(request: MemberRequest, pk: int) -> HttpResponse:
    """Takes the number that was suggested for a row. For htmx that row, and what the counts change."""
    import_ = stages.of_team(request.member.team, pk)
    if import_.state != State.CHECKED:
        return stages.onward(request, import_)
    line = _line(request.POST.get("line", ""))
    show = request.POST.get("show", "look")
    show = show if show in rows.CHIPS else "look"
    if not rows.use_suggestion(import_, line):
        messages.error(request, _("There is no number to use in line %(line)s any more.") % {"line": line})
        return stages.onward(request, import_)
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect(f"{stages.address(import_)}?{urlencode({'show': show})}")
    import_.refresh_from_db()
    context = _check_context(import_, rows.counts(import_), show)
    context |= {"rows": rows.page(import_, "all", line - 1, 1), "more": 0, "again": True}
    return render(request, "contacts/import_check.html#used", context)


@require_safe
@team_view(Right.IMPORT_CONTACTS)
def import_run(request: MemberRequest, pk: int) -> HttpResponse:
    """The fourth step: how far the run is; for htmx the progress alone."""
    import_ = stages.of_team(request.member.team, pk)
    if import_.state != State.RUNNING:
        return stages.onward(request, import_)
    return _progress(request, import_, "run")


def _progress(request: MemberRequest, import_: Import, step: str) -> HttpResponse:
    progress = work.progress(import_)
    context = {
        "import": import_,
        "step": step,
        "progress": progress,
        "percent": None if progress.share is None else int(progress.share * 100),
        "address": request.path,
    }
    template = "contacts/import_progress.html"
    return render(request, f"{template}#progress" if request.htmx else template, context)  # type: ignore[attr-defined]


@require_POST
@team_view(Right.IMPORT_CONTACTS)
def import_cancel(request: MemberRequest, pk: int) -> HttpResponse:
    """Ends the import: at once, or within a chunk of the worker's."""
    import_ = stages.of_team(request.member.team, pk)
    work.cancel(import_)
    import_.refresh_from_db()
    if import_.state == State.CANCELLED and not import_.done_rows:
        messages.info(request, _("The import of %(file)s was cancelled.") % {"file": import_.name})
        return redirect("contacts:imports")
    return redirect(stages.address(import_))


@require_safe
@team_view(Right.IMPORT_CONTACTS)
def import_result(request: MemberRequest, pk: int) -> HttpResponse:
    """The last step: what came of it, and the way back. While it is taken back: how far."""
    import_ = stages.of_team(request.member.team, pk)
    if stages.PAGES[import_.state] != "result":
        return stages.onward(request, import_)
    if import_.state == State.REVERTING:
        return _progress(request, import_, "result")
    if request.htmx:  # type: ignore[attr-defined]
        return stages.onward(request, import_)
    made = {"match": "all", "conditions": [{"field": "imported_by", "op": "any", "value": [import_.pk]}]}
    took = None
    if import_.started_at and import_.finished_at:
        took = max(1, (import_.finished_at - import_.started_at).total_seconds())
    context = {
        "import": import_,
        "step": "result",
        "people": import_.created + import_.updated,
        "left_out": import_.invalid + import_.duplicates,
        "made_address": f"{reverse('contacts:list')}?{urlencode({'f': json.dumps(made)})}",
        "revertable": work.revertable(import_),
        "revert_until": import_.finished_at and import_.finished_at + timedelta(days=work.REVERT_DAYS),
        "took": took,
    }
    return render(request, "contacts/import_result.html", context)


@require_safe
@team_view(Right.IMPORT_CONTACTS)
def import_rejects(request: MemberRequest, pk: int) -> HttpResponseBase:
    """The rows that are left out, as CSV: their line, the reason, and what stood there."""
    import_ = stages.of_team(request.member.team, pk)
    if import_.state in (State.UPLOADED, State.CHECKING):
        return stages.onward(request, import_)
    return stages.rejects_of(request, import_)


@require_POST
@team_view(Right.IMPORT_CONTACTS)
def import_revert(request: MemberRequest, pk: int) -> HttpResponse:
    import_ = stages.of_team(request.member.team, pk)
    work.start_revert(import_, request.user)
    import_.refresh_from_db()
    return redirect(stages.address(import_))
