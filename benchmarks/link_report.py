"""How long the pages about links take among many stored ones, and how many queries.

    python -m benchmarks.link_report [--engine postgresql] [--links 100000]

In each database so many links, of a hundred issues with verdicts of every kind; then the
report as an editor asks for it: everything, by verdict, host and issue, its last page,
and the table as a file. Exits with 1 where a page takes more than 1,000 ms in the median.
"""

import argparse
import statistics
import sys
import time
from datetime import timedelta

from .ground import add_engine, database, on_each_engine

MOST_MS = 1000.0
ISSUES = 100
HOSTS = 5_000
ROUNDS = 5
# One in so many, the rest works.
VERDICTS = (
    *(("broken", "gone"), ("broken", "tls"), ("unsure", "blocked_by_site")),
    *(("unsure", "unreachable_from_here"), ("unchecked", "")),
)
PAGES = {
    "everything": "",
    "broken": "?verdict=broken",
    "one host": "?host=h7.example",
    "one issue": "?issue=50",
    "the last page": "?page=99999",
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    add_engine(parser)
    parser.add_argument("--links", type=int, default=100_000)
    options = parser.parse_args()
    if options.engine is None:
        arguments = ["--links", str(options.links)]
        return on_each_engine("benchmarks.link_report", arguments)
    with database(options.engine):
        return measure(options.engine, options.links)


def measure(engine: str, count: int) -> int:
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client()
    client.force_login(fill(count))
    client.get("/desk/links/")  # templates are compiled once
    slowest = 0.0
    print(f"\n{engine}, {count:,} links")
    for name, query in PAGES.items():
        with CaptureQueriesContext(connection) as asked:
            assert client.get(f"/desk/links/{query}").status_code == 200
        queries = len(asked)  # the next request forgets them
        times = [timed(client, f"/desk/links/{query}") for _ in range(ROUNDS)]
        slowest = max(slowest, statistics.median(times))
        print(
            f"  {name:14} {statistics.median(times):7.0f} ms (worst {max(times):6.0f}), "
            f"{queries} queries",
            flush=True,
        )
    print(f"  {'as a file':14} {timed(client, '/desk/links.csv'):7.0f} ms")
    return int(slowest > MOST_MS)


def timed(client, address: str) -> float:
    """Milliseconds, a streamed answer read to its end."""
    began = time.perf_counter()
    response = client.get(address)
    if response.streaming:
        for _piece in response.streaming_content:
            pass
    return (time.perf_counter() - began) * 1000


def fill(count: int):
    """The links and their uses; an editor who may see them."""
    from django.db import connection
    from django.utils import timezone

    from editorial.models import Check, Item, ItemLink, Link
    from editorial.states import ItemState
    from tests.factories import (
        EditorFactory,
        PublicationFactory,
        PublishedIssueFactory,
        SectionFactory,
    )

    now = timezone.now()
    PublicationFactory()
    section = SectionFactory()
    issues = [
        PublishedIssueFactory(number=str(n), published_at=now - timedelta(days=7 * n))
        for n in range(1, ISSUES + 1)
    ]
    items = Item.objects.bulk_create(
        [
            Item(
                headline=f"Item {n}",
                issue=issues[n % ISSUES],
                section=section,
                state=ItemState.APPROVED,
                approved_at=now,
            )
            for n in range(max(count // 4, ISSUES))
        ],
        batch_size=2_000,
    )
    links = Link.objects.bulk_create(
        [link_row(Link, n, now) for n in range(count)], batch_size=2_000
    )
    uses = [
        ItemLink(item=items[n % len(items)], link=link, url=link.url)
        for n, link in enumerate(links)
    ]
    ItemLink.objects.bulk_create(uses, batch_size=2_000)
    checks = Check.objects.bulk_create(
        [
            Check(
                link=link,
                checked_at=now,
                verdict=link.verdict,
                reason=link.reason,
                chain=[{"url": link.url, "status": 200}],
            )
            for link in links
        ],
        batch_size=2_000,
    )
    for link, check in zip(links, checks, strict=True):
        link.last_check = check
    Link.objects.bulk_update(links, ["last_check"], batch_size=1_000)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return EditorFactory()


def link_row(model, n: int, now):
    """One in ten links has some trouble, of one kind after the other."""
    trouble = n % 10 == 0
    verdict, reason = VERDICTS[n // 10 % len(VERDICTS)] if trouble else ("ok", "alive")
    host = f"h{n % HOSTS}.example"
    return model(
        url=f"https://{host}/{n}",
        key=f"{host}/{n}",
        host=host,
        verdict=verdict,
        reason=reason,
        verdict_since=now - timedelta(days=n % 300),
        checked_at=now - timedelta(days=n % 90),
    )


if __name__ == "__main__":
    sys.exit(main())
