"""A Django project as it comes: its middleware and nothing of ours but the models.

`BENCH_CONN_MAX_AGE`: empty for persistent connections, "0" for Django's default, a new one each request.
"""

import os

from crm.settings.base import *  # noqa: F403
from crm.settings.base import DATABASES

INSTALLED_APPS = [
    "sms.apps.SmsConfig",
    "contacts.apps.ContactsConfig",
    "teams.apps.TeamsConfig",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "bench.peers.callback_view"
DATABASES["default"]["OPTIONS"].pop("pool", None)
DATABASES["default"]["CONN_HEALTH_CHECKS"] = False
_age = os.environ.get("BENCH_CONN_MAX_AGE", "")
DATABASES["default"]["CONN_MAX_AGE"] = int(_age) if _age else None
