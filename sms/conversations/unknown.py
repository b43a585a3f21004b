"""Texts without a sender and hidden callers: they have no contact, hence no conversation. Read only."""

from collections.abc import Sequence

from django.db.models import Q, QuerySet

from sms.conversations.timeline import KINDS, Cursor, Page, TimelineEvent
from sms.models import Call, Message
from teams.models import Team


def page(team: Team, *, before: Cursor | None = None, limit: int = 30) -> Page:
    """The team's events without a contact, newest first, older than `before`. Two statements."""
    found: list[TimelineEvent] = []
    messages = Message.objects.for_team(team).filter(contact=None).select_related("line")
    calls = Call.objects.for_team(team).filter(contact=None).select_related("line__holder")
    for kind, rows in (("message", messages), ("call", calls)):
        found += _arm(kind, rows, before, limit + 1)
    found.sort(key=lambda event: event.cursor, reverse=True)
    return Page(found[:limit], found[limit - 1].cursor if len(found) > limit else None)


def _arm(
    kind: str, rows: "QuerySet[Message] | QuerySet[Call]", before: Cursor | None, limit: int
) -> Sequence[TimelineEvent]:
    rank = KINDS.index(kind)
    if before is not None:
        same_instant = Q(happened_at=before.at) if rank < before.rank else Q(pk=None)
        if rank == before.rank:
            same_instant = Q(happened_at=before.at, pk__lt=before.id)
        rows = rows.filter(happened_at__lte=before.at).filter(Q(happened_at__lt=before.at) | same_instant)
    return [
        TimelineEvent(kind, row, Cursor(row.happened_at, rank, row.pk))
        for row in rows.order_by("-happened_at", "-pk")[:limit]
    ]
