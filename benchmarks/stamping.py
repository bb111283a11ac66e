"""How many copies of one digest one core stamps in a second.

    python -m benchmarks.stamping

Prints three rates for a plain and for a dense (Chinese) mail of 30 to 40 KB with a
name, a greeting's place and an unsubscribe link in both its parts: what is personal
about a delivery (links, Message-ID, signed tokens), the copy for the wire without
copying what is shared, and the whole copy as one string of bytes. Exits with 1 where
fewer than 100,000 copies for the wire are made in a second.
"""

import os
import sys
import tempfile
from itertools import cycle
from typing import Any

from .signing import rate

GOAL = 100_000
SIZE = 30_000  # characters of a mail, about
TEXTS = {
    "plain": "A paragraph that readers get once a week. ",
    "dense": "满是汉字的一段话，读者每周收到一次。",
}


def main() -> int:
    import django

    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"DJANGO_SETTINGS_MODULE": "tests.settings", "VAR_DIR": folder}
        os.environ.setdefault("DATABASE_URL", "sqlite://:memory:")
        os.environ.setdefault("REDIS_URL", "redis://127.0.0.1:1/0")
        django.setup()
        rates = [_stamp(name, words) for name, words in TEXTS.items()]
    return 0 if min(rates) >= GOAL else 1


def _stamp(name: str, words: str) -> float:
    from newsletter.digests.letter import Copy

    letter, copies = _letter(words), cycle(map(Copy.for_claim, _claims(2_000)))
    claims = cycle(_claims(2_000))
    print(f"{name}: {len(letter.stamp(next(copies)))} bytes")
    rate("  what is personal", lambda: Copy.for_claim(next(claims)))
    for_wire = rate("  for the wire", lambda: letter.text(next(copies)))
    rate("  in one string", lambda: letter.stamp(next(copies)))
    return for_wire


def _letter(words: str) -> Any:
    from newsletter.digests.letter import NAME_MARKER, UNSUBSCRIBE_MARKER, Letter

    body = f"<p>{words * 4}</p>\n" * (SIZE // (4 * len(words.encode())))
    return Letter(
        headers={"From": "Weekly <weekly@news.test>"},
        subject="第 23 期",
        text=f"{NAME_MARKER}\n{words * 40}\n{UNSUBSCRIBE_MARKER}\n",
        html=f'<p>{NAME_MARKER}</p>{body}<a href="{UNSUBSCRIBE_MARKER}">x</a>',
    )


def _claims(count: int) -> list[Any]:
    from newsletter.digests.ledger import Claim

    return [
        Claim(n, 1, "t" * 32, n, f"r{n}@readers.test", f"{n:043}", 0, 0, "Lin")
        for n in range(1, count + 1)
    ]


if __name__ == "__main__":
    sys.exit(main())
