"""Settings for every way Masthead runs; the environment chooses.

`scripts/up` sets `MASTHEAD_DEVELOPMENT=1` and keeps everything in `var/`. Without it
these are production settings: nothing secret has a default, and `newsletter.checks`
refuses what must not go live. `deploy/env.example` lists every variable.
"""

from pathlib import Path
from urllib.parse import urlsplit

import environ
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

from .logs import logging_config
from .postbox import providers

env = environ.Env()

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env("VAR_DIR", default=str(BASE_DIR / "var")))
DEVELOPMENT = env.bool("MASTHEAD_DEVELOPMENT", default=False)
DEBUG = env.bool("DEBUG", default=False)

SECRET_KEY = env("SECRET_KEY", default="")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is not set. `scripts/up` makes one for development; "
        "for production see deploy/env.example."
    )

# Every link in a mail or a feed is built from PUBLIC_URL, never from the Host header.
PUBLIC_URL = env("PUBLIC_URL", default="http://127.0.0.1:8000").rstrip("/")
_public = urlsplit(PUBLIC_URL)
if _public.scheme not in {"http", "https"} or not _public.hostname:
    raise ImproperlyConfigured(
        f"PUBLIC_URL must be an http(s) address, not {PUBLIC_URL!r}."
    )
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=[_public.hostname])
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"]

INSTALLED_APPS = [
    # Not its usual app, which loads the admin into every worker; newsletter.urls does.
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.sitemaps",
    "django.contrib.humanize",
    "rules.apps.AutodiscoverRulesConfig",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.mfa",
    "rest_framework",
    "drf_spectacular",
    "django_htmx",
    "csp",
    "editorial",
    "newsletter",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "newsletter.site.addresses.NulRefused",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "editorial.desk.middleware.DeskMiddleware",
]

ROOT_URLCONF = "newsletter.urls"
WSGI_APPLICATION = "newsletter.wsgi.application"
ASGI_APPLICATION = "newsletter.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "newsletter.site.pages.context",
            ],
        },
    }
]

# --- data -------------------------------------------------------------------------
DATABASES = {
    "default": env.db(
        "DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'masthead.sqlite3'}"
    )
}
_database = DATABASES["default"]
if _database["ENGINE"] == "django.db.backends.sqlite3":
    _database["OPTIONS"] = {
        # A writer that has to wait waits its turn instead of failing.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # FULL: a committed send intent must survive a power cut.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
    }
else:
    _database["CONN_MAX_AGE"] = env.int("DATABASE_CONN_MAX_AGE", default=60)
    _database["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = env("REDIS_URL", default="redis://127.0.0.1:6379/0")
CACHES = {
    "default": {
        "BACKEND": "newsletter.cache.PatientRedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "masthead",
        "OPTIONS": {"socket_timeout": 0.4, "socket_connect_timeout": 0.4},
    }
}

STATIC_URL = "static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "media/"
MEDIA_ROOT = Path(env("MEDIA_ROOT", default=str(VAR_DIR / "media")))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": (
            "django.contrib.staticfiles.storage.StaticFilesStorage"
            if DEVELOPMENT
            else "whitenoise.storage.CompressedManifestStaticFilesStorage"
        )
    },
}
WHITENOISE_USE_FINDERS = DEVELOPMENT
WHITENOISE_AUTOREFRESH = DEVELOPMENT

