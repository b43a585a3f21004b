"""The page of a team's tags, for those who manage its fields."""

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from contacts.models import Tag
from contacts.tags import naming, tagging
from teams.access import MemberRequest, Right, team_view


class TagForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=tagging.LONGEST,
        widget=forms.TextInput(attrs={"dir": "auto", "autocomplete": "off"}),
        error_messages={"required": gettext_lazy("Give it a name.")},
    )

    def clean_name(self) -> str:
        name = tagging.clean(self.cleaned_data["name"])
        if not name:
            raise forms.ValidationError(_("Give it a name."))
        return name


@team_view(Right.MANAGE_FIELDS)
def tags(request: MemberRequest) -> HttpResponse:
    """The tags with their numbers of people, and a field for a new one."""
    form = TagForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        name = form.cleaned_data["name"]
        if not tagging.named(request.member.team, [name], create=False):
            tagging.named(request.member.team, [name])
            return redirect("contacts:tags")
        form.add_error("name", _("There is a tag of this name."))
    return _page(request, form)


@team_view(Right.MANAGE_FIELDS)
def tag(request: MemberRequest, pk: int) -> HttpResponse:
    """One tag: its name to change, which may be that of another; and its end."""
    one = get_object_or_404(naming.counted(request.member.team).select_related("team"), pk=pk)
    form = TagForm(request.POST if request.method == "POST" else None, initial={"name": one.name})
    if request.method == "POST" and form.is_valid():
        kept = naming.rename(one, form.cleaned_data["name"], by=request.user)
        if kept.pk != one.pk:
            messages.info(request, _("These people have the tag %(name)s now.") % {"name": kept.name})
        return redirect("contacts:tags")
    context = {"tag": one, "form": form}
    return render(request, "contacts/tag_edit.html", context, status=422 if form.errors else 200)


@require_POST
@team_view(Right.MANAGE_FIELDS)
def tag_delete(request: MemberRequest, pk: int) -> HttpResponse:
    one = get_object_or_404(Tag.objects.for_team(request.member.team).select_related("team"), pk=pk)
    people = naming.delete(one, by=request.user)
    said = ngettext(
        "The tag %(name)s was taken off one person and deleted.",
        "The tag %(name)s was taken off %(people)s people and deleted.",
        people,
    )
    messages.info(request, said % {"name": one.name, "people": people})
    return redirect("contacts:tags")


def _page(request: MemberRequest, form: TagForm) -> HttpResponse:
    context = {"tags": naming.counted(request.member.team), "form": form}
    return render(request, "contacts/tag_list.html", context, status=422 if form.errors else 200)
