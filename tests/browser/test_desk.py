"""Small comforts of the desk's pages."""

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import expect

from tests.factories import EditorFactory, PublicationFactory

from .people import Person

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.mark.parametrize(
    ("width", "words"), [(390, "Paste a link"), (1280, "Paste a link (press n)")]
)
def test_a_key_is_named_only_where_there_are_keys(width, words, visit, launch):
    PublicationFactory()
    editor = Person(visit(width=width))
    client = Client()
    client.force_login(EditorFactory())
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    name, url = settings.SESSION_COOKIE_NAME, settings.PUBLIC_URL
    editor.page.context.add_cookies([{"name": name, "value": cookie, "url": url}])

    editor.opens("/desk/")

    box = editor.field("Link of a new item")
    expect(box).to_have_attribute("placeholder", editor.words(words))
