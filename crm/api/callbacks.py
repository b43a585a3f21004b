"""What the gateway called us with, as it came: for admins."""

from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Query, Router

from crm.api import shapes
from crm.api.errors import ApiError
from crm.api.pages import BlankIsNone, Paging, newest_first, one
from crm.api.tokens import caller
from sms.callbacks import apply
from sms.models import Callback
from teams import audit
from teams.access import Right

router = Router(tags=["Callbacks"])

ERRORS = dict.fromkeys((401, 403, 422), shapes.ErrorShape)
State = Literal["received", "applied", "parked", "quarantined"]


class CallbackFilters(Paging):
    state: Annotated[State | None, BlankIsNone] = None


@router.get("/callbacks", response={200: shapes.CallbackPage, **ERRORS}, summary="Callbacks, newest first")
def list_callbacks(request: HttpRequest, filters: Query[CallbackFilters]) -> dict[str, Any]:
    rows = Callback.objects.for_team(caller(request, Right.SEE_CALLBACKS).team)
    if filters.state is not None:
        rows = rows.filter(state=filters.state)
    page, next_cursor = newest_first(rows, filters)
    return {"items": [shapes.callback(row) for row in page], "next_cursor": next_cursor}


@router.get(
    "/callbacks/{int:callback_id}",
    response={200: shapes.CallbackShape, 404: shapes.ErrorShape, **ERRORS},
    summary="One callback",
)
def get_callback(request: HttpRequest, callback_id: int) -> dict[str, Any]:
    member = caller(request, Right.SEE_CALLBACKS)
    return shapes.callback(one(Callback.objects.for_team(member.team), callback_id))


@router.post(
    "/callbacks/{int:callback_id}/replay",
    response={200: shapes.CallbackShape, 404: shapes.ErrorShape, 409: shapes.ErrorShape, **ERRORS},
    summary="Look at a quarantined or parked callback again",
)
def replay(request: HttpRequest, callback_id: int) -> dict[str, Any]:
    """Puts it back to `received`; a worker applies it at once. 409 for one that was applied or waits already."""
    member = caller(request, Right.SEE_CALLBACKS)
    rows = Callback.objects.for_team(member.team)
    callback = one(rows, callback_id)
    if not apply.replay(callback):
        raise ApiError(
            409, "not_replayable", f"The callback is {callback.state}: there is nothing to replay."
        )
    audit.record(member.team, "callback.replayed", callback, actor=member.user)
    return shapes.callback(one(rows, callback_id))
