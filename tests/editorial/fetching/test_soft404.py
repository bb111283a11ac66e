"""Pages that say they are not there, and pages that only speak of it."""

import pytest

from editorial.fetching.verdicts import Reason, Verdict

from .world import moved, page

LONG = "".join(
    f"<p>Lesson {n}: another thing about servers and errors." for n in range(99)
)
LOST = "<title>Page not found | News</title><h1>Page not found</h1>"
NOT_FOUND = [
    LOST,
    "<title>404</title><h1>404</h1>",
    "<title>页面不存在</title><p>抱歉，您访问的页面不存在或已被删除。",
    "<title>News</title><p>您访问的文章不存在，看看别的吧。",
    "<title>News</title><h1>Sorry</h1><p>This page could not be found.",
]


def answering_all(answer):
    async def serve(path, writer):
        writer.write(answer)

    return serve


@pytest.mark.parametrize("body", NOT_FOUND)
def test_a_host_that_says_not_found_to_everything_has_a_soft_404(world, body):
    world.add("a.test", answering_all(page(body)))

    result = world.check("http://a.test/news/1")

    assert (result.verdict, result.reason) == (Verdict.BROKEN, Reason.SOFT_404)
    assert (result.status, result.detail) == (200, "same_for_all")


@pytest.mark.parametrize(
    "title",
    [
        "404 Not Found",
        "How we rebuilt our page not found page",
        "为什么你的页面不存在",
        "404 Media",
    ],
)
def test_an_article_about_errors_is_alive(world, title):
    world.add("a.test", {"/news/1": page(f"<title>{title}</title>{LONG}")})

    assert world.check("http://a.test/news/1").reason is Reason.ALIVE


def test_a_page_of_nothing_but_the_words_at_an_honest_host_is_unsure(world):
    world.add("a.test", {"/news/1": page(LOST)})

    result = world.check("http://a.test/news/1")

    assert (result.verdict, result.reason) == (Verdict.UNSURE, Reason.SOFT_404)


def test_without_a_comparison_it_stays_unsure(world):
    async def answer_one_only(path, writer):
        if path == "/news/1":
            writer.write(page(LOST))
        else:
            writer.close()

    world.add("a.test", answer_one_only)

    assert world.check("http://a.test/news/1").verdict is Verdict.UNSURE


@pytest.mark.parametrize(
    "body", ["<p>该内容已被发布者删除", "<p>This post was deleted by its author."]
)
def test_what_a_platform_took_down_needs_no_comparison(world, body):
    world.add("a.test", {"/s/1": page(body)})

    assert world.check("http://a.test/s/1").reason is Reason.SOFT_404
    assert world.asked("a.test") == ["/s/1"]


def test_a_site_that_sends_everything_to_its_front_page_lost_the_link(world):
    async def send_home(path, writer):
        writer.write(page(LONG) if path == "/" else moved("/"))

    world.add("a.test", send_home)

    assert world.check("http://a.test/2019/news").reason is Reason.SOFT_404


def test_one_page_that_became_the_front_page_is_alive(world):
    world.add("a.test", {"/": page(LONG), "/2019/news": moved("/")})

    assert world.check("http://a.test/2019/news").verdict is Verdict.OK


def test_an_app_that_shows_one_shell_for_every_path_is_alive(world):
    shell = "<title>App</title><div id=root></div><script src=/app.js></script>"
    world.add("a.test", answering_all(page(shell)))

    assert world.check("http://a.test/story/1").reason is Reason.ALIVE


def test_a_host_is_asked_for_the_impossible_once_and_only_with_reason(world):
    world.add("lost.test", answering_all(page(LOST)))
    world.add("calm.test")

    world.check_all([f"http://lost.test/{n}" for n in range(5)] + ["http://calm.test/"])

    invented = [path for path in world.asked("lost.test") if len(path) > 20]
    assert len(invented) == 1
    assert world.asked("calm.test") == ["/"]
