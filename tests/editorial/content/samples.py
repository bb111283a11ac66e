"""The sample editions, with what an importer must find in each."""

import json
from pathlib import Path

import pytest

from editorial.content.importers.text import Known

OWN = Path(__file__).parents[2] / "samples"
SHARED = Path(__file__).parents[4] / "shared" / "editions"


def read(name: str, folder: Path = OWN) -> tuple[str, dict]:
    """The text of a sample and its expected outline; skips where it is absent."""
    file = folder / f"{name}.txt"
    if not file.exists():
        pytest.skip(f"{file.name} is not beside this checkout")
    expected = json.loads((folder / f"{name}.expected.json").read_text("utf-8"))
    return file.read_text("utf-8"), expected


def known(expected: dict) -> Known:
    return Known(
        sections=tuple(expected["known_sections"]),
        topics={
            name: tuple(aliases)
            for name, aliases in expected.get("known_topics", {}).items()
        },
    )


def with_prefix_headlines(found: dict, expected: dict) -> list[dict]:
    """The found sections, each headline cut to the beginning that is expected."""
    sections = json.loads(json.dumps(found["sections"]))
    for ours, theirs in zip(
        _items(sections), _items(expected["sections"]), strict=True
    ):
        if ours["headline"].startswith(theirs["headline"]):
            ours["headline"] = theirs["headline"]
    return sections


def _items(sections: list[dict]) -> list[dict]:
    return [
        item
        for section in sections
        for group in section["groups"]
        for item in group["items"]
    ]
