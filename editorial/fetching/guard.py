"""Which URLs and which addresses may be asked at all.

The URL is taken apart here, once, by one expression: `urllib.parse` and `yarl` differ
between versions and from each other, and every such difference has been somebody's
server-side request forgery. What leaves this module is pure ASCII.
"""

import ipaddress
import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import quote

import idna

from .outcomes import Refusal, Refused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
IpNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network

MAX_URL_LENGTH = 8192  # characters; what one may store is the models' business
DEFAULT_PORTS = {"http": 80, "https": 443}
WEB_PORTS = frozenset(DEFAULT_PORTS.values())
# Remembered: the links of an issue lead to few hosts, and what is said of one follows
# from its text alone. Refusals are not kept.
MANY_HOSTS = 512

# RFC 3986, appendix B, for the two schemes we speak.
_URL = re.compile(r"([a-z]+)://([^/?#]*)([^?#]*)(\?[^#]*)?(?:#(.*))?", re.I | re.DOTALL)
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):(.*)", re.I | re.DOTALL)
_AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[^:\[\]]+)(?::([0-9]{0,5}))?", re.I)
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMERIC_LABEL = re.compile(r"[0-9]+|0x[0-9a-f]*")
_SAFE_IN_PATH = "!$%&'()*+,/:;=?@[]^|~"

# RFC 6761, 6762, 8375, 9476 and the draft that reserved .internal; router habits.
INSIDE_NAMES = ("localhost", "internal", "local", "localdomain", "home.arpa", "alt")

