"""The sample editions give exactly what is expected of them, also when mistreated."""

import re

import pytest

from editorial.content.importers.decoding import decode
from editorial.content.importers.text import Known, parse
from editorial.content.outline import Outline
from tests.editorial.content import samples

OWN = ["weekly-zh", "weekly-en"]
MISTREATMENTS = {
    "windows line ends": lambda text: text.replace("\n", "\r\n"),
    "old mac line ends": lambda text: text.replace("\n", "\r"),
    "byte order mark": lambda text: f"\ufeff{text}",
    "tabs for indents": lambda text: re.sub(r"(?m)^    ", "\t", text),
    "all indented": lambda text: re.sub(r"(?m)^(?=.)", "    ", text),
    "trailing blanks": lambda text: text.replace("\n", "  \u00a0\n"),
    "extra blank lines": lambda text: text.replace("\n\n", "\n\n\n\n"),
    "zero-width spaces": lambda text: text.replace("\n", "\n\u200b"),
    "ideographic commas": lambda text: re.sub(r"(?m)^( *\d+)\. ", r"\1、", text),
    "brackets": lambda text: re.sub(r"(?m)^( *\d+)\. ", r"\1) ", text),
    "full brackets": lambda text: re.sub(r"(?m)^( *)(\d+)\. ", r"\1（\2）", text),
    "full-width digits": lambda text: re.sub(
        r"(?m)^( *)(\d)\. ", lambda m: f"{m[1]}{chr(ord(m[2]) + 0xFEE0)}．", text
    ),
    "circled numbers": lambda text: re.sub(
        r"(?m)^( *)(\d)\. ", lambda m: f"{m[1]}{chr(0x245F + int(m[2]))} ", text
    ),
    "torn numbers": lambda text: re.sub(r"(?m)^( *\d\.) ", r"\1\n", text),
    "round bullets": lambda text: re.sub(r"(?m)^( *)-[ \u00a0]", r"\1• ", text),
    "marked headings": lambda text: re.sub(
        r"(?m)^(业界要闻|上游重要进展|开源项目推荐|News|Tools|Community calls)$", r"【\1】", text
    ),
    "hashed headings": lambda text: re.sub(
        r"(?m)^(业界要闻|上游重要进展|开源项目推荐|News|Tools|Community calls)$", r"## \1", text
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", OWN)
def test_own_sample_gives_the_expected_outline(name):
    text, expected = samples.read(name)

    found = parse(text, samples.known(expected)).summary()

    assert {key: found[key] for key in ("authors", "counts", "sections")} == {
        key: expected[key] for key in ("authors", "counts", "sections")
    }
    assert [
        {"line": entry["line"], "code": entry["code"]} for entry in found["report"]
    ] == expected["report"]


def test_shared_edition_gives_the_expected_outline():
    text, expected = samples.read("cloud-native-weekly", samples.SHARED)

    found = parse(text, samples.known(expected)).summary()

    assert found["authors"] == expected["authors"]
    assert found["counts"] == expected["counts"]
    assert samples.with_prefix_headlines(found, expected) == expected["sections"]


@pytest.mark.parametrize("name", OWN)
@pytest.mark.parametrize("mistreat", MISTREATMENTS.values(), ids=MISTREATMENTS)
def test_mistreated_sample_gives_the_same_outline(name, mistreat):
    text, expected = samples.read(name)
    known = samples.known(expected)

    found = parse(mistreat(text), known).summary()

    assert found["sections"] == parse(text, known).summary()["sections"]
    assert found["authors"] == expected["authors"]


@pytest.mark.parametrize(
    ("name", "encoding"),
    [
        ("weekly-zh", "utf-8-sig"),
        ("weekly-zh", "utf-16"),
        ("weekly-zh", "gb18030"),
        ("weekly-en", "windows-1252"),
        ("weekly-en", "gb18030"),
    ],
)
def test_sample_in_another_encoding_reads_the_same(name, encoding):
    text, _ = samples.read(name)

    assert decode(text.encode(encoding)) == text


@pytest.mark.parametrize("name", OWN)
def test_sections_unknown_to_the_publication_are_found_by_their_form(name):
    text, expected = samples.read(name)

    outline = parse(text, Known()).outline

    titles = [section["title"] for section in expected["sections"]]
    assert [section.title for section in outline.sections] == titles
    assert all(section.once for section in outline.sections)


@pytest.mark.parametrize("name", OWN)
def test_outline_survives_the_round_trip_through_json(name):
    text, expected = samples.read(name)
    outline = parse(text, samples.known(expected)).outline

    assert Outline.from_dict(outline.to_dict()) == outline


@pytest.mark.parametrize("volume", ["vol-1.md", "vol-2.md"])
def test_markdown_editions_pass_through_without_losing_a_line(volume):
    file = samples.SHARED / "cloud-native-weekly-vol" / volume
    if not file.exists():
        pytest.skip(f"{volume} is not beside this checkout")
    text = file.read_text("utf-8")

    parsed = parse(text, Known(sections=("业界要闻", "上游重要进展")))

    assert [line.text for line in parsed.lines] == text.splitlines()
    assert len(parsed.outline.authors) >= 5
    assert sum(1 for _ in parsed.outline.items()) > 10
