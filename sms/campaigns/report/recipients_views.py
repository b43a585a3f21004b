"""The people behind a number of a campaign: looked at, made a list of, taken along as a file."""

from typing import Any

from django.contrib import messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db import IntegrityError, transaction
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from contacts import downloads
from contacts.lists import members
from contacts.models import Contact, ContactList
from contacts.people.crowds import expect_many
from contacts.segments.forms import ListForm
from sms.campaigns import counts
from sms.campaigns.report import file, funnel, recipients, shown, words
from sms.campaigns.report.views import campaign_of, frame, rendered
from sms.campaigns.results import Place
from sms.models import Campaign
from teams import audit
from teams.access import MemberRequest, Right, team_view


@require_safe
@team_view(Right.MANAGE_CAMPAIGNS)
def campaign_people(request: MemberRequest, pk: int) -> HttpResponse:
    """Those with `result`, a page at a time; `after` is where it begins."""
    campaign, result = _asked(request, pk)
    try:
        after = Place.parse(request.GET["after"]) if "after" in request.GET else None
        page = recipients.page(campaign, result, after=after)
    except ValueError as error:
        raise Http404 from error
    figures = counts.shown(campaign)
    context = frame(campaign) | {
        "result": result,
        "name": words.result(result, campaign),
        "here": funnel.people(campaign, result),
        "after": after,
        "picks": shown.picks(campaign, figures, result),
        "page": page,
    }
    return rendered(request, "sms/campaign_people.html", context, of=(context["picks"], page.seen))


@require_safe
@team_view(Right.MANAGE_CAMPAIGNS)
def campaign_csv(request: MemberRequest, pk: int) -> HttpResponseBase:
    campaign, result = _asked(request, pk)
    language = translation.get_language() or "en"
    pieces = file.pieces(campaign, result, language=language, zone=timezone.get_current_timezone_name())
    if request.method == "GET":
        audit.record(campaign.team, "campaign.downloaded", campaign, actor=request.user, result=result)
    name = file.name_of(campaign, result)
    return downloads.download(request, name, downloads.CSV, pieces, by_itself=True)


@team_view(Right.MANAGE_CAMPAIGNS)
def campaign_to_list(request: MemberRequest, pk: int) -> HttpResponse:
    """A list of those with `result` at this moment, who stay on it whatever happens."""
    campaign, result = _asked(request, pk)
    name = f"{campaign.name[:50]}, {words.result(result, campaign)}"[:80]
    posted = request.POST if request.method == "POST" else None
    form = ListForm(posted, team=campaign.team, initial={"name": name})
    if posted is not None and form.is_valid():
        try:
            made, count = list_of(campaign, result, form.cleaned_data["name"], request)
        except IntegrityError:
            form.refuse_taken()
        else:
            said = ngettext("%(count)s person is on the list.", "%(count)s people are on the list.", count)
            messages.info(request, said % {"count": intcomma(count)})
            return redirect(f"{reverse('contacts:list')}?list={made.pk}")
    context: dict[str, Any] = {
        "campaign": campaign,
        "name": words.result(result, campaign),
        "counted": shown.counted(campaign, campaign.counts, result),
        "here": funnel.people(campaign, result),
        "form": form,
    }
    return render(request, "sms/campaign_to_list.html", context, status=422 if form.errors else 200)


def list_of(campaign: Campaign, result: str, name: str, request: MemberRequest) -> tuple[ContactList, int]:
    """The list, and how many are on it. Raises IntegrityError when the team has a list of this name by now."""
    with transaction.atomic():
        made = ContactList.objects.create(team=campaign.team, name=name, created_by=request.user)
        expect_many()
        people = recipients.messages(campaign, result).values("contact")
        count = members.add(made, Contact.objects.for_team(campaign.team).filter(pk__in=people))
        audit.record(
            campaign.team, "list.made", made, actor=request.user, campaign=campaign.pk, result=result, people=count
        )  # fmt: skip
    return made, count


def _asked(request: MemberRequest, pk: int) -> tuple[Campaign, str]:
    """Another team's campaign, a draft and a result that is none are a 404."""
    campaign = campaign_of(request, pk)
    result = request.GET.get("result", "planned")
    if campaign.state == Campaign.State.DRAFT or not recipients.known(result):
        raise Http404
    return campaign, result
