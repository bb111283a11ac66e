"""How often each link of a digest is followed, and nothing about who followed it.

The mail leads to an address of ours that is the same in every copy; it answers with
the one that was frozen with the digest, and leaves a note in Redis: which link, when,
and a hash of the network that lives for a day at most. A minute later `count_visits`
tells readers from scanners, adds to the counters and forgets the notes (docs/adr).
"""

from __future__ import annotations

import html
import logging
import re
import time
from base64 import urlsafe_b64encode
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from typing import NamedTuple
from urllib.parse import urlsplit

import redis
from django.conf import settings
from django.core.cache import cache as shared
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.crypto import salted_hmac
from django.utils.encoding import iri_to_uri

from editorial.content import markdown
from editorial.content.outline import Outline
from newsletter.models import DigestLink
from newsletter.networks import network_hash

logger = logging.getLogger(__name__)

# So many different links of one digest, from one network, within so many seconds, are
# no reader's doing.
SCAN_LINKS, SCAN_SECONDS = 5, 10.0
# A scanner that never pauses is judged after so long at the latest.
LONGEST_VISIT = 600.0
# Programs that say what they are; previews of chats and search engines among them.
ROBOTS = re.compile(
    r"bot\b|crawl|spider|slurp|preview|scan|headless|monitor|externalhit"
    r"|curl|wget|python|go-http|java/|libwww|okhttp|axios|node-fetch"
    r"|barracuda|proofpoint|mimecast|forcepoint|symantec|trendmicro|safelinks"
    r"|ms-office|microsoft office|office existence",
    re.IGNORECASE,
)
# Notes kept if nobody counts for a while; a note is some 60 bytes.
MOST_NOTES = 200_000
NOTES_LIVE = 24 * 60 * 60  # seconds
# A redirect to more is refused by Django, and by some browsers.
LONGEST_URL = 2_000
PATIENCE = 0.4  # seconds Redis may take before a reader goes on uncounted

_NOTES = "masthead:clicks"
_TAKEN, _TAKEN_AT = f"{_NOTES}:taken", f"{_NOTES}:taken-at"
# As css-inline writes it: attributes in double quotes, which may hold a ">".
_HREF = re.compile(r'(<a\b(?:[^>"]|"[^"]*")*?\shref=")(https?://[^"]+)(")')


# --- in the mail ------------------------------------------------------------------


class Place(NamedTuple):
    """Where a link stands: section, headline and number of the item."""

    section: str = ""
    item: str = ""
    number: int | None = None


@dataclass
class Instrumented:
    """A mail whose links are counted, and the rows its addresses lead to."""

    html: str
    links: list[DigestLink] = field(default_factory=list)


def instrument(mail: str, *, digest_id: int, outline: Outline) -> Instrumented:
    """The mail's HTML with links that are counted; the same words for the same input.

    Left as they are: personal links, and links to our own pages unless an item is
    about one. An address that stands twice is one link, of the item it stands in first.
    """
    places = _places(outline)
    links: dict[str, DigestLink] = {}
    own = urlsplit(settings.PUBLIC_URL).hostname

    def counted(match: re.Match[str]) -> str:
        url = html.unescape(match[2])
        host = urlsplit(url).hostname or ""
        personal = host.endswith(".invalid") or len(iri_to_uri(url)) > LONGEST_URL
        if personal or (host == own and url not in places):
            return match[0]
        if url not in links:
            links[url] = _link(digest_id, len(links), url, places.get(url, Place()))
        return match[1] + html.escape(address(links[url])) + match[3]

    return Instrumented(_HREF.sub(counted, mail), list(links.values()))


def address(link: DigestLink) -> str:
    return settings.PUBLIC_URL + reverse("site:click", args=[link.token])


def led_directly(mail: str, *, digest_id: int) -> str:
    """The mail as the team looks at it: what they follow is nobody's interest."""
    for link in DigestLink.objects.filter(digest=digest_id):
        here, there = html.escape(address(link)), html.escape(link.url)
        mail = mail.replace(f'"{here}"', f'"{there}"')
    return mail


def _link(digest_id: int, position: int, url: str, place: Place) -> DigestLink:
    mac = salted_hmac("newsletter.click", f"{digest_id}/{url}", algorithm="sha256")
    return DigestLink(
        digest_id=digest_id,
        position=position,
        token=urlsafe_b64encode(mac.digest()[:12]).decode(),
        url=url,
        section=place.section[:80],
        item=place.item[:200],
        item_number=place.number,
    )


def _places(outline: Outline) -> dict[str, Place]:
    """Which item each address belongs to; the first that has it."""
    places: dict[str, Place] = {}
    number = 0
    for section in outline.sections:
        for item in section.items:
            number += 1
            place = Place(section.title, item.headline, number)
            prose = markdown.render(item.commentary, base=settings.PUBLIC_URL)
            within = [html.unescape(match[2]) for match in _HREF.finditer(prose)]
            for url in filter(None, [item.link, *within]):
                places.setdefault(url, place)
    return places


# --- on the way -------------------------------------------------------------------


class Visit(NamedTuple):
    """One link followed, from one network, at one moment (seconds)."""

    digest_id: int
    link_id: int
    network: str
    at: float
    is_robot: bool

    def written(self) -> str:
        return " ".join(map(str, (*self[:4], int(self.is_robot))))

    @classmethod
    def read(cls, note: str) -> Visit:
        digest_id, link_id, network, at, is_robot = note.split()
        return cls(int(digest_id), int(link_id), network, float(at), is_robot == "1")


