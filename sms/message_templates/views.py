"""The templates of a team: everybody who writes may see them, those who run campaigns change them."""

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from sms import merge_fields, segments_of_text, tracked_link
from sms.message_templates.forms import TemplateForm
from sms.message_templates.gaps import with_gaps
from sms.models import MessageTemplate
from teams import audit
from teams.access import MemberRequest, Right, team_view
from teams.models import Team

# As many as a menu of them can hold.
MOST = 200


@require_safe
@team_view(Right.CONVERSE)
def templates(request: MemberRequest) -> HttpResponse:
    found = MessageTemplate.objects.for_team(request.member.team).select_related("created_by")
    return render(request, "sms/template_list.html", {"templates": found})


@team_view(Right.MANAGE_CAMPAIGNS)
def template_new(request: MemberRequest) -> HttpResponse:
    return _edit(request, MessageTemplate(team=request.member.team, created_by=request.user))


@team_view(Right.MANAGE_CAMPAIGNS)
def template(request: MemberRequest, pk: int) -> HttpResponse:
    return _edit(request, _template(request, pk))


@require_POST
@team_view(Right.MANAGE_CAMPAIGNS)
def template_delete(request: MemberRequest, pk: int) -> HttpResponse:
    one = _template(request, pk)
    audit.record(one.team, "template.deleted", one, actor=request.user, name=one.name)
    MessageTemplate.objects.filter(pk=one.pk).delete()
    messages.info(request, _("%(name)s was deleted.") % {"name": one.name})
    return redirect("sms:templates")


def _edit(request: MemberRequest, one: MessageTemplate) -> HttpResponse:
    """The form of a new one or of one that is known. `do`: "look" shows what it says and saves nothing."""
    member = request.member
    posted = request.POST if request.method == "POST" else None
    looking = posted is not None and posted.get("do") == "look"
    written: Mapping[str, Any] = {"name": one.name, "text": one.text, "url": one.url}
    if posted is not None and looking:
        # Nothing is complained of yet but the text itself, by its preview.
        written, posted = posted.dict(), None
    form = TemplateForm(posted, team=member.team, own=one.pk, initial=written)
    if looking and request.htmx:  # type: ignore[attr-defined]
        return render(request, "sms/template_edit.html#preview", preview(form, member.team))
    if posted is not None and form.is_valid() and _kept(request, one, form):
        return redirect("sms:templates")
    context: dict[str, Any] = {
        "form": form,
        "fields": merge_fields.catalogue(member.team),
        "name": one.name,
        "pk": one.pk,
    }
    status = 422 if posted is not None else 200
    return render(request, "sms/template_edit.html", context | preview(form, member.team), status=status)


def _kept(request: MemberRequest, one: MessageTemplate, form: TemplateForm) -> bool:
    """Whether it could be written down; else the form says why not."""
    team = request.member.team
    if one._state.adding and MessageTemplate.objects.for_team(team).count() >= MOST:
        form.add_error(None, _("%(most)s templates are as many as a team can have.") % {"most": MOST})
        return False
    action = "template.added" if one._state.adding else "template.changed"
    given = form.cleaned_data
    one.name, one.text, one.url = given["name"], given["text"], given["url"]
    try:
        with transaction.atomic():
            one.save()
            audit.record(team, action, one, actor=request.user, name=one.name)
    except IntegrityError:
        form.refuse_taken()
        return False
    return True


def preview(form: TemplateForm, team: Team) -> dict[str, Any]:
    """What the text says to an example person, and how long it is; or why it cannot be said."""
    text, url = str(form["text"].value() or "").strip(), str(form["url"].value() or "").strip()
    if not text:
        return {"said": ""}
    try:
        compiled = merge_fields.checked(text, team)
    except merge_fields.Wrong as wrong:
        return {"said": "", "wrong": str(wrong)}
    said = with_gaps(compiled, merge_fields.example_of(team), team)
    arrives = tracked_link.as_counted(said, url)
    return {"said": arrives, "size": segments_of_text.count(arrives)}


def _template(request: MemberRequest, pk: int) -> MessageTemplate:
    return get_object_or_404(
        MessageTemplate.objects.for_team(request.member.team).select_related("team"), pk=pk
    )
