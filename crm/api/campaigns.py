"""Campaigns: composed, started, held up and followed by programs."""

from collections.abc import Callable
from typing import Annotated, Any

from django.http import HttpRequest
from django.utils import translation
from ninja import Query, Router, Status

from contacts.segments import find
from crm.api import bodies, campaign_shapes, campaign_writing, keys, shapes
from crm.api.campaign_forms import CampaignAsked, CampaignChange, StartAsked
from crm.api.campaign_shapes import State
from crm.api.errors import ApiError, Invalid
from crm.api.pages import BlankIsNone, Paging, newest_first, one
from crm.api.tokens import caller
from sms.campaigns import ready, states
from sms.models import Campaign
from teams import live
from teams.access import Member, Right
from teams.models import User

router = Router(tags=["Campaigns"])

ERRORS = dict.fromkeys((401, 403, 422), shapes.ErrorShape)
NOT_FOUND = {404: shapes.ErrorShape}
WRITING = dict.fromkeys((400, 409, 413), shapes.ErrorShape)

# Where the body says what a step of the wizard asks for.
_FIELDS = {"audience": "audience", "message": "text", "when": "lines"}


class CampaignFilters(Paging):
    state: Annotated[State | None, BlankIsNone] = None


@router.get(
    "/campaigns", response={200: campaign_shapes.CampaignPage, **ERRORS}, summary="Campaigns, newest first"
)
def list_campaigns(request: HttpRequest, filters: Query[CampaignFilters]) -> dict[str, Any]:
    """With the figures that were counted last: those of one campaign are always of this moment."""
    rows = Campaign.objects.for_team(caller(request, Right.MANAGE_CAMPAIGNS).team)
    if filters.state is not None:
        rows = rows.filter(state=filters.state)
    page, next_cursor = newest_first(rows, filters)
    return {"items": campaign_shapes.several(page), "next_cursor": next_cursor}


@router.get(
    "/campaigns/{int:campaign_id}",
    response={200: campaign_shapes.CampaignShape, **NOT_FOUND, **ERRORS},
    summary="One campaign",
)
def get_campaign(request: HttpRequest, campaign_id: int) -> dict[str, Any]:
    return campaign_shapes.one(_of(caller(request, Right.MANAGE_CAMPAIGNS), campaign_id))


@router.post(
    "/campaigns",
    response={201: campaign_shapes.CampaignShape, **ERRORS, **WRITING},
    openapi_extra=bodies.documented(CampaignAsked) | {"parameters": [keys.PARAMETER]},
    summary="Add a draft",
)
def create_campaign(request: HttpRequest) -> Status[Any]:
    """Sends nothing: `/start` does. For managers and admins, as all of this."""
    member = caller(request, Right.MANAGE_CAMPAIGNS)
    body = bodies.read(request)
    asked = bodies.validate(CampaignAsked, body)
    ids, _ = keys.once(
        request, member, ["campaigns", body], lambda: [campaign_writing.make(member, asked).pk]
    )
    return Status(201, campaign_shapes.one(_of(member, ids[0])))


@router.patch(
    "/campaigns/{int:campaign_id}",
    response={200: campaign_shapes.CampaignShape, **NOT_FOUND, **ERRORS, **WRITING},
    openapi_extra=bodies.documented(CampaignChange),
    summary="Change a draft, or the text of a paused campaign",
)
def change_campaign(request: HttpRequest, campaign_id: int) -> dict[str, Any]:
    """Of a paused one `text` and `url` alone: whoever still waits gets the new ones. Otherwise 409."""
    member = caller(request, Right.MANAGE_CAMPAIGNS)
    _of(member, campaign_id)
    asked = bodies.validate(CampaignChange, bodies.read(request))
    campaign_writing.change(member, campaign_id, asked)
    return campaign_shapes.one(_of(member, campaign_id))


@router.delete(
    "/campaigns/{int:campaign_id}",
    response={204: None, **NOT_FOUND, **ERRORS, 409: shapes.ErrorShape},
    summary="Delete a draft",
)
def delete_campaign(request: HttpRequest, campaign_id: int) -> Status[None]:
    """409 for one that was started: it can be cancelled, and stays for its report."""
    member = caller(request, Right.MANAGE_CAMPAIGNS)
    campaign = _of(member, campaign_id)
    if not states.discard(campaign, by=member.user):
        raise ApiError(409, "not_a_draft", f"The campaign is {_of(member, campaign_id).state}: cancel it.")
    live.announce([member.team.pk])
    return Status(204, None)


