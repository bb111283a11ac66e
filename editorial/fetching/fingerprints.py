"""A page's words in 64 bits, so that a page that became another one is noticed.

A simhash (Charikar 2002): pages with most of their words in common differ in few
bits, pages with nothing in common in about half of them.
"""

import re
from zlib import crc32

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
    sums = _sum_words(text[:MAX_TEXT].lower())
    if len(sums) < MIN_WORDS:
        return ""
    # The smallest sums are a sample that a new paragraph leaves nearly as it was.
    sample = _take_smallest(sums, MAX_WORDS)
    mixed = [number * number * _MIX & _MASK for number in sample]
    return f"{_find_majority(mixed):016x}"


def _sum_words(text: str) -> set[int]:
    """A checksum for each of the words that tell pages apart.

    Short ones are the same on all of them, numbers are dates and counters. Bytes, and
    no loop twice, because every page goes through here.
    """
    pieces = text.encode("utf-8", "replace").translate(_BLANKED).split()
    if text.isascii():
        return {crc32(piece) for piece in pieces if len(piece) >= 5}
    sums = {crc32(piece) for piece in pieces if len(piece) >= 5 and piece.isascii()}
    others = b" ".join({piece for piece in pieces if not piece.isascii()})
    found = _NOT_ASCII.findall(others.decode("utf-8", "replace"))
    return sums.union([crc32(word.encode()) for word in found])


def _take_smallest(sums: set[int], count: int) -> list[int]:
    """Sorting twice as many as are needed is cheaper than sorting all."""
    limit = (1 << 33) * count // len(sums)
    near = [number for number in sums if number < limit]
    return sorted(near if len(near) >= count else sums)[:count]


def _find_majority(numbers: list[int]) -> int:
    """The bits that are set in more than half of the numbers.

    All columns are counted at once, in binary: adding up what has one weight leaves
    one plane of bits, and the carries, which have the next.
    """
    planes, left = list[int](), numbers
    while left:
        following = iter(left)
        plane, carries = next(following), list[int]()
        for one in following:
            other = next(following, 0)
            odd = one ^ other
            carries.append(one & other | odd & plane)
            plane ^= odd
        planes.append(plane)
        left = carries
    half, more, equal = len(numbers) // 2, 0, _MASK
    for weight, plane in reversed(list(enumerate(planes))):
        if half >> weight & 1:
            equal &= plane
        else:
            more |= equal & plane
            equal &= ~plane
    return more


def distance(one: str, other: str) -> int:
    """In how many of 64 bits two fingerprints differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def differs_much(before: str, now: str) -> bool:
    """Whether most of the words are others now; never without both fingerprints."""
    return bool(before and now) and distance(before, now) > MUCH
