"""What a person allowed or refused, told by a program: an entry of the ledger."""

from datetime import timedelta
from typing import Annotated, Any, Literal

import pydantic
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from ninja import Router, Status

from contacts.privacy import ledger
from crm.api import bodies, contact_shapes, contacts, keys, shapes
from crm.api.bodies import Asked, Line, Moment, NotBlank, Text
from crm.api.errors import Invalid, NotFound
from crm.api.tokens import caller
from sms.consent import Wish, opt_in, opt_out
from teams import live
from teams.access import Member, Right

router = Router(tags=["Contacts"])

# Clocks differ; what lies further ahead is a mistake.
AHEAD = timedelta(minutes=5)


class ConsentAsked(Asked):
    """What happened, and what proves it."""

    change: Annotated[
        Literal["granted", "withdrawn", "opt_out", "opt_in", "do_not_call", "may_call"],
        pydantic.Field(
            description="`granted`, `withdrawn`: commercial texts. `opt_out`, `opt_in`: as STOP and START, any text. "
            "`do_not_call`, `may_call`: calls."
        ),
    ]
    basis: Annotated[
        Literal["opted_in", "customer", "professional"] | None,
        pydantic.Field(description="On what ground: with `granted`, and only then."),
    ] = None
    source: Annotated[
        Annotated[Line, pydantic.Field(max_length=80), NotBlank],
        pydantic.Field(description="Where it came from, such as “Salon de Rennes”. `api` when not given."),
    ] = "api"
    wording: Annotated[
        Annotated[Text, pydantic.Field(max_length=5000)] | None,
        pydantic.Field(description="The words that were agreed to, or that refused."),
    ] = None
    proof: Annotated[
        Annotated[Text, pydantic.Field(max_length=5000)] | None,
        pydantic.Field(description="An address, a file's name, “web form, 192.0.2.7, 18:22”."),
    ] = None
    happened_at: Annotated[
        Moment | None, pydantic.Field(description="When they said so, with an offset; now when not given.")
    ] = None


@router.post(
    "/contacts/{int:contact_id}/consent",
    response={
        201: contact_shapes.ContactShape,
        **contacts.ERRORS,
        **dict.fromkeys((400, 404, 409, 413), shapes.ErrorShape),
    },
    openapi_extra=bodies.documented(ConsentAsked) | {"parameters": [keys.PARAMETER]},
    summary="Note what a contact allows or refuses",
)
def note_consent(request: HttpRequest, contact_id: int) -> Status[Any]:
    """Adds to the ledger of the person, whose state follows the newest entry; answered with the person.

    What gives a right (`granted`, `opt_in`) needs `wording` or `proof`. An opt-out holds at once in the whole
    team: what is queued for them is skipped.
    """
    member = caller(request, Right.EDIT_CONTACTS)
    body = bodies.read(request)
    asked = bodies.validate(ConsentAsked, body)
    _check(asked)
    target = contacts.person(member, contact_id)

    def make() -> list[int]:
        with transaction.atomic():
            _note(member, target, asked)
            live.announce([member.team.pk])
        return [target]

    ids, _ = keys.once(request, member, ["consent", target, body], make)
    told = contact_shapes.in_order(member.team, ids)
    if not told:
        raise NotFound
    return Status(201, told[0])


def _check(asked: ConsentAsked) -> None:
    wrong = {}
    if asked.change == "granted" and asked.basis is None:
        wrong["basis"] = "Say on what ground: opted_in, customer or professional."
    if asked.change != "granted" and asked.basis is not None:
        wrong["basis"] = "A ground belongs to `granted` only."
    given = (asked.wording or "").strip() or (asked.proof or "").strip()
    if asked.change in ("granted", "opt_in") and not given:
        wrong["proof"] = "Give the words that were agreed to, or what proves it."
    if asked.happened_at is not None and asked.happened_at > timezone.now() + AHEAD:
        wrong["happened_at"] = "This lies in the future."
    if wrong:
        raise Invalid(wrong)


def _note(member: Member, target: int, asked: ConsentAsked) -> None:
    at = asked.happened_at or timezone.now()
    wording, proof = asked.wording or "", asked.proof or ""
    if asked.change in ("opt_out", "opt_in"):
        wish = Wish(target, at, wording, asked.source, by=member.user, proof=proof)
        (opt_out if asked.change == "opt_out" else opt_in)([wish])
        return
    entry = ledger.Entry(
        target, asked.change, at, asked.source, asked.basis or "", wording, proof, by_id=member.user.pk
    )
    ledger.record(member.team.pk, [entry])
