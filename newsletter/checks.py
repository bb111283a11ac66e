"""System checks: what must not go live, said before it does.

Identifiers are `masthead.E…` and `masthead.W…`, numbered in the order of this file.
"""

import logging
from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from editorial.fetching import seam
from editorial.fetching.egress import Proxy

from . import signing
from .digests.pacing import Limit
from .postbox.providers import PROVIDERS
from .returns.mailbox import Mailbox, MailboxError

logger = logging.getLogger(__name__)

# Keys that others know: of deploy/env.example, of scripts/up, of Django, of the tests.
SAMPLE_SECRETS = ("change-me", "development-", "django-insecure-", "only-for-tests")


@register(Tags.security)
def check_fetching_seam(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """The tests' way around the guard of outbound requests is shut."""
    if not seam.is_configured() or seam.is_allowed():
        return []
    return [
        Error(
            "FETCHING_SEAM is set: requests could be led to any machine of this network.",
            hint="Remove it from the settings; only tests.settings may set it.",
            id="masthead.E001",
        )
    ]


@register(Tags.security)
def check_secret_is_ours(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """In production nobody else knows the secret key."""
    if settings.DEVELOPMENT or not settings.SECRET_KEY.startswith(SAMPLE_SECRETS):
        return []
    return [
        Error(
            "SECRET_KEY is a sample: whoever reads it there can sign in here.",
            hint="Make one of your own; deploy/env.example has the command.",
            id="masthead.E002",
        )
    ]


@register(Tags.security)
def check_public_url_is_https(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """In production links in mails lead to https (RFC 8058 wants it, logins need it)."""
    if settings.DEVELOPMENT or settings.PUBLIC_URL.startswith("https://"):
        return []
    return [
        Error(
            f"PUBLIC_URL is {settings.PUBLIC_URL}, which is not https.",
            hint="Set PUBLIC_URL=https://…, with a proxy in front that speaks TLS.",
            id="masthead.E003",
        )
    ]


@register()
def check_broker_waits_for_tasks(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """The broker does not hand a task to a second worker while the first has it."""
    timeout = settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"]
    if timeout > settings.CELERY_TASK_TIME_LIMIT:
        return []
    return [
        Error(
            f"The broker's visibility timeout ({timeout} s) is not above the task "
            f"limit ({settings.CELERY_TASK_TIME_LIMIT} s): tasks could run twice.",
            hint="Raise visibility_timeout in CELERY_BROKER_TRANSPORT_OPTIONS.",
            id="masthead.E004",
        )
    ]


@register(Tags.database)
def check_no_sample_log_in(
    app_configs: Sequence[AppConfig] | None,
    databases: Sequence[str] | None = None,
    **kwargs: Any,
) -> list[CheckMessage]:
    """In production nobody can sign in with a password printed by scripts/up."""
    if settings.DEVELOPMENT or "default" not in (databases or ()):
        return []
    try:
        samples = get_user_model().objects.filter(is_sample=True).count()
    except DatabaseError as error:  # away, or not migrated yet: nobody signs in either
        logger.warning("could not look for sample log-ins: %s", error)
        return []
    if not samples:
        return []
    return [
        Error(
            f"{samples} sample log-ins are present; their passwords are public.",
            hint="`manage.py found_publication` replaces the sample by your own.",
            id="masthead.E005",
        )
    ]


@register()
def check_dkim_key(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Where we sign mail, the key for it is there."""
    if not settings.DKIM_SELECTOR:
        return []
    try:
        signing.Key.load(settings.DKIM_SELECTOR)
    except signing.KeyUnusable as error:
        return [
            Error(
                f"DKIM_SELECTOR is set, but mail cannot be signed: {error}",
                hint="`manage.py make_dkim_key` makes a key; DKIM_KEY says where it is.",
                id="masthead.E006",
            )
        ]
    return []


@register()
def check_bounce_mailbox(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Where a mailbox for returned mail is named, it can be told what is meant."""
    try:
        if settings.BOUNCE_MAILBOX:
            Mailbox.from_settings()
    except MailboxError as error:
        return [
            Error(
                f"{error}.",
                hint="Percent-encode special characters; docs/returned-mail.md.",
                id="masthead.E007",
            )
        ]
    return []


@register()
def check_mail_rates(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """The limits of sending can be read: a sender would find out only at its work."""
    try:
        for text in (settings.EMAIL_RATE, *settings.EMAIL_DOMAIN_RATES.values()):
            Limit.parse(text)
    except ValueError as error:
        return [
            Error(
                f"EMAIL_RATE or EMAIL_DOMAIN_RATES cannot be read: {error}",
                hint="Write a number, a slash and s, m, h or d; commas in between.",
                id="masthead.E008",
            )
        ]
    return []


@register()
def check_egress_proxy(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """The proxy for visits can be understood: each visit would fail of it otherwise."""
    try:
        Proxy.from_settings()
    except ValueError as error:
        return [
            Error(
                f"EGRESS_PROXY cannot be read: {error}.",
                hint="Write http://user:password@host:port, percent-encoded.",
                id="masthead.E009",
            )
        ]
    return []


@register()
def check_mail_provider(
    app_configs: Sequence[AppConfig] | None, **kwargs: Any
) -> list[CheckMessage]:
    """Where a provider's API carries the mail, what it takes is there."""
    provider = PROVIDERS.get(settings.EMAIL_PROVIDER)
    if provider is None:
        return []
    if provider.lacks:
        return [
            Error(
                f"EMAIL_URL names {provider.label}, which needs {provider.lacks}; it is "
                "not installed.",
                hint=f"`pip install {provider.lacks}` where web and workers run.",
                id="masthead.E010",
            )
        ]
    if not settings.ANYMAIL.get("WEBHOOK_SECRET"):
        return [
            Warning(
                f"{provider.label} carries the mail, but what it reports of bounces and "
                "complaints is ignored: ANYMAIL_WEBHOOK_SECRET is not set.",
                hint=f"Set it, and {provider.label}'s webhook to /hooks/mail/"
                f"{provider.slug}/ (docs/returned-mail.md).",
                id="masthead.W001",
            )
        ]
    return []


def refuse_unsafe_start() -> None:
    """Raise ImproperlyConfigured where this process must not serve anybody.

    `check --deploy` says the same, but gunicorn and Celery do not run it: web, worker
    and beat call this when they start.
    """
    found = [
        *check_fetching_seam(None),
        *check_secret_is_ours(None),
        *check_public_url_is_https(None),
        *check_broker_waits_for_tasks(None),
        *check_no_sample_log_in(None, databases=["default"]),
        *check_dkim_key(None),
        *check_mail_rates(None),
        *(one for one in check_mail_provider(None) if one.is_serious()),
        *check_egress_proxy(None),
    ]
    if found:
        reasons = "\n".join(f"{error.id}: {error.msg} {error.hint}" for error in found)
        raise ImproperlyConfigured(f"Masthead refuses to start.\n{reasons}")
