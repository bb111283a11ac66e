"""A page's text in 64 bits, so that a page that became another one is noticed.

The text falls into pieces, cut where the text itself says (as rsync and the like do):
one way for every script. Each bit is one of the least checksum among the pieces of one
bin in 64 (one permutation hashing, Li, Owen and Zhang 2012, with one bit kept of each,
Li and König 2010). Two texts that share a part p of all their different pieces are on
average 32 · (1 - p) bits apart.
"""

from zlib import crc32

MAX_TEXT = 4_000  # characters: enough to tell, cheap for every page
MIN_BINS = 14  # with a piece in them, some 300 letters: fewer say nothing
# Less than half of one text is in the other: a third of all their pieces is shared.
MUCH = 21

# A letter that most Latin alphabets use once in twenty to thirty, and six of the 64
# bytes that other characters end with in UTF-8.
_CUTS = frozenset(b"d\x9c\x9f\xaf\xb0\xbe\xbf")
_LETTERS = frozenset(b"abcdefghijklmnopqrstuvwxyz")
_BLANKED = bytes(32 if n in _CUTS else n for n in range(256))
_DROPPED = bytes(n for n in range(128) if n not in _LETTERS)
_BINS = 64
_EMPTY = 1 << 32  # above every checksum


def take_fingerprint(text: str) -> str:
    """16 hexadecimal digits for visible text; "" for too little of it."""
    least = _least_of_bins(text[:MAX_TEXT].lower())
    if _BINS - least.count(_EMPTY) < MIN_BINS:
        return ""
    bits = 0
    for place, number in enumerate(least):
        if number == _EMPTY:
            number = _borrow(least, place)
        bits |= (number >> 6 & 1) << place
    return f"{bits:016x}"


def _least_of_bins(text: str) -> list[int]:
    """The least checksum among the pieces of each bin, which its last bits name.

    Pieces are of letters alone: without blanks, which some scripts lack, and digits,
    which are dates and counters. Every page goes through here: the plain loop takes
    less time than to sort the checksums first.
    """
    letters = text.encode("utf-8", "replace").translate(_BLANKED, _DROPPED)
    least = [_EMPTY] * _BINS
    for number in map(crc32, letters.split()):
        place = number & 63
        if number < least[place]:
            least[place] = number
    return least


def _borrow(least: list[int], place: int) -> int:
    """For an empty bin: the next one's number, moved to bits that nobody else uses.

    Two empty bins would be taken for alike (densification, Shrivastava and Li 2014).
    """
    steps = 1
    while (number := least[(place + steps) % _BINS]) == _EMPTY:
        steps += 1
    return number >> steps


def distance(one: str, other: str) -> int:
    """In how many of 64 bits two fingerprints differ."""
    return (int(one, 16) ^ int(other, 16)).bit_count()


def differs_much(before: str, now: str) -> bool:
    """Whether most of the text is another now; never without both fingerprints."""
    return bool(before and now) and distance(before, now) > MUCH
