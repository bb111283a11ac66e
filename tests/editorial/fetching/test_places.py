"""Links to a place on a page, and to repositories."""

import pytest

from editorial.fetching.ladder import judge, wants_the_whole_page
from editorial.fetching.outcomes import Hop
from editorial.fetching.verdicts import Reason, Verdict

from .test_ladder import answer
from .world import page

TEXT = "<p>" + "Words that people came to read. " * 40


def check(world, fragment, body):
    world.add("a.test", page(body + TEXT))
    return world.check(f"http://a.test/x#{fragment}")


@pytest.mark.parametrize(
    ("fragment", "body"),
    [
        ("part", "<h2 id=part>Part</h2>"),
        ("part", "<h2 ID='part'>Part</h2>"),
        ("part", '<a name="part"></a>'),
        ("part", '<h2 id="user-content-part">Part</h2>'),
        ("第一节", '<h2 id="第一节">一</h2>'),
        ("%E7%AC%AC", '<h2 id="第">一</h2>'),
        ("part", '<script>{"slug":"part"}</script>'),
        ("part", '<nav><a href="#part">Part</a></nav>'),
    ],
)
def test_a_place_that_is_there_is_found(world, fragment, body):
    assert check(world, fragment, body).reason is Reason.ALIVE


@pytest.mark.parametrize("fragment", ["part", "install", "第一节"])
def test_a_place_that_is_not_there_is_missing(world, fragment):
    result = check(world, fragment, "<h2 id=other>install part</h2>")

    assert (result.verdict, result.reason) == (Verdict.BROKEN, Reason.FRAGMENT_MISSING)


@pytest.mark.parametrize(
    "fragment",
    [
        "/route",
        "!/route",
        ":~:text=news",
        "L10",
        "L10-L20",
        "page=3",
        "top",
        "comment-1",
    ],
)
def test_what_scripts_and_browsers_read_is_no_place(world, fragment):
    assert check(world, fragment, "").reason is Reason.ALIVE


def test_a_page_that_its_scripts_fill_may_have_any_place(world):
    world.add("a.test", page("<div id=root></div><script src=/app.js></script>"))

    assert world.check("http://a.test/x#part").reason is Reason.ALIVE


def test_a_page_is_read_further_for_its_places(world):
    world.add("a.test", page(TEXT * 100 + "<h2 id=part>"))

    assert world.check("http://a.test/x#part").reason is Reason.ALIVE


def test_a_page_that_was_not_read_to_its_end_may_have_any_place(world):
    world.add("a.test", page(TEXT * 500))

    assert world.check("http://a.test/x#part").reason is Reason.ALIVE


def test_an_archived_repository_is_alive_with_a_note():
    body = b"<title>x</title>This repository was archived by the owner on May 1, 2024."
    chain = (Hop("https://github.com/a/b", 200),)

    judgement = judge(answer(body=body, chain=chain))

    assert judgement.verdict is Verdict.OK
    assert judgement.reason is Reason.ARCHIVED_REPOSITORY


@pytest.mark.parametrize(
    ("url", "whole"),
    [
        ("https://github.com/a/b", True),
        ("http://www.GitHub.com/a/b#readme", True),
        ("https://github.com/a", False),
        ("https://github.com.a.test/a/b", False),
    ],
)
def test_a_repository_is_read_to_where_it_says_that_it_is_archived(url, whole):
    assert wants_the_whole_page(url) is whole
