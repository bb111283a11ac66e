"""What the desk's tests begin with: a publication, its people, an issue with an item."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from editorial import workflow
from editorial.models import Issue, Item, User
from editorial.states import ItemState
from tests.factories import (
    AuthorFactory,
    EditorFactory,
    ItemFactory,
    PublicationFactory,
    SectionFactory,
    UserFactory,
)


def open_issue(**fields: Any) -> Issue:
    """An issue collecting, with one section, in a publication that speaks English."""
    PublicationFactory(language="en")
    SectionFactory(title="News")
    fields = {"title": "A title", "dek": "A dek", **fields}
    return workflow.create_issue(by=EditorFactory(), number="23", **fields)


def item_in(issue: Issue, state: str = ItemState.DRAFT, **fields: Any) -> Item:
    section = issue.issue_sections.first().section
    return ItemFactory(issue=issue, section=section, state=state, **fields)


def author() -> User:
    """An author with a name in print."""
    user = UserFactory()
    AuthorFactory(name=user.name, user=user)
    return user


def proofed(issue: Issue, by: User) -> Issue:
    """The issue with one approved item, closed."""
    item_in(issue, ItemState.APPROVED)
    return workflow.close_issue(issue=issue, by=by)


def approved(issue: Issue, by: User) -> Issue:
    return workflow.approve_issue(issue=proofed(issue, by), by=by)


def published(issue: Issue, by: User) -> Issue:
    return workflow.publish_issue(issue=approved(issue, by), by=by)


def tomorrow() -> str:
    """As a browser sends a day and a time."""
    return f"{timezone.now() + timedelta(days=1):%Y-%m-%dT%H:%M}"


def words(**changes: Any) -> dict[str, Any]:
    """What the item form sends."""
    return {"headline": "A headline", "commentary": "Why.", "form": "full", **changes}


def picture_file(kind: str = "PNG", size: tuple[int, int] = (40, 30), **options: Any):
    out = io.BytesIO()
    Image.new("RGB", size, "white").save(out, format=kind, **options)
    return SimpleUploadedFile(f"p.{kind.lower()}", out.getvalue())


def url(name: str, *args: Any) -> str:
    return reverse(f"desk:{name}", args=args)
