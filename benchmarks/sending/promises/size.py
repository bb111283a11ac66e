"""S14, freezing and memory: what a million readers cost."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from tests.journeys.sending import let_the_leases_of_the_dead_run_out

from . import stage
from .stage import Stage
from .verdict import Verdict

CLAIM_WITHIN = 0.020  # seconds, 95 of 100
FROZEN_WITHIN = 20.0
GROWTH = 20  # MiB
SHARES = (0.0, 0.5, 0.97)  # of the ledger, sent before the claims are measured
SHIFTS = 45.0  # seconds; a sender works 20 s, then the next begins


def claim_from_a_million(play: Stage, verdict: Verdict) -> None:
    """S14: batches out of a ledger at its beginning, in its middle, near its end."""
    asked = play.asked
    digest = stage.frozen_digest(readers=asked.recipients)
    before = peak_of(Path("/proc/self"))
    slowest = 0.0
    for share in SHARES:
        _send_on_paper(digest, int(share * asked.recipients))
        took = sorted(_claim(digest) for _ in range(asked.times))
        p95 = took[int(len(took) * 0.95)]
        slowest = max(slowest, p95)
        stage.say(
            f"{share:.0%} sent: {len(took)} claims, median {_ms(took[len(took) // 2])}, "
            f"p95 {_ms(p95)}, longest {_ms(took[-1])}"
        )
    grown = peak_of(Path("/proc/self")) - before
    verdict.figures |= {
        "rows": asked.recipients,
        "p95": _ms(slowest),
        "memory": f"+{grown:.0f}MiB",
    }
    verdict.require_in_time(slowest <= CLAIM_WITHIN, "claims take long")
    verdict.require(grown <= GROWTH, "memory grows")


def _send_on_paper(digest: Any, count: int) -> None:
    """The first so many rows are sent; the index still holds what they were."""
    from django.utils import timezone

    from newsletter.models import Delivery

    rows = Delivery.objects.filter(digest=digest)
    first = rows.order_by("pk").values_list("pk", flat=True)[:1].get()
    rows.filter(pk__lt=first + count).update(
        state="sent", token="", lease_until=None, sent_at=timezone.now()
    )


def _claim(digest: Any) -> float:
    from newsletter.digests import ledger

    begun = time.perf_counter()
    claims = ledger.claim(digest_id=digest.pk)
    took = time.perf_counter() - begun
    assert claims, "there was nothing to claim"
    return took


def freeze_many(play: Stage, verdict: Verdict) -> None:
    """How long it takes from the press to the first mail that could leave."""
    from newsletter import digests

    stage.fill_list(play.asked.recipients)
    digest = stage.started_digest()
    begun = time.perf_counter()
    digests.freeze_digest(digest_id=digest.pk)
    took = time.perf_counter() - begun
    digest.refresh_from_db()
    verdict.figures |= {"rows": digest.expected_count, "took": f"{took:.2f}s"}
    verdict.require(digest.expected_count == play.asked.recipients, "some are missing")
    verdict.require_in_time(took <= FROZEN_WITHIN, f"longer than {FROZEN_WITHIN:.0f} s")


def weigh_a_sender(play: Stage, verdict: Verdict) -> None:
    """Peak memory of a worker's processes that freeze a list and send two shifts."""
    sizes = sorted({1_000, play.asked.recipients // 10, play.asked.recipients})
    peaks = {size: _weigh(play, size) for size in sizes}
    for size, peak in peaks.items():
        verdict.figures[f"peak_{size}"] = f"{peak:.0f}MiB"
    grown = peaks[sizes[-1]] - peaks[sizes[0]]
    verdict.require(grown <= GROWTH, f"{grown:.0f} MiB more")


def _weigh(play: Stage, readers: int) -> float:
    from newsletter import digests

    stage.fill_list(readers)
    play.sink.forget()
    digest = stage.started_digest()
    worker = play.told_worker()
    begun = time.monotonic()
    stage.wait_for(lambda: play.mailed() > 0, seconds=300, what="the first mail")
    frozen_after = time.monotonic() - begun
    done = stage.wait_until_done(digest, seconds=SHIFTS)
    peak = max(peak_of(process) for process in processes_of(worker.pid))
    stage.say(
        f"{readers} readers: first mail after {frozen_after:.1f} s, "
        f"{play.mailed()} sent{'' if done else ' in two shifts'}, peak {peak:.0f} MiB"
    )
    play.launcher.kill(worker)
    digest.refresh_from_db()
    if not done:
        digests.cancel_digest(digest=digest, by=digest.started_by)
    let_the_leases_of_the_dead_run_out()
    return peak


def processes_of(group: int) -> list[Path]:
    """The processes of a group, as Linux shows them."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it ended meanwhile
            continue
        if int(fields[2]) == group:
            found.append(folder)
    return found


def peak_of(process: Path) -> float:
    """MiB that it ever held in memory at once."""
    lines = (process / "status").read_text().splitlines()
    peak = next(line for line in lines if line.startswith("VmHWM"))
    return int(peak.split()[1]) / 1024


def _ms(seconds: float) -> str:
    return f"{seconds * 1000:.1f}ms"
