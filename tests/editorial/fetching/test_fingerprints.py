"""A page that became another one is noticed, a page that was touched is not."""

import random

import pytest

from editorial.fetching.fingerprints import (
    MUCH,
    differs_much,
    distance,
    take_fingerprint,
)

HAN = [chr(code) for code in range(0x4E00, 0x4E00 + 900)]
SOUNDS = [a + b for a in "bcdfghklmnprst" for b in "aeiouy"]
LATIN = [f"{one}{other}ing" for one in SOUNDS for other in SOUNDS]
KANA = [chr(code) for code in range(0x3041, 0x3097)]
HANGUL = [chr(code) for code in range(0xAC00, 0xAC00 + 900)]
TO_CYRILLIC = str.maketrans("abcdefghiklmnoprstuy", "абцдефгхиклмнопрстуы")
CYRILLIC = [word.translate(TO_CYRILLIC) for word in LATIN]
SCRIPTS = pytest.mark.parametrize(
    "words",
    [LATIN, HAN, KANA, HANGUL, CYRILLIC],
    ids=["latin", "han", "kana", "hangul", "cyrillic"],
)


def article(seed: int, *, words: list[str], length: int = 400) -> str:
    dice = random.Random(seed)
    return (" " if words is LATIN else "").join(dice.choices(words, k=length))


@SCRIPTS
def test_another_article_differs_much(words):
    pairs = [
        (article(seed, words=words), article(seed + 100, words=words))
        for seed in range(20)
    ]

    noticed = [differs_much(*map(take_fingerprint, pair)) for pair in pairs]

    assert sum(noticed) >= 18  # 64 bits leave a few to chance


@SCRIPTS
@pytest.mark.parametrize("seed", range(5))
def test_an_article_with_a_new_paragraph_does_not_differ_much(words, seed):
    one = article(seed, words=words)
    more = one[:200] + " " + article(seed + 100, words=words, length=40) + one[200:]

    assert not differs_much(take_fingerprint(one), take_fingerprint(more))


def test_dates_counters_and_case_change_nothing():
    one = article(1, words=LATIN)
    dated = f"2026-01-02 {one.upper()} 17 notes"
    redated = f"2026-11-30 {one} 345 notes"

    assert take_fingerprint(dated) == take_fingerprint(redated)


def test_too_little_text_tells_nothing():
    assert take_fingerprint("Loading, please wait") == ""
    assert not differs_much("", take_fingerprint(article(1, words=LATIN)))


def test_a_fingerprint_is_the_same_on_every_machine():
    text = " ".join(LATIN[:500])

    assert take_fingerprint(text) == "d8bbe68990401b39"


def test_distance_counts_bits():
    assert distance("0000000000000000", "000000000000000f") == 4
    assert distance("0000000000000000", "ffffffffffffffff") == 64 > MUCH
