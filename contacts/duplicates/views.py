"""Proposals of duplicates, two people side by side, and their merge. For managers."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from contacts.duplicates import compare, find, gone, merge, near, proposals
from contacts.models import Contact, DuplicatePair
from contacts.people import search
from teams.access import MemberRequest, Right, team_view
from teams.wake import after_commit

# A team of so many is looked through while the person waits: a quarter of a second.
LOOKED_AT_ONCE = 5000
# People offered to merge with; who isn't among them is found by more words.
OFFERED = 20


@require_safe
@team_view(Right.MERGE_CONTACTS)
def duplicates(request: MemberRequest) -> HttpResponse:
    """The proposals; for htmx the list alone, or its next page (`after`)."""
    team, after = request.member.team, request.GET.get("after", "")
    try:
        page = proposals.page(team, after=after)
    except (ValueError, OverflowError) as error:
        raise Http404 from error
    context = {
        "page": page,
        "pairs": [Proposal(pair) for pair in page.pairs],
        "after": after,
        "count": proposals.count(team),
        "most": proposals.COUNTED,
    }
    template = "contacts/duplicate_list.html"
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, f"{template}#{'rows' if after else 'pairs'}", context)
    return render(request, template, context)


class Proposal:
    """A pair as the list shows it: who would be kept on the left."""

    def __init__(self, pair: DuplicatePair) -> None:
        self.pair = pair
        for contact in (pair.first, pair.second):
            contact.team = pair.team
        self.kept, self.gone = compare.default_order(pair.first, pair.second)

    @property
    def dismiss_url(self) -> str:
        return reverse("contacts:duplicate-dismiss", args=[self.pair.pk])

    @property
    def people(self) -> tuple[Contact, Contact]:
        return self.kept, self.gone


@require_POST
@team_view(Right.MERGE_CONTACTS)
def look_again(request: MemberRequest) -> HttpResponse:
    """Looks through the team: a small one at once, a large one in the background."""
    team = request.member.team
    if Contact.objects.for_team(team).order_by()[: LOOKED_AT_ONCE + 1].count() > LOOKED_AT_ONCE:
        after_commit("contacts.tasks.find_duplicates", team.pk)
        messages.info(request, _("Your contacts are being looked through. What is found appears here."))
    else:
        found = find.scan(team)
        if not found:
            messages.info(request, _("No duplicates were found."))
    return redirect("contacts:duplicates")


@require_safe
@team_view(Right.MERGE_CONTACTS)
def duplicate_compare(request: MemberRequest, kept_id: int, gone_id: int) -> HttpResponseBase:
    """Two people side by side."""
    if (merged := _merged_already(request, kept_id, gone_id)) is not None:
        return merged
    return _compare_page(request, *_two(request, kept_id, gone_id))


@require_POST
@team_view(Right.MERGE_CONTACTS)
def duplicate_merge(request: MemberRequest, kept_id: int, gone_id: int) -> HttpResponseBase:
    """Merges as it was chosen. A second click, or a colleague's, leads to the person kept."""
    if (merged := _merged_already(request, kept_id, gone_id)) is not None:
        return merged
    kept, going = _two(request, kept_id, gone_id)
    primary = request.POST.get("primary", "")
    try:
        person = merge.merge(
            kept.pk,
            going.pk,
            request.user,
            taken=[
                name.removeprefix(compare.FIELD)
                for name, side in request.POST.items()
                if name.startswith(compare.FIELD) and side == "gone"
            ],
            primary_id=int(primary)
            if primary.isascii() and primary.isdigit() and len(primary) < 19
            else None,
        )
    except merge.AlreadyMerged as error:
        return _already(request, error.kept_id)
    messages.info(request, _("Merged into %(name)s.") % {"name": compare.name_of(person)})
    if request.POST.get("next") == "list" and proposals.count(request.member.team):
        return redirect("contacts:duplicates")
    return redirect(person)


@require_POST
@team_view(Right.MERGE_CONTACTS)
def duplicate_dismiss(request: MemberRequest, pk: int) -> HttpResponse:
    """Two people after all."""
    pairs = DuplicatePair.objects.for_team(request.member.team).select_related("team")
    with transaction.atomic():
        proposals.dismiss(get_object_or_404(pairs, pk=pk), by=request.user)
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(status=204, headers={"HX-Trigger": "ligne:changed"})
    return redirect("contacts:duplicates")


@require_safe
@team_view(Right.MERGE_CONTACTS)
def merge_with(request: MemberRequest, pk: int) -> HttpResponse:
    """Chooses by search whom somebody is merged with; at first whoever is near."""
    team = request.member.team
    contact = get_object_or_404(_people(request), pk=pk)
    words = request.GET.get("q", "")[:200].strip()
    if words:
        found, _nearly = search.people(team, words)
        rows = found.exclude(pk=contact.pk).prefetch_related("phones").order_by("pk")
        people = list(rows[: OFFERED + 1])
    else:
        people = [each.contact for each in near.of(contact)]
    for each in people:
        each.team = team
    context: dict[str, Any] = {
        "contact": contact,
        # `contact` is whoever a row is about in the template.
        "kept": contact,
        "name": compare.name_of(contact),
        "words": words,
        "people": people[:OFFERED],
        "more": len(people) > OFFERED,
    }
    template = "contacts/duplicate_with.html"
    wants = request.htmx and request.htmx.target == "found"  # type: ignore[attr-defined]
    return render(request, f"{template}#found" if wants else template, context)


def _people(request: MemberRequest) -> Any:
    found = Contact.objects.for_team(request.member.team).select_related("team", "owner")
    return found.prefetch_related("phones")


def _two(request: MemberRequest, kept_id: int, gone_id: int) -> tuple[Contact, Contact]:
    """Two different people of the team, else a 404."""
    if kept_id == gone_id:
        raise Http404
    people = _people(request)
    return get_object_or_404(people, pk=kept_id), get_object_or_404(people, pk=gone_id)


def _compare_page(request: MemberRequest, kept: Contact, going: Contact) -> HttpResponse:
    low, high = sorted((kept.pk, going.pk))
    pair = DuplicatePair.objects.for_team(request.member.team).filter(first=low, second=high).first()
    context = {
        "two": compare.compare(request.member.team, kept, going),
        "pair": pair if pair and pair.dismissed_at is None else None,
        "next": "list" if request.GET.get("from") == "list" else "",
    }
    return render(request, "contacts/duplicate_compare.html", context)


def _merged_already(request: MemberRequest, *ids: int) -> HttpResponseRedirect | None:
    for each in ids:
        kept = gone.kept_of(request.member.team, each)
        if kept is not None:
            return _already(request, kept)
    return None


def _already(request: MemberRequest, kept_id: int) -> HttpResponseRedirect:
    kept = get_object_or_404(_people(request), pk=kept_id)
    messages.info(request, _("They were merged already: this is who they are now."))
    return HttpResponseRedirect(kept.get_absolute_url())
