"""What real visits of every kind of page come to, in words on the item."""

import json
import ssl

import pytest
import trustme

from editorial import links
from editorial.models import Link
from tests.editorial.fetching.conftest import world  # noqa: F401
from tests.editorial.fetching.world import moved, page
from tests.factories import UserFactory

from .rows import item_in, open_issue

pytestmark = pytest.mark.django_db
WORDS = [
    "mesh",
    "proxy",
    "kernel",
    "gateway",
    "cluster",
    "socket",
    "buffer",
    "policy",
    "tenant",
    "tracing",
    "node",
    "shard",
    "daemon",
]
LONG = " ".join(f"{word}{letter * 4}" for word in WORDS for letter in "bcdefghij")
OTHER = LONG[::-1]
ARCHIVED = (
    "This repository was archived by the owner on May 1, 2024. It is now read-only."
)


@pytest.fixture
def web(world, client, settings, tmp_path):  # noqa: F811
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("github.com").configure_cert(tls)
    repositories = {
        "/mesh/old": page(f"<title>mesh/old</title>{ARCHIVED}{LONG}"),
        "/mesh/was": moved("https://github.com/mesh/is", 301),
        "/mesh/is": page(f"<title>mesh/is</title>{LONG}"),
        "/mesh/lost": moved("https://github.com/mesh/old", 301),
    }
    ca = str(tmp_path / "ca.pem")
    world.add("github.com", repositories, tls=tls, tls_ca=ca)
    world.add("parked.test", page("<title>This domain is for sale</title>"))
    world.add("guide.test", page(f"<title>Guide</title><h2 id=begin>B</h2>{LONG * 2}"))
    settings.FETCHING_SEAM = json.dumps(world.data)
    client.force_login(UserFactory())
    return world


def check(item):
    """Visit the item's links for real, whenever they were visited last."""
    links.check([use.link_id for use in item.item_links.all()])


def linked(url):
    item = item_in(open_issue(), url=url)
    links.register_links(item)
    return item


@pytest.mark.parametrize(
    ("url", "verdict", "said"),
    [
        (
            "https://github.com/mesh/old",
            "ok",
            "GitHub says the repository is archived: nobody works on it any more",
        ),
        (
            "https://github.com/mesh/was",
            "ok",
            "GitHub says it moved to https://github.com/mesh/is",
        ),
        (
            "https://github.com/mesh/lost",
            "ok",
            "GitHub says it moved to https://github.com/mesh/old, where the repository "
            "is archived: nobody works on it any more",
        ),
        (
            "http://parked.test/",
            "broken",
            "Broken: The domain parked.test is parked or for sale",
        ),
        (
            "http://guide.test/#ending",
            "broken",
            "Broken: The page is there, but not the place on it that the link names",
        ),
        ("http://guide.test/#begin", "ok", "The page is there"),
        (
            "http://10.0.0.1/",
            "broken",
            "Broken: It leads into a private network; readers cannot open it",
        ),
    ],
)
def test_an_item_says_what_became_of_its_link(client, web, url, verdict, said):
    item = linked(url)

    check(item)

    assert Link.objects.get().verdict == verdict
    assert said in client.get(item.get_absolute_url()).text


def test_an_item_says_that_its_page_became_another_one(client, web, settings):
    texts = {"/": page(f"<title>Guide</title>{LONG}")}
    web.add("changes.test", texts)
    settings.FETCHING_SEAM = json.dumps(web.data)
    item = linked("http://changes.test/")
    check(item)

    texts["/"] = page(f"<title>Casino</title>{OTHER}")
    check(item)

    said = client.get(item.get_absolute_url()).text
    assert "The page has changed a lot since it was linked" in said
    assert "press “I opened it”" in said
