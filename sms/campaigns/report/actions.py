"""What is done with a campaign that was started: paused, resumed, cancelled, copied, and its message mended."""

from copy import copy

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from sms import merge_fields
from sms.campaigns import counts, ready, states, writing
from sms.campaigns.report.views import campaign_of, frame
from sms.campaigns.wizard.forms import MessageForm
from sms.conversations.views import is_fragment
from sms.models import Campaign
from teams import audit, live
from teams.access import MemberRequest, Right, team_view
from teams.models import User

State = Campaign.State
CHANGED = {"HX-Trigger": "ligne:changed"}


def _done(request: MemberRequest, campaign: Campaign, said: str = "") -> HttpResponse:
    """A word to look again for htmx, the report otherwise. Whoever was second is told nothing else."""
    if is_fragment(request):
        return HttpResponse(status=204, headers=CHANGED)
    if said:
        messages.info(request, said)
    return redirect("sms:campaign", pk=campaign.pk)


@require_POST
@team_view(Right.MANAGE_CAMPAIGNS)
def campaign_pause(request: MemberRequest, pk: int) -> HttpResponse:
    campaign = campaign_of(request, pk)
    changed = states.pause(campaign, by=request.user)
    return _done(request, campaign, _("Paused. No more texts leave.") if changed else "")


@require_POST
@team_view(Right.MANAGE_CAMPAIGNS)
def campaign_resume(request: MemberRequest, pk: int) -> HttpResponse:
    campaign = campaign_of(request, pk)
    changed = states.resume(campaign, by=request.user)
    return _done(request, campaign, _("The campaign goes on.") if changed else "")


@team_view(Right.MANAGE_CAMPAIGNS)
def campaign_cancel(request: MemberRequest, pk: int) -> HttpResponse:
    """After a page that says what can't be undone."""
    campaign = campaign_of(request, pk)
    if request.method == "POST":
        changed = states.cancel(campaign, by=request.user)
        return _done(request, campaign, _("Cancelled. Nobody else will be texted.") if changed else "")
    if campaign.state not in (State.SCHEDULED, State.RUNNING, State.PAUSED):
        return redirect("sms:campaign", pk=campaign.pk)
    figures = counts.shown(campaign)
    context = frame(campaign) | {
        "waiting": counts.of_result(figures, "waiting"),
        "submitted": counts.of_result(figures, "submitted"),
    }
    return render(request, "sms/campaign_cancel.html", context)


@require_POST
@team_view(Right.MANAGE_CAMPAIGNS)
def campaign_clone(request: MemberRequest, pk: int) -> HttpResponse:
    made = states.clone(campaign_of(request, pk), by=request.user)
    return redirect("sms:campaign-audience", pk=made.pk)


@team_view(Right.MANAGE_CAMPAIGNS)
def campaign_edit(request: MemberRequest, pk: int) -> HttpResponse:
    """The message of those who still wait, while nothing leaves."""
    campaign = campaign_of(request, pk)
    if campaign.state != State.PAUSED:
        messages.info(request, _("Pause the campaign to change its message."))
        return redirect("sms:campaign", pk=campaign.pk)
    posted = request.POST if request.method == "POST" else None
    form = MessageForm(posted, initial={"text": campaign.text, "url": campaign.url})
    if posted is not None and form.is_valid():
        given = form.cleaned_data
        problem = change_message(campaign, given["text"], given["url"], by=request.user)
        if not problem:
            return _done(request, campaign, _("Saved. Those not texted yet get the new message."))
        form.add_error("text", problem)
    context = frame(campaign) | {
        "form": form,
        "fields": merge_fields.catalogue(campaign.team),
        "waiting": counts.of_result(campaign.counts, "waiting"),
    }
    return render(request, "sms/campaign_edit.html", context, status=422 if form.errors else 200)


def change_message(campaign: Campaign, text: str, url: str, *, by: User) -> str:
    """Why it can't be written so, or "". What left stays as it was written: only texts to come are new."""
    changed = copy(campaign)
    try:
        writing.set_message(changed, text, url)
    except merge_fields.Wrong as wrong:
        return str(wrong)
    if problems := [each.sentence for each in ready.problems(changed) if each.step == "message"]:
        return " ".join(problems)
    with transaction.atomic():
        values = {name: getattr(changed, name) for name in writing.MESSAGE}
        kept = Campaign.objects.filter(pk=campaign.pk, state=State.PAUSED).update(
            **values, updated_at=timezone.now()
        )
        if not kept:
            return _("The campaign is no longer paused.")
        audit.record(campaign.team, "campaign.message_changed", campaign, actor=by)
        live.announce([campaign.team_id])
    return ""
