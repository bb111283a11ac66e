"""Archived copies come from the Wayback Machine, through the one client."""

import json
import ssl
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
import trustme

from editorial.fetching.archives import ArchivedCopy

from . import rude
from .world import page

COPY = "http://web.archive.org/web/20240102030405/http://gone.test/a?b=1"
TAKEN = datetime(2024, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.fixture
def archive(world, tmp_path):
    """The archive's host; `archive(answer)` puts it into the world."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("archive.org").configure_cert(tls)

    def add(answer):
        ca = str(tmp_path / "ca.pem")
        world.add("archive.org", answering(answer), tls=tls, tls_ca=ca)

    return add


def answering(answer):
    if not isinstance(answer, dict):
        return answer

    async def serve(path, writer):
        writer.write(page(json.dumps(answer)))

    return serve


def closest(**changes):
    snapshot = {
        "status": "200",
        "available": True,
        "url": COPY,
        "timestamp": "20240102030405",
    }
    return {"archived_snapshots": {"closest": snapshot | changes}}


def test_a_copy_is_offered_over_https_with_its_date(world, archive):
    archive(closest())

    copy = world.find_copy("http://gone.test/a?b=1")

    assert copy == ArchivedCopy(COPY.replace("http:", "https:", 1), TAKEN)


def test_the_archive_is_asked_for_the_copy_closest_to_a_time(world, archive):
    archive(closest())

    world.find_copy("http://gone.test/a?b=1", near=TAKEN)

    [path] = world.asked("archive.org")
    assert parse_qs(urlsplit(path).query) == {
        "url": ["http://gone.test/a?b=1"],
        "timestamp": ["20240102030405"],
    }


@pytest.mark.parametrize(
    "answer",
    [
        {"archived_snapshots": {}},
        closest(available=False),
        closest(status="404"),
        closest(url="http://evil.test/web/20240102030405/x"),
        closest(url="javascript:alert(1)"),
        closest(timestamp="soon"),
        {"archived_snapshots": None},
        page("<html>no JSON</html>"),
        page("[" * 50_000),
        page("", 503),
        rude.hang_up,
        rude.cut_short,
    ],
)
def test_whatever_the_archive_says_instead_there_is_no_copy(world, archive, answer):
    archive(answer)

    assert world.find_copy("http://gone.test/") is None


def test_without_a_network_there_is_no_copy(world):
    assert world.find_copy("http://gone.test/") is None


@pytest.mark.parametrize(
    "url", ["http://10.0.0.1/x", "http://wiki.local/x", "http://our-letter.test/1"]
)
def test_the_archive_hears_of_no_address_inside(world, archive, canary, url):
    archive(closest())

    assert world.find_copy(url) is None
    assert canary.hits == 0
