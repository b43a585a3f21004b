"""The one Celery application. The broker only wakes workers: every queue is a table."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings.dev")

app = Celery("ligne")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# Threads of the web process publish too: without this they would find another, unconfigured application.
app.set_default()
