"""How many copies of one digest one core stamps in a second, beside Django's classes.

    python -m benchmarks.stamping

Prints these rates for a plain and for a dense (Chinese) mail of 30 to 40 KB with a
name, a greeting's place and an unsubscribe link in both its parts: what is personal
about a delivery (links, Message-ID, signed tokens), the copy for the wire without
copying what is shared, both together as the sender does them, the whole copy as one
string of bytes, that string joined of pieces made beforehand, and the same mail built
and written out by Django's EmailMultiAlternatives. What the standard library reads in
ours has to be what it reads in Django's. Exits with 1 where it is not, or where fewer
than 100,000 copies for the wire are made in a second.
"""

import os
import sys
import tempfile
from email import message_from_bytes, policy
from itertools import cycle
from typing import Any

from .signing import rate

GOAL = 100_000
SIZE = 30_000  # characters of a mail, about
SENDER = "Weekly <weekly@news.test>"
SUBJECT = "第 23 期"
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
        kept = [_stamp(name, words) for name, words in TEXTS.items()]
    return 0 if all(kept) else 1


def _stamp(name: str, words: str) -> bool:
    """Whether it is as fast as it should be, and right."""
    from newsletter.digests.copies import copier
    from newsletter.digests.letter import Letter

    text, html = _parts(words)
    letter = Letter(headers={"From": SENDER}, subject=SUBJECT, text=text, html=html)
    copy_for = copier()
    claims, copies = cycle(_claims(2_000)), cycle(map(copy_for, _claims(2_000)))
    pieces = letter.text(next(copies)).pieces
    print(f"{name}: {len(letter.stamp(next(copies)))} bytes")
    rate("  what is personal", lambda: copy_for(next(claims)))
    for_wire = rate("  for the wire", lambda: letter.text(next(copies)))
    both = rate("  both", lambda: letter.text(copy_for(next(claims))))
    rate("  in one string", lambda: letter.stamp(next(copies)))
    rate("  its join alone", lambda: b"".join(pieces))
    django = rate(
        "  Django's classes", lambda: _as_django_does(text, html, next(copies))
    )
    print(f"  both is {both / django:.0f} times as fast as Django's classes")
    copy = next(copies)
    is_same = _read(letter.stamp(copy)) == _read(_as_django_does(text, html, copy))
    print(f"  the standard library reads {'the same' if is_same else 'SOMETHING ELSE'}")
    return is_same and for_wire >= GOAL


def _parts(words: str) -> tuple[str, str]:
    from newsletter.digests.letter import NAME_MARKER, UNSUBSCRIBE_MARKER

    body = f"<p>{words * 4}</p>\n" * (SIZE // (4 * len(words.encode())))
    return (
        f"{NAME_MARKER}\n{words * 40}\n{UNSUBSCRIBE_MARKER}\n",
        f'<p>{NAME_MARKER}</p>{body}<a href="{UNSUBSCRIBE_MARKER}">x</a>',
    )


def _as_django_does(text: str, html: str, copy: Any) -> bytes:
    from django.core.mail import EmailMultiAlternatives

    from newsletter.digests.letter import NAME_MARKER, UNSUBSCRIBE_MARKER

    def own(body: str) -> str:
        body = body.replace(NAME_MARKER, copy.name)
        return body.replace(UNSUBSCRIBE_MARKER, copy.unsubscribe_url)

    headers = {
        "Message-ID": f"<{copy.message_id}@news.test>",
        "X-Delivery-ID": copy.delivery_id,
        "List-Unsubscribe": f"<{copy.one_click_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    mail = EmailMultiAlternatives(
        SUBJECT, own(text), SENDER, [copy.to], headers=headers
    )
    mail.attach_alternative(own(html), "text/html")
    return mail.message().as_bytes(linesep="\r\n")


def _read(raw: bytes) -> dict[str, str]:
    """Headers and texts, without the moment."""
    message = message_from_bytes(raw, policy=policy.default)
    # Django folds a long one before its first word.
    read = {name: str(value).strip() for name, value in message.items()}
    for part in message.iter_parts():
        content = part.get_content().replace("\r\n", "\n")
        read[part.get_content_type()] = content
    return {
        name: value
        for name, value in read.items()
        if name not in {"Date", "Content-Type"}  # the boundaries differ
    }


def _claims(count: int) -> list[Any]:
    from newsletter.digests.ledger import Claim

    return [
        Claim(n, 1, "t" * 32, n, f"r{n}@readers.test", f"{n:043}", 0, 0, "Lin")
        for n in range(1, count + 1)
    ]


if __name__ == "__main__":
    sys.exit(main())
