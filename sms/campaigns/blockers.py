"""Who of a campaign's audience is left out, and why: counted, and person by person, before anything is sent."""

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db import connection
from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from contacts.models.contact import ContactQuerySet
from contacts.segments import find
from sms import merge_fields
from sms.campaigns import audience
from sms.models import Campaign
from sms.sending import rules
from teams.models import Team

# In the order in which they are told.
REASONS: dict[str, str | Promise] = {
    "no_consent": _("No consent to commercial texts"),
    "opted_out": pgettext_lazy("people", "Opted out"),
    "no_number": _("No number"),
    "not_mobile": _("Not a mobile number"),
    "texted_lately": _("Texted recently"),
    "already_texted": _("Already reached under another number"),
    "number_removed": _("The number was removed"),
    "expired": _("Not sent in time"),
    "text_wrong": _("The text could not be filled in"),
}


def words(reason: str, team: Team | None = None) -> str:
    """A reason as people read it; `field_empty:custom.town` is "Town is empty"."""
    code, _colon, key = reason.partition(":")
    if code == "field_empty":
        return _now("%(field)s is empty") % {"field": merge_fields.label(key, team)}
    return str(REASONS.get(code, reason))


@dataclass(frozen=True)
class Blocked:
    """`match` people are in the audience, `receive` of them get the text; `reasons` say why the others don't.

    `capped`: counted up to the cap only, and the figures are of those.
    """

    match: int = 0
    receive: int = 0
    reasons: dict[str, int] = field(default_factory=dict)
    capped: bool = False

    @property
    def left_out(self) -> int:
        return self.match - self.receive


# `a` are the people asked about; c, k and p as sms/sending/rules.py names them, and why.reason.
OF = f"""
FROM ({{people}}) AS a(id) JOIN contacts_contact c ON c.id = a.id JOIN sms_campaign k ON k.id = %(campaign)s
{rules.NUMBER}
CROSS JOIN LATERAL (SELECT {rules.REASON} AS reason) why
"""  # noqa: S608 - our names
_COUNT = f"SELECT why.reason, count(*) {OF} GROUP BY why.reason"  # noqa: S608
_PEOPLE = f"SELECT c.id, p.number {OF} WHERE why.reason = %(reason)s AND c.id > %(after)s ORDER BY c.id LIMIT %(size)s"  # noqa: S608


def counts(campaign: Campaign, *, cap: int | None = None, seconds: float = find.ASKED_S) -> Blocked:
    """How many, and for which reason not. Raises find.TakesTooLong."""
    people = audience.of(campaign).people(campaign.team)
    with find.within(seconds):
        rows = run(_COUNT, campaign, people, cap)
    by_reason = dict(rows)
    match = sum(by_reason.values())
    capped = cap is not None and match > cap
    receive = by_reason.pop("", 0)
    reasons = {reason: by_reason[reason] for reason in sorted(by_reason, key=_rank)}
    return Blocked(match, receive, reasons, capped)


def people(
    campaign: Campaign, reason: str = "", *, after: int = 0, size: int = 50, seconds: float = find.EDITING_S
) -> list[tuple[int, str]]:
    """Contact and number of those with `reason` ("": who will receive it), by contact, beyond the contact `after`."""
    found = audience.of(campaign).people(campaign.team).filter(pk__gt=after)
    with find.within(seconds):
        return run(_PEOPLE, campaign, found, None, reason=reason, after=after, size=size)


def _rank(reason: str) -> tuple[int, str]:
    order = list(REASONS)
    code = reason.partition(":")[0]
    return (order.index(code) if code in order else len(order), reason)


def run(
    statement: str, campaign: Campaign, people: ContactQuerySet, cap: int | None, **values: Any
) -> list[Any]:
    """Rows of a statement over OF: its `{people}` become `people`, the first `cap` + 1 of them with a cap."""
    found = people.order_by().values("pk")
    try:
        chosen, given = (found if cap is None else found[: cap + 1]).query.sql_with_params()
    except EmptyResultSet:
        return []
    # The ORM numbers its values, ours have names: its statement is put in with names of its own.
    named = {f"given_{number}": value for number, value in enumerate(given)}
    chosen = chosen.replace("%%", "%%%%") % tuple(f"%({name})s" for name in named)
    with connection.cursor() as cursor:
        cursor.execute(
            statement.format(people=chosen), named | values | rules.parameters() | {"campaign": campaign.pk}
        )
        return list(cursor.fetchall())
