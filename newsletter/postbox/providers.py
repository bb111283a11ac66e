"""Mail providers with an API: which there are, what each can do, how one is chosen.

Knows nothing of settings, because the settings read EMAIL_URL with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.util import find_spec
from typing import Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

SCHEME = "anymail+"
# What we put into one call at most, below every provider's own limit: the whole of it
# is in memory, and on its way while nobody knows whether it was taken.
HEAVIEST = 16 * 1024 * 1024


class Way(StrEnum):
    """How one call names many readers, each with links and headers of their own."""

    MERGE = "merge"  # one text with places in it, and a value for each reader
    BURST = "burst"  # many whole mails in one call
    SINGLE = "single"  # one reader in each call; several calls at once


@dataclass(frozen=True, slots=True)
class Provider:
    """What is true of a provider, and of django-anymail's back end for it."""

    name: str  # in EMAIL_URL
    label: str
    keys: tuple[str, ...]  # anymail's settings for user and password of EMAIL_URL
    way: Way = Way.SINGLE
    most: int = 1  # readers in one call
    place: str = ""  # MERGE: how a place for a value is written
    module: str = ""  # anymail's name for it, which its webhook's address has too
    host: str = ""  # anymail's setting for the host of EMAIL_URL
    regions: tuple[tuple[str, str], ...] = ()  # API hosts that `?region=` names
    package: str = ""  # to be installed for it
    untracks: bool = False  # a call can say that nothing is to be tracked
    has_metadata: bool = True
    reads_braces: bool = False  # {{…}} in any text is its own language
    repeats: bool = False  # the same call with the same key is carried out once

    @property
    def slug(self) -> str:
        return self.module or self.name

    @property
    def backend(self) -> str:
        return f"anymail.backends.{self.slug}.EmailBackend"

    @property
    def prefix(self) -> str:
        return f"{self.slug.upper()}_"

    @property
    def lacks(self) -> str:
        """The package that is not installed, or ""."""
        return self.package if self.package and not find_spec(self.package) else ""


# Limits: Mailgun, "Batch Sending" (1,000 recipients); SendGrid, "Mail Send limitations"
# (1,000 personalizations); Postmark, "Send batch emails" (500 messages, 50 MB); Resend,
# "Batch sending" (100); Mailjet, "Send API v3.1" (50 messages); Mailtrap, "Batch send"
# (500). SINGLE, though the provider has a call for many, is what cannot give each
# reader headers, ids or a text of their own through anymail: SparkPost answers a batch
# with two numbers, Brevo reads {{…}} of any text as its own in one, Mandrill and
# MailerSend have no headers per reader, Amazon SES wants templates stored there.
PROVIDERS: dict[str, Provider] = {
    one.name: one
    for one in (
        Provider(
            "mailgun",
            "Mailgun",
            ("API_KEY",),
            way=Way.MERGE,
            most=1000,
            place="%recipient.{}%",
            host="SENDER_DOMAIN",
            regions=(("eu", "https://api.eu.mailgun.net/v3"),),
            untracks=True,
        ),
        Provider(
            "sendgrid",
            "SendGrid",
            ("API_KEY",),
            way=Way.MERGE,
            most=1000,
            place="[%{}%]",
            regions=(("eu", "https://api.eu.sendgrid.com/v3/"),),
            untracks=True,
        ),
        Provider(
            "postmark",
            "Postmark",
            ("SERVER_TOKEN",),
            way=Way.BURST,
            most=500,
            untracks=True,
        ),
        Provider(
            "resend", "Resend", ("API_KEY",), way=Way.BURST, most=100, repeats=True
        ),
        Provider(
            "mailjet",
            "Mailjet",
            ("API_KEY", "SECRET_KEY"),
            way=Way.BURST,
            most=50,
            untracks=True,
        ),
        Provider("mailtrap", "Mailtrap", ("API_TOKEN",), way=Way.BURST, most=500),
        Provider("brevo", "Brevo", ("API_KEY",), reads_braces=True),
        Provider("mandrill", "Mandrill", ("API_KEY",), untracks=True),
        Provider(
            "mailersend",
            "MailerSend",
            ("API_TOKEN",),
            untracks=True,
            reads_braces=True,
            has_metadata=False,
        ),
        Provider(
            "sparkpost",
            "SparkPost",
            ("API_KEY",),
            regions=(("eu", "https://api.eu.sparkpost.com/api/v1/"),),
            untracks=True,
            reads_braces=True,
        ),
        Provider("ses", "Amazon SES", (), module="amazon_ses", package="boto3"),
    )
}


