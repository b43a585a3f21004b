"""How far an import is, and how fast."""

from dataclasses import dataclass

from django.utils import timezone

from contacts.models import Import

State = Import.State


@dataclass(frozen=True)
class Progress:
    # 0 to 1; None while nothing is known.
    share: float | None
    rows_per_s: float | None
    seconds_left: float | None


def progress(import_: Import) -> Progress:
    """How far the check or the run is, and how fast. No statement."""
    if import_.state not in (State.CHECKING, State.RUNNING):
        ended = import_.state in (State.CHECKED, State.FINISHED, State.REVERTED)
        return Progress(1.0 if ended else None, _rate_of_run(import_), None)
    rows = import_.rows if import_.state == State.CHECKING else import_.done_rows
    share = _share(import_)
    elapsed = (timezone.now() - import_.step_at).total_seconds() if import_.step_at else 0.0
    if not rows or elapsed <= 0:
        return Progress(share, None, None)
    left = elapsed * (1 - share) / share if share else None
    return Progress(share, rows / elapsed, left)


def _share(import_: Import) -> float | None:
    # After a check the number of rows is known; before, only the file's size.
    if import_.state == State.RUNNING and import_.staged_line and import_.rows:
        return min(1.0, import_.done_rows / import_.rows)
    return min(1.0, import_.bytes_read / import_.size) if import_.size else None


def _rate_of_run(import_: Import) -> float | None:
    if import_.state != State.FINISHED or not import_.started_at or not import_.finished_at:
        return None
    seconds = (import_.finished_at - import_.started_at).total_seconds()
    return import_.done_rows / seconds if seconds > 0 else None
