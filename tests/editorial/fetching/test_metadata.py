"""What a page says about itself, for the source card."""

import gzip
from datetime import UTC, datetime, timedelta, timezone

import pytest

from editorial.fetching.verdicts import Reason, Verdict

from .world import moved, page

ARTICLE = """<!doctype html><html><head>
<script>var s = "<title>not this</title>"</script><!-- <title>nor this</title> -->
<title>Kubernetes 2.0 — Blog</title>
<meta property="og:title" content="Kubernetes 2.0 &amp; you">
<meta name="description" content="What
   changes.">
<meta property="og:site_name" content="The Blog">
<meta property="article:published_time" content="2026-02-03T10:00:00+08:00">
<meta property="og:image" content="/cover.png">
</head><body><h1>Heading</h1></body></html>"""


def read(world, body, headers=None):
    world.add("a.test", page(body, headers=headers))
    return world.read("http://a.test/post")


def test_a_page_with_open_graph_tells_everything(world):
    found = read(world, ARTICLE)

    assert found.title == "Kubernetes 2.0 & you"
    assert found.description == "What changes."
    assert found.site_name == "The Blog"
    assert found.image == "http://a.test/cover.png"
    assert found.published == datetime(
        2026, 2, 3, 10, tzinfo=timezone(timedelta(hours=8))
    )
    assert found.judgement.verdict is Verdict.OK


@pytest.mark.parametrize(
    ("body", "title"),
    [
        ("<title> A\n  title </title>", "A title"),
        ("<h1>Only a heading</h1>", "Only a heading"),
        ("<title></title>", ""),
        ("no mark-up at all", ""),
        ("", ""),
        ("<title>a\x00b\x1bc</title>", "a\ufffdbc"),
        (f"<title>{'周' * 300}</title>", "周" * 200),
        ("<script>" + "x" * 100_000 + "</script><title>Late</title>", "Late"),
        ("<style>x</STYLE ><svg><title>no</title></svg><title>Yes</title>", "Yes"),
    ],
)
def test_titles_are_one_clean_line(world, body, title):
    assert read(world, body).title == title


def test_without_a_site_name_the_host_stands_for_it(world):
    found = read(world, "<title>x</title>")

    assert (found.site_name, found.image, found.published) == ("a.test", "", None)


@pytest.mark.parametrize(
    ("encoding", "declared"),
    [
        ("gb18030", "gb2312"),
        ("gb18030", "GBK"),
        ("big5", "Big5"),
        ("utf-8", "utf8"),
        ("shift_jis", "Shift_JIS"),
    ],
)
def test_charsets_are_read_from_the_header(world, encoding, declared):
    body = "<title>雲計算</title>".encode(encoding)

    found = read(world, body, {"Content-Type": f'text/html; charset="{declared}"'})

    assert found.title == "雲計算"


@pytest.mark.parametrize("encoding", ["gb18030", "big5"])
def test_charsets_are_read_from_the_page(world, encoding):
    body = f"<meta charset={encoding}><title>雲計算</title>".encode(encoding)

    assert read(world, body).title == "雲計算"


@pytest.mark.parametrize(
    "body",
    [
        "<title>云计算</title>".encode(),
        "<title>云计算</title>".encode("gb18030"),
        "<title>云计算</title>".encode("utf-8-sig"),
        "\ufeff<title>云计算</title>".encode("utf-16-le"),
        "<meta charset=nonsense><title>云计算</title>".encode(),
        "<meta charset=hex><title>云计算</title>".encode(),
        "<meta charset=unicode_escape><title>云计算</title>".encode(),
        "<meta charset=utf-16><title>云计算</title>".encode(),
    ],
)
def test_undeclared_and_misdeclared_charsets_are_guessed(world, body):
    assert read(world, body).title == "云计算"


@pytest.mark.parametrize(
    ("mark_up", "published"),
    [
        ('<meta name="date" content="2026-02-03">', datetime(2026, 2, 3, tzinfo=UTC)),
        (
            '<meta name="pubdate" content="2026/02/03">',
            datetime(2026, 2, 3, tzinfo=UTC),
        ),
        (
            '<time datetime="2026-02-03T04:05:06Z">',
            datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC),
        ),
        (
            '<script type="application/ld+json">{"datePublished": "2026-02-03"}</script>',
            datetime(2026, 2, 3, tzinfo=UTC),
        ),
        ('<meta name="date" content="yesterday">', None),
        ('<meta name="date" content="0001-01-01T00:00:00+14:00">', None),
    ],
)
def test_dates_are_found_where_pages_put_them(world, mark_up, published):
    assert read(world, mark_up).published == published


@pytest.mark.parametrize(
    "image",
    ["http://127.0.0.1/x.png", "file:///x.png", "data:image/png,x", "//[::1]/x"],
)
def test_images_inside_are_not_offered(world, image):
    mark_up = f'<meta property="og:image" content="{image}">'

    assert read(world, mark_up).image == ""


def test_compression_nobody_asked_for_is_undone(world):
    body = gzip.compress(b"<title>Packed</title>")

    assert read(world, body, {"Content-Encoding": "gzip"}).title == "Packed"


@pytest.mark.parametrize("encoding", ["gzip", "br", "rot13"])
def test_compression_that_cannot_be_undone_leaves_nothing(world, encoding):
    found = read(world, b"<title>not packed</title>", {"Content-Encoding": encoding})

    assert found.title == ""


def test_a_page_that_moved_is_read_where_it_is(world):
    world.add("a.test", moved("http://b.test/new"))
    world.add("b.test", page("<title>New home</title>"))

    found = world.read("http://a.test/")

    assert (found.url, found.title) == ("http://b.test/new", "New home")


def test_an_error_page_is_not_taken_for_the_page(world):
    world.add("a.test", page("<title>404 not found</title>", 404))

    found = world.read("http://a.test/")

    assert (found.title, found.judgement.reason) == ("", Reason.GONE)


def test_what_is_no_page_has_no_words(world):
    found = read(world, b"%PDF <title>x</title>", {"Content-Type": "application/pdf"})

    assert (found.title, found.judgement.verdict) == ("", Verdict.OK)


def test_a_refused_url_is_a_judgement_too(world, canary):
    found = world.read("http://169.254.169.254/latest/meta-data/")

    assert (found.title, found.judgement.reason) == ("", Reason.REFUSED_INSIDE)
    assert canary.hits == 0
