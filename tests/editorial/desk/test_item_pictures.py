"""Pictures from an address: what an author sees, real servers on loopback behind it."""

import json

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from editorial import throttle
from tests.editorial.fetching.conftest import world  # noqa: F401
from tests.editorial.fetching.test_images import picture, served
from tests.editorial.fetching.world import moved, page

from .rows import author, item_in, open_issue, picture_file, url, words

pytestmark = pytest.mark.django_db
PICTURE = "http://pictures.test/a.png"
LARGE = {"Content-Type": "image/png", "Content-Length": str(11 * 2**20)}
SVG = b"<svg xmlns='http://www.w3.org/2000/svg'/>"
PAGE = """<title>Mesh 2.0</title><meta property="og:site_name" content="Mesh weekly">
<meta property="og:image" content="http://pictures.test/a.png">"""


@pytest.fixture
def web(world, settings):  # noqa: F811
    """A web with one picture, a page that shows it, and answers that are none."""
    answers = {
        "/a.png": served(picture()),
        "/page": page(PAGE),
        "/svg": served(SVG, "image/svg+xml"),
        "/disguised": served(SVG),
        "/wide": served(picture(size=(20_000, 2_001))),
        "/inside": moved("http://169.254.169.254/latest/meta-data"),
        "/large": page(b"x", headers=LARGE),
        "/wall": page("no", 403),
    }
    world.add("pictures.test", answers)
    settings.FETCHING_SEAM = json.dumps(world.data)
    return world


@pytest.fixture
def item(client, web):
    me = author()
    client.force_login(me)
    return item_in(open_issue(), submitted_by=me)


def save(client, item, **fields):
    return client.post(url("item_edit", item.pk), words(version=1, **fields))


def test_a_picture_is_fetched_redrawn_and_kept_with_where_it_came_from(client, item):
    response = save(client, item, **{"picture-new-address": PICTURE})

    image = item.images.get()
    assert response.status_code == 302
    assert (image.width, image.height, image.source_url) == (40, 30, PICTURE)
    assert image.picture_credit == "pictures.test"
    assert "pictures.test" not in image.file.name


def test_the_item_says_where_its_picture_came_from(client, item):
    save(client, item, **{"picture-new-address": PICTURE})

    response = client.get(item.get_absolute_url())

    assert f'Came from <a href="{PICTURE}"' in response.text


def test_a_credit_that_was_typed_stays(client, item):
    typed = {"picture-new-address": PICTURE, "picture-new-picture_credit": "墨封"}

    save(client, item, **typed)

    assert item.images.get().picture_credit == "墨封"


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/svg", "There is no JPEG, PNG, WebP or GIF picture at this address."),
        ("/page", "There is no JPEG, PNG, WebP or GIF picture at this address."),
        ("/disguised", "This is not a JPEG"),
        ("/wide", "more than 40 million pixels"),
        ("/large", "larger than 10 MB"),
        ("/gone", "The page is gone (404). Save the picture yourself"),
        ("/wall", "turns automatic visits away (403)"),
        ("/inside", "It leads into a private network"),
    ],
)
def test_what_is_no_picture_is_told_in_words_and_the_text_kept(
    client, item, path, said
):
    address = f"http://pictures.test{path}"
    sent = {"picture-new-address": address, "picture-new-alt": "一张图"}

    response = save(client, item, commentary="typed", **sent)

    item.refresh_from_db()
    assert response.status_code == 400
    assert said in response.text
    assert response.context["form"]["commentary"].value() == "typed"
    assert response.context["pictures"][-1]["address"].value() == address
    assert (item.version, item.images.count()) == (1, 0)


def test_one_person_has_so_many_pictures_fetched_in_a_minute(client, item, web):
    a_minute = timezone.now().replace(second=20)
    with time_machine.travel(a_minute, tick=False) as clock:
        for _picture in range(throttle.A_MINUTE):
            throttle.count_visit("picture", by=item.submitted_by)

        too_many = save(client, item, **{"picture-new-address": PICTURE})
        visits = len(web.requests)
        clock.shift(40)
        later = save(client, item, **{"picture-new-address": PICTURE})

    assert (too_many.status_code, visits) == (400, 0)
    assert "Save again in 40 seconds; what you typed stays here." in too_many.text
    assert f'value="{PICTURE}"' in too_many.text
    assert later.status_code == 302


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "a.png", "http://127.1/a.png", "http:/a", "x\x00"],
)
def test_no_address_is_refused_without_a_visit(client, item, web, address):
    response = save(client, item, **{"picture-new-address": address})

    assert response.status_code == 400
    assert response.context["pictures"][-1].errors["address"]
    assert web.requests == []


def test_a_file_and_an_address_are_one_too_many(client, item, web):
    sent = {"picture-new-address": PICTURE, "picture-new-file": picture_file()}

    response = save(client, item, **sent)

    assert "Choose a file or name an address, not both." in response.text
    assert web.requests == []


def test_the_card_of_a_link_offers_the_pages_picture(client, item):
    response = client.post(url("source"), {"url": "http://pictures.test/page"})

    assert f'name="picture-offered" value="{PICTURE}"' in response.text
    assert "Use this picture" in response.text


def test_using_the_pages_picture_fills_in_its_address_and_credit(client, item):
    offered = {"picture-offered": PICTURE, "picture-offered-by": "Mesh weekly"}

    response = save(client, item, press="picture", commentary="typed", **offered)

    form = response.context["pictures"][-1]
    assert (form["address"].value(), form["picture_credit"].value()) == (
        PICTURE,
        "Mesh weekly",
    )
    assert '<details id="pictures" open>' in response.text
    assert response.context["form"]["commentary"].value() == "typed"
    assert item.images.count() == 0


def test_an_upload_in_its_place_forgets_where_the_first_came_from(client, item):
    save(client, item, **{"picture-new-address": PICTURE})
    image = item.images.get()
    own = SimpleUploadedFile("p.png", picture(size=(8, 8)))
    item.refresh_from_db()

    client.post(
        url("item_edit", item.pk),
        words(version=item.version, **{f"picture-{image.pk}-file": own}),
    )

    assert (item.images.get().width, item.images.get().source_url) == (8, "")
