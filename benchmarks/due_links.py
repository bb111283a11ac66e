"""How fast what is due is found among many links, and how a sweep's cost grows.

    python -m benchmarks.due_links

For PostgreSQL and SQLite and for 10,000 and 100,000 stored links, one in fifty of them
due: the time to find the next part of what is due, and the time per link to claim 200
and 2,000 of them and to store what was found. Nobody is visited. Exits with 1 where
finding takes more than 50 ms in the median.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

MOST_MS = 50.0
STORED = (10_000, 100_000)
DUE_ONE_IN = 50
SWEPT = (200, 2_000)
STORED_TOGETHER = 100  # as `fetching.visits` tells them
ROUNDS = 21


def main() -> int:
    """Measure each database in a process of its own: settings are read once."""
    from tests import engines

    os.environ.pop("DATABASE_URL", None)
    engines.start_engines()
    try:
        with tempfile.TemporaryDirectory() as folder:
            sqlite = f"sqlite:///{Path(folder) / 'links.sqlite3'}"
            worst = [measure(os.environ["DATABASE_URL"]), measure(sqlite)]
    finally:
        engines.stop_engines()
    return max(worst)


def measure(url: str) -> int:
    env = os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tests.settings"}
    command = [sys.executable, "-m", "benchmarks.due_links", "here"]
    return subprocess.run(command, env=env, check=False).returncode


def measure_here() -> int:
    import django

    django.setup()
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    databases = setup_databases(verbosity=0, interactive=False)
    try:
        print(f"\n{connection.vendor}")
        slowest = max(report(stored) for stored in STORED)
    finally:
        teardown_databases(databases, verbosity=0)
    return int(slowest > MOST_MS)


def report(stored: int) -> float:
    """Print one row of figures; the median of finding, in milliseconds."""
    fill(stored)
    found = [timed(find) for _ in range(ROUNDS)]
    median = statistics.median(found)
    per_link = [sweep(part) for part in SWEPT]
    print(
        f"{stored:>8,} links: found in {median:6.2f} ms (worst {max(found):6.2f}); "
        + ", ".join(
            f"{part:,} swept at {each:.2f} ms each"
            for part, each in zip(SWEPT, per_link, strict=True)
        ),
        flush=True,
    )
    return median


def fill(stored: int) -> None:
    from django.db import connection
    from django.utils import timezone

    from editorial.models import Item, ItemLink, Link

    now = timezone.now()
    missing = range(Link.objects.count(), stored)
    item, _ = Item.objects.get_or_create(headline="An item")
    rows = [
        Link(
            url=f"https://h{n % 50}.example/{n}",
            key=f"h{n % 50}.example/{n}",
            host=f"h{n % 50}.example",
            checked_at=now - timedelta(days=n % 90),
        )
        for n in missing
    ]
    links = Link.objects.bulk_create(rows, batch_size=2_000)
    uses = [ItemLink(item=item, link=link, url=link.url) for link in links]
    ItemLink.objects.bulk_create(uses, batch_size=2_000)
    plan(now)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def plan(now) -> None:
    """One link in DUE_ONE_IN is due, or as many as a sweep needs; the rest later."""
    from django.db.models import F
    from django.db.models.functions import Mod

    from editorial.models import Link

    Link.objects.update(next_check_at=now + timedelta(days=9), claimed_until=None)
    due = Link.objects.annotate(place=Mod(F("pk"), DUE_ONE_IN)).filter(place=0)
    due.update(next_check_at=now - timedelta(hours=1))


def find() -> None:
    from django.utils import timezone

    from editorial.links.visiting import SWEPT_AT_ONCE
    from editorial.models import Link

    assert list(Link.objects.due(timezone.now())[:SWEPT_AT_ONCE])


def sweep(part: int) -> float:
    """Milliseconds per link to claim `part` of them and to store what was found."""
    from django.utils import timezone

    from editorial import links
    from editorial.fetching.verdicts import Judgement, Reason, Verdict
    from editorial.links import visiting
    from editorial.models import Link

    Link.objects.update(next_check_at=timezone.now(), claimed_until=None)
    alive = Judgement(Verdict.OK, Reason.ALIVE, status=200, answered=True)

    def run() -> None:
        due = Link.objects.due(timezone.now())
        for _ in range(0, part, visiting.SWEPT_AT_ONCE):
            claimed = visiting._claim(due[: visiting.SWEPT_AT_ONCE])
            for start in range(0, len(claimed), STORED_TOGETHER):
                batch = claimed[start : start + STORED_TOGETHER]
                links.store(dict.fromkeys(batch, alive))

    return timed(run) / part


def timed(deed: Callable[[], None]) -> float:
    """Milliseconds."""
    began = time.perf_counter()
    deed()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    sys.exit(measure_here() if sys.argv[1:] == ["here"] else main())
