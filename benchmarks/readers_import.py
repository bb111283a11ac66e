"""How long a list of 100,000 readers takes to be checked and imported, in what memory.

    python -m benchmarks.readers_import --engine sqlite|postgresql [--rows 100000]

A Mailchimp-like file of which one line in twenty is unsubscribed and one in fifty a
duplicate is brought into an empty database, then again (nothing is new then). Prints
seconds and the growth of memory for a tenth of the rows and for all of them, and exits
with 1 where checking and importing take more than a minute.
"""

import argparse
import resource
import sys
import time

from benchmarks import ground

MOST_SECONDS = 60.0
STATEMENT = "Made up for a measurement; nobody agreed to anything."


def table(rows: int, name: str) -> bytes:
    head = "Email Address,First Name,status,CONFIRM_TIME,CONFIRM_IP\n"
    lines = [head]
    for number in range(rows):
        who = number - 1 if number % 50 == 49 else number
        standing = "unsubscribed" if number % 20 == 19 else "subscribed"
        when = f"2020-01-{number % 28 + 1:02d} 10:00:00"
        lines.append(f"{name}{who}@host{number % 500}.test,墨封,{standing},{when},\n")
    return "".join(lines).encode()


def bring(content: bytes) -> tuple[float, float]:
    """Seconds to check it, and to import it."""
    from newsletter.subscriptions import imports
    from tests.factories import AdminFactory

    begun = time.perf_counter()
    row = imports.begin(
        kind="csv",
        file_name="list.csv",
        content=content,
        statement=STATEMENT,
        by=AdminFactory(),
    )
    _finish(row)
    checked = time.perf_counter()
    imports.accept(row=row, by=row.by)
    _finish(row)
    assert row.state == "done", row.error
    return checked - begun, time.perf_counter() - checked


def _finish(row) -> None:
    from newsletter.subscriptions import imports

    while imports.work(row.pk):
        pass
    row.refresh_from_db()


def peak_mib() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def measure(rows: int) -> bool:
    from newsletter.models import Subscriber
    from tests.factories import PublicationFactory

    PublicationFactory()
    slowest = 0.0
    for name, count in (("a", rows // 10), ("b", rows), ("b", rows)):
        content = table(count, name)
        before = peak_mib()
        check, run = bring(content)
        slowest = max(slowest, check + run)
        print(
            f"{count} lines, {len(content) / 2**20:.1f} MiB: checked in {check:.1f} s, "
            f"imported in {run:.1f} s, memory +{peak_mib() - before:.0f} MiB"
        )
    verdict = slowest <= MOST_SECONDS
    print(f"readers={Subscriber.objects.count()} slowest={slowest:.1f}s ok={verdict}")
    return verdict


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    ground.add_engine(parser)
    parser.add_argument("--rows", type=int, default=100_000)
    options = parser.parse_args()
    if options.engine is None:
        return ground.on_each_engine("benchmarks.readers_import", sys.argv[1:])
    with ground.database(options.engine):
        return 0 if measure(options.rows) else 1


if __name__ == "__main__":
    sys.exit(main())
