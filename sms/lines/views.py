"""The page of lines and what an admin does with one: connect, change, test, hold, resume."""

from copy import copy
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from sms.address_book import state
from sms.gateway.addresses import is_loopback
from sms.lines import connect, health, holding, try_out
from sms.lines.forms import ZONES, ConnectForm, KeyForm, LineForm, TestForm
from sms.models import Line, Message
from teams import idempotency
from teams.access import MemberRequest, Right, team_view


@require_safe
@team_view(Right.MANAGE_LINES)
def lines(request: MemberRequest) -> HttpResponse:
    """All lines with their health; for htmx their sections alone."""
    of_team = health.of_team(request.member.team)
    context = {
        "healths": of_team,
        "needing": sum(each.state in ("held", "waiting", "quiet") for each in of_team),
        "most": health.MOST,
        "sandbox_url": settings.SANDBOX_URL,
    }
    template = "sms/lines_list.html"
    return render(request, f"{template}#sections" if request.htmx else template, context)  # type: ignore[attr-defined]


@team_view(Right.MANAGE_LINES)
def line_connect(request: MemberRequest) -> HttpResponse:
    team = request.member.team
    form = ConnectForm(
        request.POST if request.method == "POST" else None, team=team, initial={"time_zone": team.time_zone}
    )
    if request.method == "POST" and form.is_valid():
        try:
            line = connect.connect(team, form.new_line(), by=request.user)
        except IntegrityError:
            form.add_error("name", _("Another line of your team has this name."))
        else:
            return redirect("sms:line", pk=line.pk)
    context = {"form": form, "zones": ZONES}
    return render(request, "sms/lines_connect.html", context, status=422 if form.errors else 200)


@team_view(Right.MANAGE_LINES)
def line(request: MemberRequest, pk: int) -> HttpResponse:
    """One line: its health, the address to paste at the gateway, its settings."""
    chosen = _line(request, pk)
    # A form writes into its instance while it validates: it gets one of its own.
    form = LineForm(
        request.POST if request.method == "POST" else None, instance=copy(chosen), team=request.member.team
    )
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        connect.change(
            chosen,
            {name: given[name] for name in form._meta.fields or ()},
            access_key=given["access_key"],
            accept_automation=given["accept_automation"],
            by=request.user,
        )
        messages.info(request, _("Saved."))
        return redirect("sms:line", pk=chosen.pk)
    context = _context(chosen) | {"form": form, "zones": ZONES}
    return render(request, "sms/lines_line.html", context, status=422 if form.errors else 200)


@team_view(Right.MANAGE_LINES)
def line_test(request: MemberRequest, pk: int) -> HttpResponse:
    """Sends one real text, and shows what becomes of it."""
    chosen = _line(request, pk)
    form = TestForm(request.POST if request.method == "POST" else None, line=chosen, by=request.user)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            sent = try_out.send_test(chosen, given["number"], key=given["key"], by=request.user)
        except idempotency.KeyReused:
            form.add_error(None, _("This form was used already. Open the page again to send another test."))
        else:
            return redirect("sms:line-tested", pk=chosen.pk, message_id=sent.pk)
    context = _context(chosen) | {"form": form}
    return render(request, "sms/lines_test.html", context, status=422 if form.errors else 200)


@require_safe
@team_view(Right.MANAGE_LINES)
def line_tested(request: MemberRequest, pk: int, message_id: int) -> HttpResponse:
    """What became of a test; for htmx the state alone."""
    chosen = _line(request, pk)
    found = Message.objects.for_team(request.member.team).filter(line=chosen, direction=Message.Direction.OUT)
    message = get_object_or_404(found, pk=message_id)
    finished = message.state == Message.State.DELIVERED
    context = _context(chosen) | {"message": message, "steps": try_out.steps(message), "finished": finished}
    template = "sms/lines_tested.html"
    return render(request, f"{template}#state" if request.htmx else template, context)  # type: ignore[attr-defined]


@require_POST
@team_view(Right.MANAGE_LINES)
def line_hold(request: MemberRequest, pk: int) -> HttpResponse:
    chosen = _line(request, pk)
    holding.hold(chosen.pk, reason="by_hand", by=request.user)
    return _back(request, chosen)


@require_POST
@team_view(Right.MANAGE_LINES)
def line_resume(request: MemberRequest, pk: int) -> HttpResponse:
    """Lifts a hold. One that the gateway caused is lifted when the gateway takes a request in test mode."""
    chosen = _line(request, pk)
    form = KeyForm(request.POST)
    key = form.cleaned_data["access_key"] if form.is_valid() else ""
    if key:
        automation = chosen.automation_accepted_at is not None
        connect.change(chosen, {}, access_key=key, accept_automation=automation, by=request.user)
    if chosen.state == Line.State.ACTIVE or (chosen.held_reason == "by_hand" and not key):
        holding.resume(chosen, by=request.user)
    else:
        why = try_out.ask_and_resume(chosen, by=request.user)
        if why:
            messages.error(request, _("“%(line)s” stays held: %(why)s") % {"line": chosen.name, "why": why})
        else:
            messages.info(request, _("“%(line)s” sends again.") % {"line": chosen.name})
    return _back(request, chosen)


@team_view(Right.MANAGE_LINES)
def line_new_address(request: MemberRequest, pk: int) -> HttpResponse:
    """Replaces the callback address, after a page that says what that breaks."""
    chosen = _line(request, pk)
    if request.method == "POST":
        connect.new_token(chosen, by=request.user)
        messages.info(request, _("Paste the new address at the gateway: the old one no longer works."))
        return redirect("sms:line", pk=chosen.pk)
    return render(request, "sms/lines_new_address.html", _context(chosen))


def _line(request: MemberRequest, pk: int) -> Line:
    found = Line.objects.for_team(request.member.team).select_related(
        "team", "holder", "automation_accepted_by"
    )
    return get_object_or_404(found, pk=pk)


def _back(request: MemberRequest, chosen: Line) -> HttpResponse:
    if request.POST.get("next") == "line":
        return redirect("sms:line", pk=chosen.pk)
    return redirect("sms:lines")


def _context(chosen: Line) -> dict[str, Any]:
    here = is_loopback(connect.host_of(chosen.base_url))
    return {
        "line": chosen,
        "health": health.of_line(chosen),
        "book": state.of_line(chosen),
        "most_inside": state.MOST,
        "most": health.MOST,
        "callback_url": connect.callback_url(chosen),
        # The gateway's cloud can't call a machine that has no public address; a gateway on this machine can.
        "unreachable": not settings.PUBLIC_URL and not here,
        "sandbox_url": settings.SANDBOX_URL,
    }
