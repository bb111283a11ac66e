"""The same verbs from a command line: one line of what was refused, or where it stands."""

import pytest
from django.core.management import CommandError, call_command

from editorial.models import IssueRevision, Transition, Via
from tests.factories import EditorFactory, PublicationFactory
from tests.newsletter.printing import printed

pytestmark = pytest.mark.django_db


@pytest.fixture
def issue():
    PublicationFactory()
    EditorFactory(email="desk@masthead.test")
    return printed("23")


def run(*arguments):
    call_command("correct_issue", "23", "--by", "desk@masthead.test", *arguments)


def test_command_fixes_a_typo_in_an_item(issue, tmp_path):
    text = tmp_path / "text.md"
    text.write_text("很值得看。\n", "utf-8")

    run("--item", "1", "--commentary", str(text))

    assert issue.items.order_by("position").first().commentary == "很值得看。"
    assert Transition.objects.get(verb="typo_fixed").via == Via.COMMAND


def test_command_publishes_a_correction(issue):
    run("--note", "标题写错了。", "--title", "另一个标题")

    issue.refresh_from_db()
    assert issue.live_revision.outline.title == "另一个标题"
    assert issue.live_revision.outline.corrections[0].note == "标题写错了。"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--item", "1", "--url", "https://other.test/"], "takes a correction"),
        (["--item", "9", "--headline", "头条"], "has no item 9"),
        (["--headline", "头条"], "for an item"),
        (["--item", "1", "--title", "标题"], "the issue's own texts"),
        (["--item", "1", "--commentary", "nowhere.md"], "cannot be read"),
    ],
)
def test_command_says_in_a_line_what_it_refuses(arguments, words, issue, settings):
    settings.LANGUAGE_CODE = "en"

    with pytest.raises(CommandError, match=words):
        run(*arguments)

    assert IssueRevision.objects.count() == 1
