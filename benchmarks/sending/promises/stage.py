"""What every case plays on: a list of readers, a digest, a sink, real workers."""

from __future__ import annotations

import argparse
import contextlib
import io
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.sending import sink
from scripts import processes
from tests.launching import Launcher


@dataclass
class Stage:
    """Django is set up, its database empty, and the sink takes everything."""

    asked: argparse.Namespace
    sink: sink.RunningSink
    folder: Path

    def __post_init__(self) -> None:
        self.launcher = Launcher(self.folder, email_url=self.sink.url)

    def worker(self, **env: str) -> subprocess.Popen[bytes]:
        """A worker with as many senders as were asked for, and one process more."""
        return self.launcher.worker(
            concurrency=self.asked.senders + 1,
            DIGEST_SENDERS=str(self.asked.senders),
            EMAIL_CONNECTIONS=str(self.asked.connections),
            LOG_LEVEL="WARNING",
            **env,
        )

    def told_worker(self, **env: str) -> subprocess.Popen[bytes]:
        """One that has been rung for, as the sweep would do within 15 s."""
        from newsletter import digests

        worker = self.worker(**env)
        digests.sweep()
        return worker

    def mailed(self) -> int:
        """How many mails of the digest were taken so far."""
        log = self.sink.log
        return log.read_bytes().count(b"@readers.test\n") if log.exists() else 0

    def end(self) -> None:
        """Stop every program; their logs stay in the folder."""
        with contextlib.redirect_stdout(io.StringIO()):
            self.launcher.stop()


def fill_list(readers: int) -> None:
    """Confirmed readers r0@readers.test, r1@… up to so many; made by the database."""
    from django.db import connection
    from django.utils import timezone

    from newsletter.models import Subscriber

    there = Subscriber.objects.count()
    if not there:
        Subscriber.objects.create(
            address="r0@readers.test",
            key=f"{0:043}",
            state="confirmed",
            confirmed_at=timezone.now(),
        )
        there = 1
    number = "CAST(n AS TEXT)"
    own = {
        "address": f"'r' || {number} || '@readers.test'",
        "canonical_address": f"'r' || {number} || '@readers.test'",
        "key": f"substr('{0:043}' || {number}, 1 + length({number}))",
    }
    columns = [f.column for f in Subscriber._meta.concrete_fields if not f.primary_key]
    chosen = ", ".join(own.get(column, f'one."{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    table = Subscriber._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE numbers(n) AS (SELECT %s UNION ALL SELECT n + 1 "  # noqa: S608
            f"FROM numbers WHERE n + 1 < %s) "
            f'INSERT INTO "{table}" ({names}) SELECT {chosen} FROM numbers, '
            f"(SELECT * FROM \"{table}\" WHERE address = 'r0@readers.test') AS one "
            "WHERE n < %s",
            [there, readers, readers],
        )
        if connection.vendor == "postgresql":  # as its autovacuum would, in time
            cursor.execute(f'ANALYZE "{table}"')


def started_digest(**fields: Any) -> Any:
    """A digest that an editor has let go: to be frozen by whoever comes first."""
    from editorial.models import Publication
    from newsletter import digests
    from newsletter.models import Digest
    from tests.factories import DigestFactory, EditorFactory, PublicationFactory

    if Publication.objects.current() is None:
        PublicationFactory()
    digest = digests.start_digest(digest=DigestFactory(), by=EditorFactory())
    Digest.objects.filter(pk=digest.pk).update(**fields) if fields else None
    return digest


def frozen_digest(*, readers: int, **fields: Any) -> Any:
    """A digest to so many confirmed readers, ready for whoever sends first."""
    from newsletter import digests

    fill_list(readers)
    digest = started_digest(**fields)
    digests.freeze_digest(digest_id=digest.pk)
    digest.refresh_from_db()
    return digest


def state_of(digest: Any) -> str:
    from newsletter.models import Digest

    return Digest.objects.values_list("state", flat=True).get(pk=digest.pk)


def everybody(digest: Any) -> set[str]:
    from newsletter.models import Delivery

    rows = Delivery.objects.filter(digest=digest)
    return set(rows.values_list("address", flat=True))


def uncertain(digest: Any) -> set[str]:
    from newsletter.models import Delivery

    rows = Delivery.objects.filter(digest=digest, state="unknown")
    return set(rows.values_list("address", flat=True))


def wait_until_done(digest: Any, *, seconds: float) -> bool:
    return processes.wait_until(
        lambda: state_of(digest) == "done", seconds=seconds, pause=0.2
    )


def wait_for(ready: Callable[[], bool], *, seconds: float, what: str) -> None:
    """Raise TimeoutError, with words, where it does not come to be in time."""
    if not processes.wait_until(ready, seconds=seconds, pause=0.02):
        raise TimeoutError(f"{what} did not come to be within {seconds:.0f} s")


def say(words: str) -> None:
    print(f"  {time.strftime('%H:%M:%S')} {words}", flush=True)
