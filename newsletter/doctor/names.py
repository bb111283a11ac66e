"""DNS, asked with a deadline: an examination has an end, whoever does not answer."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:  # at run time where somebody is asked: 2 MB that few processes need
    import dns.resolver

ONE_ANSWER, ALL_ANSWERS = 4.0, 45.0  # seconds


class Unanswered(Exception):
    """Nobody said whether there is such a record; `name` was asked for."""

    def __init__(self, name: str, why: str) -> None:
        super().__init__(f"{name}: {why}")
        self.name, self.why = name, why


class Names:
    """Look-ups of one examination. No record is an empty answer, not an error.

    Every method raises Unanswered where no server says yes or no in time.
    """

    def __init__(self) -> None:
        self._until = time.monotonic() + ALL_ANSWERS
        self._resolver = _resolver()

    def txt(self, name: str) -> list[str]:
        """The texts there, each joined from its strings (RFC 7208, section 3.3)."""
        return [
            b"".join(record.strings).decode("utf-8", "replace")
            for record in self._ask(name, "TXT")
        ]

    def mx(self, name: str) -> list[str]:
        """The hosts that take mail for a domain; "" is RFC 7505's "nobody does"."""
        records = sorted(self._ask(name, "MX"), key=lambda record: record.preference)
        return [
            record.exchange.to_text(omit_final_dot=True).strip(".")
            for record in records
        ]

    def addresses(self, name: str) -> list[str]:
        return [
            record.to_text()
            for kind in ("A", "AAAA")
            for record in self._ask(name, kind)
        ]

    def reverse(self, address: str) -> list[str]:
        """The names of an IP address."""
        import dns.reversename

        name = dns.reversename.from_address(address).to_text()
        return [r.target.to_text(omit_final_dot=True) for r in self._ask(name, "PTR")]

    def _ask(self, name: str, kind: str) -> list:
        import dns.exception
        import dns.name

        lifetime = min(ONE_ANSWER, self._until - time.monotonic())
        if lifetime <= 0:
            raise Unanswered(name, "the time for the examination is over")
        try:
            asked = dns.name.from_text(name.rstrip(".") + ".")
            return [*self._resolver.resolve(asked, kind, lifetime=lifetime)]
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return []
        except dns.exception.Timeout as error:
            raise Unanswered(name, "timeout") from error
        except (dns.exception.DNSException, UnicodeError, OSError) as error:
            raise Unanswered(name, type(error).__name__) from error


def _resolver() -> dns.resolver.Resolver:
    """The system's servers, or those of DNS_RESOLVER ("192.0.2.53", "127.0.0.1:5353")."""
    import dns.resolver

    if not settings.DNS_RESOLVER:
        return dns.resolver.Resolver()
    resolver = dns.resolver.Resolver(configure=False)
    host, _colon, port = settings.DNS_RESOLVER.rpartition(":")
    if not host or "]" in port or (":" in host.strip("[]") and "[" not in host):
        host, port = settings.DNS_RESOLVER, "53"
    resolver.nameservers = [host.strip("[]")]
    resolver.port = int(port)
    return resolver
