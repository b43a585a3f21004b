"""Sends the message of a draft to oneself: saved first as it was typed, then one real text."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from contacts import phones
from contacts.segments import find
from sms import merge_fields
from sms.campaigns.wizard import message_step, saving, steps, try_out
from sms.campaigns.wizard.preview import Texts
from sms.campaigns.wizard.try_out import TestForm
from sms.conversations import reasons
from sms.models import Campaign, Message
from teams import idempotency
from teams.access import MemberRequest


@steps.draft_view
def campaign_test(request: MemberRequest, campaign: Campaign) -> HttpResponse:
    if request.method != "POST":
        return redirect("sms:campaign-message", pk=campaign.pk)
    try:
        typed = message_step.save(request, campaign)
    except saving.Started:
        return steps.report(request, campaign)
    if typed.saved and not typed.campaign.text:
        typed.form.add_error("text", _("Write the message."))
    if not typed.saved:
        return message_step.page(request, typed)
    texts = Texts(typed.campaign)
    form = TestForm(request.POST, team=campaign.team, lines=texts.lines)
    if form.is_valid() and not texts.lines:
        form.add_error("number", _("No line is connected yet: nothing can be sent."))
    if form.is_valid():
        _send(request, texts, form)
    if not form.is_valid():
        return message_step.page(request, typed, test=form)
    return redirect(message_step.here(request, campaign))


def _send(request: MemberRequest, texts: Texts, form: TestForm) -> None:
    """As the person of the preview would get it. What keeps it from being sent is said at the number."""
    try:
        shown = texts.preview(message_step.number_of(request.POST.get("person", "")))
    except find.TakesTooLong:
        shown = None
    contact = shown.contact if shown else None
    line = texts.place_of_line(contact.pk) if contact else 0
    given = form.cleaned_data
    try:
        text = texts.to_send(contact, line)
        sent = try_out.send(
            texts.lines[line], given["number"], text, texts.campaign.url, key=given["key"], by=request.user
        )
    except merge_fields.Empty as lacks:
        label = merge_fields.label(lacks.key, texts.campaign.team)
        form.add_error(
            "number", _("%(field)s is empty for this person: they would get nothing.") % {"field": label}
        )
    except idempotency.KeyReused:
        form.add_error("number", _("This test was sent already. Press once more to send it as it is now."))
    else:
        _say(request, form, sent)


def _say(request: MemberRequest, form: TestForm, sent: Message) -> None:
    number = phones.display(sent.number, request.member.team.region)
    if sent.state == Message.State.SKIPPED:
        form.add_error(
            "number",
            _("Nothing was sent to %(number)s: %(why)s")
            % {"number": number, "why": reasons.sentence(sent.state_reason)},
        )
        return
    messages.info(
        request,
        _("On its way to %(number)s through “%(line)s”.") % {"number": number, "line": sent.line.name},
    )
