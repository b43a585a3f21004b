"""The lists of a team. Who is on one is shown by the contact table."""

from typing import Any

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from contacts.lists import listing
from contacts.models import ContactList
from contacts.segments import references
from contacts.segments.forms import ListForm
from teams import audit
from teams.access import MemberRequest, Right, team_view


@team_view(Right.EDIT_CONTACTS)
def lists(request: MemberRequest) -> HttpResponse:
    """All of them, and a field for a new one."""
    form = ListForm(request.POST if request.method == "POST" else None, team=request.member.team)
    if request.method == "POST" and form.is_valid():
        made = ContactList(team=request.member.team, name=form.cleaned_data["name"], created_by=request.user)
        if _kept(made, form):
            return redirect("contacts:lists")
    found = [
        {"list": each, "people": listing.written(each.people)}  # type: ignore[attr-defined]
        for each in listing.counted(request.member.team)
    ]
    context = {"lists": found, "form": form}
    return render(request, "contacts/list_list.html", context, status=422 if form.errors else 200)


@team_view(Right.EDIT_CONTACTS)
def list_edit(request: MemberRequest, pk: int) -> HttpResponse:
    """Its name, and its end."""
    one = _list(request, pk)
    form = ListForm(
        request.POST if request.method == "POST" else None,
        team=one.team,
        own=one.pk,
        initial={"name": one.name},
    )
    if request.method == "POST" and form.is_valid():
        renamed = ContactList.objects.get(pk=one.pk)
        renamed.name = form.cleaned_data["name"]
        if _kept(renamed, form):
            return redirect("contacts:lists")
    context: dict[str, Any] = {
        "list": one,
        "people": listing.written(one.people),  # type: ignore[attr-defined]
        "segments": references.naming(one.team, "list", one.pk),
        "form": form,
    }
    return render(request, "contacts/list_edit.html", context, status=422 if form.errors else 200)


@team_view(Right.EDIT_CONTACTS)
def list_delete(request: MemberRequest, pk: int) -> HttpResponse:
    """The people stay. The page that asks is the list's own."""
    one = _list(request, pk)
    if request.method != "POST":
        return redirect("contacts:list-edit", pk=one.pk)
    audit.record(one.team, "list.deleted", one, actor=request.user, name=one.name)
    ContactList.objects.filter(pk=one.pk).delete()
    messages.info(request, _("%(name)s was deleted. Its people stay.") % {"name": one.name})
    return redirect("contacts:lists")


def _kept(one: ContactList, form: ListForm) -> bool:
    """Whether it could be written down; else the form says that its name is taken."""
    try:
        with transaction.atomic():
            one.save()
    except IntegrityError:
        form.refuse_taken()
        return False
    return True


def _list(request: MemberRequest, pk: int) -> ContactList:
    return get_object_or_404(listing.counted(request.member.team).select_related("team", "created_by"), pk=pk)
