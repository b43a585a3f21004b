"""What every installation shares. Each value that differs between machines comes from the environment.

docs/operations.md lists the variables. `dev` (the embedded run), `production` and `test` import this file
and change what is theirs; `sandbox` stands alone, for the pretend gateway is another program.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext
import environ
import structlog
from celery.schedules import crontab
from csp.constants import NONCE, NONE, SELF
from django.templatetags.static import static
from django.utils.translation import gettext_lazy as _
from kombu import Exchange, Queue

from crm.log_lines import without_secrets

from .pages import BUILTINS, LOADERS

# Forms and fields carry their types when the program runs, as they do for the type checker.
django_stubs_ext.monkeypatch()

BASE_DIR = Path(__file__).resolve().parent.parent.parent
env = environ.Env()

DATA_DIR = Path(env.str("LIGNE_DATA", default=str(BASE_DIR / "var"))).resolve()

# --- Secrets -----------------------------------------------------------------------------------------------
SECRET_KEY = env.str("LIGNE_SECRET_KEY")
SECRET_KEY_FALLBACKS = env.list("LIGNE_SECRET_KEY_FALLBACKS", default=[])
# Keys for what is encrypted at rest, newest first; derived from SECRET_KEY when none is set.
ENCRYPTION_KEYS: list[str] = env.list("LIGNE_ENCRYPTION_KEYS", default=[])

# --- Where it is reached -----------------------------------------------------------------------------------
# The address that the gateway's cloud and people use; empty on a machine that only itself can reach.
PUBLIC_URL: str = env.str("LIGNE_PUBLIC_URL", default="").rstrip("/")
# The address that ./run listens on; the sandbox calls back here.
LOCAL_URL: str = env.str("LIGNE_URL", default="http://127.0.0.1:8000").rstrip("/")
SANDBOX_URL: str = env.str("LIGNE_SANDBOX_URL", default="").rstrip("/")
_public_host = urlsplit(PUBLIC_URL).hostname
ALLOWED_HOSTS: list[str] = env.list("LIGNE_ALLOWED_HOSTS", default=[])
ALLOWED_HOSTS += ["127.0.0.1", "localhost", "[::1]"] + ([_public_host] if _public_host else [])
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL] if PUBLIC_URL else []
_https = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("LIGNE_BEHIND_PROXY", default=_https) else None
)
SECURE_HSTS_SECONDS = env.int("LIGNE_HSTS_SECONDS", default=0)
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_NAME = "ligne_session"
CSRF_COOKIE_NAME = "ligne_csrf"
X_FRAME_OPTIONS = "DENY"

DEBUG = env.bool("LIGNE_DEBUG", default=False)
STYLEGUIDE = env.bool("LIGNE_STYLEGUIDE", default=DEBUG)

# --- Applications ------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "crm.apps.CrmConfig",
    "sms.apps.SmsConfig",
    "contacts.apps.ContactsConfig",
    "teams.apps.TeamsConfig",
    # Before django.contrib.admin, whose templates it replaces.
    "unfold",
    # Without its search for admin modules: crm/administration.py does that for whoever serves pages. A worker would
    # keep megabytes of forms that it never shows.
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "axes",
    "django_structlog",
    # Without their automatic loaders: settings/pages.py lists them.
    "template_partials.apps.SimpleAppConfig",
    "django_cotton.apps.SimpleAppConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "crm.middleware.Compressed",
    "csp.middleware.CSPMiddleware",
    # Inside the policy's own, which it loosens for the admin.
    "crm.middleware.admin_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    # After authentication: a signed-in user's language stands above the browser's.
    "teams.middleware.language_of_user",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "teams.middleware.team_of_user",
    # Old addresses of people who were merged lead to the person kept.
    "contacts.duplicates.gone.follow_merges",
    "teams.middleware.htmx_login_redirect",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "crm.urls"
ASGI_APPLICATION = "crm.asgi.application"
WSGI_APPLICATION = "crm.wsgi.application"
# A callback with or without its slash is answered, never redirected; pages have theirs written out.
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "loaders": LOADERS,
            "builtins": [*BUILTINS, "contacts.templatetags.phones"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "teams.context.nav",
                "contacts.follow_ups.context.overdue",
                "sms.campaigns.context.running",
            ],
        },
    }
]
COTTON_DIR = "components"

# --- Database ----------------------------------------------------------------------------------------------
DATABASES = {"default": env.db_url("DATABASE_URL", default="postgresql:///ligne")}
DATABASES["default"]["ENGINE"] = "django.db.backends.postgresql"
# The pool replaces persistent connections: the two exclude each other. 0 = none, for PgBouncer.
DATABASE_POOL_SIZE = env.int("LIGNE_DB_POOL", default=16)
DATABASES["default"]["CONN_MAX_AGE"] = 0
DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"]["OPTIONS"] = {"application_name": "ligne"}
if DATABASE_POOL_SIZE:
    DATABASES["default"]["OPTIONS"]["pool"] = {
        "min_size": 1,
        "max_size": DATABASE_POOL_SIZE,
        "timeout": 10,
        "max_idle": 300,
    }
else:
    DATABASES["default"]["DISABLE_SERVER_SIDE_CURSORS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# The small pool of the callbacks' door, which stands outside Django (crm/asgi.py).
CALLBACK_POOL_SIZE = env.int("LIGNE_CALLBACK_POOL", default=4)

# Nothing that must be right depends on the cache.
CACHES = {"default": env.cache_url("CACHE_URL", default="locmemcache://")}

# --- Queue -------------------------------------------------------------------------------------------------
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="redis://127.0.0.1:6379/0")
CELERY_RESULT_BACKEND = None
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_TRANSPORT_OPTIONS = {
    # A broker that is away must not hold up the person who presses Send: the sweep finds the work.
    "socket_connect_timeout": 1,
    "socket_timeout": 5,
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0,
    "interval_max": 0,
    # Tasks of a killed worker come back at once instead of after a minute.
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "visibility_timeout": 300,
}
CELERY_TASK_ROUTES = {
    "sms.tasks.line_send": {"queue": "send"},
    "sms.tasks.callbacks_apply": {"queue": "callbacks"},
    # Minutes long: a large team gives them workers of their own.
    "contacts.tasks.import_*": {"queue": "imports"},
    "contacts.tasks.export_run": {"queue": "imports"},
    "contacts.tasks.find_duplicates": {"queue": "imports"},
    "contacts.tasks.duplicates_night": {"queue": "imports"},
}
CELERY_TASK_DEFAULT_QUEUE = "sweep"
# Named, so that a worker without -Q takes from all, and a large team can give each its own workers.
CELERY_TASK_QUEUES = [
    Queue(name, Exchange(name), routing_key=name) for name in ("send", "callbacks", "sweep", "imports")
]
CELERY_BEAT_SCHEDULE = {
    "sweep": {"task": "sms.tasks.sweep", "schedule": 2.0, "options": {"expires": 10}},
    "address-books": {"task": "sms.tasks.address_books", "schedule": 5.0, "options": {"expires": 10}},
    "contacts-sweep": {"task": "contacts.tasks.sweep", "schedule": 5.0, "options": {"expires": 10}},
    "contacts-housekeeping": {
        "task": "contacts.tasks.housekeeping",
        "schedule": 3600.0,
        "options": {"expires": 3600},
    },
    # Who has been silent for too long is looked for at night; who is to be erased, and was waited for, soon.
    "retention-night": {
        "task": "contacts.tasks.retention_night",
        "schedule": crontab(hour="2", minute="40"),
        "options": {"expires": 3600},
    },
    "duplicates-night": {
        "task": "contacts.tasks.duplicates_night",
        "schedule": crontab(hour="3", minute="10"),
        "options": {"expires": 3600},
    },
    "retention-asked": {
        "task": "contacts.tasks.retention_look",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "retention-erase": {
        "task": "contacts.tasks.retention_erase",
        "schedule": 60.0,
        "options": {"expires": 60},
    },
    "housekeeping": {"task": "sms.tasks.housekeeping", "schedule": 3600.0, "options": {"expires": 3600}},
}

# --- The gateway -------------------------------------------------------------------------------------------
# Hosts that a line's base URL may name; connecting a line adds its own to the database's list.
GATEWAY_HOSTS: list[str] = env.list(
    "LIGNE_GATEWAY_HOSTS", default=["www.ardary-sms.com", "ardary-sms.com", "www.insim.app", "insim.app"]
)
GATEWAY_DEADLINE_S = 20.0
# How many messages one request carries at most.
GATEWAY_BATCH = env.int("LIGNE_GATEWAY_BATCH", default=100)
# Longer than the deadline, so that a sender that waits for an answer still holds its line; with the sweep's two
# seconds, the line of a killed one goes on within 30 s.
SEND_LEASE_S = GATEWAY_DEADLINE_S + 8

# People pushed to phones' address books: how many a request carries, how long one may take, and how many requests
# are made at once over all workers. They come after everything that is sent.
ADDRESS_BOOK_BATCH = 100
ADDRESS_BOOK_DEADLINE_S = 15.0
ADDRESS_BOOKS_AT_ONCE = env.int("LIGNE_ADDRESS_BOOKS_AT_ONCE", default=2)

# Rows of a file that are written in one transaction, and for how many seconds a worker holds an import that it does not
# renew: longer than a chunk takes on a slow machine, since the import of a killed worker goes on after it.
IMPORT_CHUNK = env.int("LIGNE_IMPORT_CHUNK", default=10_000)
IMPORT_LEASE_S = env.float("LIGNE_IMPORT_LEASE_S", default=30.0)

# --- People ------------------------------------------------------------------------------------------------
AUTH_USER_MODEL = "teams.User"
AUTHENTICATION_BACKENDS = [
    # First, so that too many wrong passwords stop the guessing before any other backend looks.
    "axes.backends.AxesStandaloneBackend",
    "teams.accounts.Backend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "teams.accounts.AccountAdapter"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_EMAIL_SUBJECT_PREFIX = "Ligne: "
ACCOUNT_RATE_LIMITS = {"login_failed": False}  # axes counts them, in the database, for every process
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "sms:inbox"
LOGOUT_REDIRECT_URL = "account_login"
AXES_FAILURE_LIMIT = 10
AXES_COOLOFF_TIME = 0.25  # hours
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_FORM_FIELD = "login"
AXES_RESET_ON_SUCCESS = True
AXES_LOCKOUT_TEMPLATE = "account/locked_out.html"
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False
AXES_IPWARE_PROXY_COUNT = env.int("LIGNE_PROXIES", default=0) or None

EMAIL_CONFIG = env.email_url("EMAIL_URL", default="consolemail://")
vars().update(EMAIL_CONFIG)
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Ligne <ligne@localhost>")

# --- Words and time ----------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("fr", _("French")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_NAME = "ligne_language"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"
DEFAULT_TEAM_TIME_ZONE = env.str("LIGNE_TIME_ZONE", default="Europe/Paris")

# --- Files -------------------------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = Path(env.str("LIGNE_STATIC_ROOT", default=str(DATA_DIR / "static")))
# Only what browsers read: the stylesheets' sources import what is not there before the build.
STATICFILES_DIRS = [
    ("dist", BASE_DIR / "static" / "dist"),
    ("vendor", BASE_DIR / "static" / "vendor"),
    ("src/js", BASE_DIR / "static" / "src" / "js"),
    ("icons", BASE_DIR / "static" / "icons"),
]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "crm.static_files.Storage"},
}
# Half the files, and half the time to compress them.
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
MEDIA_ROOT = DATA_DIR / "media"
# What the callbacks' door writes while the database is away.
SPOOL_DIR = Path(env.str("LIGNE_SPOOL", default=str(DATA_DIR / "spool")))
SPOOL_MAX_BYTES = env.int("LIGNE_SPOOL_MAX_BYTES", default=512 * 1024 * 1024)

# --- Headers -----------------------------------------------------------------------------------------------
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
    # unfold bundles an Alpine that evaluates expressions and styles its pages inline: crm/middleware.py gives
    # that path alone, which only staff reach, what it needs.
    "EXCLUDE_URL_PREFIXES": [],
}
CSP_NONCE = NONCE

# --- Logs --------------------------------------------------------------------------------------------------
DJANGO_STRUCTLOG_CELERY_ENABLED = False
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": structlog.processors.JSONRenderer(),
            "foreign_pre_chain": [
                structlog.contextvars.merge_contextvars,
                structlog.processors.TimeStamper(fmt="iso"),
                structlog.stdlib.add_logger_name,
                structlog.stdlib.add_log_level,
                without_secrets,
            ],
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": env.str("LIGNE_LOG_LEVEL", default="INFO")},
    "loggers": {
        # One line a request comes from django_structlog; these would say it again.
        "django.server": {"propagate": False},
        "httpx": {"level": "WARNING"},
        "celery": {"level": "WARNING"},
    },
}
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.filter_by_level,
        structlog.processors.TimeStamper(fmt="iso"),
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        without_secrets,
        structlog.processors.StackInfoRenderer(),
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)

SENTRY_DSN = env.str("SENTRY_DSN", default="")
if SENTRY_DSN:
    import sentry_sdk

    sentry_sdk.init(
        dsn=SENTRY_DSN,
        send_default_pii=False,
        # A frame of the sender holds an access key.
        include_local_variables=False,
        environment=os.environ.get("LIGNE_ENVIRONMENT", "production"),
    )

# --- Admin -------------------------------------------------------------------------------------------------
UNFOLD = {
    "SITE_TITLE": "Ligne",
    "SITE_HEADER": "Ligne",
    "SITE_URL": "/",
    "SITE_FAVICONS": [
        {"rel": "icon", "type": "image/svg+xml", "href": lambda request: static("icons/favicon.svg")}
    ],
    "SHOW_HISTORY": True,
    "COLORS": {
        "primary": {
            str(step): f"oklch({light}% {chroma} 215)"
            for step, light, chroma in [
                (50, 97.5, 0.008),
                (100, 95, 0.015),
                (200, 90, 0.03),
                (300, 82, 0.05),
                (400, 72, 0.075),
                (500, 60, 0.085),
                (600, 46, 0.078),
                (700, 40, 0.07),
                (800, 34, 0.055),
                (900, 28, 0.04),
                (950, 21, 0.03),
            ]
        }
    },
}
