"""Lines: how they fare, and their settings."""

import zoneinfo
from functools import cache
from typing import Annotated, Any, Literal

import pydantic
from django.db import IntegrityError, connection, transaction
from django.http import HttpRequest
from ninja import Query, Router

from contacts import phones
from crm.api import bodies, shapes
from crm.api.bodies import Asked, Text, not_blank
from crm.api.errors import Invalid
from crm.api.hours import HELP, Hours
from crm.api.pages import Paging, newest_first, one
from crm.api.tokens import caller
from sms.address_book import switching
from sms.gateway.addresses import join
from sms.gateway.errors import BaseUrlRefused
from sms.lines import budget, holding
from sms.lines.connect import allow_host, needs_key
from sms.models import Line
from sms.sending.budget import Day
from teams import audit, live
from teams.access import Member, Right

router = Router(tags=["Lines"])

ERRORS = dict.fromkeys((401, 403, 422), shapes.ErrorShape)
LARGEST_PACE = 100_000
LARGEST_BUDGET = 1_000_000

# Counted up to ten thousand: a longer queue costs no more to look at. The month is that of each phone.
_COUNTS = """
SELECT l.id,
    (SELECT count(*) FROM (SELECT 1 FROM sms_message m
        WHERE m.line_id = l.id AND m.state = 'queued' LIMIT 10001) AS q),
    (SELECT count(*) FROM (SELECT 1 FROM sms_message m
        WHERE m.team_id = l.team_id AND m.line_id = l.id AND m.state = 'uncertain' AND m.left_at IS NULL
        LIMIT 10001) AS u),
    CASE WHEN l.month_budget > 0 THEN (
        SELECT count(*) FROM sms_linerecipient r WHERE r.line_id = l.id AND r.month = asked.month) END
FROM unnest(%s::bigint[], %s::date[]) AS asked(id, month) JOIN sms_line l ON l.id = asked.id
"""


@cache
def _zones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def _zone(name: str) -> str:
    if name not in _zones():
        raise ValueError("There is no such time zone: give a name such as Europe/Paris.")
    return name


Budget = Annotated[int, pydantic.Strict(), pydantic.Field(ge=0, le=LARGEST_BUDGET)]
# Trimmed besides: a name or a key was copied with the spaces around it.
NotBlank = pydantic.AfterValidator(lambda text: not_blank(text).strip())


class LineChange(Asked):
    """What to change; what is not given stays. The access key can be written, never read."""

    state: Annotated[
        Literal["active", "held"] | None,
        pydantic.Field(description="`active` also clears back-off and circuit, of an active line too."),
    ] = None
    name: Annotated[Text, pydantic.Field(max_length=80), NotBlank] | None = None
    number: Annotated[Text, pydantic.Field(description='The SIM\'s own; "" = unknown.')] | None = None
    login: Annotated[Text, pydantic.Field(max_length=254), NotBlank] | None = None
    access_key: Annotated[Text, pydantic.Field(max_length=1000), NotBlank] | None = None
    base_url: (
        Annotated[
            Text,
            pydantic.Field(max_length=200, description="Its host joins those that lines may reach."),
            NotBlank,
        ]
        | None
    ) = None
    send_path: Annotated[Text, pydantic.Field(max_length=100), NotBlank] | None = None
    contact_path: Annotated[Text, pydantic.Field(max_length=100), NotBlank] | None = None
    marker: Annotated[Text, pydantic.Field(max_length=30), NotBlank] | None = None
    pace: (
        Annotated[
            int,
            pydantic.Strict(),
            pydantic.Field(ge=0, le=LARGEST_PACE, description="Messages a minute; 0 = no limit."),
        ]
        | None
    ) = None
    test_mode: Annotated[bool, pydantic.Strict()] | None = None
    push_contacts: (
        Annotated[
            bool,
            pydantic.Strict(),
            pydantic.Field(description="Fill the phone's address book with its people."),
        ]
        | None
    ) = None
    time_zone: Annotated[Text, pydantic.AfterValidator(_zone)] | None = None
    window: Annotated[
        Hours | None,
        pydantic.Field(
            description=f"When campaigns may leave. {HELP} null: at any hour that their kind allows."
        ),
    ] = None
    day_budget: (
        Annotated[Budget, pydantic.Field(description="Texts a day; 0 = no limit. Campaigns keep to it.")]
        | None
    ) = None
    month_budget: (
        Annotated[Budget, pydantic.Field(description="People texted a calendar month; 0 = no limit.")] | None
    ) = None


