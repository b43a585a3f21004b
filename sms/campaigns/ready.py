"""What keeps a draft from being started, step by step of its wizard. Nothing here is stored."""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _

from sms import merge_fields
from sms.campaigns import audience
from sms.campaigns.mention import with_mention
from sms.gateway.texts import LINK_PLACE
from sms.models import Campaign, Line
from sms.sending.windows import Window, hours_of


@dataclass(frozen=True)
class Problem:
    """`step`: audience, message or when. `field`: what it is about, in a program's words, where that is more exact."""

    step: str
    sentence: str
    field: str = ""


def problems(campaign: Campaign) -> list[Problem]:
    """In the order of the steps; none: it may be started."""
    return [*_audience(campaign), *_message(campaign), *_when(campaign)]


def _audience(campaign: Campaign) -> list[Problem]:
    found = audience.of(campaign)
    if found.gone:
        return [Problem("audience", _("A part of the audience was deleted. Take it out, or choose another."))]
    if not found.include:
        return [Problem("audience", _("Say who receives it."))]
    return []


def _message(campaign: Campaign) -> list[Problem]:
    if not campaign.text.strip():
        return [Problem("message", _("Write the message."))]
    if LINK_PLACE in campaign.text and not campaign.url:
        return [Problem("message", _("The text says {link}: give the address that stands there."), "url")]
    try:
        merge_fields.checked(campaign.text, campaign.team)
    except merge_fields.Wrong as wrong:
        return [Problem("message", str(wrong))]
    commercial = campaign.kind == Campaign.Kind.COMMERCIAL
    if commercial and with_mention(campaign.text, campaign.team) != campaign.text:
        return [Problem("message", _("A commercial text must name its sender and say how to opt out."))]
    return []


def _when(campaign: Campaign) -> list[Problem]:
    lines = list(campaign.lines.order_by("name"))
    if not lines:
        found = [Problem("when", _("Choose at least one line."))]
    else:
        found = [problem for line in lines for problem in _line(campaign, line)]
    begins = max(campaign.starts_at or timezone.now(), timezone.now())
    if campaign.expires_at and campaign.expires_at <= begins:
        found.append(Problem("when", _("Sending would stop before it begins."), "expires_at"))
    return found


def _line(campaign: Campaign, line: Line) -> list[Problem]:
    sentences: list[tuple[str, str]] = []
    if line.automation_accepted_at is None:
        sentences.append(
            (_("An admin must first accept that programs send through “%(line)s”: see its settings."), "")
        )
    if not _opens(campaign, line):
        sentences.append((_("The hours of the campaign and those of “%(line)s” never overlap."), "window"))
    if line.holder_id is None and merge_fields.needs_sender(campaign.text):
        sentences.append((_("The text names its sender, and nobody holds “%(line)s”."), ""))
    return [Problem("when", sentence % {"line": line.name}, field) for sentence, field in sentences]


def _opens(campaign: Campaign, line: Line) -> bool:
    own, team, of_line = (
        None if stored is None else Window.parse(stored)
        for stored in (campaign.window, campaign.team.commercial_window, line.window)
    )
    return not hours_of(campaign.kind, own=own, team=team, lines=of_line).window.is_empty
