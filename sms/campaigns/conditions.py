"""Segments that ask what became of people in a campaign."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contacts.segments.conditions import Condition, Editor, Group, Operator, Option, register
from sms.campaigns import results
from sms.models import Campaign
from teams.models import Team

# Of many campaigns the newest can be chosen.
NEWEST = 200


def _campaigns(team: Team) -> Sequence[Option]:
    begun = Campaign.objects.for_team(team).exclude(state=Campaign.State.DRAFT).order_by("-pk")
    return [Option(*row) for row in begun.values_list("pk", "name")[:NEWEST]]


# Key of the operator: the result it asks for, and whether it is denied.
_ASKED = {
    "received": ("delivered", False),
    "sent": ("submitted", False),
    "clicked": ("clicked", False),
    "not_clicked": ("not_clicked", False),
    "replied": ("replied", False),
    "not_replied": ("not_replied", False),
    "called": ("called", False),
    "opted_out": ("opted_out", False),
    "failed": ("failed", False),
    "left_out": ("skipped", False),
    "in": ("all", False),
    "not_in": ("all", True),
}


@dataclass(frozen=True)
class InCampaign(Condition):
    def q(self, team: Team, op: str, value: Any, *, now: datetime, **extra: Any) -> Q:
        result, denied = _ASKED[op]
        found = results.in_campaigns(value, result)
        return ~found if denied else found


def _several(key: str, label: Any, says: Any) -> Operator:
    return Operator(key, label, Editor.SEVERAL, says)


CONDITION = InCampaign(
    "campaign",
    _("Campaign"),
    Group.HAPPENED,
    (
        _several("received", pgettext_lazy("campaign", "received"), _("received the campaign %(value)s")),
        _several("sent", pgettext_lazy("campaign", "was sent"), _("were sent the campaign %(value)s")),
        _several("clicked", pgettext_lazy("campaign", "clicked in"), _("clicked in the campaign %(value)s")),
        _several(
            "not_clicked",
            pgettext_lazy("campaign", "received, did not click in"),
            _("received and did not click in the campaign %(value)s"),
        ),
        _several("replied", pgettext_lazy("campaign", "replied to"), _("replied to the campaign %(value)s")),
        _several(
            "not_replied",
            pgettext_lazy("campaign", "received, did not reply to"),
            _("received and did not reply to the campaign %(value)s"),
        ),
        _several(
            "called", pgettext_lazy("campaign", "called after"), _("called after the campaign %(value)s")
        ),
        _several(
            "opted_out",
            pgettext_lazy("campaign", "opted out after"),
            _("opted out after the campaign %(value)s"),
        ),
        _several(
            "failed", pgettext_lazy("campaign", "failed in"), _("were not reached by the campaign %(value)s")
        ),
        _several(
            "left_out",
            pgettext_lazy("campaign", "was left out of"),
            _("were left out of the campaign %(value)s"),
        ),
        _several("in", pgettext_lazy("campaign", "is in"), _("are in the campaign %(value)s")),
        _several("not_in", pgettext_lazy("campaign", "is not in"), _("are not in the campaign %(value)s")),
    ),
    options=_campaigns,
)


def register_all() -> None:
    register(CONDITION)
