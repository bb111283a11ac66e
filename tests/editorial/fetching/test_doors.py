"""Every door that fetches goes through the one client, and gets nowhere inside."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from editorial.fetching.archives import find_copy
from editorial.fetching.client import Policy
from editorial.fetching.images import fetch_image
from editorial.fetching.manners import Manners
from editorial.fetching.metadata import read_metadata
from editorial.fetching.network import Internet
from editorial.fetching.verdicts import Verdict
from editorial.fetching.visits import check_urls, visit_in_batches
from scripts.environment import ROOT

from .variants import INSIDE_HOSTS, generate
from .world import moved

# What speaks HTTP by itself.
CLIENTS = {
    "aiohttp",
    "feedparser",
    "http.client",
    "httptools",
    "httpx",
    "pycurl",
    "requests",
    "urllib.request",
    "urllib3",
}
# The mail check-up asks our own public address, from the settings and nobody's input,
# which the guard would rightly refuse to everybody else.
OWN_ADDRESS = {"newsletter/doctor/hosts.py: http.client"}
# The mail provider that EMAIL_URL names: mail is another wire, and its address comes from
# the settings and from nobody's input.
MAIL = {
    "newsletter/postbox/carrier.py: requests",
    "newsletter/postbox/carrier.py: requests.adapters",
    "newsletter/postbox/carrier.py: requests.adapters.HTTPAdapter",
    "newsletter/postbox/api_answers.py: requests",
    "newsletter/postbox/api_answers.py: urllib3.exceptions",
    "newsletter/postbox/api_answers.py: urllib3.exceptions.ConnectTimeoutError",
    "newsletter/postbox/api_answers.py: urllib3.exceptions.NameResolutionError",
    "newsletter/postbox/api_answers.py: urllib3.exceptions.NewConnectionError",
}
DOORS = {
    "check": lambda url, **options: check_urls([url], **options)[url].verdict,
    "batch": lambda url, **options: (
        next(visit_in_batches([url], **options))[url].verdict
    ),
    "metadata": lambda url, **options: read_metadata(url, **options).judgement.verdict,
    "image": lambda url, **options: fetch_image(url, **options).judgement.verdict,
    "archive": lambda url, **options: find_copy(url, **options) and Verdict.OK,
}
ALIVE = {Verdict.OK}


def imports_of(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def outside() -> Iterator[Path]:
    for package in ("editorial", "newsletter"):
        yield from (ROOT / package).rglob("*.py")


def test_nobody_else_speaks_http():
    own = ROOT / "editorial" / "fetching"
    found = {
        f"{file.relative_to(ROOT)}: {name}"
        for file in outside()
        if own not in file.parents
        for name in imports_of(file)
        if name in CLIENTS or name.partition(".")[0] in CLIENTS
    }

    assert found == OWN_ADDRESS | MAIL


def test_the_search_finds_who_does():
    exchanges = ROOT / "editorial" / "fetching" / "exchanges.py"

    assert "httptools" in set(imports_of(exchanges))


@pytest.mark.parametrize("door", DOORS)
def test_no_door_leads_to_an_address_inside(canary, door):
    options = {"network": Internet(), "policy": Policy(), "manners": Manners()}

    verdicts = {DOORS[door](f"http://{host}/", **options) for host in INSIDE_HOSTS}

    assert not verdicts & ALIVE
    assert canary.hits == 0


@pytest.mark.parametrize("door", DOORS)
def test_no_door_leads_to_a_generated_spelling(canary, door):
    options = {"network": Internet(), "policy": Policy(), "manners": Manners()}

    verdicts = {DOORS[door](url, **options) for url in generate(seed=11, count=10_000)}

    assert not verdicts & ALIVE
    assert canary.hits == 0


@pytest.mark.parametrize("door", ["check", "batch", "metadata", "image"])
@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "169.254.169.254", "0x7f.1"])
def test_no_door_is_led_inside_by_a_redirect(world, canary, door, host):
    world.add("a.test", moved(f"http://{host}/latest/meta-data"))
    options = {"network": world.network, "policy": Policy(), "manners": Manners()}

    assert DOORS[door]("http://a.test/", **options) is Verdict.BROKEN
    assert set(canary.connects) == world.listeners


@pytest.mark.parametrize("door", ["check", "batch", "metadata", "image"])
def test_no_door_leads_to_a_name_that_points_inside(world, canary, door):
    world.add("rogue.test", addresses=["93.184.215.14", "10.0.0.1"])
    options = {"network": world.network, "policy": Policy(), "manners": Manners()}

    assert DOORS[door]("http://rogue.test/", **options) is Verdict.BROKEN
    assert canary.hits == 0