@router.post(
    "/campaigns/{int:campaign_id}/start",
    response={
        200: campaign_shapes.CampaignShape,
        **NOT_FOUND,
        **ERRORS,
        **WRITING,
        409: campaign_shapes.StartErrorShape,
        503: shapes.ErrorShape,
    },
    openapi_extra=bodies.documented(StartAsked) | {"parameters": [keys.PARAMETER]},
    summary="Start a draft: now, or at its `send_at`",
)
def start_campaign(request: HttpRequest, campaign_id: int) -> dict[str, Any]:
    """Fixes its people and lets it go.

    Another number than yours is 409 `recipients_differ`, with `expected`, `recipients` and `receive` beside the code;
    nothing was started. One that lacks something is 422 `not_ready`, and `fields` says what. A second start is 409
    `not_a_draft`, unless it comes with the same key.
    """
    member = caller(request, Right.MANAGE_CAMPAIGNS)
    campaign = _of(member, campaign_id)
    body = bodies.read(request)
    expected = bodies.validate(StartAsked, body).recipients
    keys.once(
        request,
        member,
        ["campaigns/start", campaign.pk, body],
        lambda: [_start(_of(member, campaign_id), member.user, expected)],
    )
    return campaign_shapes.one(_of(member, campaign_id))


@router.post(
    "/campaigns/{int:campaign_id}/pause",
    response={200: campaign_shapes.CampaignShape, **NOT_FOUND, **ERRORS, 409: shapes.ErrorShape},
    summary="Pause a campaign",
)
def pause_campaign(request: HttpRequest, campaign_id: int) -> dict[str, Any]:
    """Nothing of it leaves any more, but a batch that is handed over at this moment. Pausing twice is pausing once."""
    return _turn(request, campaign_id, states.pause, (Campaign.State.PAUSED,))


@router.post(
    "/campaigns/{int:campaign_id}/resume",
    response={200: campaign_shapes.CampaignShape, **NOT_FOUND, **ERRORS, 409: shapes.ErrorShape},
    summary="Resume a paused campaign",
)
def resume_campaign(request: HttpRequest, campaign_id: int) -> dict[str, Any]:
    """It goes on with those who wait, and sends to nobody twice. Resuming what runs changes nothing."""
    return _turn(request, campaign_id, states.resume, (Campaign.State.RUNNING, Campaign.State.SCHEDULED))


@router.post(
    "/campaigns/{int:campaign_id}/cancel",
    response={200: campaign_shapes.CampaignShape, **NOT_FOUND, **ERRORS, 409: shapes.ErrorShape},
    summary="Cancel a campaign",
)
def cancel_campaign(request: HttpRequest, campaign_id: int) -> dict[str, Any]:
    """For good: whoever waits gets nothing, what left stays. Cancelling twice is cancelling once; 409 for one that
    ended, and for a draft.
    """
    return _turn(request, campaign_id, states.cancel, (Campaign.State.CANCELLED,))


def _turn(
    request: HttpRequest, campaign_id: int, turn: Callable[..., bool], done: tuple[str, ...]
) -> dict[str, Any]:
    """`done`: the states in which there is nothing to do."""
    member = caller(request, Right.MANAGE_CAMPAIGNS)
    changed = turn(_of(member, campaign_id), by=member.user)
    now = _of(member, campaign_id)
    if not changed and now.state not in done:
        raise ApiError(409, "wrong_state", f"The campaign is {now.state}.")
    return campaign_shapes.one(now)


def _start(campaign: Campaign, by: User, expected: int) -> int:
    try:
        with translation.override("en"):
            states.start(campaign, by=by, expected=expected)
            return campaign.pk
    except find.TakesTooLong:
        raise ApiError(503, "takes_too_long", "Counting its people took too long. Try again.") from None
    except states.Refused as refused:
        raise _refusal(campaign, refused) from None


def _refusal(campaign: Campaign, refused: states.Refused) -> ApiError:
    if refused.code == "nobody":
        return Invalid({"audience": str(refused)})
    if refused.code != "not_ready":
        return ApiError(409, refused.code, str(refused), detail=refused.detail)
    fields: dict[str, str] = {}
    with translation.override("en"):
        for problem in ready.problems(campaign):
            name = problem.field or _FIELDS[problem.step]
            fields[name] = f"{fields[name]} {problem.sentence}" if name in fields else problem.sentence
    return ApiError(422, refused.code, "The campaign is not ready.", fields)


def _of(member: Member, campaign_id: int) -> Campaign:
    found = one(Campaign.objects.for_team(member.team), campaign_id)
    found.team = member.team
    return found
