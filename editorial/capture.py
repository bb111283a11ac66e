"""How things come in: a page's own words, "seen before?", and pasted issues."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from editorial import links, rules, throttle
from editorial.content.importers.text import Known
from editorial.content.link_keys import InvalidUrl, clean_url, host_of, link_key
from editorial.content.outline import Item as OutlineItem
from editorial.content.outline import Outline
from editorial.content.typed_text import clean_line
from editorial.fetching.metadata import read_metadata
from editorial.fetching.verdicts import Judgement
from editorial.links.words import Finding, finding_in, finding_of
from editorial.models import Issue, Item, ItemLink, Section, Topic, User, Via
from editorial.models.outlines import approval_hash, save_outline
from editorial.states import IssueState, ItemState
from editorial.workflow import create_issue, publish_issue
from editorial.workflow.moves import _move, change, record
from editorial.workflow.wording import clean_issue, clean_item


@dataclass(frozen=True, slots=True)
class Source:
    """What a pasted URL leads to, as far as it can be known now.

    `title` is empty where the page could not be read; `judgement` says why, `finding` in
    the words that the item's page will have. `image` is the address of the page's own picture, which was
    not fetched. `seen` are items that use the link already.
    """

    url: str
    host: str
    title: str
    description: str
    site_name: str
    image: str
    published: datetime | None
    judgement: Judgement
    finding: Finding
    seen: list[ItemLink]


def read_source(url: str, *, by: User, exclude: Item | None = None) -> Source:
    """Read the page behind a pasted URL and look whether it was covered before.

    The visit is kept as the link's own.
    Raises InvalidUrl (with a sentence for the author) for what is no web address, and
    `throttle.Throttled`.
    """
    url = clean_url(url)
    throttle.count_visit("page", by=by)
    page = read_metadata(url)
    link = links.keep_visit(url, page.judgement)
    finding = (
        finding_of(link) if link else finding_in(page.judgement, site=host_of(url))
    )
    return Source(
        url=url,
        host=host_of(url),
        title=page.title,
        description=page.description,
        site_name=page.site_name,
        image=page.image if len(page.image) <= 2048 else "",
        published=page.published,
        judgement=page.judgement,
        finding=finding,
        seen=seen_before(url, by=by, exclude=exclude),
    )


def seen_before(url: str, *, by: User, exclude: Item | None = None) -> list[ItemLink]:
    """Items that already use this link, newest first; empty for what is no link.

    Only those `by` may read: a colleague's private draft is not given away.
    """
    try:
        key = link_key(url)
    except InvalidUrl:
        return []
    readable = Item.objects.readable_by(by).in_print()
    uses = ItemLink.objects.filter(link__key=key, item__in=readable)
    if exclude is not None and exclude.pk:
        uses = uses.exclude(item=exclude)
    about = ("item__issue", "item__credit", "item__submitted_by")
    return list(uses.select_related(*about).order_by("-pk")[:5])


def known_words() -> Known:
    """The publication's section titles and topics, as an importer wants them."""
    return Known(
        sections=tuple(Section.objects.recurring().values_list("title", flat=True)),
        topics={topic.name: tuple(topic.aliases) for topic in Topic.objects.all()},
    )


def next_number() -> str:
    """One more than the highest plain or double number so far ("40–41" counts as 41)."""
    numbers = Issue.objects.values_list("number", flat=True)
    last = [int(digits[-1]) for n in numbers if (digits := re.findall(r"\d+", n))]
    return str(max(last, default=0) + 1)


