"""An outline whose words no row can hold is refused in words, and nothing is kept."""

from dataclasses import replace

import pytest
from django.core.exceptions import ValidationError

from editorial import capture
from editorial.content.outline import ROLE_EDITOR, Credit
from editorial.models import Issue
from tests.factories import SAMPLE_OUTLINE, EditorFactory, PublicationFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "words",
    [
        {"title": "标" * 201},
        {"title": "a\x00b"},
        {"dek": "提" * 301},
        {"byline_label": "本期作者" * 6},
        {"opening_note": "a\x0bb"},
        {"closing_note": "语" * 100_000},
        {"credits": (Credit("名" * 61, ROLE_EDITOR),)},
    ],
)
def test_what_no_row_can_hold_is_not_imported(words):
    PublicationFactory()
    outline = replace(SAMPLE_OUTLINE, number="", **words)

    with pytest.raises(ValidationError) as refused:
        capture.import_issue(outline=outline, by=EditorFactory())

    assert "text" in refused.value.message_dict
    assert not Issue.objects.exists()


def test_a_credit_too_long_for_print_is_not_imported():
    PublicationFactory()
    section = SAMPLE_OUTLINE.sections[0]
    item = replace(next(SAMPLE_OUTLINE.items()), credit="名" * 61)
    group = replace(section.groups[0], items=(item,))
    outline = replace(SAMPLE_OUTLINE, sections=(replace(section, groups=(group,)),))

    with pytest.raises(ValidationError):
        capture.import_issue(outline=outline, by=EditorFactory())
