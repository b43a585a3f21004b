"""The third step: when it leaves, through which lines and how fast, with what becomes of that."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from sms.campaigns.wizard import figures, forecast, hours_words, saving, steps
from sms.campaigns.wizard.forms import WhenForm
from sms.models import Campaign, Line
from teams.access import MemberRequest, Right

TEMPLATE = "sms/campaign_when.html"


@dataclass
class Typed:
    """What was filled in and what became of it. `changed`: somebody saved another choice meanwhile."""

    campaign: Campaign
    form: WhenForm
    known: str
    changed: saving.Changed | None = None

    @property
    def saved(self) -> bool:
        return self.changed is None and not self.form.errors

    @property
    def status(self) -> int:
        return 409 if self.changed else 422 if self.form.errors else 200


@steps.draft_view
def when(request: MemberRequest, campaign: Campaign) -> HttpResponse:
    """`do`: "look" saves, "next" goes on besides."""
    lines = list(Line.objects.for_team(campaign.team).select_related("holder").order_by("name"))
    if request.method != "POST":
        return _page(request, _as_stored(campaign, lines), lines)
    try:
        typed = _save(request, campaign, lines)
    except saving.Started:
        return steps.report(request, campaign)
    if request.htmx:  # type: ignore[attr-defined]
        context = _context(request, typed, lines) | {"oob": True}
        return render(request, f"{TEMPLATE}#looked", context)
    if not typed.saved:
        return _page(request, typed, lines)
    return redirect(
        "sms:campaign-review" if request.POST.get("do") == "next" else "sms:campaign-when", pk=campaign.pk
    )


def _as_stored(campaign: Campaign, lines: list[Line]) -> Typed:
    initial = {
        "at": "later" if campaign.starts_at else "now",
        "starts_at": _local(campaign.starts_at),
        "expires_at": _local(campaign.expires_at),
        "window": campaign.window,
        "pace": campaign.pace or None,
        "credit_days": campaign.credit_days,
        "lines": saving.lines_of(campaign),
    }
    form = WhenForm(initial=initial, **_given(campaign, lines))
    return Typed(campaign, form, saving.seen(campaign, "when"))


def _given(campaign: Campaign, lines: list[Line]) -> dict[str, Any]:
    return {"kind": campaign.kind, "usual": hours_words.usual(campaign), "lines": lines}


def _save(request: HttpRequest, campaign: Campaign, lines: list[Line]) -> Typed:
    form = WhenForm(request.POST, **_given(campaign, lines))
    known = request.POST.get("mine") or request.POST.get("seen", "")
    typed = Typed(campaign, form, known)
    if not form.is_valid():
        return typed
    try:
        typed.campaign = saving.when(campaign, form.values, form.cleaned_data["lines"], known=known)
        typed.known = saving.seen(typed.campaign, "when")
    except saving.Changed as changed:
        typed.changed = changed
    return typed


def _local(at: datetime | None) -> str:
    """A moment as a `datetime-local` field shows it."""
    return timezone.localtime(at).strftime("%Y-%m-%dT%H:%M") if at else ""


@dataclass(frozen=True)
class Choice:
    """A line as its row shows it. `chosen` as typed."""

    use: forecast.Use
    chosen: bool

    @property
    def line(self) -> Line:
        return self.use.line


def _page(request: MemberRequest, typed: Typed, lines: list[Line]) -> HttpResponse:
    return render(request, TEMPLATE, _context(request, typed, lines), status=typed.status)


def _context(request: MemberRequest, typed: Typed, lines: list[Line]) -> dict[str, Any]:
    campaign, form = typed.campaign, typed.form
    chosen = {str(each) for each in form["lines"].value() or []}
    found = figures.of(campaign)
    return steps.context(campaign, "when") | {
        "typed": typed,
        "form": form,
        "seen": typed.known,
        "figures": found,
        "choices": [Choice(use, str(use.line.pk) in chosen) for use in forecast.uses(lines)],
        "at": form["at"].value(),
        "forecast": forecast.of(campaign, found),
        "manages_lines": request.member.may(Right.MANAGE_LINES),
        "previous": steps.address(campaign, "message"),
    }