# IANA's special-purpose registry (RFC 6890), also where "globally reachable" is true
# but no web site can live, and Azure's host agent, which is public in form only.
_PRIVATE_IPV4 = tuple(
    ipaddress.IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # carrier-grade NAT, RFC 6598
        "127.0.0.0/8",
        "168.63.129.16/32",  # Azure host agent
        "169.254.0.0/16",  # link local and cloud metadata
        "172.16.0.0/12",
        "192.0.0.0/24",  # IETF protocol assignments
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # 6to4 relays, RFC 7526
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks, RFC 2544
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
# Global unicast is 2000::/3 (RFC 4291) and nothing else: that alone shuts out loopback,
# unique local, link local, site local and multicast, and the forms that wrap an IPv4
# address: mapped, compatible, translated ::ffff:0:0:0/96, NAT64 (RFC 6052, RFC 8215).
_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")
_PRIVATE_IPV6 = tuple(
    ipaddress.IPv6Network(network)
    for network in (
        "2001::/23",  # IETF protocol assignments, among them Teredo and ORCHID
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4
        "3fff::/20",  # documentation, RFC 9637
    )
)


@dataclass(frozen=True, slots=True)
class Target:
    """A URL that may be asked, as far as its text tells. All parts are ASCII.

    `host` is lower case without a trailing dot, an IPv6 address without brackets;
    `path` includes the query. `is_address` says that no look-up will follow.
    """

    scheme: str
    host: str
    port: int
    path: str
    fragment: str
    is_address: bool

    @property
    def authority(self) -> str:
        """Host and port as a URL and a Host field have them: no port that is usual."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = self.port == DEFAULT_PORTS[self.scheme]
        return host if usual else f"{host}:{self.port}"

    @property
    def request_url(self) -> str:
        """The URL to ask, without its fragment."""
        return f"{self.scheme}://{self.authority}{self.path}"

    @property
    def url(self) -> str:
        return self.request_url + (f"#{self.fragment}" if self.fragment else "")


def parse_target(
    url: str,
    *,
    own_hosts: Collection[str] = (),
    extra_ports: Collection[int] = (),
    open_networks: tuple[IpNetwork, ...] = (),
) -> Target:
    """The URL's parts, or `Refused` with the reason; never a look-up.

    `own_hosts` are our own public host names in the form of `normalise_host`: what
    they serve is known from the database. `extra_ports` are allowed beside 80 and 443.
    Canonical addresses in `open_networks` pass on every port; only tests have any.
    """
    if len(url) > MAX_URL_LENGTH or url != url.strip() or _has(url, {"Cc"}):
        raise Refused(Refusal.MALFORMED)
    scheme, authority, path, fragment = _split(url)
    host, port = _split_authority(authority)
    if host in own_hosts:
        raise Refused(Refusal.OWN_SITE)
    opened = bool(open_networks) and is_in(host, open_networks)
    is_address = opened or _check_host(host)
    target = Target(
        scheme=scheme,
        host=host,
        port=DEFAULT_PORTS[scheme] if port is None else port,
        path=_encode(path),
        fragment=_encode(fragment),
        is_address=is_address,
    )
    known = target.port in WEB_PORTS or target.port in extra_ports
    if not known and not opened:
        raise Refused(Refusal.PORT)
    return target


def is_public(address: str | Address) -> bool:
    """Whether a web site for everybody can live at the address.

    Own tables, because `ipaddress.is_global` changed its mind between versions and
    calls multicast, NAT64, 6to4 and site-local global on Python 3.11. Forms that wrap
    an IPv4 address count as private whatever is inside: no public name needs them,
    and each has been used to reach inside.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:  # among them a scope: fe80::1%eth0
        return False
    if isinstance(ip, ipaddress.IPv4Address):
        return not any(ip in network for network in _PRIVATE_IPV4)
    if ip.scope_id is not None or ip not in _GLOBAL_UNICAST or _is_isatap(ip):
        return False
    return not any(ip in network for network in _PRIVATE_IPV6)


@lru_cache(MANY_HOSTS)
def is_in(address: str, networks: tuple[IpNetwork, ...]) -> bool:
    """Whether the text is an address of one of the networks."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(ip in network for network in networks)


def normalise_host(host: str) -> str:
    """The host in lower case ASCII (IDNA 2008), or `Refused`.

    Characters that a look-up would turn into other characters are refused, not
    mapped: full-width letters, digits and dots, circled letters, ligatures.
    """
    host = host if host.isascii() else _encode_international(host)
    return host.lower().removesuffix(".")


def _split(url: str) -> tuple[str, str, str, str]:
    if not (scheme := _SCHEME.fullmatch(url)):
        raise Refused(Refusal.MALFORMED)
    if scheme[1].lower() not in DEFAULT_PORTS:
        raise Refused(Refusal.SCHEME)
    if not (parts := _URL.fullmatch(url)):
        raise Refused(Refusal.MALFORMED)
    path = (parts[3] or "/") + (parts[4] or "")
    return parts[1].lower(), parts[2], path, parts[5] or ""


@lru_cache(MANY_HOSTS)
def _split_authority(authority: str) -> tuple[str, int | None]:
    if "@" in authority:
        raise Refused(Refusal.CREDENTIALS)
    if _has(authority, {"Cf", "Cs", "Co", "Cn", "Zs", "Zl", "Zp"}):
        raise Refused(Refusal.MALFORMED)
    if not (parts := _AUTHORITY.fullmatch(authority)):
        raise Refused(Refusal.MALFORMED)
    host, port = parts[1], int(parts[2]) if parts[2] else None
    if host.startswith("["):
        return _canonical_ipv6(host[1:-1]), port
    return normalise_host(host), port


@lru_cache(MANY_HOSTS)
def _check_host(host: str) -> bool:
    """Whether the host is an address, `Refused` unless it may be public."""
    labels = host.split(".")
    if ":" in host or _NUMERIC_LABEL.fullmatch(labels[-1]):
        # inet_aton reads 127.1, 0x7f.1 and 2130706433 as addresses; is_public only
        # takes the canonical spelling.
        if not is_public(host):
            raise Refused(Refusal.INSIDE)
        return True
    if len(host) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise Refused(Refusal.MALFORMED)
    if len(labels) == 1 or f".{host}".endswith(tuple(f".{n}" for n in INSIDE_NAMES)):
        raise Refused(Refusal.INSIDE)
    return False


def _canonical_ipv6(text: str) -> str:
    try:
        return ipaddress.IPv6Address(text).compressed
    except ValueError:
        raise Refused(Refusal.MALFORMED) from None


def _encode_international(host: str) -> str:
    if unicodedata.normalize("NFKC", host) != host:  # before lower(): K is also Kelvin
        raise Refused(Refusal.MALFORMED)
    if any(c > "\x7f" and unicodedata.category(c).startswith("N") for c in host):
        raise Refused(Refusal.MALFORMED)
    try:
        return idna.encode(host.lower(), strict=True).decode("ascii")
    except UnicodeError:  # idna.IDNAError is one
        raise Refused(Refusal.MALFORMED) from None


def _is_isatap(ip: ipaddress.IPv6Address) -> bool:
    """RFC 5214, section 6.1: the interface identifier is [02]00:5efe and an IPv4."""
    return (int(ip) >> 32) & 0xFCFF_FFFF == 0x0000_5EFE


def _encode(text: str) -> str:
    """Percent-encode what may not stand in a request line, and leave the rest as is.

    Bytes of a header that are no UTF-8 come as surrogates (PEP 383) and go out again
    as the same bytes.
    """
    try:
        return quote(text, safe=_SAFE_IN_PATH, errors="surrogateescape")
    except UnicodeEncodeError:
        raise Refused(Refusal.MALFORMED) from None


def _has(text: str, categories: set[str]) -> bool:
    if text.isascii():  # the blank is its only separator, control its only other
        blank, control = " " in text, not text.isprintable()
        return (blank and "Zs" in categories) or (control and "Cc" in categories)
    return any(unicodedata.category(character) in categories for character in text)
