"""The tests' double of the network: public names lead to listeners on loopback.

    {"hosts": {"news.test": {"addresses": ["93.184.215.14"],
                             "dial": ["127.0.0.1", 4711],
                             "tls_ca": "/path/to/ca.pem"}},
     "missing": ["gone.test"]}

`addresses` are what a look-up gives, and go through the guard like real ones. They
are never dialled: `dial` is, one listener for every port or {"443": […]} by port.
Whatever is not in the table cannot be found or reached;
of names in `missing` the second resolver says so too. `FETCHING_SEAM` is
this JSON or the path of a file with it, read anew for each run, so that web and
worker processes of a journey follow. Only `tests.settings` can enable it.
"""

import ipaddress
import json
import os
import socket
import ssl
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import ENVIRONMENT_VARIABLE, settings
from django.core.exceptions import ImproperlyConfigured

from .guard import IpNetwork, is_in
from .network import AddressInfo, Internet, Network, NotDialled, make_tls_context
from .outcomes import Unreachable

ALLOWED_SETTINGS = "tests.settings"

Listener = tuple[str, int]


@dataclass(frozen=True, slots=True)
class SeamHost:
    addresses: tuple[str, ...] = ()
    listener: Listener | None = None
    listeners: Mapping[int, Listener] | None = None
    tls_ca: str = ""

    def find_listener(self, port: int) -> Listener | None:
        return (self.listeners or {}).get(port, self.listener)


class Seam:
    """A `Network` made of loopback listeners."""

    def __init__(
        self, hosts: Mapping[str, SeamHost], missing: Iterable[str] = ()
    ) -> None:
        self._hosts = dict(hosts)
        self._missing = frozenset(missing)
        self._listeners = {
            listener
            for host in hosts.values()
            for listener in (host.listener, *(host.listeners or {}).values())
            if listener
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Seam":
        hosts = {name: _read_host(host) for name, host in data["hosts"].items()}
        return cls(hosts, data.get("missing", ()))

    async def look_up(self, host: str) -> Sequence[str]:
        if host not in self._hosts or not self._hosts[host].addresses:
            raise Unreachable("dns_no_such_host")
        return self._hosts[host].addresses

    async def is_missing(self, host: str) -> bool:
        return host in self._missing

    def dial(self, host: str, address: str, port: int) -> tuple[str, int]:
        listener = self._hosts[host].find_listener(port)
        if listener is None:
            raise Unreachable("no_connection")
        return listener

    def open_socket(self, info: AddressInfo) -> socket.socket:
        family, kind, protocol, _, address = info
        if tuple(address[:2]) not in self._listeners:
            raise NotDialled("not a listener of the seam")
        return socket.socket(family, kind, protocol)

    def tls_context(self) -> ssl.SSLContext:
        authorities = {host.tls_ca for host in self._hosts.values() if host.tls_ca}
        return make_tls_context(tuple(sorted(authorities)))


class OpenedInternet(Internet):
    """The internet, and some networks of loopback that a guard would refuse."""

    def __init__(self, networks: Sequence[IpNetwork]) -> None:
        self._networks = tuple(networks)

    def open_socket(self, info: AddressInfo) -> socket.socket:
        if is_in(str(info[4][0]), self._networks):
            return socket.socket(*info[:3])
        return super().open_socket(info)


_opened: list[IpNetwork] = []


@contextmanager
def opened(cidr: str) -> Iterator[None]:
    """Let visits reach a range of loopback, on any port, for tests and benchmarks.

    Raises ImproperlyConfigured under other settings than the tests', and ValueError
    for what is no range of loopback.
    """
    if not is_allowed():
        raise ImproperlyConfigured("Only tests.settings may open a network.")
    network = ipaddress.ip_network(cidr)
    if not network.is_loopback:
        raise ValueError(f"{cidr} is no range of loopback.")
    _opened.append(network)
    try:
        yield
    finally:
        _opened.remove(network)


def opened_networks() -> tuple[IpNetwork, ...]:
    return tuple(_opened) if is_allowed() else ()


def is_configured() -> bool:
    return bool(settings.FETCHING_SEAM)


def is_allowed() -> bool:
    """Whether this process runs under the settings of the tests."""
    return os.environ.get(ENVIRONMENT_VARIABLE) == ALLOWED_SETTINGS


def choose_network() -> Network:
    """The internet; under `tests.settings` with FETCHING_SEAM, the seam."""
    configured = settings.FETCHING_SEAM
    if not configured:
        networks = opened_networks()
        return OpenedInternet(networks) if networks else Internet()
    if not is_allowed():
        raise ImproperlyConfigured("Only tests.settings may set FETCHING_SEAM.")
    return Seam.from_data(_read(configured))


def _read(seam: str) -> Mapping[str, Any]:
    text = seam if seam.lstrip().startswith("{") else Path(seam).read_text("utf-8")
    return json.loads(text)


def _read_host(data: Mapping[str, Any]) -> SeamHost:
    dial = data.get("dial")
    by_port = dial if isinstance(dial, Mapping) else {}
    return SeamHost(
        addresses=tuple(data.get("addresses", ())),
        listener=(dial[0], dial[1]) if isinstance(dial, Sequence) else None,
        listeners={int(port): (to[0], to[1]) for port, to in by_port.items()},
        tls_ca=data.get("tls_ca", ""),
    )