@router.get("/lines", response={200: shapes.LinePage, **ERRORS}, summary="Lines, newest first")
def list_lines(request: HttpRequest, paging: Query[Paging]) -> dict[str, Any]:
    member = caller(request, Right.CONVERSE)
    page, next_cursor = newest_first(Line.objects.for_team(member.team), paging)
    return {"items": _lines(page), "next_cursor": next_cursor}


@router.get(
    "/lines/{int:line_id}",
    response={200: shapes.LineShape, 404: shapes.ErrorShape, **ERRORS},
    summary="One line",
)
def get_line(request: HttpRequest, line_id: int) -> dict[str, Any]:
    member = caller(request, Right.CONVERSE)
    return _lines([one(Line.objects.for_team(member.team), line_id)])[0]


@router.patch(
    "/lines/{int:line_id}",
    response={200: shapes.LineShape, **dict.fromkeys((400, 404, 413), shapes.ErrorShape), **ERRORS},
    openapi_extra=bodies.documented(LineChange),
    summary="Change, hold or resume a line",
)
def change_line(request: HttpRequest, line_id: int) -> dict[str, Any]:
    """Settings first, then the state: a new access key and `active` may come together. For admins."""
    member = caller(request, Right.MANAGE_LINES)
    rows = Line.objects.for_team(member.team)
    line = one(rows, line_id)
    change = bodies.validate(LineChange, bodies.read(request))
    with transaction.atomic():
        _settings(member, line, change)
        if change.state == "held":
            holding.hold(line.pk, reason="by_hand", by=member.user)
        elif change.state == "active":
            holding.resume(line, by=member.user)
    return _lines([one(rows, line_id)])[0]


def _settings(member: Member, line: Line, change: LineChange) -> None:
    """Writes the settings that were given, and who did it. Inside a transaction."""
    given: dict[str, Any] = {
        name: value
        for name in sorted(change.model_fields_set - {"state"})
        # Hours alone can be taken away.
        if (value := getattr(change, name)) is not None or name == "window"
    }
    if not given:
        return
    if "number" in given:
        given["number"] = _number(member, given["number"])
    _addresses(member, line, given)
    for name, value in given.items():
        setattr(line, name, value)
    try:
        with transaction.atomic():
            line.save(update_fields=list(given))
            switching.follow(line)
            budget.follow(line, given)
            budget.follow(line, given)
    except IntegrityError:
        raise Invalid({"name": "The team has a line of that name already."}) from None
    audit.record(
        member.team,
        "line.changed",
        line,
        actor=member.user,
        **{name: "…" if name == "access_key" else value for name, value in given.items()},
    )
    live.announce([member.team.pk])


def _number(member: Member, written: str) -> str:
    if not written.strip():
        return ""
    number = phones.normalise(written, member.team.region)
    if number is None:
        raise Invalid({"number": "This is no phone number."})
    return number


def _addresses(member: Member, line: Line, given: dict[str, Any]) -> None:
    """Sees that the address and the path are such that the access key may be sent to them."""
    if "base_url" in given:
        given["base_url"] = given["base_url"].rstrip("/")
        try:
            allow_host(given["base_url"], by=member.user)
        except BaseUrlRefused as refused:
            raise Invalid({"base_url": str(refused)}) from None
        if "access_key" not in given and needs_key(line, given["base_url"]):
            raise Invalid({"access_key": "The address names another host: give the access key for it."})
    for name in ("send_path", "contact_path"):
        if name in given:
            try:
                join(given.get("base_url", line.base_url), given[name])
            except BaseUrlRefused as refused:
                raise Invalid({name: str(refused)}) from None


def _lines(lines: list[Line]) -> list[dict[str, Any]]:
    """The lines with their counts, in one further statement."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, [[line.pk for line in lines], [Day.of(line).month for line in lines]])
        counts = {line_id: told for line_id, *told in cursor.fetchall()}
    return [_line(line, *counts.get(line.pk, (0, 0, None))) for line in lines]


_SHOWN = (
    "name", "number", "state", "held_reason", "held_detail", "held_at", "login", "base_url", "send_path",
    "contact_path", "marker", "pace", "test_mode", "push_contacts", "time_zone", "last_callback_at",
    "last_submitted_at", "not_before", "failures", "last_error", "window", "day_budget", "month_budget",
)  # fmt: skip


def _line(line: Line, queue: int, uncertain: int, month_used: int | None) -> dict[str, Any]:
    today = line.sent_today if line.sent_on == Day.of(line).today else 0
    return {
        "id": line.pk,
        "holder": line.holder_id,
        "queue": queue,
        "uncertain": uncertain,
        "day_used": today if line.day_budget else None,
        "month_used": month_used,
        "automation_accepted": line.automation_accepted_at is not None,
        **{name: getattr(line, name) for name in _SHOWN},
    }
