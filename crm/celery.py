"""The one Celery application. The broker only wakes workers: every queue is a table."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crm.settings.dev")
# A worker serves no pages: Django's checks would load all of them, 15 MB that every worker keeps.
os.environ.setdefault("CELERY_SKIP_CHECKS", "1")

app = Celery("ligne")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# Threads of the web process publish too: without this they would find another, unconfigured application.
app.set_default()
