"""Wakes workers. A wake that is lost costs seconds, never a message: the sweep finds what is due."""

import time
from collections.abc import Iterable

import structlog
from celery import current_app
from django.db import transaction

log = structlog.get_logger(__name__)

# After a lost wake, this process leaves the broker alone for so long: the sweep does its work meanwhile.
QUIET_S = 5.0
_quiet_until = 0.0


def lines(line_ids: Iterable[int]) -> None:
    """Wakes the senders of these lines once the current transaction has committed."""
    for line_id in sorted(set(line_ids)):
        transaction.on_commit(lambda line_id=line_id: now("sms.tasks.line_send", line_id))  # type: ignore[misc]


def callbacks() -> None:
    """Wakes the applier of callbacks once the current transaction has committed."""
    transaction.on_commit(lambda: now("sms.tasks.callbacks_apply"))


def now(task: str, *args: int) -> None:
    """Publishes at once; a broker that is away is logged and forgotten.

    One that hangs costs its socket's timeout; nobody else waits for it during the seconds after.
    """
    global _quiet_until
    if time.monotonic() < _quiet_until:
        return
    try:
        current_app.send_task(task, args=args, ignore_result=True)
    except Exception as error:  # noqa: BLE001 - whatever the broker's client raises, the row is there
        _quiet_until = time.monotonic() + QUIET_S
        log.warning("wake_lost", task=task, error=type(error).__name__)
