"""A page's words in 64 bits, so that a page that became another one is noticed.

A simhash (Charikar 2002): pages with most of their words in common differ in few
bits, pages with nothing in common in about half of them.
"""

import itertools
import re
import zlib

MAX_PAIRS = 1_000  # of neighbouring words: enough to tell, cheap for every page
MIN_PAIRS = 30  # fewer say nothing
# Two pages that share less than half of their pairs are on average 21 bits apart.
MUCH = 21

# A word, or one character of a script that has no blanks. Numbers are left out: dates
# and counters change on pages that stay the same.
_WORD = re.compile(r"[\u3400-\u9fff\u3040-\u30ff]|[^\W\d_\u3400-\u9fff\u3040-\u30ff]+")
_MIX = 0x9E37_79B9_7F4A_7C15, 0xC2B2_AE3D_27D4_EB4F  # odd, bits well spread
_MASK = (1 << 64) - 1


def take_fingerprint(text: str) -> str:
    """16 hexadecimal digits for visible text; "" for too little of it."""
    words = [
        zlib.crc32(word[0].encode("utf-8", "replace"))
        for word, _ in zip(
            _WORD.finditer(text.lower()), range(MAX_PAIRS + 1), strict=False
        )
    ]
    pairs = {
        (first * _MIX[0] ^ second * _MIX[1]) & _MASK
        for first, second in itertools.pairwise(words)
    }
    if len(pairs) < MIN_PAIRS:
        return ""
    rows = "".join([f"{pair:064b}" for pair in pairs])
    half = len(pairs) / 2
    bits = "".join("1" if rows[n::64].count("1") > half else "0" for n in range(64))
    return f"{int(bits, 2):016x}"


def distance(one: str, other: str) -> int:
    """In how many of 64 bits two fingerprints differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def differs_much(before: str, now: str) -> bool:
    """Whether most of the words are others now; never without both fingerprints."""
    return bool(before and now) and distance(before, now) > MUCH
