"""A page's words in 64 bits, so that a page that became another one is noticed.

A simhash (Charikar 2002): pages with most of their words in common differ in few
bits, pages with nothing in common in about half of them.
"""

import re
import zlib

MAX_TEXT = 4_000  # characters: enough to tell, cheap for every page
MAX_WORDS = 64
MIN_WORDS = 30  # fewer say nothing
# Two pages that share less than half of their words are on average 21 bits apart.
MUCH = 21

# Two characters of a script that has no blanks, or a long word of another alphabet.
_HAN = r"\u3400-\u9fff\u3040-\u30ff"
_NOT_ASCII = re.compile(rf"[{_HAN}]{{2}}|[^\W\d_{_HAN}]{{5,}}")
_ASCII_LETTERS = frozenset(b"abcdefghijklmnopqrstuvwxyz")
_BLANKED = bytes(n if n in _ASCII_LETTERS or n > 127 else 32 for n in range(256))
_MIX = 0x9E37_79B9_7F4A_7C15  # odd, bits well spread
_MASK = (1 << 64) - 1


def take_fingerprint(text: str) -> str:
    """16 hexadecimal digits for visible text; "" for too little of it."""
    words = _find_words(text[:MAX_TEXT].lower())
    if len(words) < MIN_WORDS:
        return ""
    # The smallest sums are a sample that a new paragraph leaves nearly as it was.
    sample = sorted(map(zlib.crc32, words))[:MAX_WORDS]
    rows = "".join([f"{number * number * _MIX & _MASK:064b}" for number in sample])
    half = len(sample) / 2
    bits = ["1" if rows[n::64].count("1") > half else "0" for n in range(64)]
    return f"{int(''.join(bits), 2):016x}"


def _find_words(text: str) -> set[bytes]:
    """Those that tell pages apart: short ones are the same on all of them, numbers are
    dates and counters. Bytes, because every page goes through here."""
    pieces = set(text.encode("utf-8", "replace").translate(_BLANKED).split())
    words = {piece for piece in pieces if len(piece) >= 5 and piece.isascii()}
    if text.isascii():
        return words
    others = b" ".join(piece for piece in pieces if not piece.isascii())
    found = _NOT_ASCII.findall(others.decode("utf-8", "replace"))
    return words.union(word.encode() for word in found)


def distance(one: str, other: str) -> int:
    """In how many of 64 bits two fingerprints differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def differs_much(before: str, now: str) -> bool:
    """Whether most of the words are others now; never without both fingerprints."""
    return bool(before and now) and distance(before, now) > MUCH
