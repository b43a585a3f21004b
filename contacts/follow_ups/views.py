"""What the team owes its people: the list, and what is done with one of them."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from contacts.follow_ups import doing, listing, times
from contacts.follow_ups.forms import FollowUpForm, SnoozeForm
from contacts.models import Contact, FollowUp
from teams import audit
from teams.access import MemberRequest, Right, team_view

CHANGED = {"HX-Trigger": "ligne:changed"}
# A list that is fetched again because something changed shows as much as it did, up to here.
MOST_AGAIN = 500


def _fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page; it restores its history with whole pages."""
    return (
        request.headers.get("HX-Request") == "true"
        and request.headers.get("HX-History-Restore-Request") != "true"
    )


@require_safe
@team_view(Right.EDIT_CONTACTS)
def follow_ups(request: MemberRequest) -> HttpResponse:
    """The page; for htmx the rows that follow (`after`), or those from the top again (`shown` of them)."""
    whose = "all" if request.GET.get("whose") == "all" else "mine"
    done = request.GET.get("show") == "done"
    found = doing.visible_to(request.member)
    if whose == "mine":
        found = found.filter(owner=request.user)
    try:
        after = listing.Place.parse(request.GET["after"]) if "after" in request.GET else None
    except ValueError as error:
        raise Http404 from error
    size = _shown(request)
    page = listing.done(found) if done else listing.page(found, after=after, size=size)
    asked = {"whose": whose} | ({"show": "done"} if done else {})
    here = f"{reverse('contacts:follow-ups')}?{urlencode(asked)}"
    context: dict[str, Any] = {
        "page": page,
        "whose": whose,
        "mine": whose == "mine",
        "done": done,
        "after": after,
        "here": here,
        "within": request.GET.get("within", "") if after else "",
        "more_url": f"{here}&{urlencode(_rest(page))}" if page.next else "",
        "snoozes": times.snoozes(),
    }
    template = "contacts/follow_up_list.html"
    if _fragment(request) and after is not None:
        return render(request, f"{template}#rows", context)
    if _fragment(request):
        return render(request, f"{template}#list", context | {"fragment": True})
    return render(request, template, context)


def _shown(request: MemberRequest) -> int:
    """As many rows as the page shows already, in pages of which each says its number."""
    numbers = [int(each) for each in request.GET.getlist("shown") if each.isascii() and each.isdigit()]
    return min(MOST_AGAIN, max(listing.PAGE, sum(numbers)))


def _rest(page: listing.Page) -> dict[str, Any]:
    """What asks for the following page, which goes on within the last group of this one."""
    return {"after": page.next, "within": page.groups[-1].key}


@require_safe
@team_view(Right.EDIT_CONTACTS)
def of_person(request: MemberRequest, pk: int) -> HttpResponse:
    """For htmx: what is owed to one person, as their page and the inbox show it."""
    contact = _contact(request, pk)
    if not _fragment(request):
        return redirect(contact)
    context = owed_context(request, contact) | {"fragment": True}
    return render(request, "contacts/follow_ups_owed.html", context)


def owed_context(request: MemberRequest, contact: Contact) -> dict[str, Any]:
    """What templates/contacts/follow_ups_owed.html shows. One statement."""
    owed = listing.of_person(doing.visible_to(request.member), contact)
    return {"contact": contact, "owed": owed, "snoozes": times.snoozes()}


@team_view(Right.EDIT_CONTACTS)
def add(request: MemberRequest, pk: int) -> HttpResponse:
    """The form for one more thing to do for a person."""
    contact = _contact(request, pk)
    initial = {"due_at": times.snoozes()[1].until, "owner": request.user.pk}
    form = FollowUpForm(
        request.POST if request.method == "POST" else None, team=request.member.team, initial=initial
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        doing.add(contact, given["text"], given["due_at"], given["owner"], by=request.user)
        if _fragment(request):
            # In place of the form: nothing. What shows follow-ups looks again.
            return HttpResponse('<div id="follow-up-form"></div>', headers=CHANGED)
        return redirect(_next(request, contact))
    return _form_page(request, contact, form)


@team_view(Right.EDIT_CONTACTS)
def edit(request: MemberRequest, pk: int) -> HttpResponse:
    one = _one(request, pk)
    form = FollowUpForm(
        request.POST if request.method == "POST" else None, team=request.member.team, follow_up=one
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        if doing.edit(one, text=given["text"], due_at=given["due_at"], owner=given["owner"]):
            return redirect(_next(request, one.contact))
        form.add_error(None, _("Somebody did this already. Open it again to change it."))
    return _form_page(request, one.contact, form, one=one)


def _form_page(
    request: MemberRequest, contact: Contact, form: FollowUpForm, *, one: FollowUp | None = None
) -> HttpResponse:
    template = "contacts/follow_up_form.html"
    part = "#form" if _fragment(request) and one is None else ""
    context = {"contact": contact, "form": form, "one": one, "next": _next_given(request)}
    return render(request, template + part, context, status=422 if form.errors else 200)


@require_POST
@team_view(Right.EDIT_CONTACTS)
def tick(request: MemberRequest, pk: int) -> HttpResponse:
    """Done, or with `open` open again."""
    one = _one(request, pk)
    again = request.POST.get("open") == "1"
    changed = doing.reopen(one) if again else doing.done(one, request.user)
    return _answer(request, one, changed)


@require_POST
@team_view(Right.EDIT_CONTACTS)
def snooze(request: MemberRequest, pk: int) -> HttpResponse:
    one = _one(request, pk)
    form = SnoozeForm(request.POST)
    if form.is_valid():
        return _answer(request, one, doing.snooze(one, form.cleaned_data["moment"], request.user))
    said = " ".join(str(error) for errors in form.errors.values() for error in errors)
    form_page = FollowUpForm(team=request.member.team, follow_up=one)
    context = {
        "contact": one.contact,
        "form": form_page,
        "one": one,
        "said": said,
        "next": _next_given(request),
    }
    return render(request, "contacts/follow_up_form.html", context, status=422)


@require_POST
@team_view(Right.EDIT_CONTACTS)
def remove(request: MemberRequest, pk: int) -> HttpResponse:
    one = _one(request, pk)
    contact, words = one.contact, one.text
    audit.record(request.member.team, "follow_up.removed", one, actor=request.user, text=words)
    doing.remove(one)
    messages.info(request, _("“%(words)s” was removed.") % {"words": words})
    return redirect(_next(request, contact))


def _answer(request: MemberRequest, one: FollowUp, changed: bool) -> HttpResponse:
    """204 for htmx, 409 when somebody was quicker: what shows follow-ups looks again either way."""
    if _fragment(request):
        return HttpResponse(status=204 if changed else 409, headers=CHANGED)
    if not changed:
        messages.error(request, _("Somebody was quicker."))
    return redirect(_next(request, one.contact))


def _contact(request: MemberRequest, pk: int) -> Contact:
    return get_object_or_404(Contact.objects.for_team(request.member.team), pk=pk)


def _one(request: MemberRequest, pk: int) -> FollowUp:
    return get_object_or_404(doing.visible_to(request.member).select_related("contact", "owner"), pk=pk)


def _next_given(request: MemberRequest) -> str:
    """The page to come back to: a path of this site, or ""."""
    given = request.POST.get("next") or request.GET.get("next") or ""
    safe = given.startswith("/") and url_has_allowed_host_and_scheme(given, allowed_hosts=None)
    return given[:2000] if safe else ""


def _next(request: MemberRequest, contact: Contact) -> str:
    return _next_given(request) or f"{contact.get_absolute_url()}?tab=details"
