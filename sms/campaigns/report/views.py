"""What is read of campaigns: their list, the report of one, several side by side. What is done is in actions.py."""

import hashlib
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from contacts import downloads
from sms.campaigns import counts, finish
from sms.campaigns.report import compare, funnel, listing, rates, recipients, shown, standing, words
from sms.conversations.views import is_fragment
from sms.models import Campaign
from teams.access import MemberRequest, Right, team_view


def campaign_of(request: MemberRequest, pk: int) -> Campaign:
    """The team's campaign, or 404."""
    found = Campaign.objects.for_team(request.member.team).select_related("team", "started_by", "paused_by")
    return get_object_or_404(found, pk=pk)


def rendered(request: MemberRequest, template: str, context: dict[str, Any], *, of: object) -> HttpResponse:
    """A page, or to htmx its parts: they share an address, and a cache must not give one for the other.

    `of`: what it shows. Where the browser has seen the same already, it is told so with 204 and nothing else: a team's
    other changes reach a report that does not change.
    """
    part = is_fragment(request)
    seen = hashlib.blake2b(repr(of).encode(), digest_size=8).hexdigest()
    if part and request.GET.get("seen") == seen:
        return HttpResponse(status=204)
    context = context | {"part": part, "seen": seen}
    response = render(request, f"{template}#parts" if part else template, context)
    patch_vary_headers(response, ["HX-Request"])
    response.headers["Cache-Control"] = "private, no-store"
    return response


@require_safe
@team_view(Right.MANAGE_CAMPAIGNS)
def campaigns(request: MemberRequest) -> HttpResponse:
    """Newest first; `state` narrows them, `before` is where a page begins."""
    state, before = request.GET.get("state", ""), request.GET.get("before", "")
    if state not in listing.FILTERS or (before and not _is_id(before)):
        raise Http404
    page = listing.page(request.member.team, state, before=int(before) if before else None)
    asked = {name: value for name, value in (("state", state), ("before", before)) if value}
    context = {
        "page": page,
        "state": state,
        "before": before,
        "here": f"{request.path}?{urlencode(asked)}",
        "filters": [(key, words) for key, (words, _states) in listing.FILTERS.items()],
        "most": compare.MOST,
    }
    shown_of = [
        (row.campaign.pk, row.campaign.name, row.campaign.state, row.done, row.rates) for row in page.rows
    ]
    return rendered(request, "sms/campaign_list.html", context, of=(shown_of, page.next))


@require_safe
@team_view(Right.MANAGE_CAMPAIGNS)
def campaign(request: MemberRequest, pk: int) -> HttpResponse:
    """The report of one that was started; a draft is shown by its steps."""
    found = campaign_of(request, pk)
    if found.state == Campaign.State.DRAFT:
        return redirect("sms:campaign-audience", pk=found.pk)
    figures = counts.shown(found)
    outlook = finish.outlook(found)
    settles = request.member.may(Right.MANAGE_LINES)
    robots = figures.get("doubtful", 0)
    context = frame(found) | {
        "says": standing.sentence(found, figures, outlook),
        "notices": standing.notices(found, figures, outlook, may_settle_lines=settles),
        "funnel": funnel.of(found, figures),
        "rates": rates.of(found, figures),
        "reasons": shown.left_out(found, figures),
        "skipped": counts.of_result(figures, "skipped"),
        "robots": robots,
        "robots_url": funnel.people(found, words.ROBOTS) if robots else "",
        "picks": shown.picks(found, figures, "planned"),
        "page": recipients.page(found, "planned", size=recipients.FEW),
        "result": "planned",
    }
    shows = ("says", "notices", "funnel", "rates", "reasons", "robots", "picks")
    of = (found.state, [context[name] for name in shows], context["page"].seen)
    return rendered(request, "sms/campaign_report.html", context, of=of)


def frame(found: Campaign) -> dict[str, Any]:
    """What the bar and the menu of a campaign need."""
    state = found.state
    running = state in (Campaign.State.RUNNING, Campaign.State.SCHEDULED)
    paused = state == Campaign.State.PAUSED
    return {"campaign": found, "running": running, "paused": paused, "under_way": running or paused}


@require_safe
@team_view(Right.MANAGE_CAMPAIGNS)
def campaigns_compare(request: MemberRequest) -> HttpResponseBase:
    """`c`: each of them; `as=csv`: the file."""
    found = compare.chosen(request.member.team, request.GET.getlist("c"))
    fits = compare.FEWEST <= len(found) <= compare.MOST
    if fits and request.GET.get("as") == "csv":
        content = compare.as_file(found, translation.get_language() or "en")
        response = HttpResponse(content, content_type=downloads.CSV)
        name = content_disposition_header(True, _("campaigns.csv"))
        response.headers["Content-Disposition"] = name or "attachment"
        return response
    context = {"campaigns": found, "fits": fits, "fewest": compare.FEWEST, "most": compare.MOST}
    context["lines"] = compare.lines(found) if fits else []
    return render(request, "sms/campaign_compare.html", context, status=200 if fits else 422)


def _is_id(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 19
