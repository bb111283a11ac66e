"""The link check by command line: what it prints, and what it ends with."""

import asyncio
import json
import os
import subprocess
import sys

import pytest
from django.core.management import CommandError, call_command
from django.test import override_settings

from editorial import links
from editorial.models import Check
from editorial.states import ItemState
from scripts.environment import ROOT
from tests.editorial.fetching.world import World, page
from tests.factories import IssueFactory, ItemFactory, PublishedIssueFactory


@pytest.fixture
def world(settings):
    world = World()
    world.add("a.test", {"/": page(), "/busy": page("", 403)})
    settings.FETCHING_SEAM = json.dumps(world.data)
    yield world
    world.close()


@pytest.fixture
def write(tmp_path):
    def write(text: str, name: str = "links.txt") -> str:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return write


def run(capsys, *arguments: object) -> tuple[int, str]:
    """Exit status and what was printed."""
    try:
        call_command("check_links", *map(str, arguments))
    except SystemExit as end:
        return int(end.code or 0), capsys.readouterr().out
    return 0, capsys.readouterr().out


def test_tsv_names_verdict_reason_and_url(world, write, capsys):
    file = write("http://a.test/\nhttp://a.test/none\nhttp://a.test/busy\nnonsense\n")

    status, out = run(capsys, "--file", file, "--format", "tsv")

    assert set(out.splitlines()) == {
        "ok\talive\thttp://a.test/",
        "broken\tgone\thttp://a.test/none",
        "unsure\tblocked_by_site\thttp://a.test/busy",
        "broken\tmalformed\tnonsense",
    }
    assert status == 1


def test_nothing_broken_ends_well(world, write, capsys):
    status, out = run(capsys, "--file", write("# mine\n\nhttp://a.test/\n"))

    assert status == 0
    assert "1 links: 1 ok" in out


def test_json_is_one_list(world, write, capsys):
    _, out = run(capsys, "--file", write("http://a.test/none"), "--format", "json")

    assert json.loads(out) == [
        {
            "verdict": "broken",
            "reason": "gone",
            "url": "http://a.test/none",
            "status": 404,
            "detail": "",
            "moved_to": "",
        }
    ]


def test_the_table_begins_with_the_worst(world, write, capsys):
    file = write("http://a.test/\nhttp://a.test/none\n")

    _, out = run(capsys, "--file", file, "--jobs", 1)

    lines = out.splitlines()
    assert [line.split()[0] for line in lines] == ["broken", "ok", "2"]
    assert lines[-1] == "2 links: 1 broken, 1 ok"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.md", "See [it](http://a.test/) and http://a.test/none, but no #word."),
        ("a.html", "<a href=http://a.test/>x</a><a href='http://a.test/none'>y</a>"),
    ],
)
def test_markdown_and_html_are_read_for_their_links(world, write, capsys, name, text):
    _, out = run(capsys, "--file", write(text, name), "--format", "tsv")

    urls = {line.split("\t")[2] for line in out.splitlines()}
    assert urls == {"http://a.test/", "http://a.test/none"}


@pytest.mark.parametrize(
    "arguments",
    [
        ["--file", "/nowhere/at/all"],
        ["--file", "LATIN"],
        ["--file", "LIST", "--jobs", "0"],
        ["--file", "LIST", "--allow-network", "10.0.0.0/8"],
        ["--all-published", "--jobs", "0"],
    ],
)
def test_what_cannot_be_read_ends_with_two(tmp_path, arguments):
    (tmp_path / "LATIN").write_bytes(b"http://a.test/\xff\xfe")
    (tmp_path / "LIST").write_text("http://a.test/")
    places = [str(tmp_path / a) if a in {"LATIN", "LIST"} else a for a in arguments]

    with pytest.raises(CommandError) as caught:
        call_command("check_links", *places)

    assert caught.value.returncode == 2


@pytest.mark.django_db
def test_an_unknown_issue_ends_with_two():
    with pytest.raises(CommandError) as caught:
        call_command("check_links", "--issue", "99")

    assert caught.value.returncode == 2


def in_another_process(*arguments, **environment):
    return subprocess.run(
        [sys.executable, "manage.py", "check_links", *arguments],
        cwd=ROOT,
        env=os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"} | environment,
        capture_output=True,
        text=True,
    )


@pytest.mark.slow
def test_a_file_needs_neither_database_nor_broker(world, write):
    ip, port = world.hosts["a.test"]["dial"]
    file = write(f"http://{ip}:{port}/\n")
    away = {
        "DATABASE_URL": "postgres://nobody@127.0.0.1:1/none",
        "MASTHEAD_TESTS_REDIS_URL": "redis://127.0.0.1:1/0",
    }

    ended = in_another_process(
        "--file", file, "--format=tsv", "--allow-network=127.0.0.0/8", **away
    )

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == f"ok\talive\thttp://{ip}:{port}/\n"


@pytest.mark.slow
def test_a_usage_error_ends_with_two_and_prints_no_bar(write):
    ended = in_another_process("--file", write("http://a.test/"), "--issue", "3")

    assert ended.returncode == 2
    assert "\r" not in ended.stderr


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("jobs", "at_once"), [(1, 1), (3, 3)])
@pytest.mark.parametrize("which", [["--issue", "7"], ["--all-published"]])
def test_jobs_bounds_the_requests_of_stored_links_too(
    world, capsys, which, jobs, at_once
):
    counter = Counter()
    issue = PublishedIssueFactory(number="7")
    for n in range(4):
        world.add(f"{n}.test", counter.serve)
        url = f"http://{n}.test/"
        item = ItemFactory(issue=issue, url=url, state=ItemState.APPROVED)
        links.register_links(item)
    seam = {**world.data}
    with override_settings(FETCHING_SEAM=json.dumps(seam)):
        run(capsys, *which, "--jobs", jobs)

    assert (counter.served, counter.most) == (4, at_once)


class Counter:
    """A server that knows how many asked it at the same time."""

    def __init__(self) -> None:
        self.served = self.now = self.most = 0

    async def serve(self, _path, writer) -> None:
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0.3)
        self.now -= 1
        self.served += 1
        writer.write(page())


@pytest.mark.django_db(transaction=True)
def test_links_of_an_issue_are_checked_and_stored(world, capsys):
    issue = IssueFactory(number="7")
    links.register_links(ItemFactory(issue=issue, url="http://a.test/none"))

    status, out = run(capsys, "--issue", 7, "--format", "tsv")

    assert out == "broken\tgone\thttp://a.test/none\n"
    assert status == 1
    assert Check.objects.get().reason == "gone"
