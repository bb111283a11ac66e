"""Addresses from titles, in Latin letters and never empty."""

from __future__ import annotations

import hashlib
import re

from django.utils.text import slugify as django_slugify

MAX_LENGTH = 72
# Words that stand in an issue's place in an address of the desk.
_TAKEN = frozenset({"new"})
_DASHES = re.compile(r"[‐-―−~～〜/／]")


def slugify(text: str, fallback: str = "") -> str:
    """Lower-case ASCII words joined by hyphens; Chinese as pinyin (重庆 → chong-qing).

    At most MAX_LENGTH characters. Where no letter is left (日 is one, 🎉 is none) it is
    `fallback`, and without one a name computed from `text`.
    """
    slug = _cut(django_slugify(" ".join(_syllables(text))))
    return slug or fallback or hashlib.sha256(_bytes(text)).hexdigest()[:8]


def issue_slug(number: str) -> str:
    """The address of an issue number: "23", "40–41" → "40-41", "special"."""
    slug = slugify(_DASHES.sub("-", number), "issue")
    return f"issue-{slug}" if slug in _TAKEN else slug


def _syllables(text: str) -> list[str]:
    """Han as syllables chosen by word, everything else as it stands, set apart."""
    # Its dictionary takes 50 MB, and most processes never need a slug.
    from pypinyin import lazy_pinyin

    return lazy_pinyin(text[: 4 * MAX_LENGTH], errors=lambda other: f" {other} ")


def _cut(slug: str) -> str:
    """`slug` within MAX_LENGTH, ended at a hyphen where there is one."""
    slug = slug.strip("-_")
    if len(slug) <= MAX_LENGTH:
        return slug
    whole = slug[: MAX_LENGTH + 1].rpartition("-")[0]
    return (whole or slug[:MAX_LENGTH]).strip("-_")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")
