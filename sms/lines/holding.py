"""Holds a line and lets it go again. Held: its messages stay queued, and an admin is told once."""

from django.utils import timezone

from sms import wake
from sms.address_book import switching
from sms.models import Line
from teams import audit, live
from teams.models import User


def hold(line_id: int, *, reason: str, detail: str = "", by: User | None = None) -> bool:
    """Holds the line with `reason` (a HeldReason, or "by_hand"). False when it was held already."""
    held = Line.objects.filter(pk=line_id, state=Line.State.ACTIVE).update(
        state=Line.State.HELD, held_reason=reason[:40], held_detail=detail[:300], held_at=timezone.now()
    )
    if held:
        line = Line.objects.select_related("team").get(pk=line_id)
        # The entry is the one alert: the page of lines and the sidebar show it until it is resumed.
        audit.record(line.team, "line.held", line, actor=by, reason=reason, detail=detail[:300])
        live.announce([line.team_id])
    return bool(held)


def resume(line: Line, *, by: User | None = None) -> bool:
    """Makes the line active, clears back-off and circuit, and wakes its sender. False when it was active.

    Back-off and circuit are cleared in either case: that is what the person who presses it wants.
    """
    was_held = bool(
        Line.objects.filter(pk=line.pk, state=Line.State.HELD).update(
            state=Line.State.ACTIVE, held_reason="", held_detail="", held_at=None
        )
    )
    Line.objects.filter(pk=line.pk).update(
        not_before=None, failures=0, last_error="", batch_limit=0, pace_at=None
    )
    if was_held:
        audit.record(line.team, "line.resumed", line, actor=by)
    switching.follow(line)
    live.announce([line.team_id])
    wake.lines([line.pk])
    return was_held
