"""A page's text in 64 bits, so that a page that became another one is noticed.

The text falls into pieces, cut where the text itself says (as rsync and the like do):
one way for every script. Each bit is one of the least checksum among the pieces of one
bin in 64 (one permutation hashing, Li, Owen and Zhang 2012, with one bit kept of each,
Li and König 2010). Two texts that share a part p of all their different pieces are on
average 32 · (1 - p) bits apart.
"""

from zlib import crc32

MAX_TEXT = 4_000  # characters: enough to tell, cheap for every page
MIN_PIECES = 16  # some 300 letters: fewer say nothing
# Less than half of one text is in the other: a third of all their pieces is shared.
MUCH = 21

# A letter that most Latin alphabets use once in twenty to thirty, and six of the 64
# bytes that other characters end with in UTF-8.
_CUTS = frozenset(b"d\x9c\x9f\xaf\xb0\xbe\xbf")
_LETTERS = frozenset(b"abcdefghijklmnopqrstuvwxyz")
_BLANKED = bytes(32 if n in _CUTS else n for n in range(256))
_DROPPED = bytes(n for n in range(128) if n not in _LETTERS)
_BIN = 0b11_1111  # the bits of a checksum that say its bin; the next one is kept
_BINS = frozenset(range(64))


def take_fingerprint(text: str) -> str:
    """16 hexadecimal digits for visible text; "" for too little of it."""
    sums = _sum_pieces(text[:MAX_TEXT].lower())
    if len(sums) < MIN_PIECES:
        return ""
    least = {number & _BIN: number for number in sorted(sums, reverse=True)}
    bits = sum([1 << place for place, number in least.items() if number & 64])
    for place in _BINS - least.keys():
        bits |= _borrow_bit(least, place) << place
    return f"{bits:016x}"


def _sum_pieces(text: str) -> set[int]:
    """A checksum for each of the pieces the letters fall into.

    Without blanks, which some scripts lack, and digits, which are dates and counters.
    Whole texts at a time, because every page goes through here.
    """
    letters = text.encode("utf-8", "replace").translate(_BLANKED, _DROPPED)
    return set(map(crc32, letters.split()))


def _borrow_bit(least: dict[int, int], place: int) -> int:
    """For an empty bin: a bit of the next one's number that nobody else uses.

    Two empty bins would be taken for alike (densification, Shrivastava and Li 2014).
    """
    steps = 1
    while (number := least.get(place + steps & _BIN)) is None:
        steps += 1
    return number >> 6 + steps & 1


def distance(one: str, other: str) -> int:
    """In how many of 64 bits two fingerprints differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def differs_much(before: str, now: str) -> bool:
    """Whether most of the text is another now; never without both fingerprints."""
    return bool(before and now) and distance(before, now) > MUCH