@dataclass(frozen=True, slots=True)
class Route:
    """Mail leaves through this provider."""

    provider: Provider
    anymail: Mapping[str, Any]  # for the setting ANYMAIL
    stream: str = ""  # Postmark's message stream for digests
    batch: int = 0  # readers in one call at most; 0: as many as the provider takes
    api_url: str = ""  # where something else plays the provider


def is_provider_url(url: str) -> bool:
    return url.startswith(SCHEME)


def read_url(url: str, *, development: bool, seconds: int) -> Route:
    """The route that EMAIL_URL names, for calls of at most so many seconds.

    Raises ImproperlyConfigured, in words for whoever set it.
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError as error:
        raise _wrong(f"cannot be read: {error}") from error
    provider = PROVIDERS.get(parts.scheme.removeprefix(SCHEME))
    if provider is None:
        known = ", ".join(sorted(PROVIDERS))
        raise _wrong(f"names no provider that is known here. Known are {known}.")
    options = _options(parts)
    api_url = options.pop("api_url", "")
    if api_url and not development:
        raise _wrong("has api_url, which is for development only: remove it.")
    region = options.pop("region", "")
    if region and region not in dict(provider.regions):
        raise _wrong(f"has region={region}, which {provider.label} does not know.")
    anymail = _of_ses(parts, host, api_url, seconds) if provider.package else {}
    anymail |= _keys(provider, parts, host)
    if address := api_url or dict(provider.regions).get(region, ""):
        anymail[f"{provider.prefix}API_URL"] = address
    stream, batch = options.pop("stream", ""), options.pop("batch", "0")
    if options or not batch.isdecimal() or (stream and provider.name != "postmark"):
        raise _wrong(f"has options that {provider.label} does not know: {parts.query}.")
    return Route(provider, anymail, stream, int(batch), api_url)


def _options(parts: SplitResult) -> dict[str, str]:
    return {name: values[-1] for name, values in parse_qs(parts.query).items()}


def _keys(provider: Provider, parts: SplitResult, host: str) -> dict[str, Any]:
    given = [unquote(word) for word in (parts.username, parts.password) if word]
    shape = f"{SCHEME}{provider.name}://{':'.join(provider.keys)}@"
    shape += provider.host.lower().replace("_", "-")
    if provider.keys and len(given) != len(provider.keys):
        raise _wrong(f"has to look like {shape} for {provider.label}.")
    if provider.host and not host:
        raise _wrong(f"names no domain: it has to look like {shape}.")
    values = dict(zip(provider.keys, given, strict=True)) if provider.keys else {}
    if provider.host:
        values[provider.host] = host
    return {f"{provider.prefix}{name}": value for name, value in values.items()}


def _of_ses(
    parts: SplitResult, region: str, api_url: str, seconds: int
) -> dict[str, Any]:
    if not region:
        raise _wrong("names no region: it has to look like anymail+ses://eu-west-1.")
    client: dict[str, Any] = {
        "region_name": region,
        "config": {
            "connect_timeout": 10,
            "read_timeout": seconds,
            # boto's own second try would be a second mail.
            "retries": {"total_max_attempts": 1},
        },
    }
    if parts.username:
        client["aws_access_key_id"] = unquote(parts.username)
        client["aws_secret_access_key"] = unquote(parts.password or "")
    if api_url:
        client["endpoint_url"] = api_url
    return {"AMAZON_SES_CLIENT_PARAMS": client}


def _wrong(what: str) -> ImproperlyConfigured:
    # The address holds a key, so it is not repeated.
    return ImproperlyConfigured(f"EMAIL_URL {what} See docs/mail.md.")
