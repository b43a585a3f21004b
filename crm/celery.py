"""The one Celery application. The broker only wakes workers: every queue is a table."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_shutting_down

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings.dev")
# A worker serves no pages: Django's checks would load all of them, 15 MB that every worker keeps.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

app = Celery("ligne")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# Threads of the web process publish too: without this they would find another, unconfigured application.
app.set_default()


@worker_shutting_down.connect
def end_drains(**_signal: Any) -> None:
    """SIGTERM lets running tasks end: those that send or import go on unless they are told."""
    from contacts.imports import passing  # models: only there once Django is set up
    from sms.sending.drain import ending

    ending.set()
    passing.ending.set()
