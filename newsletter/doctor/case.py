"""Who sends, by which way, as the publication and the settings say."""

from dataclasses import dataclass
from email.utils import parseaddr
from ipaddress import ip_address
from typing import Self

from django.conf import settings

from editorial.models import Publication
from newsletter.postbox.providers import PROVIDERS


@dataclass(frozen=True, slots=True)
class Case:
    """What an examination is about. Domains are in ASCII, in small letters."""

    sender: str  # the address readers see
    has_own_sender: bool  # the publication's, not the one of the settings
    reply_to: str
    postal_address: str
    bounce_address: str
    relay: str  # host of the relay
    relay_port: int
    selector: str  # "" where the relay signs
    signing_domain: str
    public_url: str
    provider: str = ""  # where its API carries the mail and no relay does

    @classmethod
    def current(cls) -> Self:
        publication = Publication.objects.current()
        header = publication.sender if publication else settings.DEFAULT_FROM_EMAIL
        sender = parseaddr(header)[1]
        provider = PROVIDERS.get(settings.EMAIL_PROVIDER)
        return cls(
            sender=sender,
            has_own_sender=bool(publication and publication.sender_email),
            reply_to=publication.reply_to if publication else "",
            postal_address=publication.postal_address if publication else "",
            bounce_address=settings.BOUNCE_ADDRESS,
            relay=provider.label if provider else settings.EMAIL_HOST,
            relay_port=int(settings.EMAIL_PORT),
            selector="" if provider else settings.DKIM_SELECTOR,
            signing_domain=domain_of(f"@{settings.DKIM_DOMAIN}") or domain_of(sender),
            public_url=settings.PUBLIC_URL,
            provider=provider.name if provider else "",
        )

    @property
    def domain(self) -> str:
        return domain_of(self.sender)

    @property
    def envelope_domain(self) -> str:
        """Of the address mail bounces to, which SPF is about."""
        return domain_of(self.bounce_address) or self.domain

    @property
    def sends_directly(self) -> bool:
        """Whether the relay is a program on this very machine."""
        return is_this_machine(self.relay)


def domain_of(address: str) -> str:
    domain = address.rpartition("@")[2].lower().strip(".")
    try:
        return domain.encode("idna").decode()
    except UnicodeError:
        return domain


def is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
