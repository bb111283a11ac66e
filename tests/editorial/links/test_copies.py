"""Archived copies of dead links are looked for in the background, once."""

import json
import ssl

import pytest
import trustme

from editorial import links
from editorial.models import ArchivedCopy
from tests.editorial.fetching.conftest import world  # noqa: F401
from tests.editorial.fetching.world import page

from .rows import break_link, printed_link, written_link

pytestmark = pytest.mark.django_db(transaction=True)

COPY = "https://web.archive.org/web/20240102030405/https://one.example/a"
FOUND = {
    "archived_snapshots": {
        "closest": {
            "status": "200",
            "available": True,
            "url": COPY,
            "timestamp": "20240102030405",
        }
    }
}


@pytest.fixture
def archive(world, tmp_path, settings):  # noqa: F811
    """The archive's host, answering FOUND; what it was asked is in the world."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("archive.org").configure_cert(tls)

    async def answer(_path, writer):
        writer.write(page(json.dumps(FOUND)))

    ca = str(tmp_path / "ca.pem")
    world.add("archive.org", answer, tls=tls, tls_ca=ca)
    settings.FETCHING_SEAM = json.dumps(world.data)
    return world


def test_a_dead_link_that_readers_have_gets_its_copy_offered(archive):
    link = break_link(printed_link())

    assert links.find_copies() == 1

    assert link.archived_copy.url.endswith("/web/20240102030405/https://one.example/a")
    assert link.archived_copy.shown_at is None


def test_the_archive_is_asked_for_the_page_as_it_was_recommended(archive):
    link = break_link(printed_link())

    links.find_copies()

    printed_at = link.item_links.get().item.issue.published_at
    [asked] = archive.asked("archive.org")
    assert f"timestamp={printed_at:%Y%m%d}" in asked


def test_the_archive_is_asked_once(archive):
    break_link(printed_link())

    links.find_copies()
    links.find_copies()

    assert len(archive.asked("archive.org")) == 1


def test_nobody_asks_for_what_no_reader_has(archive):
    break_link(written_link())

    assert links.find_copies() == 0
    assert archive.asked("archive.org") == []


def test_an_archive_out_of_reach_is_asked_again_in_a_month(settings):
    settings.FETCHING_SEAM = json.dumps({"hosts": {}})
    break_link(printed_link())

    assert links.find_copies() == 0

    assert ArchivedCopy.objects.get().url == ""
