"""Where mail is handed over, as whom, and over how many connections."""

from dataclasses import dataclass
from typing import Self

from django.conf import settings


@dataclass(frozen=True, slots=True)
class Relay:
    """A mail server that takes our mail."""

    host: str
    port: int
    user: str = ""
    password: str = ""
    starttls: bool = False
    tls: bool = False
    connections: int = 1  # at most, at once, of one sender
    timeout: float = 10.0  # seconds for each answer but that to the final dot
    dot_timeout: float = 60.0  # a server may think about a message it holds completely

    @classmethod
    def from_settings(cls) -> Self:
        """The relay of Django's EMAIL_* settings."""
        return cls(
            host=settings.EMAIL_HOST,
            port=int(settings.EMAIL_PORT),
            user=settings.EMAIL_HOST_USER,
            password=settings.EMAIL_HOST_PASSWORD,
            starttls=settings.EMAIL_USE_TLS,
            tls=settings.EMAIL_USE_SSL,
            connections=settings.EMAIL_CONNECTIONS,
            timeout=float(settings.EMAIL_TIMEOUT),
            dot_timeout=float(settings.EMAIL_DOT_TIMEOUT),
        )
