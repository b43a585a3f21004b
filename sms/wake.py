"""Wakes workers. A wake that is lost costs seconds, never a message: the sweep finds what is due."""

from collections.abc import Iterable

import structlog
from celery import current_app
from django.db import transaction

log = structlog.get_logger(__name__)


def lines(line_ids: Iterable[int]) -> None:
    """Wakes the senders of these lines once the current transaction has committed."""
    for line_id in sorted(set(line_ids)):
        transaction.on_commit(lambda line_id=line_id: now("sms.tasks.line_send", line_id))  # type: ignore[misc]


def callbacks() -> None:
    """Wakes the applier of callbacks once the current transaction has committed."""
    transaction.on_commit(lambda: now("sms.tasks.callbacks_apply"))


def now(task: str, *args: int) -> None:
    """Publishes at once; a broker that is away is logged and forgotten."""
    try:
        current_app.send_task(task, args=args, ignore_result=True)
    except Exception as error:  # noqa: BLE001 - whatever the broker's client raises, the row is there
        log.warning("wake_lost", task=task, error=type(error).__name__)
