"""S1 and S4: senders that die, a database that dies."""

from __future__ import annotations

import random
import signal
import time
from collections import Counter
from typing import Any

from tests import engines
from tests.journeys.sending import let_the_leases_of_the_dead_run_out

from . import stage
from .stage import Stage
from .verdict import Verdict

PATIENCE = 600.0
RESUMED = 240.0  # seconds, more than a lease: then nobody sends any more


def kill_the_senders(play: Stage, verdict: Verdict) -> None:
    """S1: kill -9 all senders again and again at random; then resend the uncertain."""
    asked, chance = play.asked, random.Random(play.asked.seed)
    digest = stage.frozen_digest(readers=asked.recipients)
    play.launcher.beat()
    worker = play.told_worker()
    for moment in _moments(chance, asked.recipients, asked.times):
        stage.wait_for(
            lambda: play.mailed() >= moment,  # noqa: B023
            seconds=PATIENCE,
            what=f"mail {moment}",
        )
        time.sleep(chance.uniform(0, 0.1))  # also between the waves
        play.launcher.kill(worker)
        let_the_leases_of_the_dead_run_out()
        worker = play.told_worker()
    verdict.require(stage.wait_until_done(digest, seconds=PATIENCE), "it did not end")
    unknown = stage.uncertain(digest)
    copies, everybody = play.sink.copies(), stage.everybody(digest)
    verdict.count(copies=copies, everybody=everybody, unknown=unknown)
    most = asked.times * asked.senders * asked.connections
    verdict.require(len(unknown) <= most, f"more than {most} are uncertain")
    verdict.require(copies.total() == len(copies), "somebody got two while held")
    _resend(digest, play, verdict)


def _resend(digest: Any, play: Stage, verdict: Verdict) -> None:
    """An editor says so: then everybody has it, and nobody more than two."""
    from newsletter import digests
    from newsletter.models import Digest

    count = 0
    if stage.uncertain(digest):
        again = Digest.objects.get(pk=digest.pk)
        count = digests.resend(digest=again, by=digest.started_by)
    verdict.require(stage.wait_until_done(digest, seconds=PATIENCE), "no end of resend")
    copies, unknown = play.sink.copies(), stage.uncertain(digest)
    verdict.figures["resent"] = count
    verdict.figures["most_copies"] = most = max(copies.values())
    verdict.require(most <= 2, f"somebody got {most} copies")
    without = len(stage.everybody(digest) - set(copies) - unknown)
    verdict.require(not without, f"{without} were lost after the resend")


def kill_the_database(play: Stage, verdict: Verdict) -> None:
    """S4: PostgreSQL ends in immediate mode and comes back, again and again."""
    asked, chance = play.asked, random.Random(play.asked.seed)
    digest = stage.frozen_digest(readers=asked.recipients)
    play.launcher.beat()
    play.told_worker()
    gaps = []
    for moment in _moments(chance, asked.recipients, asked.times):
        stage.wait_for(
            lambda: play.mailed() >= moment,  # noqa: B023
            seconds=PATIENCE,
            what=f"mail {moment}",
        )
        time.sleep(chance.uniform(0, 0.1))
        gaps.append(_restart_postgres(play, chance.uniform(0, asked.down)))
        stage.say(f"after mail {moment}: sending again {gaps[-1]:.1f} s later")
    verdict.require(stage.wait_until_done(digest, seconds=PATIENCE), "it did not end")
    unknown, copies = stage.uncertain(digest), play.sink.copies()
    verdict.count(copies=copies, everybody=stage.everybody(digest), unknown=unknown)
    verdict.figures["longest_silence"] = f"{max(gaps, default=0):.1f}s"
    in_flight = asked.times * asked.senders * asked.connections
    doubtful = copies.total() - len(copies) + len(unknown)
    verdict.require(doubtful <= in_flight, f"more than the {in_flight} in flight")
    verdict.require(_is_settled(digest), "the ledger does not add up")


def _restart_postgres(play: Stage, away: float) -> float:
    """Seconds from its return until the next mail was taken."""
    from django.db import connections

    server = engines.running("postgresql")
    server.stop(by=signal.SIGQUIT)
    connections.close_all()
    time.sleep(away)
    if not server.start():
        raise RuntimeError("PostgreSQL did not come back")
    return seconds_until_next_mail(play)


def seconds_until_next_mail(play: Stage) -> float:
    """Of silence; it also ends where the last mail left before anybody looked."""
    before, begun = play.mailed(), time.monotonic()
    wanted = min(before + 1, play.asked.recipients)
    stage.wait_for(
        lambda: play.mailed() >= wanted, seconds=RESUMED, what="another mail"
    )
    return time.monotonic() - begun


def _moments(chance: random.Random, recipients: int, times: int) -> list[int]:
    """After how many accepted mails it happens."""
    return sorted(chance.sample(range(1, int(recipients * 0.95)), times))


def _is_settled(digest: Any) -> bool:
    from newsletter import digests

    counts: Counter[str] = Counter(digests.tally(digest.pk))
    return counts["sent"] + counts["unknown"] == digest.expected_count
