"""A draft begins: a name and a purpose, perhaps with the people whom somebody looked at."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from sms.campaigns import audience, states
from sms.campaigns.audience import Audience
from sms.campaigns.wizard import saving, steps, wording
from sms.campaigns.wizard.forms import NameForm, NewForm
from sms.models import Campaign, CampaignLine, Line
from teams import audit
from teams.access import Member, MemberRequest, Right, team_view

# What an address may begin an audience with.
PARTS = ("segment", "list", "tag", "campaign", "result")


@team_view(Right.MANAGE_CAMPAIGNS)
def campaign_new(request: MemberRequest) -> HttpResponse:
    """`segment`, `list`, `tag` or `campaign` with its `result` in the address: the first part of its audience."""
    asked = request.method == "POST"
    begins = _begins(request.POST if asked else request.GET, request.member)
    form = NewForm(request.POST if asked else None)
    if asked and form.is_valid():
        made = _make(request.member, form, begins)
        return redirect("sms:campaign-audience", pk=made.pk)
    context = {
        "form": form,
        "kinds": [(*choice, wording.PURPOSES[choice[0]]) for choice in Campaign.Kind.choices],
        "kind": form["kind"].value(),
        "begins": begins.include[0] if begins.include else None,
        "kept": {name: (request.POST if asked else request.GET).get(name, "") for name in PARTS},
    }
    return render(request, "sms/campaign_new.html", context, status=422 if form.errors else 200)


def _begins(given: QueryDict, member: Member) -> Audience:
    """The audience that an address names; a 404 for one that the team does not have."""
    data: dict[str, Any] = {}
    for kind in PARTS[:-1]:
        if number := given.get(kind, ""):
            if not (number.isascii() and number.isdigit() and len(number) < 19):
                raise Http404
            data = {kind: int(number)}
    if "campaign" in data:
        data["result"] = given.get("result") or "all"
    try:
        return Audience.parse({"include": [data]} if data else {}, member.team)
    except audience.Wrong as wrong:
        raise Http404 from wrong


@transaction.atomic
def _make(member: Member, form: NewForm, begins: Audience) -> Campaign:
    made = Campaign.objects.create(
        team=member.team,
        name=form.cleaned_data["name"],
        kind=form.cleaned_data["kind"],
        audience=begins.as_json(),
        created_by=member.user,
    )
    # Where only one line can be chosen, it is.
    able = list(Line.objects.for_team(member.team).filter(automation_accepted_at__isnull=False)[:2])
    if len(able) == 1:
        CampaignLine.objects.create(campaign=made, line=able[0])
    audit.record(member.team, "campaign.created", made, actor=member.user, name=made.name)
    return made


@steps.draft_view
def campaign_rename(request: MemberRequest, campaign: Campaign) -> HttpResponse:
    """Back to the step that asked."""
    if request.method != "POST":
        return redirect("sms:campaign-audience", pk=campaign.pk)
    form = NameForm(request.POST)
    back = request.POST.get("step", "")
    if not form.is_valid():
        return render(
            request,
            "sms/campaign_rename.html",
            {"form": form, "campaign": campaign, "back": back},
            status=422,
        )
    try:
        saving.change(campaign, lambda held: _name(held, form.cleaned_data["name"]))
    except saving.Started:
        return steps.report(request, campaign)
    return redirect(steps.address(campaign, back if back in steps.STEPS else "audience"))


def _name(held: Campaign, name: str) -> tuple[str, ...]:
    held.name = name
    return ("name",)


@require_POST
@steps.draft_view
def campaign_discard(request: MemberRequest, campaign: Campaign) -> HttpResponse:
    if not states.discard(campaign, by=request.user):
        return steps.report(request, campaign)
    messages.info(request, _("The draft “%(name)s” was discarded.") % {"name": campaign.name})
    return redirect("sms:campaigns")
