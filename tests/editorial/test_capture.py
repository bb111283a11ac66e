"""Pasted issues become rows, whole or not at all."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from editorial import capture
from editorial.content.importers.text import parse
from editorial.content.outline import Group, Item, Outline, Section
from editorial.models import Author, Issue, Link, Topic, Transition, Via
from editorial.models.outlines import load_outline
from editorial.states import IssueState, ItemState
from newsletter.models import Digest
from tests.factories import (
    AdminFactory,
    EditorFactory,
    IssueFactory,
    ItemFactory,
    PublicationFactory,
    SectionFactory,
    TopicFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

TEXT = """\
本周作者 | 苇舟、青岚

业界要闻

1. 网格代理 2.0 发布

换了新的数据面。https://mesh.example/releases

上游重要进展

Knative 项目

1. 冷启动更快了。预热池默认打开。

闲谈

1. 一句话。
"""


@pytest.fixture
def newsroom():
    PublicationFactory()
    SectionFactory(title="业界要闻", position=1)
    SectionFactory(title="上游重要进展", position=2)
    TopicFactory(name="Knative", aliases=["knative 项目"])


def imported(**options) -> Issue:
    outline = parse(TEXT, capture.known_words()).outline
    by = options.pop("by", None) or EditorFactory()
    return capture.import_issue(outline=outline, by=by, **options)


def test_an_imported_issue_gives_back_its_outline(newsroom):
    outline = parse(TEXT, capture.known_words()).outline

    issue = capture.import_issue(outline=outline, by=EditorFactory(), number="7")

    again = load_outline(issue)
    assert again.authors == ("苇舟", "青岚")
    assert [s.title for s in again.sections] == [s.title for s in outline.sections]
    assert list(again.items()) == list(outline.items())


def test_unknown_authors_become_credited_names_without_an_account(newsroom):
    imported()

    assert not Author.objects.exclude(user=None).exists()
    assert set(Author.objects.values_list("name", flat=True)) == {"苇舟", "青岚"}


def test_a_topic_is_matched_by_its_alias(newsroom):
    imported()

    assert Topic.objects.get().name == "Knative"


def test_an_unknown_section_is_once_only(newsroom):
    issue = imported()

    once = issue.issue_sections.filter(section__recurring=False)
    assert [place.section.title for place in once] == ["闲谈"]


def test_the_number_is_the_next_one_unless_given(newsroom):
    IssueFactory(number="40–41")

    assert imported().number == "42"
    assert imported(number="special").number == "special"


def test_a_taken_number_leaves_nothing_behind(newsroom):
    IssueFactory(number="23")

    with pytest.raises(ValidationError) as refused:
        imported(number="23")

    assert "number" in refused.value.message_dict
    assert Issue.objects.count() == 1
    assert not Author.objects.exists()


def test_an_empty_outline_is_refused():
    with pytest.raises(ValidationError):
        capture.import_issue(outline=Outline(), by=EditorFactory())


def test_words_no_row_can_hold_are_refused_whole(newsroom):
    long = Section("节" * 81, (Group(None, (Item("一条"),)),))

    with pytest.raises(ValidationError, match="81"):
        capture.import_issue(outline=Outline(sections=(long,)), by=EditorFactory())

    assert not Issue.objects.exists()


def test_an_archive_is_imported_as_published_and_never_mailed(newsroom):
    issue = imported(by=AdminFactory(), publish_as="published")

    assert issue.state == IssueState.PUBLISHED
    assert set(issue.items.values_list("state", flat=True)) == {ItemState.APPROVED}
    assert set(Transition.objects.values_list("via", flat=True)) == {Via.IMPORT}
    assert not Digest.objects.exists()


def test_an_editor_imports_no_archive(newsroom):
    with pytest.raises(PermissionDenied):
        imported(publish_as="published")

    assert not Issue.objects.exists()


def test_links_of_an_imported_issue_are_known_at_once(newsroom):
    imported()

    assert Link.objects.get().url == "https://mesh.example/releases"


def test_seen_before_finds_the_same_page_spelt_otherwise(newsroom):
    issue = imported()
    item = issue.items.exclude(url="").get()

    seen = capture.seen_before(
        "http://www.mesh.example/releases/?utm_source=a", by=item.submitted_by
    )

    assert [use.item for use in seen] == [item]
    assert capture.seen_before(item.url, by=item.submitted_by, exclude=item) == []


def test_a_rejected_item_does_not_count_as_seen(newsroom):
    item = ItemFactory(state=ItemState.REJECTED, url="https://mesh.example/other")
    capture.links.register_links(item)

    assert capture.seen_before("https://mesh.example/other", by=UserFactory()) == []


def test_seen_before_gives_no_private_draft_away(newsroom):
    secret = ItemFactory(url="https://mesh.example/secret")
    capture.links.register_links(secret)

    assert capture.seen_before(secret.url, by=UserFactory()) == []
    assert capture.seen_before(secret.url, by=secret.submitted_by)
