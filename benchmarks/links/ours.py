"""python -m benchmarks.links.ours plant|run WORLD: our check, storing what it finds.

`run` is a process like a worker's: everything is loaded before the clock starts, but
for what only this project's developers have installed. It prints JSON: seconds, CPU
seconds, peak memory in MB, the verdict by URL, and by kind of link the seconds until
the last of them was stored.
"""

import json
import resource
import sys
import time

import django

from . import kinds


def plant(world: str) -> None:
    """An item with these links in it."""
    from editorial.models import Item, ItemLink, Link

    item = Item.objects.create(headline="All of them")
    links = Link.objects.bulk_create(
        [
            Link(url=url, key=url, host=url.split("/")[2])
            for url in kinds.links_of(world)
        ]
    )
    ItemLink.objects.bulk_create(
        [ItemLink(item=item, link=link, url=link.url) for link in links]
    )


def run(world: str) -> None:
    from django.utils import timezone

    from editorial import links
    from editorial.fetching import seam
    from editorial.models import Check, Link
    from newsletter.celery import set_loaded_aside

    set_loaded_aside()
    keys = list(Link.objects.order_by("pk").values_list("pk", flat=True))
    before, began = _peak(), timezone.now()
    started, used = time.monotonic(), time.process_time()
    with seam.opened("127.0.0.0/8"):
        links.check(keys)
    seconds, cpu = time.monotonic() - started, time.process_time() - used
    told = {"seconds": seconds, "cpu": cpu, "memory": _peak(), "before": before}
    verdicts: dict[str, str] = {}
    settled: dict[str, float] = {}
    named = kinds.links_of(world)
    checks = Check.objects.order_by("checked_at")
    for url, verdict, at in checks.values_list("link__url", "verdict", "checked_at"):
        verdicts[url] = verdict
        settled[named[url].name] = (at - began).total_seconds()
    print(json.dumps(told | {"verdicts": verdicts, "settled": settled}))


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


if __name__ == "__main__":
    # Libraries take them up where they find them: 5 MB that no deployment has.
    sys.modules |= dict.fromkeys(("rich", "greenlet"))
    django.setup()
    {"plant": plant, "run": run}[sys.argv[1]](sys.argv[2])