@transaction.atomic
def import_issue(
    *,
    outline: Outline,
    by: User,
    number: str = "",
    publish_as: str = "draft",
    published_at: datetime | None = None,
) -> Issue:
    """A new issue from an outline, all or nothing; its items are drafts of `by`.

    `number` wins over the outline's own; without either it is the next. "published" is
    for archives: it takes an admin, goes through every move with via=import, and is
    never mailed. Raises ValidationError on a taken number or an empty outline.
    """
    if publish_as not in {"draft", "published"}:
        raise ValidationError({"as": _("Import as draft or as published.")})
    if publish_as == "published":
        rules.require(rules.can_import_archive, by)
    if next(outline.items(), None) is None:
        raise ValidationError({"text": _("No item was found in this text.")})
    outline = _storable(outline)
    issue = create_issue(
        by=by, number=number or outline.number or next_number(), via=Via.IMPORT
    )
    issue.issue_sections.all().delete()
    items = save_outline(issue, outline, owner=by)
    _keep_recurring_sections(issue)
    for item in items:
        record(item, verb="imported", by=by, to_state=item.state, via=Via.IMPORT)
        links.register_links(item)
    if publish_as == "published":
        _publish_archive(issue, items, by=by, published_at=published_at)
    else:
        links.check_issue(issue)
    issue.refresh_from_db()
    return issue


def _storable(outline: Outline) -> Outline:
    """The outline with its words checked and its links less tracking parameters.

    Raises ValidationError on words no row can hold, naming the item.
    """
    for credit in outline.credits:
        _require_line(credit.name, 60, _("Author"))
    words = _storable_words(outline)
    for section in outline.sections:
        _require_line(section.title, 80, _("Section"))
        for group in section.groups:
            _require_line(group.topic or "", 80, _("Topic"))
    sections = tuple(
        replace(
            section,
            groups=tuple(
                replace(group, items=tuple(map(_storable_item, group.items)))
                for group in section.groups
            ),
        )
        for section in outline.sections
    )
    return replace(outline, sections=sections, **words)


def _storable_words(outline: Outline) -> dict[str, Any]:
    """The issue's own words, checked; ValidationError with the field's name in it."""
    names = ("title", "dek", "opening_note", "closing_note", "byline_label")
    try:
        return clean_issue({name: getattr(outline, name) for name in names})
    except ValidationError as error:
        reasons = [
            f"{_field_name(name)}: {' '.join(words)}"
            for name, words in error.message_dict.items()
        ]
        raise ValidationError({"text": reasons}) from error


def _field_name(name: str) -> str:
    return str(getattr(Issue._meta.get_field(name), "verbose_name", name))


def _storable_item(item: OutlineItem) -> OutlineItem:
    try:
        words = clean_item(
            {
                "headline": item.headline,
                "label": item.label,
                "url": item.link or "",
                "commentary": item.commentary,
            }
        )
        _require_line(item.credit or "", 60, _("Author"))
    except ValidationError as error:
        reasons = " ".join(error.messages)
        raise ValidationError({"text": f"{item.headline[:40]}: {reasons}"}) from error
    return replace(
        item,
        headline=words["headline"],
        label=words["label"],
        link=words["url"] or None,
        commentary=words["commentary"],
    )


def _require_line(words: str, limit: int, what: str) -> None:
    try:
        clean_line(words, limit)
    except ValueError as error:
        raise ValidationError({"text": f"{what} “{words[:40]}”: {error}"}) from error


def _keep_recurring_sections(issue: Issue) -> None:
    """Recurring sections the text did not have stay open for more items, at the end."""
    last = issue.issue_sections.count()
    for n, section in enumerate(Section.objects.recurring()):
        issue.issue_sections.get_or_create(
            section=section, defaults={"position": last + n}
        )


def _publish_archive(
    issue: Issue, items: list[Item], *, by: User, published_at: datetime | None
) -> None:
    """Every listed move of an old issue, in the name of whoever imports it."""
    now = timezone.now()
    imported: dict[str, Any] = {"by": by, "via": Via.IMPORT, "verb": "imported"}
    for item in items:
        _move(item, ItemState.SUBMITTED, submitted_at=now, **imported)
        _move(item, ItemState.APPROVED, approved_at=now, approved_by=by, **imported)
    _move(issue, IssueState.REVIEW, **imported)
    _move(
        issue,
        IssueState.APPROVED,
        approved_hash=approval_hash(issue),
        **imported,
    )
    change(issue, by=by, verb="imported", via=Via.IMPORT, imported=True)
    publish_issue(issue=issue, by=by, via=Via.IMPORT, published_at=published_at)
