"""What a site asks of robots holds for what we ask on our own account."""

import asyncio

import pytest

from editorial.fetching.client import Client, Policy
from editorial.fetching.manners import Manners
from editorial.fetching.robots import may_ask
from editorial.fetching.verdicts import Reason, Verdict

from . import rude
from .world import moved, page

LOST = page("<title>Page not found</title><h1>Page not found</h1>")


def ask(world, answer, url="http://a.test/news/1"):
    world.add("a.test", answer)

    async def run():
        async with Client(
            network=world.network, policy=Policy(), manners=Manners()
        ) as client:
            return await may_ask(client, url)

    return asyncio.run(run())


@pytest.mark.parametrize(
    ("answer", "allowed"),
    [
        (page("User-agent: *\nDisallow: /"), False),
        (page("User-agent: *\nDisallow: /news/"), False),
        (
            page("User-agent: Masthead\nDisallow: /news\n\nUser-agent: *\nAllow: /"),
            False,
        ),
        (page("User-agent: *\nDisallow: /admin/"), True),
        (page("User-agent: Other\nDisallow: /"), True),
        (page("User-agent: *\nDisallow:"), True),
        (page("<html>no rules at all</html>"), True),
        (page("", 404), True),
        (page("", 403), True),
        (page("", 503), False),
        (page("", 429), False),
        (rude.hang_up, False),
    ],
)
def test_a_sites_rules_are_kept(world, answer, allowed):
    assert ask(world, answer) is allowed


def test_rules_may_stand_elsewhere(world):
    rules = {"/robots.txt": moved("/r"), "/r": page("User-agent: *\nDisallow: /")}

    assert not ask(world, rules)


def test_a_site_without_robots_is_not_asked_for_the_impossible(world):
    async def serve(path, writer):
        rules = page("User-agent: *\nDisallow: /")
        writer.write(rules if path == "/robots.txt" else LOST)

    world.add("a.test", serve)

    result = world.check("http://a.test/news/1")

    assert (result.verdict, result.reason) == (Verdict.UNSURE, Reason.SOFT_404)
    assert world.asked("a.test") == ["/news/1", "/robots.txt"]


def test_a_link_that_an_author_asks_about_is_visited_whatever_the_rules(world):
    rules = page("User-agent: *\nDisallow: /")
    world.add("a.test", {"/robots.txt": rules, "/news/1": page()})

    assert world.check("http://a.test/news/1").verdict is Verdict.OK
    assert world.asked("a.test") == ["/news/1"]
