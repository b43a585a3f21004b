"""The first step: who receives it. Every press is saved at once, part by part, so that two people's changes add up."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from sms import merge_fields
from sms.campaigns import audience as audiences
from sms.campaigns import writing
from sms.campaigns.wizard import figures, forecast, offers, parts, saving, steps, wording
from sms.campaigns.wizard.forms import RestForm
from sms.models import Campaign
from teams.access import MemberRequest

TEMPLATE = "sms/campaign_audience.html"
SIDES = ("include", "exclude")


@steps.draft_view
def audience(request: MemberRequest, campaign: Campaign) -> HttpResponse:
    """`add` in the address: with what can be added to that side, of the words `q`; for htmx that alone."""
    if request.method == "POST":
        return _change(request, campaign)
    side = request.GET.get("add", "")
    context: dict[str, Any] = {"adding": side if side in SIDES else ""}
    if context["adding"]:
        context |= {
            "words": request.GET.get("q", ""),
            "offers": offers.of(campaign.team, request.GET.get("q", "")),
        }
        if request.htmx:  # type: ignore[attr-defined]
            part = "found" if "q" in request.GET else "add"
            return render(request, f"{TEMPLATE}#{part}", context | {"campaign": campaign, "side_key": side})
    return _page(request, campaign, context)


def _change(request: MemberRequest, campaign: Campaign) -> HttpResponse:
    """`add:include:segment:5`, `remove:exclude:tag:3`, `kind:service`, `rest` with its days."""
    verb, _colon, rest = request.POST.get("do", "").partition(":")
    context: dict[str, Any] = {}
    try:
        if verb in ("add", "remove"):
            side, _colon, value = rest.partition(":")
            context["focus"] = side
            if side in SIDES:
                campaign = saving.change(campaign, lambda held: _part(held, verb, side, value))
        elif verb == "kind" and rest in Campaign.Kind.values:
            campaign = saving.change(campaign, lambda held: _kind(held, rest))
        elif verb == "rest":
            form = RestForm(request.POST)
            if not form.is_valid():
                return _page(request, campaign, {"rest": form}, status=422)
            campaign = saving.change(campaign, lambda held: _rest(held, form.cleaned_data["days"]))
    except saving.Started:
        return steps.report(request, campaign)
    except audiences.Wrong:
        messages.error(request, _("That is not there any more: choose another."))
    if request.htmx:  # type: ignore[attr-defined]
        return _page(request, campaign, context)
    return redirect("sms:campaign-audience", pk=campaign.pk)


def _part(held: Campaign, verb: str, side: str, value: str) -> tuple[str, ...]:
    found = audiences.of(held)
    changed = (
        parts.with_part(found, side, value, held) if verb == "add" else parts.without_part(found, side, value)
    )
    if changed == found or len(getattr(changed, side)) > audiences.MOST:
        return ()
    held.audience = changed.as_json()
    return ("audience",)


def _kind(held: Campaign, kind: str) -> tuple[str, ...]:
    """A text that becomes a commercial one says at once what it has to say."""
    held.kind = kind
    try:
        writing.set_message(held, held.text, held.url)
    except merge_fields.Wrong:
        # The message's own step says so.
        return ("kind",)
    return ("kind", *writing.MESSAGE)


def _rest(held: Campaign, days: int | None) -> tuple[str, ...]:
    held.rest_days = days
    return ("rest_days",)


def _page(
    request: MemberRequest, campaign: Campaign, more: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    found = figures.of(campaign)
    context = steps.context(campaign, "audience") | {
        "figures": found,
        "sides": parts.sides(campaign),
        "few": parts.few(campaign) if found.receive else [],
        "purposes": [(*choice, choice[0] == campaign.kind) for choice in Campaign.Kind.choices],
        "purpose": wording.PURPOSES[campaign.kind],
        "rest": RestForm(initial={"days": campaign.rest_days}),
        "receivers": figures.people_address(campaign, ""),
        "most": parts.COUNTED,
        "everybody": figures.people_address(campaign, figures.ALL),
        "forecast": forecast.of(campaign, found),
        **more,
    }
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, f"{TEMPLATE}#changed", context | {"oob": True}, status=status)
    return render(request, TEMPLATE, context, status=status)
