"""Every Celery task: takes ids, calls one function."""

import structlog
from celery import shared_task

from sms import housekeeping as keeping
from sms import wake
from sms.address_book import push, turn
from sms.callbacks import apply, spool
from sms.campaigns import counts, plan, watch
from sms.sending import drain
from sms.sending import sweep as sweeping

log = structlog.get_logger(__name__)


@shared_task(name="sms.tasks.line_send")
def line_send(line_id: int) -> None:
    if drain.drain(line_id):
        wake.lines([line_id])


@shared_task(name="sms.tasks.callbacks_apply")
def callbacks_apply() -> None:
    apply.drain()


@shared_task(name="sms.tasks.sweep")
def sweep() -> None:
    try:
        spool.replay(wait=False)
    except OSError:
        # A disk that fails, or a file that somebody removed by hand, keeps no text from leaving.
        log.exception("spool_not_replayed")
    sweeping.sweep()
    watch.sweep()


@shared_task(name=plan.TASK)
def campaign_plan(campaign_id: int) -> None:
    if plan.plan(campaign_id):
        wake.now(plan.TASK, campaign_id)


@shared_task(name=watch.TASK)
def campaign_watch(campaign_id: int) -> None:
    watch.look(campaign_id)


@shared_task(name=counts.TASK)
def campaign_count(campaign_id: int) -> None:
    counts.refresh(campaign_id)


@shared_task(name="sms.tasks.address_books")
def address_books() -> None:
    """Wakes the pushing of books that are due; those that find no turn are found again."""
    for line_id in turn.due(turn.WOKEN):
        wake.now("sms.tasks.address_book_push", line_id)


@shared_task(name="sms.tasks.address_book_push")
def address_book_push(line_id: int) -> None:
    if push.push(line_id):
        wake.now("sms.tasks.address_book_push", line_id)


@shared_task(name="sms.tasks.housekeeping")
def housekeeping() -> None:
    keeping.run()
