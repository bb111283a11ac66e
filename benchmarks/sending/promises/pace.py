"""S13: four workers keep to one rate, also while they are restarted and killed."""

from __future__ import annotations

import random
import signal
import subprocess
import time
from bisect import bisect_right
from collections.abc import Sequence

from tests import engines

from . import stage
from .crashes import PATIENCE
from .stage import Stage
from .verdict import Verdict

WORKERS = 4
ALLOWANCE = 1.01  # 50/s may be 50.5/s
RESTART_EVERY = 30.0  # seconds


def keep_the_rate(play: Stage, verdict: Verdict) -> None:
    """Send for `--minutes` at `--rate`; the sink's clock counts each minute."""
    asked, chance = play.asked, random.Random(play.asked.seed)
    digest = stage.frozen_digest(readers=asked.recipients)
    play.launcher.beat()
    rate = f"{asked.rate}/s"
    workers = [play.told_worker(EMAIL_RATE=rate) for _ in range(WORKERS)]
    begun = time.monotonic()
    restarts = 0
    while time.monotonic() - begun < asked.minutes * 60:
        time.sleep(min(RESTART_EVERY, asked.minutes * 60 / 4))
        _restart_one(play, workers, chance, EMAIL_RATE=rate)
        restarts += 1
        if restarts == 4:  # and once everything that counted is forgotten
            engines.running("valkey").stop()
            engines.running("valkey").start()
    verdict.require(stage.wait_until_done(digest, seconds=PATIENCE), "it did not end")
    unknown, copies = stage.uncertain(digest), play.sink.copies()
    verdict.count(copies=copies, everybody=stage.everybody(digest), unknown=unknown)
    verdict.require(copies.total() == len(copies), "somebody got two")
    at = sorted(moment for moment, _ in play.sink.accepted())
    window = min(60.0, asked.minutes * 60)
    busiest = most_within(at, window) / window
    verdict.figures |= {
        "restarts": restarts,
        "minute": f"{busiest:.2f}/s",
        "second": most_within(at, 1.0),
        "mean": f"{len(at) / (at[-1] - at[0]):.1f}/s",
    }
    verdict.require_in_time(
        busiest <= asked.rate * ALLOWANCE, f"{busiest:.2f}/s in a minute"
    )


def _restart_one(
    play: Stage,
    workers: list[subprocess.Popen[bytes]],
    chance: random.Random,
    **env: str,
) -> None:
    """End the oldest, politely or with -9, and start another in its place."""
    oldest = workers.pop(0)
    if chance.random() < 0.5:
        play.launcher.kill(oldest)
    else:
        oldest.send_signal(signal.SIGTERM)
        oldest.wait(60)
    workers.append(play.told_worker(**env))


def most_within(moments: Sequence[float], seconds: float) -> int:
    """The largest number of (sorted) moments in any stretch of so many seconds."""
    return max(
        bisect_right(moments, begin + seconds) - n for n, begin in enumerate(moments)
    )
