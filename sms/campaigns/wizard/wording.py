"""Words of the wizard: kinds of parts, results of campaigns, reasons for being left out."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sms.campaigns import blockers
from sms.campaigns.report import words
from sms.models import Campaign

KINDS: dict[str, Promise] = {
    "segment": pgettext_lazy("part of an audience", "Segment"),
    "list": pgettext_lazy("part of an audience", "List"),
    "tag": pgettext_lazy("part of an audience", "Tag"),
    "campaign": pgettext_lazy("part of an audience", "Campaign"),
    "contacts": pgettext_lazy("part of an audience", "Chosen people"),
}
# The results of a campaign that an audience is made of, in the order in which they are offered.
RESULTS: dict[str, Promise] = {
    "all": pgettext_lazy("result of a campaign", "everybody"),
    "submitted": pgettext_lazy("result of a campaign", "were texted"),
    "delivered": pgettext_lazy("result of a campaign", "received it"),
    "clicked": pgettext_lazy("result of a campaign", "clicked"),
    "not_clicked": pgettext_lazy("result of a campaign", "did not click"),
    "replied": pgettext_lazy("result of a campaign", "replied"),
    "not_replied": pgettext_lazy("result of a campaign", "did not reply"),
    "called": pgettext_lazy("result of a campaign", "called back"),
    "clicked_not_called": pgettext_lazy("result of a campaign", "clicked, did not call"),
    "opted_out": pgettext_lazy("result of a campaign", "opted out"),
    "failed": pgettext_lazy("result of a campaign", "not reached"),
    "skipped": pgettext_lazy("result of a campaign", "left out"),
}
# What the purpose asks of a campaign, below its name.
PURPOSES: dict[str, Promise] = {
    Campaign.Kind.COMMERCIAL: _(
        "Needs a recorded opt-in, or a customer's earlier purchase. Says who sends it and how to opt out. Never leaves "
        "at night, on Sundays or on public holidays."
    ),
    Campaign.Kind.SERVICE: _(
        "About something under way: a delivery, a quote that was asked for. Needs no opt-in, but anyone who said STOP "
        "is left out."
    ),
    Campaign.Kind.APPOINTMENT: _(
        "Reminds people of an appointment, or moves it. Needs no opt-in, but anyone who said STOP is left out."
    ),
}


def result(code: str, campaign: Campaign) -> str:
    """A result of some campaign as a chip says it."""
    if code in RESULTS:
        return str(RESULTS[code])
    if code.startswith("skipped:"):
        why = blockers.words(code.removeprefix("skipped:"), campaign.team)
        return _now("left out: %(why)s") % {"why": why[:1].lower() + why[1:]}
    return code


def reason(code: str, campaign: Campaign) -> str:
    """Why people of this campaign are left out, as its pages say it before it is started."""
    said = words.reason(code, campaign)
    if code.startswith("field_empty:"):
        # Translators: %(said)s is "Town is empty".
        return _now("%(said)s, and the message uses it") % {"said": said}
    return said
