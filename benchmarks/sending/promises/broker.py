"""S3: a broker that forgets, restarts, hangs and stays away for ten minutes."""

from __future__ import annotations

import os
import signal
import time
from typing import Any

from tests import engines
from tests.launching import empty_broker

from . import stage
from .crashes import PATIENCE, seconds_until_next_mail
from .pages import Reading
from .stage import Stage
from .verdict import Verdict

RESUMED_WITHIN = 30.0
ANSWERED_WITHIN = 3.0
FLUSHES = (0.25, 0.5, 0.75)
# Until then as fast as the relay takes it, so that the wires are busy; from then on at
# --rate, so that work is left for afterwards.
RESTARTS_UNTIL = 0.55
DOWN_AT = 0.6


def lose_the_broker(play: Stage, verdict: Verdict) -> None:
    """Flush, restart, freeze and stop it while a digest is sent and pages are read."""
    from newsletter import health
    from newsletter.models import Delivery

    asked = play.asked
    digest = stage.frozen_digest(readers=asked.recipients)
    address = play.launcher.web(workers=2)
    play.launcher.beat()
    with Reading(address, digest) as reading:
        play.told_worker()
        silences = _trouble(play, digest, reading)
        verdict.require(
            stage.wait_until_done(digest, seconds=PATIENCE), "it did not end"
        )
    unknown, copies = stage.uncertain(digest), play.sink.copies()
    for address_ in [one for one in copies if one.endswith(reading.JOINING)]:
        del copies[address_]  # those were asked whether they want the newsletter
    verdict.count(copies=copies, everybody=stage.everybody(digest), unknown=unknown)
    verdict.require(copies.total() == len(copies), "somebody got two")
    verdict.require(health.worker_answers(seconds=60), "the worker is dead")
    verdict.require(not unknown, "a broker made mails uncertain")
    taken_down = Delivery.objects.filter(digest=digest, reaps__gt=0).count()
    verdict.require(not taken_down, f"senders were ended with {taken_down} rows")
    for page, seconds in reading.by_page().items():
        stage.say(f"{page} took at most {seconds:.2f} s")
    verdict.figures |= {
        "longest_silence": f"{max(silences):.1f}s",
        "pages": len(reading.answers),
        "slowest_page": f"{reading.slowest:.2f}s",
    }
    verdict.require_in_time(max(silences) <= RESUMED_WITHIN, "it took long to resume")
    verdict.require_in_time(reading.slowest <= ANSWERED_WITHIN, "a page was slow")
    verdict.require(not reading.wrong, f"pages answered {reading.wrong}")


def _trouble(play: Stage, digest: Any, reading: Reading) -> list[float]:
    """Everything that happens to the broker; seconds of silence after each."""
    from newsletter.models import Digest

    asked = play.asked
    plan = [(share, "flush") for share in FLUSHES]
    step = RESTARTS_UNTIL / (asked.times + 1)
    plan += [(step * n, "restart") for n in range(1, asked.times + 1)]
    plan += [(RESTARTS_UNTIL, "hang"), (DOWN_AT, "down")]
    silences = []
    for share, deed in sorted(plan):
        stage.wait_for(
            lambda: play.mailed() >= share * asked.recipients,  # noqa: B023
            seconds=PATIENCE,
            what=f"{share:.0%}",
        )
        before, asked_for = len(stage.uncertain(digest)), len(reading.answers)
        if deed == "hang":
            Digest.objects.filter(pk=digest.pk).update(rate=asked.rate)
        _befall(deed, asked.down)
        if stage.state_of(digest) == "done":
            stage.say(f"{deed} at {share:.0%}: all was sent meanwhile")
            continue
        silences.append(seconds_until_next_mail(play))
        more = len(stage.uncertain(digest)) - before
        stage.say(
            f"{deed} at {share:.0%}: sending again after {silences[-1]:.1f} s, "
            f"{more} more uncertain, pages within "
            f"{max((one[0] for one in reading.answers[asked_for:]), default=0):.2f} s"
        )
    return silences


def _befall(deed: str, down: float) -> None:
    broker = engines.running("valkey")
    match deed:
        case "flush":
            empty_broker()
        case "restart":
            broker.stop()
            broker.start()
        case "hang":
            os.kill(broker.pid, signal.SIGSTOP)
            time.sleep(min(20.0, down))
            os.kill(broker.pid, signal.SIGCONT)
        case "down":
            broker.stop()
            time.sleep(down)
            broker.start()
