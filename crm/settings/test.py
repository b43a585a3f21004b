"""Tests: real PostgreSQL, no broker needed, fast password hashes."""

import os

os.environ.setdefault("LIGNE_SECRET_KEY", "tests only")
os.environ.setdefault("LIGNE_LOG_LEVEL", "CRITICAL")

from .base import *  # noqa: E402, F403
from .base import CELERY_BROKER_TRANSPORT_OPTIONS, DATABASES  # noqa: E402

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.MD5PasswordHasher",
    # Accounts that sign in at the product's own web process, which knows no other.
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
# Tests open and drop databases: a pool would hold connections to them.
DATABASES["default"]["OPTIONS"].pop("pool", None)
# A wake that reaches nobody returns at once; what is due is found in the tables.
CELERY_BROKER_TRANSPORT_OPTIONS["socket_connect_timeout"] = 1
STYLEGUIDE = True
AXES_ENABLED = True
