"""The page where a segment is built: conditions as rows of controls, the sentence and the count beside them.

Everything works by a round trip of the whole form: a button says what to do with the conditions. htmx asks the
same address for parts of the page.
"""

import json
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from contacts.models import Segment
from contacts.segments import definition, draft, preview, uses
from contacts.segments.conditions import Group, Vocabulary
from contacts.segments.definition import Definition, Problem
from contacts.segments.draft import Draft
from contacts.segments.forms import SegmentForm
from teams import audit
from teams.access import MemberRequest, Right, team_view

TEMPLATE = "contacts/segment_edit.html"
# Characters of a definition that an address can bring along.
LONGEST = 20_000


@team_view(Right.EDIT_CONTACTS)
def segment_new(request: MemberRequest) -> HttpResponse:
    """`f` in the address: a definition to begin with."""
    return _build(request, None)


@team_view(Right.EDIT_CONTACTS)
def segment_edit(request: MemberRequest, pk: int) -> HttpResponse:
    """`add` in the address: with one more condition to fill in. `exact`: with everybody counted."""
    segments = Segment.objects.for_team(request.member.team).select_related("team", "created_by")
    return _build(request, get_object_or_404(segments, pk=pk))


def _build(request: MemberRequest, segment: Segment | None) -> HttpResponse:
    vocabulary = Vocabulary(request.member.team)
    if request.method != "POST":
        found, problems = _begun(request, segment, vocabulary)
        begun = draft.of_definition(found)
        if "add" in request.GET or not begun.items:
            begun.add()
        exact = segment is not None and request.GET.get("exact") == "1"
        return _page(request, segment, vocabulary, begun, problems=problems, exact=exact)
    edited = draft.of_form(request.POST, vocabulary)
    action = request.POST.get("do", "look")
    if action in ("save", "copy"):
        return _save(request, segment if action == "save" else None, vocabulary, edited, origin=segment)
    _do(edited, action)
    return _page(request, segment, vocabulary, edited)


def _begun(
    request: MemberRequest, segment: Segment | None, vocabulary: Vocabulary
) -> tuple[Definition, list[Problem]]:
    """The stored definition, or the one that the address brings along. What is wrong is said at its row."""
    if segment is not None:
        return definition.stored(segment.definition, segment.team, vocabulary=vocabulary)
    try:
        given = json.loads(request.GET.get("f", "")[:LONGEST])
    except (ValueError, RecursionError):
        return Definition(), []
    return definition.stored(given, vocabulary.team, vocabulary=vocabulary)


def _do(edited: Draft, action: str) -> None:
    """`add`, `add:1` (to a group), `add-group`, `remove:1`, `remove:1-0`; anything else changes nothing."""
    verb, _colon, place = action.partition(":")
    numbers = place.split("-") if place else []
    if not all(each.isascii() and each.isdigit() and len(each) < 4 for each in numbers):
        return
    path = tuple(int(each) for each in numbers)
    if verb == "add":
        edited.add(path[0] if path else None)
    elif verb == "add-group":
        edited.add_group()
    elif verb == "remove" and path:
        edited.remove(path)


def _save(
    request: MemberRequest,
    segment: Segment | None,
    vocabulary: Vocabulary,
    edited: Draft,
    *,
    origin: Segment | None,
) -> HttpResponse:
    """`origin`: the segment of this page, which may be saved as another one."""
    problems: list[Problem] = []
    found = Definition()
    try:
        found = definition.parse(edited.as_json(), vocabulary=vocabulary)
    except definition.Wrong as error:
        problems = error.problems
    if not edited.items:
        problems = [Problem((), _("Add a condition: a segment of everybody is the table itself."))]
    form = SegmentForm(request.POST, team=vocabulary.team, own=segment.pk if segment else None)
    if form.is_valid() and not problems:
        saved = segment or Segment(team=vocabulary.team, created_by=request.user)
        saved.name, saved.definition = form.cleaned_data["name"], found.as_json()
        try:
            with transaction.atomic():
                saved.save()
                audit.record(saved.team, "segment.saved", saved, actor=request.user, name=saved.name)
        except IntegrityError:
            form.refuse_taken()
        else:
            return redirect(f"{reverse('contacts:list')}?segment={saved.pk}")
    return _page(request, origin, vocabulary, edited, form=form, problems=problems)


def _page(
    request: MemberRequest,
    segment: Segment | None,
    vocabulary: Vocabulary,
    edited: Draft,
    *,
    form: SegmentForm | None = None,
    problems: list[Problem] | None = None,
    exact: bool = False,
) -> HttpResponse:
    found, left_out = draft.finished(edited, vocabulary)
    context: dict[str, Any] = {
        "preview": preview.of(found, vocabulary, left_out=left_out, exact=exact),
        "filter": json.dumps(found.as_json(), separators=(",", ":"), ensure_ascii=False),
        "segment": segment,
        "empty": not found.items,
    }
    htmx: Any = request.htmx  # type: ignore[attr-defined]
    if htmx and htmx.target == "preview":
        return render(request, f"{TEMPLATE}#preview", context)
    context |= {
        "items": draft.shown(edited, vocabulary, problems or []),
        "every": edited.every,
        "menu": menu(vocabulary),
        "wrong": [problem.message for problem in problems or [] if not problem.path],
    }
    if htmx and htmx.target == "conditions":
        context["oob"] = True
        return render(request, f"{TEMPLATE}#conditions", context)
    name = request.POST.get("name", segment.name if segment else request.GET.get("name", "")[:80])
    context["form"] = form or SegmentForm(team=vocabulary.team, initial={"name": name})
    context["uses"] = uses.of(segment) if segment else []
    refused = form is not None and (form.errors or problems)
    return render(request, TEMPLATE, context, status=422 if refused else 200)


def menu(vocabulary: Vocabulary) -> list[tuple[str, list[tuple[str, str]]]]:
    """The fields by their headings: [(heading, [(key, label), …]), …]."""
    made: dict[Group, list[tuple[str, str]]] = {}
    for condition in vocabulary.conditions():
        made.setdefault(condition.group, []).append((condition.key, str(condition.label)))
    return [(group.label, fields) for group, fields in made.items()]
