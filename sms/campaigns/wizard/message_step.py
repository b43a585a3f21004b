"""The second step: what they receive. It is saved while one types, and looked at as its people will get it."""

from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from contacts.segments import find
from sms import merge_fields
from sms.campaigns.mention import mention
from sms.campaigns.wizard import figures, lacking, preview, saving, steps
from sms.campaigns.wizard.forms import MessageForm
from sms.campaigns.wizard.preview import Texts
from sms.campaigns.wizard.try_out import TestForm
from sms.message_templates import offered
from sms.models import Campaign
from teams.access import MemberRequest

TEMPLATE = "sms/campaign_message.html"


@dataclass
class Typed:
    """What was typed and what became of it. `changed`: somebody saved another text meanwhile."""

    campaign: Campaign
    form: MessageForm
    known: str
    changed: saving.Changed | None = None

    @property
    def saved(self) -> bool:
        return self.changed is None and not self.form.errors

    @property
    def status(self) -> int:
        return 409 if self.changed else 422 if self.form.errors else 200


@steps.draft_view
def message(request: MemberRequest, campaign: Campaign) -> HttpResponse:
    """`person`, `place` in the address: whom it is shown for; `template`: one to put behind the text.

    `do`: "look" saves, "next" goes on besides.
    """
    if request.method != "POST":
        if request.htmx:  # type: ignore[attr-defined]
            return render(request, f"{TEMPLATE}#preview", _shown(request, campaign))
        return page(request, _begun(campaign, request.GET.get("template", "")))
    try:
        typed = save(request, campaign)
    except saving.Started:
        return steps.report(request, campaign)
    going_on = request.POST.get("do") == "next"
    if going_on and typed.saved and not typed.campaign.text:
        typed.form.add_error("text", _("Write the message."))
    if request.htmx:  # type: ignore[attr-defined]
        return _looked(request, typed)
    if not typed.saved:
        return page(request, typed)
    if going_on:
        return redirect("sms:campaign-when", pk=campaign.pk)
    return redirect(here(request, campaign))


@require_safe
@steps.draft_view
def templates(request: MemberRequest, campaign: Campaign) -> HttpResponse:
    """The team's templates as they are written: a menu for htmx, a page of links without scripts."""
    back = steps.address(campaign, "message")
    found = offered.offered(campaign.team, None, None)
    context = {"offered": found, "back": back, "use_url": f"{back}?template="}
    name = "sms/template_menu.html" if request.htmx else "sms/template_choose.html"  # type: ignore[attr-defined]
    response = render(request, name, context)
    response.headers["Vary"] = "HX-Request"
    return response


def _begun(campaign: Campaign, template: str) -> Typed:
    """The stored text, not saved yet with what a template adds."""
    text, url = campaign.text, campaign.url
    chosen = offered.one_of(campaign.team, template, None, None)
    if chosen is not None:
        text, url = f"{text}\n{chosen.text}".strip(), chosen.url or url
    form = MessageForm(initial={"text": text, "url": url})
    return Typed(campaign, form, saving.seen(campaign, "message"))


def save(request: HttpRequest, campaign: Campaign) -> Typed:
    """Keeps what was typed, unless it is wrong or somebody else was here. Raises saving.Started."""
    form = MessageForm(request.POST)
    # "Keep my version" brings along what it was told of.
    known = request.POST.get("mine") or request.POST.get("seen", "")
    typed = Typed(campaign, form, known)
    if not form.is_valid():
        return typed
    try:
        typed.campaign = saving.message(
            campaign, form.cleaned_data["text"], form.cleaned_data["url"], known=known
        )
        typed.known = saving.seen(typed.campaign, "message")
    except saving.Changed as changed:
        typed.changed = changed
    except merge_fields.Wrong as wrong:
        form.add_error("text", str(wrong))
    return typed


def here(request: HttpRequest, campaign: Campaign) -> str:
    """The page as it is looked at: with whom it is shown for."""
    kept = {name: request.POST.get(name, "") for name in ("person", "place")}
    query = "&".join(f"{name}={value}" for name, value in kept.items() if number_of(value))
    return reverse("sms:campaign-message", args=[campaign.pk]) + (f"?{query}" if query else "")


def page(request: MemberRequest, typed: Typed, *, test: TestForm | None = None) -> HttpResponse:
    """`test`: the form of a test that was refused."""
    context = _shown(request, typed.campaign, test) | {
        "form": typed.form,
        "fields": merge_fields.catalogue(typed.campaign.team),
        "typed": typed,
        "seen": typed.known,
        "hint": _hint(typed.campaign),
    }
    status = typed.status if typed.status != 200 or test is None else 422
    return render(request, TEMPLATE, context, status=status)


def _looked(request: MemberRequest, typed: Typed) -> HttpResponse:
    """For htmx: what was typed stays as it is; all around it follows."""
    context = _shown(request, typed.campaign) | {
        "form": typed.form,
        "typed": typed,
        "seen": typed.known,
        "oob": True,
        # The page came with an error at the text, which is followed there.
        "at_text": "had_error" in request.POST,
    }
    return render(request, f"{TEMPLATE}#looked", context)


def _shown(request: MemberRequest, campaign: Campaign, test: TestForm | None = None) -> dict[str, Any]:
    """Everything beside the text, of the text as it is saved."""
    given = request.POST if request.method == "POST" else request.GET
    texts, found = Texts(campaign), figures.of(campaign)
    shown = None
    too_long = False
    try:
        shown = texts.preview(number_of(given.get("person", "")), number_of(given.get("place", "")) or 1)
    except find.TakesTooLong:
        too_long = True
    return steps.context(campaign, "message") | {
        "figures": found,
        "texts": texts,
        "shown": shown,
        "too_long": too_long,
        "cost": preview.cost(texts, found),
        "lacks": lacking.of(texts, found),
        "nobodys": lacking.nobodys(texts),
        "test_key": uuid4(),
        "test": test or TestForm(team=campaign.team, lines=texts.lines),
        "previous": steps.address(campaign, "audience"),
    }


def _hint(campaign: Campaign) -> str:
    """What is put behind a commercial text that does not say it."""
    if campaign.kind != Campaign.Kind.COMMERCIAL:
        return ""
    return _("Added at the end, unless your text already says it: “%(sentence)s”") % {
        "sentence": mention(campaign.team)
    }


def number_of(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0
