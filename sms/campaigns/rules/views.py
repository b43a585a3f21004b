"""The page of a team's rules for campaigns, in its settings."""

from copy import copy

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from sms import segments_of_text
from sms.campaigns.mention import mention
from sms.campaigns.rules.change import change
from sms.campaigns.rules.forms import RulesForm
from teams.access import MemberRequest, Right, team_view


@team_view(Right.MANAGE_CAMPAIGNS)
def campaign_rules(request: MemberRequest) -> HttpResponse:
    team = request.member.team
    # A form writes into its instance while it validates: it gets one of its own.
    form = RulesForm(request.POST if request.method == "POST" else None, instance=copy(team))
    if request.method == "POST" and form.is_valid():
        change(team, form.cleaned_data, by=request.user)
        messages.info(request, _("Saved."))
        return redirect("sms:campaign-rules")
    ends_with = mention(team)
    context = {"form": form, "ends_with": ends_with, "size": segments_of_text.count(ends_with)}
    return render(request, "sms/campaign_rules.html", context, status=422 if form.errors else 200)
