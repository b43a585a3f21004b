"""Stores a team's rules for campaigns."""

from collections.abc import Mapping
from typing import Any

from django.db import transaction

from sms import wake
from sms.models import Campaign, CampaignLine
from teams import audit, live
from teams.models import Team, User

_ALIVE = (Campaign.State.SCHEDULED, Campaign.State.RUNNING, Campaign.State.PAUSED)


def change(team: Team, values: Mapping[str, Any], *, by: User) -> bool:
    """Writes what changed. Campaigns under way keep to new hours at once. False: nothing changed."""
    changed = {name: value for name, value in values.items() if getattr(team, name) != value}
    if not changed:
        return False
    with transaction.atomic():
        for name, value in changed.items():
            setattr(team, name, value)
        team.save(update_fields=list(changed))
        waiting = CampaignLine.objects.filter(campaign__team=team, campaign__state__in=_ALIVE)
        waiting.update(not_before=None)
        wake.lines(waiting.values_list("line", flat=True))
        audit.record(team, "team.campaign_rules_changed", team, actor=by, **changed)
        live.announce([team.pk])
    return True
