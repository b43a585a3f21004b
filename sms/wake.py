"""Wakes the senders of lines and the applier of callbacks. A lost wake costs seconds, never a message."""

from collections.abc import Iterable

from teams.wake import after_commit, now

__all__ = ["after_commit", "callbacks", "lines", "now"]


def lines(line_ids: Iterable[int]) -> None:
    """Wakes the senders of these lines once the current transaction has committed."""
    for line_id in sorted(set(line_ids)):
        after_commit("sms.tasks.line_send", line_id)


def callbacks() -> None:
    """Wakes the applier of callbacks once the current transaction has committed."""
    after_commit("sms.tasks.callbacks_apply")
