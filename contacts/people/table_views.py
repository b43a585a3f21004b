"""What somebody keeps of the contact list: its columns, and views under a name."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from contacts.models import SavedView
from contacts.people import columns, saved_views
from contacts.people.choice import Choice, Unknown
from contacts.people.offers import offered
from contacts.people.saved_views import NameForm
from teams.access import MemberRequest, Right, team_view


@require_POST
@team_view(Right.EDIT_CONTACTS)
def columns_change(request: MemberRequest) -> HttpResponse:
    """Keeps which columns are shown, in which order: of the view that is open, else of the table as it opens."""
    offers = offered(request.member)
    view = offers.view(request.POST.get("view", ""))
    keys: list[str] = []
    if "usual" not in request.POST:
        known = {column.key for column in columns.every(offers.fields)}
        keys = [key for key in request.POST.getlist("columns") if key in known]
        keys = _moved(keys, request.POST.get("move", ""))
    sort = None
    if view is None:
        sort = str(_choice(request).sort) if request.POST.get("keep_order") else ""
    saved_views.keep_columns(request.member, view, keys, sort)
    return _back(request, menu="columns" if "move" in request.POST else "")


def _moved(keys: list[str], move: str) -> list[str]:
    """`keys` after "up:key" or "down:key"."""
    way, _colon, key = move.partition(":")
    if key in keys:
        at = keys.index(key)
        to = at - 1 if way == "up" else at + 1
        if 0 <= to < len(keys):
            keys[at], keys[to] = keys[to], keys[at]
    return keys


@require_POST
@team_view(Right.EDIT_CONTACTS)
def view_new(request: MemberRequest) -> HttpResponse:
    """Keeps what is looked at under a name."""
    choice = _choice(request)
    form = NameForm(request.POST, member=request.member)
    shown = request.POST.getlist("columns")
    view = saved_views.save(request.member, form, choice, shown) if form.is_valid() else None
    if view is None:
        kept = {**choice.parameters(), "columns": shown}
        context = {"form": form, "kept": kept, "back": choice.query()}
        return render(request, "contacts/view_edit.html", context, status=422)
    return _back(request, view=view.pk)


@team_view(Right.EDIT_CONTACTS)
def view_edit(request: MemberRequest, pk: int) -> HttpResponse:
    """Renames a view of one's own."""
    view = _own(request, pk)
    given = request.POST if request.method == "POST" else None
    form = NameForm(given, member=request.member, view=view, initial={"name": view.name})
    if given is not None and form.is_valid() and saved_views.rename(view, form):
        return redirect(_address(view))
    name = _own(request, pk)
    context = {"form": form, "view": name, "back": _address(view).partition("?")[2]}
    return render(request, "contacts/view_edit.html", context, status=422 if form.errors else 200)


@require_POST
@team_view(Right.EDIT_CONTACTS)
def view_change(request: MemberRequest, pk: int) -> HttpResponse:
    """The view shows what is looked at, from now on."""
    view = _own(request, pk)
    saved_views.change(view, _choice(request), request.POST.getlist("columns"))
    return redirect(_address(view))


@require_POST
@team_view(Right.EDIT_CONTACTS)
def view_remove(request: MemberRequest, pk: int) -> HttpResponse:
    view = _own(request, pk)
    view.delete()
    messages.info(request, _("The view “%(name)s” was removed.") % {"name": view.name})
    return redirect("contacts:list")


def _own(request: MemberRequest, pk: int) -> SavedView:
    found = SavedView.objects.for_team(request.member.team).filter(user=request.user).exclude(name="")
    return get_object_or_404(found, pk=pk)


def _choice(request: MemberRequest) -> Choice:
    try:
        return Choice.parse(request.POST, request.member.team)
    except Unknown as error:
        raise Http404 from error


def _address(view: SavedView) -> str:
    return f"{reverse('contacts:list')}?{view.query}{'&' if view.query else ''}view={view.pk}"


def _back(request: MemberRequest, **more: Any) -> HttpResponse:
    """To the list as it was looked at."""
    choice = _choice(request)
    kept = choice.parameters(sort=choice.sort) | {"view": request.POST.get("view", "")} | more
    query = urlencode({name: value for name, value in kept.items() if value})
    return redirect(f"{reverse('contacts:list')}?{query}")
