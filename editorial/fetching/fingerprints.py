"""A page's text in 64 bits, so that a page that became another one is noticed.

A simhash (Charikar 2002): pages with most of their pieces in common differ in few
bits, pages with nothing in common in about half of them. The pieces are cut where the
text says (as rsync and the like do), not at words: one way for every script.
"""

from zlib import crc32

MAX_TEXT = 4_000  # characters: enough to tell, cheap for every page
MAX_PIECES = 64
MIN_PIECES = 16  # some 300 letters: fewer say nothing
# Two pages that share less than half of their pieces are on average 21 bits apart.
MUCH = 21

# Where a piece ends is decided by what stands there, so that a new sentence leaves the
# pieces behind it as they were: a letter that most Latin alphabets use once in twenty
# to thirty, and six of the 64 bytes that other characters end with in UTF-8.
_CUTS = frozenset(b"d\x9c\x9f\xaf\xb0\xbe\xbf")
_LETTERS = frozenset(b"abcdefghijklmnopqrstuvwxyz")
_BLANKED = bytes(32 if n in _CUTS else n for n in range(256))
_DROPPED = bytes(n for n in range(128) if n not in _LETTERS)
_MIX = 0x9E37_79B9_7F4A_7C15  # odd, bits well spread
_MASK = (1 << 64) - 1


def take_fingerprint(text: str) -> str:
    """16 hexadecimal digits for visible text; "" for too little of it."""
    sums = _sum_pieces(text[:MAX_TEXT].lower())
    if len(sums) < MIN_PIECES:
        return ""
    # The smallest sums are a sample that a new paragraph leaves nearly as it was.
    sample = _take_smallest(sums, MAX_PIECES)
    mixed = [number * number * _MIX & _MASK for number in sample]
    return f"{_find_majority(mixed):016x}"


def _sum_pieces(text: str) -> set[int]:
    """A checksum for each of the pieces the letters fall into, in any script.

    Without blanks, which some scripts lack, and digits, which are dates and counters.
    Whole texts at a time, because every page goes through here.
    """
    letters = text.encode("utf-8", "replace").translate(_BLANKED, _DROPPED)
    return set(map(crc32, letters.split()))


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
    """Whether most of the text is another now; never without both fingerprints."""
    return bool(before and now) and distance(before, now) > MUCH
