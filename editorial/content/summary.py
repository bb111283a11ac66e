"""An outline in short: who wrote it, how much of what, where it leads."""

from __future__ import annotations

from typing import Any

from .markdown import links_in, list_items_in
from .outline import Item, Outline


def summary(outline: Outline) -> dict[str, Any]:
    """Authors, counts and the headlines by section and topic, ready for JSON."""
    items = [_item(item) for item in outline.items()]
    groups = [group for section in outline.sections for group in section.groups]
    return {
        "authors": list(outline.authors),
        "counts": {
            "sections": len(outline.sections),
            "topics": sum(group.topic is not None for group in groups),
            "items": len(items),
            "links": sum(len(item["links"]) for item in items),
            "missing_images": sum(item["missing_images"] for item in items),
        },
        "sections": [
            {
                "title": section.title,
                "groups": [
                    {"topic": group.topic, "items": [_item(i) for i in group.items]}
                    for group in section.groups
                ],
            }
            for section in outline.sections
        ],
    }


def links_of(item: Item) -> list[str]:
    """An item's own link and those of its commentary, each once, in order."""
    own = [item.link] if item.link else []
    return list(dict.fromkeys([*own, *links_in(item.commentary)]))


def _item(item: Item) -> dict[str, Any]:
    entries = list_items_in(item.commentary)
    return {
        "headline": item.headline,
        "links": links_of(item),
        "missing_images": item.missing_images,
        **({"body_list_items": entries} if entries else {}),
    }
