"""The road by command line: what it writes, what it refuses, and its exit status."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command, load_command_class

from editorial.models import Issue, Item, Notice, Transition, Via
from editorial.states import IssueState, ItemState
from newsletter.models import Digest
from tests.factories import (
    AdminFactory,
    EditorFactory,
    IssueFactory,
    PublicationFactory,
    SectionFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db

TEXT = """本期作者 | 墨青、半夏

要闻

1. 第一件事有了结果

说明为什么值得看。https://first.test/news

2. 第二件事刚刚开始

还早，先记一笔。
"""


def run(name: str, *arguments: object) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command(name, *map(str, arguments), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


@pytest.fixture
def newsroom():
    PublicationFactory()
    SectionFactory(title="要闻")
    return EditorFactory(email="desk@team.test"), AdminFactory(email="chief@team.test")


@pytest.fixture
def file(tmp_path) -> Path:
    path = tmp_path / "issue.txt"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_import_makes_drafts_of_the_person(newsroom, file):
    out, _err = run("import_issue", file, "--by", "desk@team.test", "--number", "7")

    issue = Issue.objects.get(number="7")
    assert issue.state == IssueState.DRAFT
    assert {i.state for i in issue.items.all()} == {ItemState.DRAFT}
    assert {i.submitted_by.email for i in issue.items.all()} == {"desk@team.test"}
    assert "2 items" in out


def test_whole_road_by_command_line(newsroom, file):
    run("import_issue", file, "--by", "desk@team.test", "--number", "7")
    run("submit_issue", "7", "--by", "desk@team.test")
    _out, warnings = run("approve_issue", "7", "--by", "chief@team.test")
    out, _err = run("publish_issue", "7", "--by", "desk@team.test")

    issue = Issue.objects.get()
    assert issue.state == IssueState.PUBLISHED
    assert "http://testserver/issues/7/" in out
    assert "Warning:" in warnings
    command_moves = Transition.objects.filter(via=Via.COMMAND)
    assert set(command_moves.values_list("verb", flat=True)) >= {
        "submitted",
        "approved",
        "published",
    }


def test_publishing_twice_changes_nothing(newsroom, file):
    run("import_issue", file, "--by", "desk@team.test", "--number", "7")
    run("submit_issue", "7", "--by", "desk@team.test")
    run("approve_issue", "7", "--by", "chief@team.test")
    run("publish_issue", "7", "--by", "desk@team.test")

    run("publish_issue", "7", "--by", "desk@team.test")

    assert Issue.objects.get().revisions.count() == 1


def test_archive_is_published_dated_and_never_mailed(newsroom, file):
    run(
        *("import_issue", file, "--by", "chief@team.test", "--number", "7"),
        *("--as", "published", "--published-on", "2019-08-23"),
    )

    issue = Issue.objects.get()
    assert (issue.state, issue.imported) == (IssueState.PUBLISHED, True)
    assert issue.published_at.date().isoformat() == "2019-08-23"
    assert not Notice.objects.exists()
    assert not Digest.objects.exists()


def test_dry_run_prints_outline_and_report_and_writes_nothing(newsroom, file):
    out, _err = run(
        "import_issue", file, "--by", "desk@team.test", "--dry-run", "--json"
    )

    found = json.loads(out)
    assert found["authors"] == ["墨青", "半夏"]
    assert found["counts"]["items"] == 2
    assert "report" in found
    assert not Issue.objects.exists()


SHARED = settings.BASE_DIR.parent / "shared" / "editions"


@pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared/editions")
def test_dry_run_of_the_shared_edition_has_the_expected_keys(newsroom):
    text = SHARED / "cloud-native-weekly.txt"
    expected = json.loads((SHARED / "cloud-native-weekly.expected.json").read_text())

    out, _err = run(
        "import_issue", text, "--by", "desk@team.test", "--dry-run", "--json"
    )

    found = json.loads(out)
    assert found["authors"] == expected["authors"]
    assert set(expected["counts"]) <= set(found["counts"])


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no text"),
        (b" \n\n\t\n", "no text"),
        (b"\x89PNG\r\n\x1a\n\x00\x00\xff", "not text"),
        ("要闻\n".encode() + b"\xff\xfe\xfa", "not text"),
        ("字".encode() * 1_800_000, "1 MiB"),
        (b"hello there, nothing in here is an issue", "no item"),
    ],
    ids=["empty", "blank", "picture", "half text", "5 MB", "no issue"],
)
def test_what_is_no_issue_is_refused_in_one_line(newsroom, tmp_path, content, said):
    path = tmp_path / "odd.txt"
    path.write_bytes(content)

    with pytest.raises(CommandError) as refused:
        run("import_issue", path, "--by", "desk@team.test")

    assert said in str(refused.value)
    assert "odd.txt" in str(refused.value)
    assert "\n" not in str(refused.value)
    assert not Item.objects.exists()


def test_missing_file_is_one_line(newsroom, tmp_path):
    with pytest.raises(CommandError, match=r"none\.txt: No such file"):
        run("import_issue", tmp_path / "none.txt", "--by", "desk@team.test")


def test_number_taken_is_refused_and_nothing_written(newsroom, file):
    IssueFactory(number="7")

    with pytest.raises(CommandError, match="number: There is an issue 7"):
        run("import_issue", file, "--by", "desk@team.test", "--number", "7")

    assert not Item.objects.exists()


@pytest.mark.parametrize(
    "command", ["import_issue", "submit_issue", "approve_issue", "publish_issue"]
)
def test_unknown_person_is_refused(newsroom, file, command):
    IssueFactory(number="7")
    UserFactory(email="gone@team.test", is_active=False)

    for person in ("nobody@team.test", "gone@team.test"):
        with pytest.raises(CommandError, match="no active account"):
            run(command, file if command == "import_issue" else "7", "--by", person)


def test_name_of_two_people_asks_for_an_address(newsroom, file):
    UserFactory(name="墨青")
    UserFactory(name="墨青")

    with pytest.raises(CommandError, match="2 accounts"):
        run("import_issue", file, "--by", "墨青")


def test_archive_takes_an_admin(newsroom, file):
    with pytest.raises(CommandError):
        run("import_issue", file, "--by", "desk@team.test", "--as", "published")

    assert not Issue.objects.exists()


def test_own_items_are_not_approved_and_nothing_is(newsroom, file):
    run("import_issue", file, "--by", "desk@team.test", "--number", "7")
    run("submit_issue", "7", "--by", "desk@team.test")

    with pytest.raises(CommandError):
        run("approve_issue", "7", "--by", "desk@team.test")

    assert Issue.objects.get().state == IssueState.DRAFT
    assert not Item.objects.approved().exists()


def test_author_may_not_publish(newsroom, file):
    UserFactory(email="author@team.test")
    IssueFactory(number="7")

    with pytest.raises(CommandError):
        run("publish_issue", "7", "--by", "author@team.test")


@pytest.mark.parametrize(
    ("command", "by"), [("approve_issue", "chief"), ("publish_issue", "desk")]
)
def test_wrong_state_is_refused(newsroom, file, command, by):
    run("import_issue", file, "--by", "desk@team.test", "--number", "7")

    with pytest.raises(CommandError):
        run(command, "7", "--by", f"{by}@team.test")

    assert Issue.objects.get().state == IssueState.DRAFT


def test_submitting_nothing_of_ones_own_is_refused(newsroom, file):
    UserFactory(email="author@team.test")
    run("import_issue", file, "--by", "desk@team.test", "--number", "7")

    with pytest.raises(CommandError, match="may submit none"):
        run("submit_issue", "7", "--by", "author@team.test")


@pytest.mark.parametrize("command", ["submit_issue", "approve_issue", "publish_issue"])
def test_unknown_issue_is_one_line(newsroom, command):
    with pytest.raises(CommandError, match="no issue 99"):
        run(command, "99", "--by", "desk@team.test")


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["import_issue", "--help"], 0, "USER"),
        (["import_issue", "-", "--by", "nobody@team.test"], 1, "no active account"),
        (["submit_issue", "99", "--by", "nobody@team.test"], 1, "no issue 99"),
        (["submit_issue"], 2, "--by"),
    ],
)
def test_exit_status_can_be_trusted(transactional_db, capsys, arguments, status, said):
    command = load_command_class("editorial", arguments[0])

    with pytest.raises(SystemExit) as ended:
        command.run_from_argv(["manage.py", *arguments])

    printed = capsys.readouterr()
    assert ended.value.code == status
    assert said in printed.out + printed.err
    assert "Traceback" not in printed.err
