"""How a campaign looks to a program."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal

from django.utils import timezone
from ninja import Schema
from pydantic import Field

from contacts.segments import find
from crm.api import shapes
from sms.campaigns import blockers, counts, plan
from sms.models import Campaign, CampaignLine

State = Literal["draft", "scheduled", "running", "paused", "finished", "cancelled"]


class CampaignShape(Schema):
    id: int
    name: str
    kind: Literal["commercial", "service", "appointment"]
    state: State
    paused_reason: Annotated[
        str,
        Field(description='Of a paused one: "" by a person; `failures`, `uncertain`: there were too many.'),
    ]
    recipients: Annotated[
        int | None,
        Field(
            description="All of its audience. Of a draft: counted now, null in a list and where counting took too long."
        ),
    ]
    receive: Annotated[int | None, Field(description="Those of them who are not left out. null as above.")]
    blocked: Annotated[
        dict[str, int] | None,
        Field(
            description="Those who are left out, by reason: `{opted_out: 3, no_consent: 12}`. null as above."
        ),
    ]
    counts: Annotated[
        dict[str, int],
        Field(
            description="What became of them: `{delivered: 951, failed: 3, skipped:opted_out: 12}`. Adds up to "
            "`recipients`; who is still to be looked at after a start is `planned`. Empty for a draft. In a list, as "
            "of `counted_at`."
        ),
    ]
    credits: Annotated[
        dict[str, int],
        Field(
            description="People by what they did after it: `clicked`, `replied`, `called`, `qualified`, `opted_out`."
        ),
    ]
    counted_at: datetime | None
    audience: Annotated[dict[str, Any], Field(description="`{include, exclude}`, as a body may give it.")]
    lines: list[int]
    text: Annotated[str, Field(description="With what a commercial one has to say.")]
    url: str
    rest_days: int | None
    send_at: Annotated[
        datetime | None, Field(description="It leaves no earlier; null: as soon as it is started.")
    ]
    expires_at: datetime | None
    window: list[list[int] | None] | None
    pace: Annotated[int, Field(description="Messages a minute; 0 = as its lines allow.")]
    credit_days: int
    created_by: int | None
    created_at: datetime
    updated_at: datetime
    started_by: int | None
    started_at: datetime | None
    planned_at: Annotated[datetime | None, Field(description="When the message of each recipient was made.")]
    paused_at: datetime | None
    finished_at: datetime | None


class CampaignPage(Schema):
    items: list[CampaignShape]
    next_cursor: str | None


class StartErrorDetail(shapes.ErrorDetail):
    expected: Annotated[int | None, Field(description="What was asked, with `recipients_differ`.")] = None
    recipients: Annotated[int | None, Field(description="All of its audience at this moment.")] = None
    receive: Annotated[int | None, Field(description="Those of them who would receive it.")] = None


class StartErrorShape(Schema):
    error: StartErrorDetail


def one(campaign: Campaign) -> dict[str, Any]:
    """With its figures at this moment."""
    lines = CampaignLine.objects.filter(campaign=campaign).order_by("line").values_list("line", flat=True)
    if campaign.state != Campaign.State.DRAFT:
        told = {**_under_way(campaign, counts.exact(campaign.pk)), "counted_at": timezone.now()}
    else:
        told = _draft(campaign)
    return _campaign(campaign, list(lines)) | told


def several(campaigns: Iterable[Campaign]) -> list[dict[str, Any]]:
    """With the figures that are kept. One statement, whatever their number."""
    rows = list(campaigns)
    lines: dict[int, list[int]] = {row.pk: [] for row in rows}
    joins = CampaignLine.objects.filter(campaign__in=rows).order_by("line")
    for campaign_id, line_id in joins.values_list("campaign", "line"):
        lines[campaign_id].append(line_id)
    return [
        _campaign(row, lines[row.pk])
        | (_under_way(row, row.counts) if row.state != Campaign.State.DRAFT else dict(_UNKNOWN))
        for row in rows
    ]


_UNKNOWN: Mapping[str, Any] = {
    "recipients": None,
    "receive": None,
    "blocked": None,
    "counts": {},
    "credits": {},
}


def _draft(campaign: Campaign) -> dict[str, Any]:
    try:
        found = blockers.counts(campaign)
    except find.TakesTooLong:
        return dict(_UNKNOWN)
    return {**_UNKNOWN, "recipients": found.match, "receive": found.receive, "blocked": found.reasons}


def _under_way(campaign: Campaign, figures: Mapping[str, Any]) -> dict[str, Any]:
    states = dict(figures.get("states", {}))
    if campaign.planned_at is None and campaign.state in plan.ALIVE:
        # Rows are still being made; whoever has none yet is looked at in a moment.
        unmade = campaign.expected - sum(states.values())
        if unmade > 0:
            states["planned"] = states.get("planned", 0) + unmade
    blocked = {
        key.removeprefix("skipped:"): count for key, count in states.items() if key.startswith("skipped:")
    }
    recipients = sum(states.values())
    return {
        "recipients": recipients,
        "receive": recipients - sum(blocked.values()),
        "blocked": blocked,
        "counts": states,
        "credits": figures.get("credits", {}),
    }


_SHOWN = (
    "name", "kind", "state", "paused_reason", "counted_at", "audience", "text", "url", "rest_days", "expires_at",
    "window", "pace", "credit_days", "created_at", "updated_at", "started_at", "planned_at", "paused_at",
    "finished_at",
)  # fmt: skip


def _campaign(row: Campaign, lines: list[int]) -> dict[str, Any]:
    return {
        "id": row.pk,
        "lines": lines,
        "send_at": row.starts_at,
        "created_by": row.created_by_id,
        "started_by": row.started_by_id,
        **{name: getattr(row, name) for name in _SHOWN},
    }
