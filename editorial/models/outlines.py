"""Between rows and the plain outline: the models' half of the one straight road."""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby

from django.conf import settings

from editorial.content import outline as plain

from .issue import Credit, Issue, IssueSection
from .item import Item, ItemImage
from .people import Author, User
from .publication import Section, Topic

Named = Section | Topic | Author


def load_outline(
    issue: Issue, *, name_of: Callable[[Named], str] = str
) -> plain.Outline:
    """The issue as it would print now: everything not rejected, in order.

    Its credits are the printed ones first, then each author of an item not yet named.
    """
    rows = list(
        issue.items.in_print()
        .select_related("topic", "credit")
        .prefetch_related("images")
        .order_by("position", "pk")
    )
    return plain.Outline(
        number=issue.number,
        title=issue.title,
        dek=issue.dek,
        cover=_load_cover(issue),
        opening_note=issue.opening_note,
        sections=tuple(
            plain.Section(
                title=name_of(place.section),
                groups=_load_groups(
                    [r for r in rows if r.section_id == place.section_id], name_of
                ),
                once=not place.section.recurring,
            )
            for place in issue.issue_sections.select_related("section")
            if any(r.section_id == place.section_id for r in rows)
        ),
        closing_note=issue.closing_note,
        credits=_load_credits(issue, rows, name_of),
        byline_label=issue.byline_label,
    )


def items_in_print(issue: Issue) -> list[Item]:
    """The items of `load_outline`, as rows and in the same order."""
    rows = issue.items.in_print().order_by("position", "pk")
    return _in_print_order(issue, list(rows))


def approval_hash(issue: Issue) -> str:
    """64 hex digits that name what is approved: each word, link, picture and their order.

    Sections, topics and authors count by who they are, not by what they are called: a
    renamed one prints under its new name and voids nobody's approval.
    """
    return load_outline(issue, name_of=_identity).content_hash()


def _identity(row: Named) -> str:
    return f"{row._meta.model_name} {row.pk}"


def _load_cover(issue: Issue) -> plain.Image | None:
    if not issue.cover:
        return None
    return plain.Image(
        src=issue.cover.url, alt=issue.cover_alt, credit=issue.cover_credit
    )


def _load_groups(
    rows: list[Item], name_of: Callable[[Named], str]
) -> tuple[plain.Group, ...]:
    return tuple(
        plain.Group(
            topic=name_of(topic) if topic else None,
            items=tuple(_load_item(row, name_of) for row in neighbours),
        )
        for topic, neighbours in groupby(rows, lambda row: row.topic)
    )


def _load_item(row: Item, name_of: Callable[[Named], str]) -> plain.Item:
    return plain.Item(
        headline=row.headline,
        link=row.url or None,
        commentary=row.commentary,
        label=row.label,
        form=row.form,
        images=tuple(_load_image(image) for image in row.images.all()),
        credit=name_of(row.credit) if row.credit else None,
    )


def _load_image(image: ItemImage) -> plain.Image:
    return plain.Image(
        src=image.file.url if image.file else None,
        alt=image.alt,
        caption=image.caption,
        credit=image.picture_credit,
        width=image.width,
        height=image.height,
    )


def _load_credits(
    issue: Issue, rows: list[Item], name_of: Callable[[Named], str]
) -> tuple[plain.Credit, ...]:
    printed = [
        plain.Credit(name_of(credit.author), credit.role)
        for credit in issue.credits.select_related("author")
    ]
    writers = [
        plain.Credit(name_of(row.credit))
        for row in _in_print_order(issue, rows)
        if row.credit
    ]
    return tuple(dict.fromkeys([*printed, *writers]))


def _in_print_order(issue: Issue, rows: list[Item]) -> list[Item]:
    places = issue.issue_sections.all()
    order: dict[int | None, int] = {
        place.section_id: n for n, place in enumerate(places)
    }
    return sorted(rows, key=lambda r: order.get(r.section_id, len(order)))


def save_outline(issue: Issue, outline: plain.Outline, *, owner: User) -> list[Item]:
    """Write an outline's words, sections, items and credits into a fresh issue.

    Items come out as drafts of `owner`. Sections and topics are matched without case;
    an unknown section becomes once-only, an unknown topic or author a new row.
    Call inside a transaction.
    """
    issue.title = outline.title
    issue.dek = outline.dek
    issue.opening_note = outline.opening_note
    issue.closing_note = outline.closing_note
    issue.byline_label = outline.byline_label
    issue.save()
    for position, credit in enumerate(outline.credits):
        Credit.objects.get_or_create(
            issue=issue,
            author=author_named(credit.name),
            role=credit.role,
            defaults={"position": position},
        )
    saved: list[Item] = []
    for position, section in enumerate(outline.sections):
        saved += _save_section(issue, section, position, owner)
    return saved


def _save_section(
    issue: Issue, section: plain.Section, position: int, owner: User
) -> list[Item]:
    row = section_titled(section.title)
    IssueSection.objects.update_or_create(
        issue=issue, section=row, defaults={"position": position}
    )
    placed = [(group.topic, item) for group in section.groups for item in group.items]
    return [
        _save_item(item, issue=issue, section=row, topic=topic, position=n, owner=owner)
        for n, (topic, item) in enumerate(placed)
    ]


def _save_item(item: plain.Item, *, topic: str | None, owner: User, **place) -> Item:
    row = Item.objects.create(
        headline=item.headline,
        url=item.link or "",
        commentary=item.commentary,
        label=item.label,
        form=item.form,
        credit=author_named(item.credit) if item.credit else None,
        topic=topic_named(topic) if topic else None,
        submitted_by=owner,
        **place,
    )
    for position, image in enumerate(item.images):
        ItemImage.objects.create(
            item=row,
            file=_media_name(image.src),
            alt=image.alt,
            caption=image.caption,
            picture_credit=image.credit,
            position=position,
        )
    return row


def _media_name(src: str | None) -> str:
    """The storage name of a picture we hold; empty (missing) for any other."""
    if src and src.startswith(settings.MEDIA_URL):
        return src.removeprefix(settings.MEDIA_URL)
    return ""


def section_titled(title: str) -> Section:
    """The recurring section of this title, else a new once-only one."""
    found = Section.objects.recurring().filter(title__iexact=title).first()
    return found or Section.objects.create(title=title, recurring=False)


def topic_named(name: str) -> Topic:
    """The topic of this name or alias, else a new one."""
    return Topic.objects.named(name) or Topic.objects.create(name=name)


def author_named(name: str) -> Author:
    """The credited author of this name, else a new one without an account."""
    found = Author.objects.filter(name__iexact=name).first()
    return found or Author.objects.create(name=name)
