"""What became of each person of a campaign."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

import pydantic
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from ninja import Query, Router, Schema

from crm.api import shapes
from crm.api.bodies import storable
from crm.api.errors import Invalid
from crm.api.pages import BlankIsNone, Paging, one
from crm.api.tokens import caller
from sms.campaigns import blockers, results
from sms.campaigns.results import Page, Place
from sms.models import Campaign, CampaignCredit, Message
from teams.access import Right
from teams.models import Team

router = Router(tags=["Campaigns"])

# Keys of a campaign's counts: exactly those people, where the results of an audience mean "or further".
STATES = frozenset(Message.State.values) - {Message.State.RECEIVED}


class RecipientFilters(Paging):
    result: Annotated[
        Annotated[str, pydantic.Field(max_length=400), pydantic.AfterValidator(storable)] | None,
        BlankIsNone,
        pydantic.Field(
            description="A key of `counts` (`delivered`, `skipped:opted_out`) or of `credits` (`clicked`): exactly "
            "those. Or `all` (when not given), `skipped` for whatever reason, `waiting`, `not_clicked`, `not_replied`, "
            "`clicked_not_called`: of those it was delivered to."
        ),
    ] = None


class RecipientShape(Schema):
    id: Annotated[int, pydantic.Field(description="Of their message, of whatever state.")]
    contact: int
    number: str
    state: Literal[
        "planned",
        "queued",
        "sending",
        "submitted",
        "sent",
        "delivered",
        "uncertain",
        "failed",
        "skipped",
        "cancelled",
    ]
    state_reason: Annotated[
        str,
        pydantic.Field(
            description="Why they were left out (`opted_out`, `field_empty:custom.town`), or it failed."
        ),
    ]
    words: Annotated[str, pydantic.Field(description="The same for people, in the language of the request.")]
    line: int
    id_sms_api: str
    text: Annotated[str, pydantic.Field(description='As they got it; "" as long as it has not left.')]
    url: str
    segments: int
    happened_at: Annotated[datetime, pydantic.Field(description="When it was planned, then when it left.")]
    submitted_at: datetime | None
    sent_at: datetime | None
    delivered_at: datetime | None
    credits: Annotated[
        dict[str, datetime],
        pydantic.Field(
            description="What they did after it, and when first: `{clicked: time, replied: time}`."
        ),
    ]


class RecipientPage(Schema):
    items: list[RecipientShape]
    next_cursor: str | None


@router.get(
    "/campaigns/{int:campaign_id}/recipients",
    response={200: RecipientPage, **dict.fromkeys((401, 403, 404, 422), shapes.ErrorShape)},
    summary="The people of a campaign, and what became of each",
)
def list_recipients(
    request: HttpRequest, campaign_id: int, filters: Query[RecipientFilters]
) -> dict[str, Any]:
    """Those with a result, state by state. A draft has none yet."""
    member = caller(request, Right.MANAGE_CAMPAIGNS)
    campaign = one(Campaign.objects.for_team(member.team), campaign_id)
    result = filters.result or "all"
    after = _after(filters.cursor)
    exact = _exactly(result)
    if exact is not None:
        page = _page(Message.objects.filter(exact, campaign=campaign), after, filters.size)
    elif results.known(result):
        page = results.page(campaign.pk, result, after=after, size=filters.size)
    else:
        raise Invalid({"result": "There is no such result."})
    return {
        "items": _recipients(page.ids, member.team),
        "next_cursor": str(page.next) if page.next else None,
    }


def _exactly(result: str) -> Q | None:
    """The rows that a key of the counts stands for; None: it is no such key."""
    state, _colon, reason = result.partition(":")
    if not reason:
        return Q(state=state) if state in STATES else None
    if state != Message.State.SKIPPED or reason.partition(":")[0] not in (*blockers.REASONS, "field_empty"):
        raise Invalid({"result": "There is no such reason to leave somebody out."})
    return Q(state=state, state_reason=reason)


def _page(rows: QuerySet[Message], after: Place | None, size: int) -> Page:
    ids = list(
        rows.filter(pk__gt=after.id if after else 0).order_by("pk").values_list("pk", flat=True)[: size + 1]
    )
    return Page(ids[:size], Place(0, ids[size - 1]) if len(ids) > size else None)


def _after(cursor: str | None) -> Place | None:
    if cursor is None:
        return None
    try:
        return Place.parse(cursor)
    except ValueError:
        raise Invalid({"cursor": "This is no cursor of this list."}) from None


def _recipients(ids: Sequence[int], team: Team) -> list[dict[str, Any]]:
    """In the order of `ids`."""
    rows = Message.objects.in_bulk(ids)
    credits: dict[int, dict[str, datetime]] = {}
    for message_id, kind, at in CampaignCredit.objects.filter(message__in=ids).values_list(
        "message", "kind", "at"
    ):
        credits.setdefault(message_id, {})[kind] = at
    reasons = {row.state_reason for row in rows.values() if row.state == Message.State.SKIPPED}
    words = {reason: blockers.words(reason, team) for reason in reasons}
    return [_recipient(rows[each], words, credits.get(each, {})) for each in ids if each in rows]


_SHOWN = (
    "number", "state", "state_reason", "id_sms_api", "text", "url", "segments", "happened_at", "submitted_at",
    "sent_at", "delivered_at",
)  # fmt: skip


def _recipient(row: Message, words: dict[str, str], credits: dict[str, datetime]) -> dict[str, Any]:
    skipped = row.state == Message.State.SKIPPED
    return {
        "id": row.pk,
        "contact": row.contact_id,
        "line": row.line_id,
        "words": words[row.state_reason] if skipped else row.get_state_display(),
        "credits": credits,
        **{name: getattr(row, name) for name in _SHOWN},
    }
