from collections.abc import Iterator
from dataclasses import replace

import pytest

from newsletter.doctor.case import Case
from tests.nameserver import NameServer

CASE = Case(
    sender="weekly@news.test",
    has_own_sender=True,
    reply_to="team@news.test",
    postal_address="路 1 号",
    bounce_address="",
    relay="mail.relay.test",
    relay_port=587,
    selector="",
    signing_domain="news.test",
    public_url="https://weekly.test",
)


@pytest.fixture
def name_server(settings) -> Iterator[NameServer]:
    """A real DNS server; the doctor asks it and nobody else."""
    with NameServer() as server:
        settings.DNS_RESOLVER = server.address
        yield server


@pytest.fixture
def case():
    """Who sends: `case(selector="2026a")` differs there from the usual."""
    return lambda **fields: replace(CASE, **fields)
