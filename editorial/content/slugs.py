"""Addresses from titles, in Latin letters and never empty."""

import re

from django.utils.text import slugify as django_slugify
from pypinyin import lazy_pinyin

MAX_LENGTH = 72
_DASHES = re.compile(r"[‐-―−~～]")


def slugify(text: str, fallback: str) -> str:
    """Lower-case ASCII words joined by hyphens; Chinese as pinyin (重庆 → chong-qing).

    At most MAX_LENGTH characters; `fallback` where nothing is left.
    """
    words = lazy_pinyin(text, errors=lambda other: [f" {other} "])
    slug = django_slugify(" ".join(words))[:MAX_LENGTH].strip("-")
    return slug or fallback


def issue_slug(number: str) -> str:
    """The address of an issue number: "23", "40–41" → "40-41", "special"."""
    return slugify(_DASHES.sub("-", number), "issue")
