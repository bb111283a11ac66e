"""python -m tests.editorial.fetching.measure SECONDS URL…: what visits cost in memory.

A process of its own, led to the listeners of a test by FETCHING_SEAM. The first URL
warms up. Prints {"grown": bytes the peak grew by, "reasons": {URL: reason}} as JSON.
"""

import json
import resource
import sys
from pathlib import Path

import django


def peak() -> int:
    """The most memory this process has held, in bytes."""
    status = Path("/proc/self/status")
    if status.exists():  # getrusage's figure would include the parent's on Linux
        return int(status.read_text().split("VmHWM:")[1].split()[0]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def main(seconds: float, urls: list[str]) -> None:
    from editorial.fetching.client import Limits
    from editorial.fetching.images import fetch_image
    from editorial.fetching.metadata import read_metadata
    from editorial.fetching.visits import check_urls

    limits = Limits(seconds=seconds, pause_seconds=0)
    read_metadata(urls[0])
    check_urls(urls[:1])
    before = peak()
    reasons = {url: read_metadata(url, limits=limits).judgement.reason for url in urls}
    check_urls(urls, limits=limits)
    for url in urls:
        fetch_image(url, limits=limits)
    print(json.dumps({"grown": peak() - before, "reasons": reasons}))


if __name__ == "__main__":
    django.setup()
    main(float(sys.argv[1]), sys.argv[2:])
