"""The page of retention proposals: who has been silent for too long, and what becomes of them."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from contacts.models import RetentionLook
from contacts.privacy import retention as retaining
from contacts.privacy.forms import KeepForm
from teams.access import MemberRequest, Right, team_view

# Counted to here; beyond, "1,000+".
COUNTED = 1000
# Ids of one POST: a page's.
MOST = 200


class SureForm(forms.Form):
    """How many are erased, typed."""

    typed = forms.CharField(
        max_length=12, widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"})
    )

    def __init__(self, *args: Any, count: int, **given: Any) -> None:
        super().__init__(*args, **given)
        self.fields["typed"].label = _("Type %(count)s to go on") % {"count": count}
        self.count = count

    def clean_typed(self) -> str:
        typed = "".join(each for each in str(self.cleaned_data["typed"]) if each.isdigit())
        if typed != str(self.count):
            raise forms.ValidationError(_("It is %(count)s.") % {"count": self.count})
        return typed


@team_view(Right.PROTECT_PRIVACY)
def retention(request: MemberRequest) -> HttpResponse:
    """The proposals, or with `view=kept` those who are kept. `do`: keep, propose (again), erase."""
    if request.method == "POST":
        answer = _post(request)
        if answer is not None:
            return answer
        return redirect(request.get_full_path())
    return _page(request)


def _page(request: MemberRequest, *, status: int = 200, **more: Any) -> HttpResponse:
    team = request.member.team
    of_kept = request.GET.get("view") == "kept"
    try:
        page = retaining.page(team, of_kept=of_kept, after=request.GET.get("after", ""))
    except (ValueError, OverflowError) as error:
        raise Http404 from error
    context = {
        "page": page,
        "of_kept": of_kept,
        "after": request.GET.get("after", ""),
        "count": retaining.undecided(team)[: COUNTED + 1].count(),
        "kept": retaining.kept(team)[: COUNTED + 1].count(),
        "most": COUNTED,
        "waiting": retaining.waiting(team),
        "look": RetentionLook.objects.for_team(team).first(),
        "keep": KeepForm(),
        "months": team.retention_months,
        "picked": set(),
    }
    template = "contacts/privacy_retention.html"
    if request.htmx and context["after"]:  # type: ignore[attr-defined]
        return render(request, f"{template}#rows", context)
    return render(request, template, context | more, status=status)


def _post(request: MemberRequest) -> HttpResponse | None:
    """None: done, the page is shown again."""
    team, do = request.member.team, request.POST.get("do", "")
    people = {
        int(each) for each in request.POST.getlist("people")[:MOST] if each.isascii() and each.isdigit()
    }
    if do not in ("keep", "propose", "erase"):
        raise Http404
    if not people and not (do == "erase" and request.POST.get("all")):
        return _page(request, status=422, error=_("Choose somebody first."))
    if do == "erase":
        return _erase(request, None if request.POST.get("all") else people)
    if do == "propose":
        retaining.propose_again(team, people)
        return None
    form = KeepForm(request.POST)
    if not form.is_valid():
        return _page(request, status=422, keep=form, picked=people)
    count = retaining.keep(team, people, reason=form.cleaned_data["reason"], by=request.user)
    messages.success(
        request,
        ngettext(
            "One person is kept, and proposed again in a year.",
            "%(count)s people are kept, and proposed again in a year.",
            count,
        )
        % {"count": count},
    )
    return None


def _erase(request: MemberRequest, people: set[int] | None) -> HttpResponse | None:
    """Asks for the number of people, then leaves it to the worker."""
    team = request.member.team
    found = retaining.undecided(team)
    # One COUNT, of an index, because somebody asks for it.
    count = found.count() if people is None else found.filter(contact__in=people).count()
    form = SureForm(request.POST if "typed" in request.POST else None, count=count)
    if count and form.is_valid():
        asked = retaining.ask_to_erase(team, people, by=request.user)
        said = ngettext(
            "One person is being erased, in the background.",
            "%(count)s people are being erased, in the background.",
            asked,
        )
        messages.success(request, said % {"count": asked})
        return None
    if not count:
        return _page(request, status=422, error=_("They were decided on meanwhile."))
    context = {"form": form, "count": count, "people": sorted(people or ()), "all": people is None}
    return render(
        request, "contacts/privacy_retention_erase.html", context, status=422 if form.errors else 200
    )
