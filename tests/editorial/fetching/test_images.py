"""A picture behind an address: fetched with its own limits, or told why not."""

import io

import pytest
from PIL import Image

from editorial.fetching.client import Limits
from editorial.fetching.images import IMAGE_BYTES, Trouble
from editorial.fetching.verdicts import Reason, Verdict

from . import rude
from .world import PUBLIC, moved, page

SOON = Limits(seconds=0.3, pause_seconds=0)


def picture(kind="PNG", size=(40, 30)):
    out = io.BytesIO()
    Image.new("RGB", size).save(out, format=kind)
    return out.getvalue()


def served(body, kind="image/png"):
    return page(body, headers={"Content-Type": kind})


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("JPEG", "image/jpeg"),
        ("PNG", "image/png; charset=binary"),
        ("WEBP", "IMAGE/WEBP"),
        ("GIF", "image/gif"),
        ("PNG", "application/octet-stream"),
    ],
)
def test_a_picture_is_fetched_as_it_was_sent(world, kind, said):
    world.add("pictures.test", served(picture(kind), said))

    found = world.fetch_image("http://pictures.test/a.png")

    assert (found.body, found.trouble) == (picture(kind), None)


@pytest.mark.parametrize(
    "said", ["text/html", "image/svg+xml", "image/svg+xml; charset=utf-8", "video/mp4"]
)
def test_what_says_that_it_is_something_else_is_not_taken(world, said):
    world.add(
        "pictures.test", served(b"<svg xmlns='http://www.w3.org/2000/svg'/>", said)
    )

    found = world.fetch_image("http://pictures.test/")

    assert (found.body, found.trouble) == (b"", Trouble.NO_PICTURE)


def test_as_much_as_may_be_uploaded_is_read_and_not_a_byte_more(world):
    world.add("pictures.test", {"/full": served(bytes(IMAGE_BYTES))})
    world.add("larger.test", served(bytes(IMAGE_BYTES + 1)))

    full = world.fetch_image("http://pictures.test/full")
    larger = world.fetch_image("http://larger.test/")

    assert len(full.body) == IMAGE_BYTES
    assert (larger.body, larger.trouble) == (b"", Trouble.TOO_LARGE)


@pytest.mark.parametrize("server", [rude.cut_short, rude.dripping_body])
def test_half_a_picture_is_none(world, server):
    world.add("rude.test", server)

    found = world.fetch_image("http://rude.test/", limits=SOON)

    assert found.body == b""


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://10.0.0.1/a.png", Reason.REFUSED_INSIDE),
        ("http://rogue.test/a.png", Reason.REFUSED_INSIDE),
        ("http://led.test/a.png", Reason.REFUSED_INSIDE),
        ("file:///etc/passwd", Reason.MALFORMED),
        ("data:image/png;base64,AAAA", Reason.MALFORMED),
        ("http://user:pw@led.test/a.png", Reason.MALFORMED),
        ("http://led.test:6379/a.png", Reason.PORT),
        ("http://our-letter.test/media/a.png", Reason.OWN_SITE),
        ("http://circle.test/", Reason.LOOP),
        ("http://gone.test/", Reason.GONE),
    ],
)
def test_the_guard_and_the_verdicts_are_those_of_every_door(world, url, reason):
    world.add("rogue.test", served(picture()), addresses=[PUBLIC, "10.0.0.1"])
    world.add("led.test", moved("http://[::1]/a.png"))
    world.add("circle.test", moved("/"))
    world.add("gone.test", page("no", 404))

    found = world.fetch_image(url)

    assert (found.body, found.judgement.reason) == (b"", reason)
    assert found.judgement.verdict is not Verdict.OK


def test_a_picture_that_moved_is_found(world):
    world.add("pictures.test", {"/old": moved("/new"), "/new": served(picture())})

    assert world.fetch_image("http://pictures.test/old").body == picture()
