"""The templates that a composer offers: a menu for htmx, a page of links without scripts."""

from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from sms.conversations import folders, inbox, opened, prefilled
from sms.conversations.views import is_fragment
from sms.message_templates import offered
from sms.message_templates.offered import Offered
from teams.access import MemberRequest, Right, team_view


@require_safe
@team_view(Right.CONVERSE)
def thread_templates(request: MemberRequest, contact_id: int) -> HttpResponse:
    """For the person of a thread; `line`: the one that is chosen there."""
    one = opened.open_contact(request.member, contact_id)
    line = prefilled.line_of(request.member, request.GET.get("line", ""), one.conversation.line_id)
    back = inbox.thread_address(contact_id, folders.chosen(request.GET.get("folder")))
    return _shown(request, offered.offered(request.member.team, one.contact, line), back)


@require_safe
@team_view(Right.CONVERSE)
def first_templates(request: MemberRequest) -> HttpResponse:
    """For a first message; `to`: whom it is to, as far as that is written."""
    to = request.GET.get("to", "")[:200]
    line = prefilled.line_of(request.member, request.GET.get("line", ""), None)
    back = f"{reverse('sms:compose')}?{urlencode({'to': to})}"
    return _shown(
        request, offered.offered(request.member.team, prefilled.person_of(request.member, to), line), back
    )


def _shown(request: MemberRequest, found: list[Offered], back: str) -> HttpResponse:
    joint = "&" if "?" in back else "?"
    context = {"offered": found, "back": back, "use_url": f"{back}{joint}template="}
    name = "sms/template_menu.html" if is_fragment(request) else "sms/template_choose.html"
    response = render(request, name, context)
    response.headers["Vary"] = "HX-Request"
    response.headers["Cache-Control"] = "private, no-store"
    return response
