"""The proposals of a team, surest first, and the word against one."""

import math
from dataclasses import dataclass

from django.db.models import F, FloatField, Func, TextField, Value
from django.db.models.lookups import LessThan
from django.utils import timezone

from contacts.models import DuplicatePair
from teams import audit, live
from teams.models import Team, User

PAGE = 30
# Beyond, a link says "99+".
COUNTED = 99


class _Row(Func):
    """A row of values, compared as one: what lets a keyset be one range of an index."""

    function = "ROW"
    output_field = TextField()


@dataclass(frozen=True)
class Page:
    """`next` is the place that the following page begins after; "" on the last one."""

    pairs: list[DuplicatePair]
    next: str


def page(team: Team, *, after: str = "") -> Page:
    """The next PAGE. Raises ValueError for a place that no page gave. Three statements."""
    rows = DuplicatePair.objects.for_team(team).filter(dismissed_at=None)
    if after:
        likeness, pk = _place(after)
        place = _Row(Value(likeness, output_field=FloatField()), Value(pk))
        rows = rows.filter(LessThan(_Row(F("likeness"), F("pk")), place))
    pairs = list(
        rows.select_related("first", "second")
        .prefetch_related("first__phones", "second__phones")
        .order_by("-likeness", "-pk")[: PAGE + 1]
    )
    last = pairs[PAGE - 1] if len(pairs) > PAGE else None
    return Page(pairs[:PAGE], f"{last.likeness!r}_{last.pk}" if last else "")


def _place(after: str) -> tuple[float, int]:
    likeness, _, pk = after.partition("_")
    found = float(likeness), int(pk)
    if not math.isfinite(found[0]) or not 0 < found[1] < 2**63:
        raise ValueError("not a place")
    return found


def count(team: Team) -> int:
    """How many wait for a decision, COUNTED + 1 for more than COUNTED."""
    rows = DuplicatePair.objects.for_team(team).filter(dismissed_at=None)
    return rows.order_by()[: COUNTED + 1].count()


def dismiss(pair: DuplicatePair, *, by: User) -> bool:
    """These are two people: they are not proposed again. False when somebody had said so before."""
    said = DuplicatePair.objects.filter(pk=pair.pk, dismissed_at=None).update(
        dismissed_at=timezone.now(), dismissed_by=by
    )
    if said:
        audit.record(
            pair.team, "contact.not_duplicate", pair, actor=by, first=pair.first_id, second=pair.second_id
        )
        live.announce([pair.team_id])
    return bool(said)
