"""What people decide about a campaign. Each change is one conditional UPDATE: who comes second changes nothing.

draft ─► scheduled ─► running ⇄ paused ─► finished
  │          └───────────┴────────┴─────► cancelled
  └► discarded (the row goes)
"""

from datetime import datetime
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from sms import wake
from sms.campaigns import blockers, plan, ready
from sms.models import Campaign, CampaignLine
from teams import audit, live
from teams.models import User

State = Campaign.State


class Refused(Exception):
    """It can't be done, for a reason that the person can read. `code` is for programs."""

    def __init__(self, code: str, sentence: str, **detail: Any) -> None:
        super().__init__(sentence)
        self.code, self.detail = code, detail


def start(campaign: Campaign, *, by: User | None, expected: int) -> None:
    """Fixes its people and lets it go, now or at its time. Raises Refused, and find.TakesTooLong.

    `expected` is how many people whoever starts it believes in: those who will receive it, or all of its audience.
    """
    if campaign.state != State.DRAFT:
        raise Refused("not_a_draft", _("The campaign was started already."))
    if problems := ready.problems(campaign):
        raise Refused(
            "not_ready",
            " ".join(problem.sentence for problem in problems),
            steps=[each.step for each in problems],
        )
    found = blockers.counts(campaign)
    if expected not in (found.receive, found.match):
        raise Refused(
            "recipients_differ",
            _("You expect %(expected)s people, and it would reach %(receive)s of %(match)s now.")
            % {
                "expected": intcomma(expected),
                "receive": intcomma(found.receive),
                "match": intcomma(found.match),
            },
            expected=expected,
            recipients=found.match,
            receive=found.receive,
        )
    if not found.receive:
        raise Refused("nobody", _("Nobody would receive it."))
    _confirm(campaign, by, found.match)


def _confirm(campaign: Campaign, by: User | None, match: int) -> None:
    """What was looked at and counted is what starts: whoever saved something meanwhile has it refused."""
    now = timezone.now()
    later = campaign.starts_at is not None and campaign.starts_at > now
    with transaction.atomic():
        draft = Campaign.objects.filter(pk=campaign.pk, state=State.DRAFT)
        changed = draft.filter(updated_at=campaign.updated_at).update(
            state=State.SCHEDULED if later else State.RUNNING,
            started_by=by,
            started_at=now,
            expected=match,
            updated_at=now,
        )
        if not changed and draft.exists():
            raise Refused("changed", _("Somebody changed it at this moment. Look at it once more."))
        if not changed:
            raise Refused("not_a_draft", _("The campaign was started already."))
        audit.record(campaign.team, "campaign.started", campaign, actor=by, people=match)
        wake.after_commit(plan.TASK, campaign.pk)
        live.announce([campaign.team_id])


def pause(campaign: Campaign, *, by: User | None) -> bool:
    """Nothing of it is claimed any more once this is committed. False: it was not under way."""
    return _change(
        campaign, (State.RUNNING, State.SCHEDULED), "campaign.paused", by,
        state=State.PAUSED, paused_at=timezone.now(), paused_by=by, paused_reason="",
    )  # fmt: skip


def resume(campaign: Campaign, *, by: User | None) -> bool:
    """Goes on with those who wait; what left stays left. False: it was not paused."""
    now = timezone.now()
    later = campaign.starts_at is not None and campaign.starts_at > now
    with transaction.atomic():
        changed = _change(
            campaign, (State.PAUSED,), "campaign.resumed", by,
            state=State.SCHEDULED if later else State.RUNNING, paused_at=None, paused_by=None, paused_reason="",
            resumed_at=now,
        )  # fmt: skip
        if changed:
            lines = CampaignLine.objects.filter(campaign=campaign)
            lines.update(not_before=None)
            wake.lines(lines.values_list("line", flat=True))
    return changed


def cancel(campaign: Campaign, *, by: User | None) -> bool:
    """For good. Those who wait become `cancelled` by the worker. False: it had ended, or never begun."""
    changed = _change(
        campaign, (State.SCHEDULED, State.RUNNING, State.PAUSED), "campaign.cancelled", by,
        state=State.CANCELLED, finished_at=timezone.now(),
    )  # fmt: skip
    if changed:
        wake.after_commit("sms.tasks.campaign_watch", campaign.pk)
    return changed


def discard(campaign: Campaign, *, by: User | None) -> bool:
    """A draft goes. False: it is none any more."""
    with transaction.atomic():
        found = Campaign.objects.select_for_update().filter(pk=campaign.pk, state=State.DRAFT).first()
        if found is None:
            return False
        audit.record(campaign.team, "campaign.discarded", found, actor=by, name=found.name)
        found.delete()
    return True


# What a copy takes along: neither times nor anything that happened.
_COPIED = ("kind", "audience", "rest_days", "text", "url", "required_fields", "window", "pace", "credit_days")


def clone(campaign: Campaign, *, by: User | None) -> Campaign:
    """A new draft after it."""
    with transaction.atomic():
        copy = Campaign.objects.create(
            team=campaign.team,
            # Translators: the name of a campaign made after another.
            name=pgettext("campaign", "Copy of %(name)s") % {"name": campaign.name}
            if len(campaign.name) < 60
            else campaign.name,
            copy_of=campaign,
            created_by=by,
            **{name: getattr(campaign, name) for name in _COPIED},
        )
        lines = CampaignLine.objects.filter(campaign=campaign).values_list("line", flat=True)
        CampaignLine.objects.bulk_create(CampaignLine(campaign=copy, line_id=line) for line in lines)
        audit.record(campaign.team, "campaign.copied", copy, actor=by, copy_of=campaign.pk)
    return copy


def begin(now: datetime) -> list[int]:
    """Those whose time has come run. For the sweep; ids of those that changed."""
    due = list(
        Campaign.objects.filter(state=State.SCHEDULED, starts_at__lte=now).values_list("pk", "team_id")
    )
    begun = []
    for campaign_id, team_id in due:
        with transaction.atomic():
            changed = Campaign.objects.filter(
                pk=campaign_id, state=State.SCHEDULED, starts_at__lte=now
            ).update(state=State.RUNNING, updated_at=now)
            if changed:
                begun.append(campaign_id)
                wake.lines(CampaignLine.objects.filter(campaign=campaign_id).values_list("line", flat=True))
                live.announce([team_id])
    return begun


def _change(campaign: Campaign, among: tuple[str, ...], action: str, by: User | None, **values: Any) -> bool:
    with transaction.atomic():
        changed = Campaign.objects.filter(pk=campaign.pk, state__in=among).update(
            **values, updated_at=timezone.now()
        )
        if changed:
            audit.record(campaign.team, action, campaign, actor=by)
            live.announce([campaign.team_id])
    return bool(changed)
