"""The pretend gateway's own process: no database, no accounts, nothing of Ligne but its looks.

It stands alone on purpose: it is another program, and speaks to Ligne over HTTP like the real one.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

from csp.constants import NONE, SELF
from django.core.management.utils import get_random_secret_key
from django.utils.translation import gettext_lazy as _

from .pages import BUILTINS, LOADERS

BASE_DIR = Path(__file__).resolve().parent.parent.parent

# Signs nothing that should outlive the process.
SECRET_KEY = get_random_secret_key()
DEBUG = False
# Loopback, and the name under which it was told to be reached: one that a stranger's DNS points here is refused.
_known_host = urlsplit(os.environ.get("LIGNE_SANDBOX_URL", "")).hostname
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"] + ([_known_host] if _known_host else [])

INSTALLED_APPS = [
    "django.contrib.staticfiles",
    "django_htmx",
    "template_partials.apps.SimpleAppConfig",
    "django_cotton.apps.SimpleAppConfig",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "sms.sandbox.urls"
ASGI_APPLICATION = "sms.sandbox.asgi.application"
APPEND_SLASH = False
# Cookies are shared by every port of a host: Ligne's own must not be overwritten.
CSRF_COOKIE_NAME = "ligne_sandbox_csrf"
CSRF_FAILURE_VIEW = "sms.sandbox.views.stale_form"
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": LOADERS,
            "builtins": BUILTINS,
            "context_processors": ["django.template.context_processors.request"],
        },
    }
]
COTTON_DIR = "components"

DATABASES: dict[str, dict[str, str]] = {}
USE_TZ = True
TIME_ZONE = os.environ.get("LIGNE_TIME_ZONE", "Europe/Paris")
LANGUAGE_CODE = "en"
LANGUAGES = [("fr", _("French")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
# The same cookie as Ligne's: who reads it in French reads the sandbox in French.
LANGUAGE_COOKIE_NAME = "ligne_language"

STATIC_URL = "/static/"
STATICFILES_DIRS = [
    ("dist", BASE_DIR / "static" / "dist"),
    ("vendor", BASE_DIR / "static" / "vendor"),
    ("src/js", BASE_DIR / "static" / "src" / "js"),
    ("icons", BASE_DIR / "static" / "icons"),
]
STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 60

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"console": {"class": "logging.StreamHandler"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
}
