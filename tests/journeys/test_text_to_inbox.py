"""The whole road on real input: a team's pasted text to readers' inboxes.

A real worker, real HTTP hosts on loopback behind public names, real SMTP. The texts
are the one from ../shared, where that is present, and our own of the same shape.
"""

import json
import re
import ssl
from io import StringIO
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest
import trustme
from django.conf import settings
from django.core.management import call_command

from editorial import capture
from editorial.content.importers.text import parse
from editorial.models import Issue, Link
from editorial.states import IssueState
from newsletter.models import Delivery, Digest, Subscriber
from newsletter.states import DeliveryState, DigestState, SubscriberState
from scripts.processes import wait_until
from tests.editorial.fetching.world import World, page
from tests.factories import (
    AdminFactory,
    EditorFactory,
    PublicationFactory,
    SectionFactory,
    SubscriberFactory,
)

pytestmark = [pytest.mark.engines, pytest.mark.slow]

SHARED = settings.BASE_DIR.parent / "shared" / "editions" / "cloud-native-weekly.txt"
OWN = settings.BASE_DIR / "tests" / "samples" / "weekly-zh.txt"
READERS = 200


@pytest.fixture
def newsroom():
    PublicationFactory(name="云边周报")
    for n, title in enumerate(["业界要闻", "上游重要进展", "开源项目推荐"]):
        SectionFactory(title=title, position=n)
    EditorFactory(email="desk@masthead.test")
    AdminFactory(email="chief@masthead.test")


@pytest.fixture(params=[SHARED, OWN], ids=["shared", "own"])
def source(request) -> Path:
    if not request.param.exists():
        pytest.skip("no ../shared beside this checkout")
    return request.param


@pytest.fixture
def web_of_links(tmp_path, source):
    """Every host the text links to, on loopback; the first of them is gone."""
    text = source.read_text("utf-8")
    outline = parse(text, capture.known_words()).outline
    urls = [item.link for item in outline.items() if item.link]
    hosts = sorted({urlsplit(url).hostname for url in urls})
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    world = World()
    for host in hosts:
        tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert(host).configure_cert(tls)
        answer = page("gone", 404) if host == hosts[0] else page()
        world.add(host, answer, tls=tls, tls_ca=str(tmp_path / "ca.pem"))
    yield world, hosts[0]
    world.close()


def command(name: str, *arguments: str) -> str:
    out = StringIO()
    call_command(name, *arguments, stdout=out, stderr=StringIO())
    return out.getvalue()


def fetch(url: str, **request) -> str:
    with urlopen(Request(url, **request), timeout=20) as response:
        return response.read().decode()


def import_and_approve(path: Path) -> Issue:
    command("import_issue", str(path), "--by", "desk@masthead.test", "--number", "23")
    command("submit_issue", "23", "--by", "desk@masthead.test")
    command("approve_issue", "23", "--by", "chief@masthead.test")
    return Issue.objects.get(number="23")


def check_links(world: World, gone: str) -> None:
    """The worker that the import rang for visits every link of the issue."""
    assert wait_until(
        lambda: not Link.objects.filter(checked_at=None).exists(), seconds=60
    )
    assert set(Link.objects.filter(host=gone).values_list("verdict", flat=True)) == {
        "broken"
    }
    others = Link.objects.exclude(host=gone)
    assert set(others.values_list("verdict", flat=True)) <= {"ok"}
    assert {host for host, _path, _headers in world.requests} == set(world.hosts)


def read_the_issue(address: str, issue: Issue) -> None:
    """Page, feeds and API show what was approved."""
    headlines = [item.headline for item in issue.live_revision.outline.items()]
    html = fetch(f"{address}/issues/23/")
    api = json.loads(fetch(f"{address}/api/v1/issues/23/"))
    atom = fetch(f"{address}/feed/atom.xml")

    assert headlines[0] in html
    assert f"{address}/issues/23/" in atom
    assert api["number"] == "23"


def digests(mail_server) -> list:
    """The mails to readers, without those that tell colleagues something."""
    return [mail for mail in mail_server.accepted if mail.message["List-Unsubscribe"]]


def receive_the_digest(mail_server) -> None:
    command("send_digest", "23", "--by", "chief@masthead.test")
    assert wait_until(
        lambda: Digest.objects.get().state == DigestState.DONE, seconds=90
    )
    recipients = [mail.recipients[0] for mail in digests(mail_server)]
    assert sorted(recipients) == sorted(
        Subscriber.objects.values_list("address", flat=True)
    )
    states = set(Delivery.objects.values_list("state", flat=True))
    assert states == {DeliveryState.SENT}


def unsubscribe_with_one_click(mail_server) -> None:
    """As a mail program does it: a POST to the header's address, nothing else."""
    mail = digests(mail_server)[0]
    url = re.search(r"<(http[^>]+)>", mail.message["List-Unsubscribe"])[1]
    fetch(url)
    reader = Subscriber.objects.get(address=mail.recipients[0])
    assert reader.state == SubscriberState.CONFIRMED
    fetch(url, data=b"List-Unsubscribe=One-Click", method="POST")
    reader.refresh_from_db()
    assert reader.state == SubscriberState.UNSUBSCRIBED


def test_a_pasted_text_reaches_every_reader(
    launch, newsroom, source, web_of_links, mail_server
):
    world, gone = web_of_links
    SubscriberFactory.create_batch(READERS)
    launch.worker(FETCHING_SEAM=json.dumps(world.data))
    address = launch.web()
    issue = import_and_approve(source)
    check_links(world, gone)
    with pytest.raises(HTTPError) as unpublished:
        fetch(f"{address}/issues/23/")
    assert unpublished.value.code == 404

    command("publish_issue", "23", "--by", "chief@masthead.test")

    issue.refresh_from_db()
    assert issue.state == IssueState.PUBLISHED
    read_the_issue(address, issue)
    receive_the_digest(mail_server)
    unsubscribe_with_one_click(mail_server)
