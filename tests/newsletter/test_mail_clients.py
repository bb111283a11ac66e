"""The rendered mail holds nothing that the big mail programs make a mess of."""

import re
from html.parser import HTMLParser

import pytest

from editorial.content import outline
from newsletter.digests.rendering import render
from tests.factories import (
    IssueRevisionFactory,
    PublicationFactory,
    PublishedIssueFactory,
)

from .mail_clients import (
    ATTRIBUTES,
    CONDITIONS,
    ON_CELLS_ONLY,
    PROPERTIES,
    TAGS,
    Feature,
)

pytestmark = pytest.mark.django_db

# Everything our Markdown can make, and each form of an item.
TEXT = """\
# 小标题

一段**重点**与*强调*，~~删去~~，`code`，[链接](https://a.test/ "说明")。
![图](https://a.test/a.png)

> 引用

- 一
- 二

3. 三

---

```
code
```

| 甲 | 乙 |
|---|--:|
| 1 | 2 |
"""
PICTURE = outline.Image("/media/a.png", "图", "说明", "墨封", width=1072, height=400)


class Reading(HTMLParser):
    """Every element with its attributes and its inline style, and all style sheets."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.sheets: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_data(self, data):
        if self.lasttag == "style" and data.strip():
            self.sheets.append(data)

    @property
    def styles(self) -> list[tuple[str, str, str]]:
        """Tag, property and value of every inline declaration."""
        return [
            (tag, *map(str.strip, one.split(":", 1)))
            for tag, attributes in self.elements
            for one in attributes.get("style", "").split(";")
            if one.strip()
        ]


@pytest.fixture
def mail(settings) -> Reading:
    settings.PUBLIC_URL = "https://weekly.test"
    PublicationFactory(reply_to="team@weekly.test", postal_address="路 1 号")
    forms = [
        outline.Item(
            "题", "https://a.test/", TEXT, "新", form, images=(PICTURE,), credit="墨封"
        )
        for form in outline.FORMS
    ]
    sections = [
        outline.Section(name, (outline.Group("K8s", tuple(forms)),), note=TEXT)
        for name in ("要闻", "进展")
    ]
    whole = outline.Outline(
        "23", "题目", "提要", PICTURE, TEXT, tuple(sections), TEXT
    ).to_dict()
    issue = PublishedIssueFactory(number="23")
    revision = IssueRevisionFactory(outline_json=whole, issue=issue, ordinal=2)
    return Reading(render(issue, revision).html)


def test_every_tag_and_attribute_is_one_that_mail_programs_know(mail):
    tags = {tag for tag, _attributes in mail.elements}
    attributes = {name for _tag, found in mail.elements for name in found}

    assert tags - TAGS.keys() == set()
    assert attributes - ATTRIBUTES.keys() == set()


def test_every_inline_property_is_one_that_mail_programs_know(mail):
    assert {name for _tag, name, _value in mail.styles} - PROPERTIES.keys() == set()


def test_what_word_knows_on_cells_only_stands_on_cells_only(mail):
    elsewhere = {
        (tag, name)
        for tag, name, value in mail.styles
        if tag not in ON_CELLS_ONLY.get(name, {tag}) and value != "0"
    }

    assert elsewhere == set()


def test_no_margin_is_negative_or_automatic(mail):
    margins = [value for _tag, name, value in mail.styles if name == "margin"]

    assert margins
    assert not any("-" in value or "auto" in value for value in margins)


def test_lengths_are_in_pixels_or_per_cent(mail):
    values = " ".join(value for _tag, _name, value in mail.styles)

    assert set(re.findall(r"(?<=\d)[a-z%]+", re.sub("#[0-9a-f]+", "", values))) == {
        "px",
        "%",
    }


def test_head_has_no_condition_but_the_known_ones(mail):
    heads = {
        head
        for sheet in mail.sheets
        for head in re.findall(r"@[^{]+?(?= *\{)|\[[^\]]+\]", sheet)
    }

    assert heads == CONDITIONS.keys()


def test_sheets_are_apart_and_below_what_gmail_drops(mail):
    sheets = [sheet for sheet in mail.sheets if "mso" not in sheet]

    assert len(sheets) == 3
    assert sum(len(sheet.encode()) for sheet in sheets) <= 16_384
    assert not any("url(" in sheet or "/*" in sheet for sheet in sheets)


def test_first_font_is_one_that_windows_has(mail):
    """Word takes Times where it does not know the first name of a list."""
    fonts = [value for _tag, name, value in mail.styles if name.startswith("font")]
    named = [value for value in fonts if "," in value]

    assert named
    assert all(re.search(r"'?(Segoe UI|Georgia|Menlo)", value) for value in named)


def test_pictures_have_words_and_measures_and_fit_the_column(mail):
    ours = [a for tag, a in mail.elements if tag == "img" and "/media/" in a["src"]]

    assert len(ours) == 7
    assert {(a["alt"], a["width"], a["height"]) for a in ours} == {("图", "536", "200")}


def test_layout_tables_say_that_they_are_no_data(mail):
    layout = [a for tag, a in mail.elements if tag == "table" and "cellpadding" in a]

    assert layout
    assert all(a["role"] == "presentation" for a in layout)


def test_every_fact_names_its_source():
    for table in (TAGS, ATTRIBUTES, PROPERTIES, CONDITIONS):
        for feature in table.values():
            assert isinstance(feature, Feature)
            assert re.fullmatch(r"(html|css)-[a-z0-9-]+", feature.key)
