"""An author takes the picture of the page they write about."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from editorial import workflow
from editorial.models import Issue, ItemImage
from tests.editorial.fetching.test_images import picture, served
from tests.editorial.fetching.world import World, page
from tests.factories import EditorFactory, PublicationFactory, SectionFactory

from .people import Person
from .test_last_look import EDITOR, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SOURCE, PICTURE = "http://lamp.example/oil", "http://lamp.example/oil.png"
PAGE = f"""<title>How far one lamp reaches</title>
<meta property="og:site_name" content="Lamp weekly">
<meta property="og:image" content="{PICTURE}">"""


@pytest.fixture
def environment() -> Iterator[dict[str, str]]:
    world = World()
    answers = {"/oil": page(PAGE), "/oil.png": served(picture(size=(320, 200)))}
    world.add("lamp.example", answers)
    yield {"FETCHING_SEAM": json.dumps(world.data)}
    world.close()


@pytest.fixture
def issue(launch) -> Issue:
    PublicationFactory()
    SectionFactory(title="要闻")
    editor = EditorFactory(email=EDITOR, name="林晚")
    issue = workflow.create_issue(by=editor, number="7")
    Issue.objects.update(lead_editor=editor)
    issue.refresh_from_db()
    return issue


@pytest.mark.parametrize("width", [390, 1280])
def test_author_uses_the_picture_of_the_page(width, visit, launch, issue, environment):
    author = Person(visit(width=width))
    sign_in(author, issue)

    author.opens("/desk/items/new/?issue=7")
    author.field("Link").fill(SOURCE)
    author.presses("Read the page")
    author.presses("Use this picture")
    expect(author.page.get_by_label(author.words("Picture credit"))).to_have_value(
        "Lamp weekly"
    )
    author.field("In words, for those who cannot see it").fill("一盏灯")
    author.chooses("Section", "要闻")
    author.presses("Save")

    author.sees("Came from")
    expect(author.page.locator("figure img")).to_have_attribute("alt", "一盏灯")
    image = ItemImage.objects.get()
    assert (image.source_url, image.picture_credit) == (PICTURE, "Lamp weekly")
