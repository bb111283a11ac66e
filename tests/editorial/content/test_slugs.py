import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from editorial.content.slugs import MAX_LENGTH, issue_slug, slugify


@pytest.mark.parametrize(
    ("text", "slug"),
    [
        ("重庆", "chong-qing"),
        ("周刊", "zhou-kan"),
        ("Kubernetes", "kubernetes"),
        ("Kubernetes 项目", "kubernetes-xiang-mu"),
        ("业界要闻", "ye-jie-yao-wen"),
        ("Café déjà", "cafe-deja"),
    ],
)
def test_titles_become_latin_words(text, slug):
    assert slugify(text, "section") == slug


@pytest.mark.parametrize("text", ["", "🎉", "!!!", "Привет"])
def test_fallback_stands_in_where_no_letter_is_left(text):
    assert slugify(text, "topic-7") == "topic-7"


def test_long_title_is_cut_between_words():
    slug = slugify("云原生" * 30, "x")

    assert len(slug) <= MAX_LENGTH
    assert slug.split("-")[-1] in {"yun", "yuan", "sheng"}


@given(st.text())
def test_slug_is_never_empty(text):
    assert re.fullmatch(r"[a-z0-9_-]+", slugify(text))
    assert len(slugify(text)) <= MAX_LENGTH


@pytest.mark.parametrize(
    ("number", "slug"),
    [
        ("23", "23"),
        ("40–41", "40-41"),
        ("special", "special"),
        ("特刊", "te-kan"),
        ("", "issue"),
    ],
)
def test_issue_number_becomes_its_address(number, slug):
    assert issue_slug(number) == slug