# --- words and time ---------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("zh-hans", _("Chinese (simplified)")), ("en", _("English"))]
# The second speaks where allauth's own Chinese sounds translated.
LOCALE_PATHS = [BASE_DIR / "locale", BASE_DIR / "locale" / "allauth"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# --- people -----------------------------------------------------------------------
AUTH_USER_MODEL = "editorial.User"
AUTHENTICATION_BACKENDS = [
    "rules.permissions.ObjectPermissionBackend",
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "desk:my_turn"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_DEFAULT_HTTP_PROTOCOL = _public.scheme
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60  # mail is not always fast
ACCOUNT_LOGIN_TIMEOUT = 20 * 60
ACCOUNT_PREVENT_ENUMERATION = True
# Three tries a code and ten codes an hour: nobody guesses six digits by patience.
ACCOUNT_RATE_LIMITS = {"request_login_code": "20/m/ip,3/m/key,10/h/key"}
ACCOUNT_ADAPTER = "newsletter.accounts.ClosedAccountAdapter"
ACCOUNT_FORMS = {
    "login": "newsletter.accounts.LoginForm",
    "confirm_login_code": "newsletter.accounts.ConfirmLoginCodeForm",
}
ALLAUTH_TRUSTED_PROXY_COUNT = env.int("TRUSTED_PROXIES", default=0)
SOCIALACCOUNT_ADAPTER = "newsletter.accounts.ClosedSocialAccountAdapter"
# GitHub says of each address whether it verified it; only such a one signs anybody in.
SOCIALACCOUNT_QUERY_EMAIL = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION = True
SOCIALACCOUNT_EMAIL_AUTHENTICATION_AUTO_CONNECT = True
if _client_id := env("GITHUB_CLIENT_ID", default=""):
    # Here and not above: it loads an HTTP library, 5 MB in each process.
    INSTALLED_APPS.append("allauth.socialaccount.providers.github")
    _app = {
        "client_id": _client_id,
        "secret": env("GITHUB_CLIENT_SECRET", default=""),
    }
    SOCIALACCOUNT_PROVIDERS = {"github": {"APPS": [_app]}}
else:
    SOCIALACCOUNT_PROVIDERS = {}
MFA_TOTP_ISSUER = "Masthead"
MFA_FORMS = {
    "add_webauthn": "newsletter.passkeys.AddPasskeyForm",
    "edit_webauthn": "newsletter.passkeys.EditPasskeyForm",
}
MFA_SUPPORTED_TYPES = ["webauthn", "totp", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEVELOPMENT

# --- mail -------------------------------------------------------------------------
# How long a server may think about a mail it holds completely: giving up earlier makes
# its fate uncertain. Together with a worker's shift below CELERY_TASK_TIME_LIMIT.
EMAIL_DOT_TIMEOUT = env.int("EMAIL_DOT_TIMEOUT", default=60)
# A relay (smtp://…), or a provider's API (anymail+mailgun://KEY@mg.example.org).
_address = env("EMAIL_URL", default="smtp://127.0.0.1:2525")
_route = (
    providers.read_url(_address, development=DEVELOPMENT, seconds=EMAIL_DOT_TIMEOUT)
    if providers.is_provider_url(_address)
    else None
)
EMAIL_PROVIDER = _route.provider.name if _route else ""
EMAIL_API_URL = _route.api_url if _route else ""  # where something else plays it
EMAIL_STREAM = _route.stream if _route else ""
EMAIL_BATCH = _route.batch if _route else 0  # readers in one call; 0: its own limit
_email = env.email_url_config("dummymail://" if _route else _address)
EMAIL_BACKEND = _route.provider.backend if _route else _email["EMAIL_BACKEND"]
# DKIM where we sign: the key's name in DNS, where it lies ("{selector}" stands for that
# name) and the domain that vouches, by default that of each sender.
DKIM_SELECTOR = env("DKIM_SELECTOR", default="")
DKIM_KEY = env("DKIM_KEY", default="")
DKIM_DOMAIN = env("DKIM_DOMAIN", default="")
# Whom the deliverability doctor asks for DNS records; empty: the system's servers.
DNS_RESOLVER = env("DNS_RESOLVER", default="")
if DKIM_SELECTOR and EMAIL_BACKEND == "django.core.mail.backends.smtp.EmailBackend":
    EMAIL_BACKEND = "newsletter.signing.SigningEmailBackend"
EMAIL_HOST = _email["EMAIL_HOST"] or ""
EMAIL_PORT = _email["EMAIL_PORT"] or 25
EMAIL_HOST_USER = _email["EMAIL_HOST_USER"] or ""
EMAIL_HOST_PASSWORD = _email["EMAIL_HOST_PASSWORD"] or ""
EMAIL_USE_TLS = _email.get("EMAIL_USE_TLS", False)
EMAIL_USE_SSL = _email.get("EMAIL_USE_SSL", False)
EMAIL_TIMEOUT = 10
# How many connections one sender keeps to the relay: so many mails share the commits,
# and so many at most are uncertain after a crash.
EMAIL_CONNECTIONS = env.int("EMAIL_CONNECTIONS", default=32)
# How much the relay takes, of all workers together, such as "50/s,2000/m,100000/d";
# empty: as much as it can. EMAIL_DOMAIN_RATES says it for recipients' providers: these
# two put off a sender they do not know long before the others do.
EMAIL_RATE = env("EMAIL_RATE", default="")
EMAIL_DOMAIN_RATES = env.dict(
    "EMAIL_DOMAIN_RATES", default={"qq.com": "10/s", "163.com": "10/s"}
)
# Where digests bounce to, each to an address of its own (VERP): bounces+7.…@host.
BOUNCE_ADDRESS = env("BOUNCE_ADDRESS", default="")
DEFAULT_FROM_EMAIL = env("SENDER", default="Masthead <desk@localhost>")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
# How many workers may send one digest at once, each over its own connections; the rest
# of the pool stays free for other work.
DIGEST_SENDERS = env.int("DIGEST_SENDERS", default=1)
# django-anymail's own settings, each as a variable: ANYMAIL_WEBHOOK_SECRET and so on.
ANYMAIL = {
    name.removeprefix("ANYMAIL_"): value
    for name, value in env.ENVIRON.items()
    if name.startswith("ANYMAIL_")
} | dict(_route.anymail if _route else {})
# Where bounces lie (imaps://user:password@host/INBOX), and where they go when they were
# read. Empty: nobody looks; `take_bounce` and providers' webhooks work all the same.
BOUNCE_MAILBOX = env("BOUNCE_MAILBOX", default="")
BOUNCE_MAILBOX_DONE = env("BOUNCE_MAILBOX_DONE", default="Masthead")
# Where scripts/up keeps what it mailed; a page shows it, in development only.
MAILBOX_DIR = VAR_DIR / "mail" if DEVELOPMENT else None

# --- background work: the database is the truth, the broker only a doorbell ----------
CELERY_BROKER_URL = REDIS_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
# A broker that restarts must not end a sender in the middle of a wave: what it was
# about to say would be uncertain, and its rows would wait for their leases.
CELERY_WORKER_CANCEL_LONG_RUNNING_TASKS_ON_CONNECTION_LOSS = False
CELERY_TASK_TIME_LIMIT = 120
# A queue of each worker's own, by which `worker_health` asks just that one.
CELERY_WORKER_DIRECT = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 600,
    "socket_timeout": 0.4,
    "socket_connect_timeout": 0.4,
    "max_retries": 0,
    "interval_start": 0,
}
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat-schedule")
CELERY_WORKER_HIJACK_ROOT_LOGGER = False

# --- transport security -----------------------------------------------------------
_https = _public.scheme == "https"
SECURE_SSL_REDIRECT = _https and not DEVELOPMENT
# One-click unsubscribe must be answered without any redirect (RFC 8058, section 3.1).
SECURE_REDIRECT_EXEMPT = [r"^u/", r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = 31_536_000 if _https else 0
SECURE_REFERRER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _https
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 60 * 60 * 24 * 60  # an author returns every five weeks
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
# Preload and subdomains bind more than this site; they are the owner's decision.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
# How many reverse proxies in front may be believed about the client's address.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [NONE],
        # A press on "GitHub" ends there by redirect, which counts as form action.
        "form-action": [
            SELF,
            *(["https://github.com"] if SOCIALACCOUNT_PROVIDERS else []),
        ],
        "frame-ancestors": [NONE],
    }
}

# --- input limits -----------------------------------------------------------------
DATA_UPLOAD_MAX_MEMORY_SIZE = 6 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5_000
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024

# --- API --------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "rest_framework.authentication.SessionAuthentication"
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": "rest_framework.pagination.PageNumberPagination",
    "PAGE_SIZE": 20,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Masthead",
    "DESCRIPTION": "Published issues of this newsletter, and a way to subscribe.",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
}

# --- outbound requests ------------------------------------------------------------
# Tests map public names to loopback listeners through this seam; a system check
# refuses it anywhere but under tests.settings.
FETCHING_SEAM: str | None = None
FETCHING_EXTRA_PORTS = env.list("FETCHING_EXTRA_PORTS", cast=int, default=[])
FETCHING_SECONDS = env.float("FETCHING_SECONDS", default=15.0)  # of one visit
# http://[user:password@]host:port, for every request to others; never http_proxy.
EGRESS_PROXY = env("EGRESS_PROXY", default="")
# Asked when the system's resolver knows of no such name: only both together prove it.
FETCHING_NAME_SERVERS = env.list(
    "FETCHING_NAME_SERVERS", default=["223.5.5.5", "1.1.1.1"]
)

# --- logs -------------------------------------------------------------------------
LOGGING_CONFIG = "newsletter.logs.configure"
LOGGING = logging_config(
    level=env("LOG_LEVEL", default="INFO"), as_json=not DEVELOPMENT
)
