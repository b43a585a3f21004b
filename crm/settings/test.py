"""Tests: real PostgreSQL, no broker needed, fast password hashes."""

import os

os.environ.setdefault("LIGNE_SECRET_KEY", "tests only")
os.environ.setdefault("LIGNE_LOG_LEVEL", "CRITICAL")
# Of several processes that share the tests each has a database of its own (pytest-django names it) and, here, a
# broker of its own: a worker that one starts inherits the address, and takes nothing that another has put there.
_broker, _process = os.environ.get("CELERY_BROKER_URL", ""), os.environ.get("PYTEST_XDIST_WORKER", "")
if _broker and _process:
    _number = int(_process.removeprefix("gw")) + 1
    _bare = _broker.partition("?")[0]
    os.environ["CELERY_BROKER_URL"] = (
        f"{_bare}?virtual_host={_number}" if "+socket:" in _bare else f"{_bare.rpartition('/')[0]}/{_number}"
    )

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
