"""A published issue is mended by a new revision, never by another state (P2, P7, P8)."""

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from editorial import workflow
from editorial.models import Issue, IssueRevision, Notice, Transition, Via
from editorial.models.outlines import approval_hash
from editorial.signals import issue_corrected
from editorial.states import IllegalTransition, IssueState, StaleVersion
from tests.factories import (
    AuthorFactory,
    EditorFactory,
    IssueFactory,
    PublicationFactory,
    UserFactory,
)
from tests.newsletter.printing import printed

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _publication():
    PublicationFactory(language="zh-hans")


@pytest.fixture
def issue():
    return printed("23")


@pytest.fixture
def editor():
    return EditorFactory()


def first_of(issue):
    return issue.items.order_by("position").first()


def mended(issue, by, **changes):
    item = first_of(issue)
    return workflow.fix_typo(
        issue=issue, item=item, version=item.version, by=by, **changes
    )


def corrected(issue, by, **changes):
    item = first_of(issue)
    wanted = {"note": "项目名写错了。", **changes}
    return workflow.correct_issue(
        issue=issue, item=item, version=item.version, by=by, **wanted
    )


def in_print(issue):
    return Issue.objects.get(pk=issue.pk).live_revision.outline


def test_a_typo_in_an_item_is_mended_in_print_and_in_its_row(issue, editor):
    mended(issue, editor, commentary="很值得看。")

    assert next(in_print(issue).items()).commentary == "很值得看。"
    assert first_of(issue).commentary == "很值得看。"
    assert in_print(issue).corrections == ()


def test_a_typo_in_the_issues_own_texts_is_mended(issue, editor):
    workflow.fix_typo(issue=issue, version=issue.version, by=editor, dek="23 期提要")

    assert in_print(issue).dek == Issue.objects.get().dek == "23 期提要"


def test_each_fix_is_a_revision_more_and_the_state_stays(issue, editor):
    mended(issue, editor, commentary="很值得看。")
    corrected(issue, editor, headline="另一个头条")

    rows = IssueRevision.objects.order_by("ordinal")
    assert [row.reason for row in rows] == ["published", "typo_fixed", "corrected"]
    assert [row.content_hash for row in rows] == [
        row.outline.content_hash() for row in rows
    ]
    fresh = Issue.objects.get()
    assert (fresh.state, fresh.live_revision) == (IssueState.PUBLISHED, rows.last())
    assert fresh.approved_hash == approval_hash(fresh)


def test_the_trail_says_who_and_the_history_what(issue, editor):
    mended(issue, editor, commentary="很值得看。")

    row = Transition.objects.get(verb="typo_fixed")
    old, new = IssueRevision.objects.order_by("ordinal")
    assert (row.by, row.issue, row.via) == (editor, issue, Via.DESK)
    assert [next(r.outline.items()).commentary for r in (old, new)] == [
        "值得看。",
        "很值得看。",
    ]
    assert first_of(issue).revisions.first().text["commentary"] == "很值得看。"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"url": "https://news.test/b"}, "url"),
        ({"label": "重要"}, "label"),
        ({"commentary": "值得看 3 遍。"}, "commentary"),
        ({"commentary": "[值得看](https://a.test/)。"}, "commentary"),
        ({"headline": "第 24 期的头条"}, "headline"),
    ],
)
def test_links_numbers_and_labels_take_a_correction(changes, field, issue, editor):
    with pytest.raises(ValidationError) as refused:
        mended(issue, editor, **changes)

    assert {e.code for e in refused.value.error_dict[field]} == {"correction"}
    assert IssueRevision.objects.count() == 1

    corrected(issue, editor, **changes)
    assert IssueRevision.objects.count() == 2


def test_names_of_authors_and_topics_take_a_correction(issue, editor):
    workflow.fix_typo(
        issue=issue, version=issue.version, by=editor, closing_note="感谢墨封和 etcd。"
    )
    issue.refresh_from_db()

    with pytest.raises(ValidationError) as refused:
        workflow.fix_typo(
            issue=issue, version=issue.version, by=editor, closing_note="感谢各位。"
        )

    assert "closing_note" in refused.value.error_dict


def test_a_correction_stands_in_print_with_its_note_and_item(issue, editor):
    corrected(issue, editor, headline="另一个头条")

    (correction,) = in_print(issue).corrections
    assert (correction.note, correction.item) == ("项目名写错了。", 1)
    assert Transition.objects.get(verb="corrected").note == "项目名写错了。"


