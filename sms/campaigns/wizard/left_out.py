"""The people behind each number of a draft: with their number and why, a page after the other."""

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from contacts.models import Contact
from contacts.segments import find
from sms.campaigns import blockers, people
from sms.campaigns.wizard import figures, steps, wording
from sms.models import Campaign
from teams.access import MemberRequest

TEMPLATE = "sms/campaign_left_out.html"


@dataclass(frozen=True)
class Row:
    contact: Contact
    number: str
    why: str


@require_safe
@steps.draft_view
def left_out(request: MemberRequest, campaign: Campaign) -> HttpResponse:
    """`reason`: one of blockers.REASONS, `field_empty:…`, "" for those who get it, "all". `after`: a contact's id."""
    reason = request.GET.get("reason", "")
    if reason not in ("", figures.ALL) and reason.partition(":")[0] not in (*blockers.REASONS, "field_empty"):
        raise Http404
    context = _rows(campaign, reason, _id(request.GET.get("after", ""))) | {
        "campaign": campaign,
        "reason": reason,
        "all": reason == figures.ALL,
        "words": wording.reason(reason, campaign) if reason not in ("", figures.ALL) else "",
    }
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, f"{TEMPLATE}#rows", context)
    return render(request, TEMPLATE, context)


def _rows(campaign: Campaign, reason: str, after: int) -> dict[str, Any]:
    try:
        found = people.page(
            campaign,
            None if reason == figures.ALL else reason,
            after=after,
            size=people.PAGE + 1,
            seconds=find.ASKED_S,
        )
    except find.TakesTooLong:
        return {"too_long": True, "after": after}
    shown = found[: people.PAGE]
    contacts = Contact.objects.in_bulk([each.contact_id for each in shown])
    return {
        "after": after,
        "rows": [
            Row(
                contacts[each.contact_id],
                each.number,
                wording.reason(each.reason, campaign) if each.reason else "",
            )
            for each in shown
            if each.contact_id in contacts
        ],
        "more": figures.people_address(campaign, reason, after=shown[-1].contact_id)
        if len(found) > people.PAGE
        else "",
    }


def _id(text: str) -> int:
    if not text:
        return 0
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise Http404
    return int(text)
