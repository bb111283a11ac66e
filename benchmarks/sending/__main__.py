"""Send a digest to many through real Celery workers, and count at the other end.

    python -m benchmarks.sending --recipients 20000 --database postgres|sqlite
        [--kill 10] [--delay-ms 20] [--connections 32] [--senders 1] [--seed N]

PostgreSQL runs with fsync, SQLite with synchronous=FULL. The sink is measured first,
then Django's own send_messages into it, then the digest. --kill ends the workers with
-9 so many times at random moments; the leases of the dead are aged instead of waited
for. The last line is the verdict, the exit status 0 where nobody was lost, nobody was
mailed twice, and no more are uncertain than there were connections at each kill.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import ground
from tests import engines

from . import sink

ENGINES = {"postgres": "postgresql", "sqlite": "sqlite"}
SIZE = 47_000  # bytes of one mail
COMPARED = 500  # mails that Django sends
PATIENCE = 600.0


@dataclass(frozen=True)
class Result:
    """What came of it, as the sink and the ledger tell."""

    lost: int
    duplicates: int
    unknown: int
    seconds: float
    sent: int
    state: str


def main(arguments: list[str]) -> int:
    asked = _parse(arguments)
    engines.POSTGRES_SPEED.clear()  # as in production: what is committed is on the disk
    with (
        tempfile.TemporaryDirectory(prefix="masthead-sending-") as name,
        ground.database(ENGINES[asked.database]),
        sink.running(Path(name), delay_ms=asked.delay_ms) as taking,
    ):
        return _measure(asked, taking, Path(name))


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks.sending", description=__doc__)
    parser.add_argument("--recipients", type=int, default=20_000)
    parser.add_argument("--database", choices=ENGINES, default="postgres")
    parser.add_argument("--kill", type=int, default=0, metavar="TIMES")
    parser.add_argument("--delay-ms", type=float, default=0.0)
    parser.add_argument("--connections", type=int, default=32)
    parser.add_argument("--senders", type=int, default=1)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(3)))
    return parser.parse_args(arguments)


def _measure(asked: argparse.Namespace, taking: sink.RunningSink, folder: Path) -> int:
    digest = _freeze(asked.recipients)
    message = _one_copy(digest)
    print(
        f"database {asked.database}, mails of {len(message)} bytes, seed {asked.seed}"
    )
    limit = sink.ceiling(taking, message, connections=asked.connections)
    print(f"the sink takes {limit:.0f}/s of them at most", flush=True)
    taking.forget()
    django = _send_as_django_does(taking, message)
    taking.forget()
    result = _send(digest, asked, taking, folder)
    rate = result.sent / result.seconds
    print(
        f"lost={result.lost} duplicates={result.duplicates} unknown={result.unknown} "
        f"rate={rate:.0f}/s django={django:.0f}/s"
    )
    uncertain_at_most = asked.kill * asked.senders * asked.connections
    kept = (
        result.state == "done"
        and not result.lost
        and not result.duplicates
        and result.unknown <= uncertain_at_most
    )
    return 0 if kept else 1


def _freeze(readers: int) -> Any:
    """A digest to so many, whose mail is as long as they are in life."""
    from newsletter.digests.letter import NAME_MARKER, UNSUBSCRIBE_MARKER

    from .promises import stage

    words = "满是汉字的一段话，读者每周收到一次。"
    body = "".join(f"<p>{words * 4}</p>\n" for _ in range(SIZE * 3 // 4 // 300))
    digest = stage.frozen_digest(readers=readers)
    digest.text = f"{NAME_MARKER}你好。\n{words * 40}\n退订：{UNSUBSCRIBE_MARKER}\n"
    digest.html = f'<p>{NAME_MARKER}</p>{body}<a href="{UNSUBSCRIBE_MARKER}">退订</a>'
    digest.save(update_fields=["text", "html"])
    return digest


def _one_copy(digest: Any) -> bytes:
    from newsletter.digests.copies import Copy
    from newsletter.digests.letter import Letter

    return Letter.of(digest).stamp(Copy.for_test("reader@readers.test"))


def _send_as_django_does(taking: sink.RunningSink, message: bytes) -> float:
    """Mails a second of `send_messages` over one connection."""
    from django.core.mail import EmailMultiAlternatives, get_connection

    backend = "django.core.mail.backends.smtp.EmailBackend"
    relay = get_connection(backend, host="127.0.0.1", port=taking.port)
    html = "满是汉字的一段话，读者每周收到一次。" * (SIZE * 3 // 4 // 54)
    mails = []
    for n in range(COMPARED):
        mail = EmailMultiAlternatives("一期", html[:800], "a@b.test", [f"{n}@d.test"])
        mail.attach_alternative(html, "text/html")
        mails.append(mail)
    begun = time.monotonic()
    relay.send_messages(mails)
    return COMPARED / (time.monotonic() - begun)


def _send(
    digest: Any, asked: argparse.Namespace, taking: sink.RunningSink, folder: Path
) -> Result:
    from tests.journeys.sending import let_the_leases_of_the_dead_run_out

    from .promises import stage

    play = stage.Stage(asked, taking, folder)
    moments = _moments(asked)
    try:
        play.launcher.beat()
        worker = play.told_worker()
        begun = time.time()
        deadline = time.monotonic() + PATIENCE
        while stage.state_of(digest) != "done" and time.monotonic() < deadline:
            if moments and taking.count() >= moments[0]:
                moments.pop(0)
                play.launcher.kill(worker)
                let_the_leases_of_the_dead_run_out()
                worker = play.told_worker()
            time.sleep(0.02 if moments else 0.2)  # two cores: looking costs as well
    finally:
        play.end()
    copies = taking.copies()
    everybody, unknown = stage.everybody(digest), stage.uncertain(digest)
    return Result(
        lost=len(everybody - set(copies) - unknown),
        duplicates=copies.total() - len(copies),
        unknown=len(unknown),
        seconds=taking.accepted()[-1][0] - begun,
        sent=len(copies),
        state=stage.state_of(digest),
    )


def _moments(asked: argparse.Namespace) -> list[int]:
    """After how many accepted mails the workers die."""
    chance = random.Random(asked.seed)
    numbers = range(1, int(asked.recipients * 0.95))
    return sorted(chance.sample(numbers, asked.kill))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
