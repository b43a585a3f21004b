"""The last step: everything in sentences, the exact figures, and the press that starts it."""

from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from contacts.segments import find
from sms.campaigns import ready, states
from sms.campaigns.states import Refused
from sms.campaigns.wizard import figures, forecast, hours_words, lacking, parts, preview, steps, wording
from sms.campaigns.wizard.figures import Figures
from sms.campaigns.wizard.preview import Texts
from sms.models import Campaign
from teams.access import MemberRequest

TEMPLATE = "sms/campaign_review.html"


@require_safe
@steps.draft_view
def review(request: MemberRequest, campaign: Campaign) -> HttpResponse:
    return _page(request, campaign)


@steps.draft_view
def campaign_start(request: MemberRequest, campaign: Campaign) -> HttpResponse:
    """`recipients`: the number of people, typed, or sent by the second press. Without it the press was the first."""
    if request.method != "POST":
        return redirect("sms:campaign-review", pk=campaign.pk)
    typed = request.POST.get("recipients", "").strip()
    if not typed:
        return _ask_once_more(request, campaign)
    number = _number(typed)
    if number is None:
        problem = _("Type the number of people who will receive it, in figures.")
        return _page(request, campaign, status=422, typed=typed, problem=problem)
    try:
        states.start(campaign, by=request.user, expected=number)
    except Refused as refused:
        if refused.code == "not_a_draft":
            return steps.report(request, campaign)
        status = 409 if refused.code == "recipients_differ" else 422
        # What keeps it from starting stands beside each step.
        problem = "" if refused.code == "not_ready" else str(refused)
        return _page(request, campaign, status=status, problem=problem)
    except find.TakesTooLong:
        problem = _("Counting everybody took too long.")
        return _page(request, campaign, status=422, typed=typed, problem=problem)
    return steps.report(request, campaign)


def _ask_once_more(request: MemberRequest, campaign: Campaign) -> HttpResponse:
    """The same page, with the number that the next press confirms; unless it is another than was shown."""
    found = figures.of(campaign, exact=True)
    shown = _number(request.POST.get("shown", ""))
    if shown is not None and found.known and shown != found.receive:
        problem = _(
            "The number of people has changed since you looked: it was %(before)s, it is now %(now)s."
        ) % {
            "before": intcomma(shown),
            "now": intcomma(found.receive),
        }
        return _page(request, campaign, found, status=409, problem=problem)
    return _page(request, campaign, found, armed=True)


def _number(typed: str) -> int | None:
    """A number as people type it: "1 004", "1,004"."""
    digits = "".join(each for each in typed if not each.isspace() and each not in ",.'’")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None


def _page(
    request: MemberRequest,
    campaign: Campaign,
    found: Figures | None = None,
    *,
    status: int = 200,
    typed: str = "",
    problem: str = "",
    armed: bool = False,
) -> HttpResponse:
    """`armed`: pressed once. `problem`: why the press started nothing."""
    found = found or figures.of(campaign, exact=True)
    texts = Texts(campaign)
    problems = ready.problems(campaign)
    lines = list(campaign.lines.select_related("holder").order_by("name"))
    context: dict[str, Any] = steps.context(campaign, "review", problems) | {
        "figures": found,
        "sides": parts.sides(campaign),
        "most": parts.COUNTED,
        "receivers": figures.people_address(campaign, ""),
        "everybody": figures.people_address(campaign, figures.ALL),
        "wanting": {
            step: [problem.sentence for problem in problems if problem.step == step] for step in steps.STEPS
        },
        "purpose": wording.PURPOSES[campaign.kind],
        "texts": texts,
        "cost": preview.cost(texts, found, exact=True),
        "lacks": lacking.of(texts, found),
        "nobodys": lacking.nobodys(texts),
        "lines": lines,
        "hours": hours_words.of_campaign(campaign, lines),
        "forecast": forecast.of(campaign, found),
        "startable": not problems and found.known and found.receive > 0,
        "armed": armed and not problems and found.known and found.receive > 0,
        "typed": typed,
        "problem": problem,
        "previous": steps.address(campaign, "when"),
        "review_url": steps.address(campaign, "review"),
    }
    return render(request, TEMPLATE, context, status=status)
