"""The project: settings, addresses, and the screens that look across the apps."""

from .celery import app as celery_app

__all__ = ["celery_app"]
