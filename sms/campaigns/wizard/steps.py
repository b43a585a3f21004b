"""The four pages of a draft: how a view finds its draft, and how the page bar shows where it stands."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import pgettext_lazy

from sms.campaigns import ready
from sms.campaigns.ready import Problem
from sms.models import Campaign
from teams.access import MemberRequest, Right, team_view

STEPS: dict[str, Promise] = {
    "audience": pgettext_lazy("step of a campaign", "Audience"),
    "message": pgettext_lazy("step of a campaign", "Message"),
    "when": pgettext_lazy("step of a campaign", "When"),
    "review": pgettext_lazy("step of a campaign", "Review"),
}

DraftView = Callable[[MemberRequest, Campaign], HttpResponseBase]


def draft_view(view: DraftView) -> Callable[..., HttpResponseBase]:
    """A page about a draft. Another team's is a 404; one that was started shows its report."""

    @team_view(Right.MANAGE_CAMPAIGNS)
    @wraps(view)
    def found(request: MemberRequest, pk: int) -> HttpResponseBase:
        campaigns = Campaign.objects.for_team(request.member.team).select_related("team")
        campaign = get_object_or_404(campaigns, pk=pk)
        if campaign.state != Campaign.State.DRAFT:
            return report(request, campaign)
        return view(request, campaign)

    return found


def report(request: HttpRequest, campaign: Campaign) -> HttpResponse:
    """Leads to what became of it; a part of a page that htmx asks for would only show it inside itself."""
    address = reverse("sms:campaign", args=[campaign.pk])
    if request.htmx:  # type: ignore[attr-defined]
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    return redirect(address)


def address(campaign: Campaign, step: str) -> str:
    return reverse(f"sms:campaign-{step}", args=[campaign.pk])


@dataclass(frozen=True)
class Step:
    """`done`: nothing of it keeps the campaign from being started."""

    key: str
    label: str | Promise
    address: str
    number: int
    here: bool
    done: bool


def context(campaign: Campaign, here: str, problems: list[Problem] | None = None) -> dict[str, Any]:
    """What the frame of every step shows."""
    found = ready.problems(campaign) if problems is None else problems
    wanting = {problem.step for problem in found} | {"review"}
    made = [
        Step(key, label, address(campaign, key), number, key == here, key not in wanting)
        for number, (key, label) in enumerate(STEPS.items(), 1)
    ]
    return {
        "campaign": campaign,
        "steps": made,
        "step": here,
        "problems": [problem.sentence for problem in found if problem.step == here],
    }
