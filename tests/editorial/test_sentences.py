"""Sentences stand one after another as their language has it."""

import pytest
from django.template import engines
from django.utils import translation


@pytest.mark.parametrize(("language", "gap"), [("en", " "), ("zh-hans", "")])
def test_gap_between_two_sentences(language, gap):
    page = engines["django"].from_string("{% load sentences %}。{% gap %}。")

    with translation.override(language):
        assert page.render() == f"。{gap}。"
