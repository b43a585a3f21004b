"""Results of a campaign in words, as its pages name them."""

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from sms.campaigns import blockers
from sms.models import Campaign

# People whose clicks a robot made: no result of theirs, only to be looked at.
ROBOTS = "robots"

# Above the people: those who were left out stand beside everybody, not among them.
EVERYONE = pgettext_lazy("people of a campaign", "All")

RESULTS: dict[str, Promise] = {
    "all": _("Everyone"),
    "planned": pgettext_lazy("messages of a campaign", "Planned"),
    "waiting": pgettext_lazy("messages of a campaign", "Still to send"),
    "submitted": pgettext_lazy("messages of a campaign", "Submitted"),
    "sent": pgettext_lazy("messages of a campaign", "Sent"),
    "delivered": pgettext_lazy("messages of a campaign", "Delivered"),
    "clicked": pgettext_lazy("people of a campaign", "Clicked"),
    "replied": pgettext_lazy("people of a campaign", "Replied"),
    "called": pgettext_lazy("people of a campaign", "Called back"),
    "qualified": pgettext_lazy("people of a campaign", "Qualified"),
    "opted_out": pgettext_lazy("people of a campaign", "Opted out"),
    "not_clicked": _("Delivered, not clicked"),
    "not_replied": _("Delivered, not replied"),
    "clicked_not_called": _("Clicked, not called back"),
    "failed": pgettext_lazy("messages of a campaign", "Failed"),
    "uncertain": pgettext_lazy("messages of a campaign", "Uncertain"),
    "cancelled": pgettext_lazy("messages of a campaign", "Cancelled"),
    "skipped": pgettext_lazy("people of a campaign", "Left out"),
    ROBOTS: _("Clicked by robots"),
}


def result(code: str, campaign: Campaign) -> str:
    """The name of a result that is known; `skipped:no_consent` is called by its reason."""
    if code.startswith("skipped:"):
        return reason(code.removeprefix("skipped:"), campaign)
    return str(RESULTS[code])


def reason(code: str, campaign: Campaign) -> str:
    """Why somebody was left out."""
    if code == "texted_lately" and campaign.rest_days:
        days = campaign.rest_days
        return ngettext("Texted in the last day", "Texted in the last %(n)d days", days) % {"n": days}
    if code == "expired":
        return _now("Not sent in time")
    return blockers.words(code, campaign.team)
