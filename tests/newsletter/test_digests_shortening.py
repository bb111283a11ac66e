import re
from itertools import pairwise

import pytest

from editorial.content import markdown
from editorial.content.outline import Group, Image, Item, Outline, Section
from newsletter.digests.shortening import shorter

URL = "https://weekly.test/issues/23/"
PARAGRAPH = "这一段有几句话。第二句在这里！"


def issue(commentary: str = PARAGRAPH, count: int = 1, **fields) -> Outline:
    item = Item("题", "https://a.test/", commentary, images=(Image("/a.png"),))
    section = Section("新闻", (Group(None, (item,) * count), Group("空", ())))
    return Outline(sections=(section,), **fields)


def texts(outline: Outline) -> list[str]:
    return [item.commentary for item in outline.items()]


def test_each_form_is_no_longer_than_the_one_before():
    long = issue("\n\n".join([PARAGRAPH] * 300), count=5)

    sizes = [len(str(form.to_dict())) for form in shorter(long, URL)]

    assert all(after <= before for before, after in pairwise(sizes))


def test_last_form_has_no_items_and_says_how_many_the_page_has():
    *_, last = shorter(issue(count=7), URL)

    assert not list(last.items())
    assert last.closing_note == f"[7 more items](<{URL}>)"


def test_short_texts_stay_whole_while_long_ones_end_early():
    first = next(shorter(issue(), URL))

    assert texts(first) == [PARAGRAPH]


def test_long_text_keeps_whole_paragraphs_and_leads_to_its_place_on_the_page():
    first = next(shorter(issue("\n\n".join([PARAGRAPH] * 300), count=2), URL))

    second = texts(first)[1]
    *kept, link = second.split("\n\n")
    assert set(kept) == {PARAGRAPH}
    assert link == f"[Read on](<{URL}#n2>)"
    assert len(second) < 1600


def test_endless_paragraph_ends_behind_a_sentence_without_its_mark_up():
    first = next(shorter(issue("**重要**：" + PARAGRAPH * 200), URL))

    words, link = texts(first)[0].split("\n\n")
    assert words.startswith("重要：这一段")
    assert words.endswith(("。", "！", "\\!"))
    assert link.startswith("[Read on]")


@pytest.mark.parametrize("fence", ["```", "~~~"])
def test_code_that_was_opened_swallows_no_link(fence):
    code = f"开头。\n\n{fence}\nx\n\n" + "y\n\n" * 900 + fence

    for form in shorter(issue(code), URL):
        for text in filter(None, texts(form)):
            assert f'href="{URL}#n1"' in markdown.render(text)


def test_headlines_alone_have_no_pictures():
    bare = [form for form in shorter(issue(), URL) if not any(texts(form))]

    assert all(not item.images for form in bare for item in form.items())


def test_notes_are_cut_as_well():
    long = issue(opening_note=PARAGRAPH * 300, closing_note=PARAGRAPH * 300)

    first = next(shorter(long, URL))

    assert re.search(
        r"\[Read on\]\(<https://weekly.test/issues/23/>\)$", first.opening_note
    )
    assert len(first.closing_note) < 1600
