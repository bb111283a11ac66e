"""What an item's and an issue's words must be like before they are stored."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from editorial.content.link_keys import InvalidUrl, clean_url
from editorial.content.typed_text import clean_line, clean_text
from editorial.models import Item

MAX_COMMENTARY_BYTES = 256 * 1024
ITEM_LINES = {"headline": 200, "label": 30}
ISSUE_LINES = {
    "number": 20,
    "title": 200,
    "dek": 300,
    "cover_alt": 300,
    "cover_credit": 120,
    "byline_label": 20,
}
ISSUE_TEXTS = ("opening_note", "closing_note")
ITEM_PLAIN = ("form", "section", "topic", "credit")
ISSUE_PLAIN = ("cover", "planned_on", "deadline_at")


def clean_item(changes: dict[str, Any]) -> dict[str, Any]:
    """The given item fields, checked and tidied.

    Raises ValidationError by field; TypeError for a field no caller may set, so that
    `state` or `version` cannot slip in.
    """
    cleaned: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, value in changes.items():
        try:
            cleaned[name] = _clean_item_field(name, value)
        except ValueError as error:
            errors[name] = str(error)
    if errors:
        raise ValidationError(errors)
    return cleaned


def _clean_item_field(name: str, value: Any) -> Any:
    if name in ITEM_LINES:
        return clean_line(value, ITEM_LINES[name])
    if name == "commentary":
        return _clean_long(value)
    if name == "url":
        return _clean_link(value)
    if name == "form" and value not in Item.Form.values:
        raise ValueError(_("Choose one of the forms."))
    if name in ITEM_PLAIN:
        return value
    raise TypeError(f"an item's {name} cannot be set by hand")


def clean_issue(changes: dict[str, Any]) -> dict[str, Any]:
    """The given issue fields, checked and tidied; errors as in `clean_item`."""
    cleaned: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, value in changes.items():
        try:
            if name in ISSUE_LINES:
                cleaned[name] = clean_line(value, ISSUE_LINES[name])
            elif name in ISSUE_TEXTS:
                cleaned[name] = _clean_long(value)
            elif name in ISSUE_PLAIN:
                cleaned[name] = value
            else:
                raise TypeError(f"an issue's {name} cannot be set by hand")
        except ValueError as error:
            errors[name] = str(error)
    if errors:
        raise ValidationError(errors)
    return cleaned


def clean_field(name: str, value: str, limit: int) -> str:
    """One line of words. Raises ValidationError naming the field."""
    try:
        return clean_line(value, limit)
    except ValueError as error:
        raise ValidationError({name: str(error)}) from error


def _clean_long(value: str) -> str:
    text = clean_text(value)
    if len(text.encode()) > MAX_COMMENTARY_BYTES:
        raise ValueError(_("Too long: at most 256 KiB of text."))
    return text


def _clean_link(value: str) -> str:
    if not value:
        return ""
    try:
        return clean_url(value)
    except InvalidUrl as error:
        raise ValueError(str(error)) from error


def snapshot(item: Item) -> dict[str, Any]:
    """An item's words by field name, as revisions store them."""
    return {
        "headline": item.headline,
        "label": item.label,
        "url": item.url,
        "commentary": item.commentary,
        "form": item.form,
        "section": item.section.title if item.section else None,
        "topic": item.topic.name if item.topic else None,
        "credit": item.credit.name if item.credit else None,
        "images": [
            {"name": image.file.name, "alt": image.alt, "caption": image.caption}
            for image in item.images.all()
        ]
        if item.pk
        else [],
    }
