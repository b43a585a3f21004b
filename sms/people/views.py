"""The page of one person: their fields, what they allow, and all that happened, newest first."""

from typing import Any

from django.db.models import Exists, OuterRef
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from contacts.models import ConsentChange, Contact
from sms import consent
from sms.conversations import thread, timeline
from sms.models import Conversation, Line
from sms.people.forms import ConsentForm
from teams.access import MemberRequest, Right, team_view

# The filters above the timeline: what each shows.
KINDS: dict[str, tuple[str, ...]] = {
    "all": timeline.KINDS,
    "messages": ("message",),
    "calls": ("call", "qualification"),
    "clicks": ("click",),
    "notes": ("note",),
    "changes": ("consent",),
}
PAGE = 30
# What happened since the page was opened: as many as anybody reads before loading it again.
NEWEST = 200


@require_safe
@team_view(Right.EDIT_CONTACTS)
def contact(request: MemberRequest, pk: int) -> HttpResponse:
    """The whole page. For htmx: older events (`before`), or the newest ones again (`since`)."""
    person = _person(request, pk)
    kind = request.GET.get("kind", "all")
    if kind not in KINDS:
        raise Http404
    before, since = _cursor(request, "before"), _cursor(request, "since")
    context: dict[str, Any] = {"contact": person, "kind": kind}
    if getattr(person, "seen", False):
        context |= _timeline(person, kind, before, since)
        if before and context["items"] and context["items"][0].key == request.GET.get("day"):
            # The page above has this day's heading already.
            context["items"] = context["items"][1:]
    template = "sms/contact.html"
    if request.htmx and before:  # type: ignore[attr-defined]
        return render(request, f"{template}#older", context)
    if request.htmx and request.GET.get("part") == "newest":  # type: ignore[attr-defined]
        return render(request, f"{template}#newest", context)
    return render(request, template, context | _fields(request, person))


@require_POST
@team_view(Right.EDIT_CONTACTS)
def opt_out(request: MemberRequest, pk: int) -> HttpResponse:
    return _note_consent(request, pk, opted_out=True)


@require_POST
@team_view(Right.EDIT_CONTACTS)
def opt_in(request: MemberRequest, pk: int) -> HttpResponse:
    return _note_consent(request, pk, opted_out=False)


def _note_consent(request: MemberRequest, pk: int, *, opted_out: bool) -> HttpResponse:
    person = _person(request, pk)
    form = ConsentForm(request.POST)
    if form.is_valid():
        consent.note(person, opted_out=opted_out, reason=form.cleaned_data["reason"], by=request.user)
        return redirect("sms:contact", pk=person.pk)
    context: dict[str, Any] = {"contact": person, "kind": "all", "tab": "details"}
    if getattr(person, "seen", False):
        context |= _timeline(person, "all", None, None)
    context = _fields(request, person) | context | {"consent_form": form}
    return render(request, "sms/contact.html", context, status=422)


def _person(request: MemberRequest, pk: int) -> Contact:
    """A contact of the team, with `seen`: whether this member sees what happened with them."""
    hidden = Conversation.objects.for_team(request.member.team).filter(contact=OuterRef("pk"))
    visible = Conversation.objects.visible_to(request.member).filter(contact=OuterRef("pk"))
    found = (
        Contact.objects.for_team(request.member.team)
        .select_related("owner", "team", "conversation__line", "conversation__assignee")
        .prefetch_related("phones")
        .annotate(seen=Exists(visible) | ~Exists(hidden))
    )
    return get_object_or_404(found, pk=pk)


def _cursor(request: MemberRequest, name: str) -> timeline.Cursor | None:
    if name not in request.GET:
        return None
    try:
        return timeline.Cursor.parse(request.GET[name])
    except (ValueError, OverflowError) as error:
        raise Http404 from error


def _timeline(
    person: Contact, kind: str, before: timeline.Cursor | None, since: timeline.Cursor | None
) -> dict[str, Any]:
    """Items newest first, and where the older ones begin."""
    page = timeline.page(
        person.pk, before=before, since=since, limit=NEWEST if since else PAGE, kinds=KINDS[kind]
    )
    conversation: Conversation | None = getattr(person, "conversation", None)
    story = thread.Story(
        name=person.first_name,
        waiting_since=conversation.waiting_since if conversation and before is None else None,
        several_lines=Line.objects.for_team(person.team)[:2].count() > 1,
        more=page.next is not None,
        newest=before is None,
    )
    told = thread.tell(page.events, story)
    last = page.events[-1] if page.events else None
    return {
        "items": told.items,
        "open_all": told.open_above,
        "before": before,
        "since": since or (page.next and last and last.cursor),
        # The part that is fetched again keeps its older events where they are.
        "next": None if since else page.next,
        "next_day": next((item.key for item in reversed(told.items) if item.kind == "day"), ""),
    }


def _fields(request: MemberRequest, person: Contact) -> dict[str, Any]:
    change = ConsentChange.objects.for_team(request.member.team).filter(contact=person).select_related("by")
    return {
        "numbers": sorted(person.phones.all(), key=lambda phone: (not phone.is_primary, phone.pk)),
        "consent": change.order_by("-happened_at", "-pk").first(),
        "consent_form": ConsentForm(),
        "tab": "details" if request.GET.get("tab") == "details" else "timeline",
    }
