"""Managed PostgreSQL and Redis, any number of processes. Says at start what is missing."""

from django.core.exceptions import ImproperlyConfigured

from .base import *  # noqa: F403
from .base import PUBLIC_URL, env

for _name in ("DATABASE_URL", "CELERY_BROKER_URL", "LIGNE_PUBLIC_URL"):
    if not env.str(_name, default=""):
        raise ImproperlyConfigured(f"{_name} is not set. docs/operations.md lists what production needs.")

DEBUG = False
if PUBLIC_URL.startswith("https://"):
    SECURE_SSL_REDIRECT = False  # nginx does it; the callbacks' door must never answer with a redirect
    SECURE_HSTS_SECONDS = env.int("LIGNE_HSTS_SECONDS", default=31_536_000)
