"""The pages of a team's own fields, for those who manage them."""

from typing import Any

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from contacts.custom_fields import keeping
from contacts.custom_fields.forms import FieldForm
from contacts.models import CustomField
from teams.access import MemberRequest, Right, team_view


@team_view(Right.MANAGE_FIELDS)
def fields(request: MemberRequest) -> HttpResponse:
    """The fields in their order, and a form for one more."""
    team = request.member.team
    form = FieldForm(request.POST if request.method == "POST" else None, team=team)
    known = CustomField.objects.for_team(team)
    if request.method == "POST" and form.is_valid():
        if known.count() >= keeping.MOST:
            form.add_error(
                None, _("%(most)s fields are as many as a team can have.") % {"most": keeping.MOST}
            )
        else:
            try:
                keeping.add(team, by=request.user, **form.cleaned_data)
            except IntegrityError:
                form.add_error("label", _("There is a field of this name."))
            else:
                return redirect("contacts:fields")
    context = {"fields": known, "form": form}
    return render(request, "contacts/field_list.html", context, status=422 if form.errors else 200)


@team_view(Right.MANAGE_FIELDS)
def field(request: MemberRequest, pk: int) -> HttpResponse:
    """One field: its name and choices. A choice that people have goes only when that was seen (`sure`)."""
    one = _field(request, pk)
    form = FieldForm(request.POST if request.method == "POST" else None, team=request.member.team, field=one)
    used: dict[str, int] = {}
    if request.method == "POST" and form.is_valid():
        choices = form.cleaned_data["choices"]
        used = keeping.in_use(one, [each for each in one.choices if each not in choices])
        if not used or request.POST.get("sure") == "1":
            try:
                keeping.change(one, label=form.cleaned_data["label"], choices=choices, by=request.user)
            except IntegrityError:
                form.add_error("label", _("There is a field of this name."))
            else:
                return redirect("contacts:fields")
    context: dict[str, Any] = {"field": one, "form": form, "used": used, "filled": keeping.filled(one)}
    status = 422 if form.errors or used else 200
    return render(request, "contacts/field_edit.html", context, status=status)


@require_POST
@team_view(Right.MANAGE_FIELDS)
def field_move(request: MemberRequest, pk: int) -> HttpResponse:
    keeping.move(_field(request, pk), up=request.POST.get("to") == "up")
    return redirect("contacts:fields")


@require_POST
@team_view(Right.MANAGE_FIELDS)
def field_delete(request: MemberRequest, pk: int) -> HttpResponse:
    one = _field(request, pk)
    people = keeping.delete(one, by=request.user)
    said = ngettext(
        "%(label)s was deleted, with the value of one person.",
        "%(label)s was deleted, with the values of %(people)s people.",
        people,
    )
    messages.info(request, said % {"label": one.label, "people": people})
    return redirect("contacts:fields")


def _field(request: MemberRequest, pk: int) -> CustomField:
    return get_object_or_404(CustomField.objects.for_team(request.member.team).select_related("team"), pk=pk)
