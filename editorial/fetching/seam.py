"""The tests' double of the network: public names lead to listeners on loopback.

    {"hosts": {"news.test": {"addresses": ["93.184.215.14"],
                             "dial": ["127.0.0.1", 4711],
                             "tls_ca": "/path/to/ca.pem"}}}

`addresses` are what a look-up gives, and go through the guard like real ones. They
are never dialled: `dial` is, one listener for every port or {"443": […]} by port.
Whatever is not in the table does not exist and cannot be reached. `FETCHING_SEAM` is
this JSON or the path of a file with it, read anew for each run, so that web and
worker processes of a journey follow. Only `tests.settings` can enable it.
"""

import json
import os
import socket
import ssl
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import ENVIRONMENT_VARIABLE, settings
from django.core.exceptions import ImproperlyConfigured

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

    def __init__(self, hosts: Mapping[str, SeamHost]) -> None:
        self._hosts = dict(hosts)
        self._listeners = {
            listener
            for host in hosts.values()
            for listener in (host.listener, *(host.listeners or {}).values())
            if listener
        }

    @classmethod
    def from_data(cls, data: Mapping[str, Any]) -> "Seam":
        return cls({name: _read_host(host) for name, host in data["hosts"].items()})

    async def look_up(self, host: str) -> Sequence[str]:
        if host not in self._hosts or not self._hosts[host].addresses:
            raise Unreachable("no_such_host")
        return self._hosts[host].addresses

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


def is_configured() -> bool:
    return bool(settings.FETCHING_SEAM)


def is_allowed() -> bool:
    """Whether this process runs under the settings of the tests."""
    return os.environ.get(ENVIRONMENT_VARIABLE) == ALLOWED_SETTINGS


def choose_network() -> Network:
    """The internet; under `tests.settings` with FETCHING_SEAM, the seam."""
    configured = settings.FETCHING_SEAM
    if not configured:
        return Internet()
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
