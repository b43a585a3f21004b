"""The page of one person: their fields, what they allow, and all that happened, newest first."""

from dataclasses import replace
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef
from django.db.models.functions import JSONObject
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from contacts.follow_ups import views as follow_ups
from contacts.models import Contact, ContactList, CustomField, FollowUp, Tag
from contacts.people import known
from contacts.privacy import shown
from sms import consent
from sms.conversations import thread, timeline
from sms.models import Conversation, Line
from sms.people import beside
from sms.people.forms import ConsentForm
from teams.access import MemberRequest, Right, team_view

# The filters above the timeline: what each shows.
KINDS: dict[str, tuple[str, ...]] = {
    "all": timeline.KINDS,
    "messages": ("message",),
    "calls": ("call", "qualification"),
    "clicks": ("click",),
    "notes": ("note",),
    "changes": ("consent", "done", "planned", "merge", "import"),
}
PAGE = 30
# What happened since the page was opened: as many as anybody reads before loading it again.
NEWEST = 200
# Events of one kind are counted up to here: beyond, a filter says "99+".
COUNTED = 100


@require_safe
@team_view(Right.EDIT_CONTACTS)
def contact(request: MemberRequest, pk: int) -> HttpResponse:
    """The whole page. For htmx: older events (`before`), or the newest ones again (`since`)."""
    kind = request.GET.get("kind", "all")
    if kind not in KINDS:
        raise Http404
    person = _person(request, pk)
    before, since = _cursor(request, "before"), _cursor(request, "since")
    context = _context(request, person, kind, before, since)
    template = "sms/contact.html"
    if request.htmx and before:  # type: ignore[attr-defined]
        return render(request, f"{template}#older", context)
    if request.htmx and request.GET.get("part") == "newest":  # type: ignore[attr-defined]
        return render(request, f"{template}#newest", context)
    return render(request, template, context | _fields(request, person) | _counts(person))


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
    context = _context(request, person, "all", None, None) | _fields(request, person) | _counts(person)
    context |= {"consent_form": form, "tab": "details"}
    return render(request, "sms/contact.html", context, status=422)


def _person(request: MemberRequest, pk: int) -> Contact:
    """A contact of the team, with `seen`: whether this member sees what happened with them. Two statements.

    Besides `several_lines`, and `tags_now` and `lists_now`: {"pk", "name"} each, by name.
    """
    team = request.member.team
    hidden = Conversation.objects.for_team(team).filter(contact=OuterRef("pk"))
    visible = Conversation.objects.visible_to(request.member).filter(contact=OuterRef("pk"))
    named = JSONObject(pk="pk", name="name")
    tags = Tag.objects.filter(contacts=OuterRef("pk")).order_by("name")
    lists = ContactList.objects.filter(members=OuterRef("pk")).order_by("name")
    other_line = Line.objects.for_team(team).exclude(pk=OuterRef("conversation__line"))
    found = (
        Contact.objects.for_team(team)
        .select_related("owner", "team", "conversation__line", "conversation__assignee", "imported_by")
        .prefetch_related("phones")
        .annotate(
            seen=Exists(visible) | ~Exists(hidden),
            several_lines=Exists(other_line),
            tags_now=ArraySubquery(tags.values(json=named)),
            lists_now=ArraySubquery(lists.values(json=named)),
        )
    )
    return get_object_or_404(found, pk=pk)


def _cursor(request: MemberRequest, name: str) -> timeline.Cursor | None:
    if name not in request.GET:
        return None
    try:
        return timeline.Cursor.parse(request.GET[name])
    except (ValueError, OverflowError) as error:
        raise Http404 from error


def _context(
    request: MemberRequest,
    person: Contact,
    kind: str,
    before: timeline.Cursor | None,
    since: timeline.Cursor | None,
) -> dict[str, Any]:
    """The person with their line, where this member sees it."""
    context: dict[str, Any] = {"contact": person, "kind": kind, "kept": beside.kept(request)}
    context |= {"upcoming": [], "items": []}
    if before is None:
        context |= follow_ups.owed_context(request, person)
    if not getattr(person, "seen", False):
        return context
    context |= _timeline(person, kind, before, since)
    if before and context["items"] and context["items"][0].key == request.GET.get("day"):
        # The page above has this day's heading already.
        context["items"] = context["items"][1:]
    if before is None and kind in ("all", "changes"):
        context |= _ahead(context["owed"], context["items"])
    return context


def _ahead(owed: list[FollowUp], items: list[thread.Item]) -> dict[str, Any]:
    """What is to come, the furthest first: dashed above what happened."""
    upcoming = [row for row in reversed(owed) if not row.is_late]
    if upcoming and items:
        items = [replace(items[0], above="next"), *items[1:]]
    return {"upcoming": upcoming, "items": items}


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
        several_lines=bool(getattr(person, "several_lines", False)),
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


def _counts(person: Contact) -> dict[str, Any]:
    """How many events each filter shows, as "22" or "99+", "" for none. One statement of bounded scans."""
    if not getattr(person, "seen", False):
        return {}
    found = timeline.counts(person.pk, KINDS, COUNTED)
    return {"counts": {name: "99+" if n >= COUNTED else str(n or "") for name, n in found.items()}}


def _fields(request: MemberRequest, person: Contact) -> dict[str, Any]:
    fields = list(CustomField.objects.for_team(request.member.team))
    return {
        "numbers": sorted(person.phones.all(), key=lambda phone: (not phone.is_primary, phone.pk)),
        "rows": known.rows(person, fields),
        "tags": getattr(person, "tags_now", []),
        "lists": getattr(person, "lists_now", []),
        "owed_next": f"{person.get_absolute_url()}?tab=details",
        **shown.consent(person),
        "consent_form": ConsentForm(),
        "tab": "details" if request.GET.get("tab") == "details" else "timeline",
        "beside": beside.of(request, person),
    }
