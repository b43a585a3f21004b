"""Wakes workers. A wake that is lost costs seconds, never work: what is due stands in tables, and sweeps find it."""

import time

import structlog
from celery import current_app
from django.db import transaction

log = structlog.get_logger(__name__)

# After a lost wake, this process leaves the broker alone for so long: the sweep does its work meanwhile.
QUIET_S = 5.0
_quiet_until = 0.0


def after_commit(task: str, *args: int) -> None:
    """Publishes once the current transaction has committed."""
    transaction.on_commit(lambda: now(task, *args))


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