def find(token: str) -> DigestLink | None:
    """The link behind an address in a mail. Changes nothing."""
    return DigestLink.objects.filter(token=token).only("url", "digest_id").first()


def note_visit(*, link: DigestLink, client: str, agent: str, ahead: bool) -> None:
    """Note that a link was followed; never fails, and waits for Redis but briefly.

    `client` is the visitor's IP address, `agent` what the program calls itself, and
    `ahead` says that it fetched before anybody asked.
    """
    now = time.time()
    day = time.strftime("%Y-%m-%d", time.gmtime(now))
    network = salted_hmac("newsletter.clicks", f"{day}/{network_hash(client)}")
    is_robot = ahead or not agent or ROBOTS.search(agent) is not None
    visit = Visit(
        link.digest_id, link.pk, network.hexdigest()[:16], round(now, 2), is_robot
    )
    try:
        with _broker(settings.REDIS_URL).pipeline(transaction=False) as pipe:
            pipe.rpush(_NOTES, visit.written())
            pipe.ltrim(_NOTES, -MOST_NOTES, -1)
            pipe.expire(_NOTES, NOTES_LIVE)
            pipe.execute()
    except redis.RedisError as error:
        logger.warning("a click is not counted, Redis is away: %s", error)


@cache
def _broker(url: str) -> redis.Redis:
    return redis.Redis.from_url(
        url,
        decode_responses=True,
        socket_timeout=PATIENCE,
        socket_connect_timeout=PATIENCE,
    )


# --- afterwards -------------------------------------------------------------------


@dataclass
class Tally:
    """What visits amount to; `open` are those that may still go on."""

    clicks: Counter[int] = field(default_factory=Counter)
    scans: Counter[int] = field(default_factory=Counter)
    open: list[Visit] = field(default_factory=list)


def count_visits() -> int:
    """Add what was noted to the counters; how many visits were counted.

    Safe to run twice and to be killed anywhere: notes are set aside under a moment of
    their own, and a link to which that batch was added is passed over.
    """
    if not shared.add("clicks:counting", True, settings.CELERY_TASK_TIME_LIMIT + 10):
        return 0
    try:
        taken_at, visits = _set_aside()
        tally = sort_out(visits, now=taken_at)
        _add(tally, batch=f"{taken_at:.2f}")
        _forget(tally.open)
        return len(visits) - len(tally.open)
    except redis.RedisError as error:
        logger.warning("clicks wait to be counted, Redis is away: %s", error)
        return 0
    finally:
        shared.delete("clicks:counting")


def _set_aside() -> tuple[float, list[Visit]]:
    broker = _broker(settings.REDIS_URL)
    broker.set(_TAKEN_AT, time.time(), nx=True)
    if broker.exists(_NOTES):
        broker.renamenx(_NOTES, _TAKEN)
    notes = broker.lrange(_TAKEN, 0, -1)
    return float(str(broker.get(_TAKEN_AT))), [Visit.read(str(note)) for note in notes]


def _forget(still_open: list[Visit]) -> None:
    with _broker(settings.REDIS_URL).pipeline() as pipe:
        pipe.delete(_TAKEN, _TAKEN_AT)
        if still_open:
            pipe.lpush(_NOTES, *(visit.written() for visit in still_open))
            pipe.expire(_NOTES, NOTES_LIVE)
        pipe.execute()


@transaction.atomic
def _add(tally: Tally, *, batch: str) -> None:
    for link_id in sorted({*tally.clicks, *tally.scans}):
        DigestLink.objects.filter(pk=link_id).exclude(batch=batch).update(
            clicks=F("clicks") + tally.clicks[link_id],
            scans=F("scans") + tally.scans[link_id],
            batch=batch,
        )


def sort_out(visits: Iterable[Visit], *, now: float) -> Tally:
    """Readers and scanners told apart, visit by visit of each network to each digest.

    A visit ends with a pause of SCAN_SECONDS. Following the same link again within one
    counts once: reading ahead and double presses are nobody's interest.
    """
    tally = Tally()
    for visit in _by_visitor(visits):
        is_over = now - visit[-1].at > SCAN_SECONDS
        if not (is_over or now - visit[0].at > LONGEST_VISIT):
            tally.open += visit
            continue
        scanned = _scanned(visit)
        tally.scans.update({v.link_id for v in visit if v.is_robot or v in scanned})
        tally.clicks.update(
            {v.link_id for v in visit if not v.is_robot and v not in scanned}
        )
    return tally


def _by_visitor(visits: Iterable[Visit]) -> Iterator[list[Visit]]:
    found: dict[tuple[int, str], list[Visit]] = defaultdict(list)
    for visit in visits:
        found[visit.digest_id, visit.network].append(visit)
    for steps in found.values():
        steps.sort(key=lambda step: step.at)
        together = steps[:1]
        for before, after in pairwise(steps):
            if after.at - before.at > SCAN_SECONDS:
                yield together
                together = []
            together.append(after)
        yield together


def _scanned(visit: list[Visit]) -> set[Visit]:
    """Steps with which, within SCAN_SECONDS, SCAN_LINKS different links were opened."""
    scanned: set[Visit] = set()
    first = 0
    for last, step in enumerate(visit):
        while step.at - visit[first].at > SCAN_SECONDS:
            first += 1
        window = visit[first : last + 1]
        if len({v.link_id for v in window}) >= SCAN_LINKS:
            scanned.update(window)
    return scanned