def test_a_correction_may_be_its_note_alone(issue, editor):
    workflow.correct_issue(
        issue=issue, version=issue.version, by=editor, note="封面图说的是上一期。"
    )

    assert in_print(issue).corrections[0].item is None


@pytest.mark.parametrize("note", ["", "  \n ", "长" * 501])
def test_a_correction_without_words_for_readers_is_refused(note, issue, editor):
    with pytest.raises(ValidationError) as refused:
        corrected(issue, editor, headline="另一个头条", note=note)

    assert "note" in refused.value.error_dict


def test_another_author_is_credited_on_the_masthead_too(issue, editor):
    item = first_of(issue)

    corrected(issue, editor, credit=AuthorFactory(name="杨彦波"))

    assert next(in_print(issue).items()).credit == "杨彦波"
    assert in_print(issue).authors == ("元毅", "杨彦波")
    named = [credit.author.name for credit in issue.credits.all()]
    assert named == ["元毅", "杨彦波"]
    assert item.credit.name == "墨封"


def test_a_section_renamed_since_keeps_its_name_in_print(issue, editor):
    issue.issue_sections.get().section.__class__.objects.update(title="改过的栏目")

    mended(issue, editor, commentary="很值得看。")

    assert in_print(issue).sections[0].title == "业界要闻"


def test_whoever_saved_an_older_version_is_told(issue, editor):
    stale = first_of(issue)
    mended(issue, editor, commentary="很值得看。")

    with pytest.raises(StaleVersion):
        workflow.fix_typo(
            issue=issue,
            item=stale,
            version=stale.version,
            by=editor,
            commentary="太值得看。",
        )

    assert first_of(issue).commentary == "很值得看。"


@pytest.mark.parametrize("times", [2, 3])
def test_pressing_again_changes_nothing(times, issue, editor):
    item = first_of(issue)

    for _ in range(times):
        workflow.correct_issue(
            issue=issue,
            item=item,
            version=item.version,
            by=editor,
            note="标题写错了。",
            headline="另一个头条",
        )

    assert IssueRevision.objects.count() == 2
    assert len(in_print(issue).corrections) == 1


def test_unchanged_words_make_no_revision(issue, editor):
    mended(issue, editor, commentary="值得看。")

    assert IssueRevision.objects.count() == 1


@pytest.mark.parametrize(
    "state", [IssueState.DRAFT, IssueState.REVIEW, IssueState.APPROVED]
)
def test_what_is_on_the_desk_is_edited_there(state, editor):
    issue = IssueFactory(state=state)

    with pytest.raises(IllegalTransition):
        workflow.fix_typo(issue=issue, version=issue.version, by=editor, dek="提要")


def test_a_withdrawn_issue_is_not_corrected(issue, editor):
    gone = workflow.withdraw_issue(issue=issue, by=editor, note="错得太多")

    with pytest.raises(IllegalTransition):
        corrected(gone, editor, headline="另一个头条")


def test_an_item_of_another_issue_is_not_reached(issue, editor):
    other = printed("24")

    with pytest.raises(IllegalTransition):
        workflow.fix_typo(
            issue=issue, item=first_of(other), version=1, by=editor, headline="头条"
        )


def test_authors_correct_nothing_but_the_lead_editor_does(issue):
    author, lead = UserFactory(), UserFactory()
    Issue.objects.update(lead_editor=lead)

    with pytest.raises(PermissionDenied):
        mended(issue, author, commentary="很值得看。")
    mended(issue, lead, commentary="很值得看。")

    assert Transition.objects.get(verb="typo_fixed").role == "lead"


def test_the_author_of_the_item_is_told_what_changed(issue, editor):
    author = UserFactory()
    issue.items.update(submitted_by=author)

    mended(issue, editor, commentary="很值得看。")

    assert [notice.recipient for notice in Notice.objects.all()] == [author]


def test_a_failing_receiver_rolls_the_correction_back(issue, editor):
    def fail(**_kwargs):
        raise RuntimeError

    issue_corrected.connect(fail)
    try:
        with pytest.raises(RuntimeError):
            corrected(issue, editor, headline="另一个头条")
    finally:
        issue_corrected.disconnect(fail)

    assert IssueRevision.objects.count() == 1
    assert first_of(issue).headline == "第 23 期的头条"


def test_revisions_outlive_whoever_made_them(issue, editor):
    corrected(issue, editor, headline="另一个头条")

    editor.delete()

    last = IssueRevision.objects.order_by("ordinal").last()
    assert (last.made_by, last.made_by_name) == (None, editor.name)
