"""What links of the world come to, and what may be said of them.

`LIVING` links work for a reader; to call one broken is the worst a checker can do.
`BROKEN` ones work for nobody. What is `UNPROVABLE` answers a machine in a way that a
living page and a dead one have in common.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

PORT = 18_080  # of every host
CLOSED_PORT = 18_081  # where nobody listens
TLS_PORT = 18_442
SELF_SIGNED_PORT = 18_443
EXPIRED_PORT = 18_444
HOSTS = tuple(f"127.0.{1 + n // 10}.{1 + n % 10}" for n in range(50))
SOFT_HOSTS = HOSTS[:5]  # answer 200 and "not found" on whatever they do not know
HOME_HOSTS = HOSTS[5:8]  # send there to their front page
SILENT_HOST = HOSTS[-1]  # takes connections and never says a word
TIRED_HOST = HOSTS[-2]  # asks everybody to come back in two minutes
TIRING = "wait-120"
HOSTILE_HOSTS = ("127.0.6.1", "127.0.6.2", "127.0.6.3")  # waste everybody's time


class Truth(StrEnum):
    LIVING = "living"
    UNPROVABLE = "unprovable"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Kind:
    """One outcome; `url` is a pattern with host and number. `hosts` have it."""

    name: str
    truth: Truth
    count: int
    url: str = ""
    hosts: tuple[str, ...] = HOSTS[:-2]

    def links(self) -> Iterator[str]:
        pattern = self.url or f"http://{{host}}:{PORT}/{self.name}/{{number}}"
        for number in range(self.count):
            host = self.hosts[number % len(self.hosts)]
            yield pattern.format(host=host, number=number)


HEALTHY = (Kind("page", Truth.LIVING, 2_000, hosts=HOSTS),)
HEALTHY_TLS = (
    Kind(
        "page",
        Truth.LIVING,
        2_000,
        f"https://{{host}}:{TLS_PORT}/page/{{number}}",
        HOSTS,
    ),
)

CALM, HOSTILE = "healthy", "hostile"  # the same links without and with these
WASTEFUL = (
    Kind("endless-body", Truth.LIVING, 12, hosts=HOSTILE_HOSTS[:1]),
    Kind("dripping-body", Truth.LIVING, 12, hosts=HOSTILE_HOSTS[1:2]),
    Kind("dripping-head", Truth.UNPROVABLE, 12, hosts=HOSTILE_HOSTS[2:]),
)

MIXED = (
    Kind("page", Truth.LIVING, 1_000),
    Kind("moved-for-good", Truth.LIVING, 60),
    Kind("moved-for-now", Truth.LIVING, 60),
    Kind("needs-its-cookie", Truth.LIVING, 30),
    Kind("hates-head", Truth.LIVING, 40),
    Kind("endless-body", Truth.LIVING, 10),
    Kind("once-503", Truth.LIVING, 40),
    Kind("once-429", Truth.LIVING, 30),
    Kind("once-reset", Truth.LIVING, 20),
    Kind("about-404", Truth.LIVING, 20),
    Kind("app-shell", Truth.LIVING, 20),
    Kind(
        "has-place", Truth.LIVING, 60, f"http://{{host}}:{PORT}/page/f{{number}}#here"
    ),
    Kind(
        "app-route", Truth.LIVING, 20, f"http://{{host}}:{PORT}/page/r{{number}}#/a/b"
    ),
    Kind("status-401", Truth.UNPROVABLE, 20),
    Kind("status-403", Truth.UNPROVABLE, 60),
    Kind("status-999", Truth.UNPROVABLE, 20),
    Kind("status-500", Truth.UNPROVABLE, 20),
    Kind("status-503", Truth.UNPROVABLE, 30),
    Kind(TIRING, Truth.UNPROVABLE, 10, hosts=(TIRED_HOST,)),
    Kind("challenge", Truth.UNPROVABLE, 20),
    Kind("captcha", Truth.UNPROVABLE, 20),
    Kind("to-login", Truth.UNPROVABLE, 20),
    Kind("paywall", Truth.UNPROVABLE, 20),
    Kind("too-many-hops", Truth.UNPROVABLE, 10),
    Kind("silent", Truth.UNPROVABLE, 10),
    Kind("silent-host", Truth.UNPROVABLE, 20, hosts=(SILENT_HOST,)),
    Kind("reset", Truth.UNPROVABLE, 20),
    Kind(
        "closed-port",
        Truth.UNPROVABLE,
        10,
        f"http://{{host}}:{CLOSED_PORT}/{{number}}",
    ),
    Kind("status-404", Truth.BROKEN, 100),
    Kind("status-410", Truth.BROKEN, 20),
    Kind("not-found-en", Truth.BROKEN, 20, hosts=SOFT_HOSTS),
    Kind("not-found-zh", Truth.BROKEN, 20, hosts=SOFT_HOSTS),
    Kind("taken-down", Truth.BROKEN, 20),
    Kind("to-front-page", Truth.BROKEN, 10, hosts=HOME_HOSTS),
    Kind("parked", Truth.BROKEN, 10),
    Kind("no-place", Truth.BROKEN, 30, f"http://{{host}}:{PORT}/page/n{{number}}#gone"),
    Kind("loop", Truth.BROKEN, 10),
    Kind("garbage", Truth.BROKEN, 10),
    Kind("to-inside", Truth.BROKEN, 5),
    Kind("inside", Truth.BROKEN, 5, "http://wiki{number}.corp.internal/"),
    Kind("no-such-host", Truth.BROKEN, 10, "http://host{number}.invalid/"),
    Kind(
        "self-signed",
        Truth.BROKEN,
        5,
        f"https://{{host}}:{SELF_SIGNED_PORT}/{{number}}",
    ),
    Kind("expired", Truth.BROKEN, 5, f"https://{{host}}:{EXPIRED_PORT}/{{number}}"),
)

WORLDS = {
    CALM: HEALTHY,
    HOSTILE: WASTEFUL + HEALTHY,
    "healthy-tls": HEALTHY_TLS,
    "mixed": MIXED,
}


def links_of(world: str) -> dict[str, Kind]:
    """Every link of a world with its kind."""
    return {url: kind for kind in WORLDS[world] for url in kind.links()}
