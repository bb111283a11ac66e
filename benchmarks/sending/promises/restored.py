"""S15: yesterday's backup comes back, and its workers with it."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

from tests.journeys.sending import let_the_leases_of_the_dead_run_out

from . import stage
from .crashes import PATIENCE
from .stage import Stage
from .verdict import Verdict


def restore_yesterday(play: Stage, verdict: Verdict) -> None:
    """Back up in the middle of a digest, lose all, restore: nobody is mailed.

    A digest that counts down, one to be frozen, a notice and a confirmation that are
    owed come back with it. Then an operator says: go on.
    """
    from django.core.management import call_command

    readers = play.asked.recipients
    digest = stage.frozen_digest(readers=readers, rate=readers // 20)  # for 20 s
    file = play.folder / "yesterday.tar.gz"
    worker = play.told_worker()
    stage.wait_for(
        lambda: play.mailed() > readers / 4,
        seconds=PATIENCE,
        what="a quarter",
    )
    _owe_mail()
    call_command("backup", str(file), verbosity=0)
    play.launcher.kill(worker)
    call_command("flush", interactive=False, verbosity=0)
    call_command("restore", str(file), verbosity=0)
    play.sink.forget()
    play.launcher.beat()
    play.worker()
    stage.say(f"restored; waiting {play.asked.wait:.0f} s")
    time.sleep(play.asked.wait)
    mailed = play.sink.count()
    verdict.figures["mailed_by_itself"] = mailed
    verdict.require(not mailed, f"{mailed} mails left by themselves")
    _go_on(digest, play, verdict)


def _owe_mail() -> None:
    """What would leave within a minute if nobody restored anything."""
    from django.utils import timezone

    from newsletter import subscriptions
    from newsletter.models import Digest
    from tests.factories import DigestFactory, EditorFactory

    DigestFactory(
        starts_at=timezone.now() + timedelta(seconds=20), starts_by=EditorFactory()
    )
    stage.started_digest()
    subscriptions.request_subscription(address="owed@joining.test", client="192.0.2.1")
    assert Digest.objects.active().count() == 2


def _go_on(digest: Any, play: Stage, verdict: Verdict) -> None:
    from newsletter import digests
    from newsletter.models import Delivery, Digest

    back = Digest.objects.get(pk=digest.pk)
    verdict.require(back.state == "paused", f"the digest is {back.state}, not paused")
    waiting = set(
        Delivery.objects.filter(
            digest=back, state__in=("pending", "retry", "claimed")
        ).values_list("address", flat=True)
    )
    let_the_leases_of_the_dead_run_out()
    digests.resume_digest(digest=back, by=back.started_by)
    verdict.require(
        stage.wait_until_done(back, seconds=PATIENCE), "it did not end after all"
    )
    unknown, copies = stage.uncertain(back), play.sink.copies()
    verdict.count(copies=copies, everybody=waiting, unknown=unknown)
    verdict.require(copies.total() == len(copies), "somebody got two")
