"""What people decide about links: opened it, take the new address, show the copy."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from editorial import links, rules
from editorial.content import bare_urls
from editorial.content.link_keys import InvalidUrl, link_key
from editorial.content.markdown import links_in
from editorial.models import (
    ArchivedCopy,
    Issue,
    Item,
    ItemLink,
    Link,
    User,
    Via,
)
from editorial.states import ISSUE_OPEN, StaleVersion

from .items import edit_item
from .moves import lock_in_order, record


@transaction.atomic
def open_link(*, link: Link, item: Item, by: User, via: str = Via.DESK) -> Link:
    """A colleague opened it and saw the page: for 30 days that counts for more.

    Their name stands beside the verdict and in the item's trail. Raises ValidationError
    where no reader can have seen anything: an address inside, or none at all.
    """
    rules.require(rules.can_comment, by, item)
    use = _use_of(link, item)
    link = links.vouch(link, by=by)
    ItemLink.objects.filter(pk=use.pk).update(seen_fingerprint=link.fingerprint)
    record(item, verb="link_opened", by=by, note=use.url, via=via)
    return link


def _use_of(link: Link, item: Item) -> ItemLink:
    use = item.item_links.filter(link=link).first()
    if use is None:
        raise ValidationError(_("The item does not have this link any more."))
    return use


@dataclass(frozen=True, slots=True)
class Moved:
    """What became of a link that moved: items changed, items left as they are.

    `printed` are left because what came out stays as it came out (the old address
    leads readers on); `others` because somebody else has to do it, or by hand.
    """

    changed: tuple[Item, ...]
    printed: int
    others: int


@transaction.atomic
def accept_move(*, link: Link, to: str, by: User, via: str = Via.DESK) -> Moved:
    """Put the new address into every open item with this link that `by` may edit.

    `to` is the address the person was shown; StaleVersion where the link has another by
    now. Each item is changed by an edit of its own, with all that follows from one: an
    editor's re-approves, an author's voids the approval. Raises PermissionDenied where
    not one of the items is theirs to edit, ValidationError where none is open.
    """
    fresh = Link.objects.select_for_update().get(pk=link.pk)
    if not to or fresh.moved_to != to:
        raise StaleVersion(str(link), 0, 0)
    uses = ItemLink.objects.filter(link=link).select_related("item__issue")
    in_reach = [u.item for u in uses if _is_open(u.item)]
    if not in_reach:
        raise ValidationError(
            _("Only published items have this link, and they stay as they came out.")
        )
    lock_in_order(*(item.issue for item in in_reach))
    items = Item.objects.filter(pk__in=[item.pk for item in in_reach]).select_related(
        "issue__lead_editor", "credit", "section", "topic", "submitted_by"
    )
    mine = [item for item in items if rules.can_edit_item(by, item)]
    if not mine:
        raise PermissionDenied(_("You may not do this; an editor or an admin can."))
    changed = tuple(item for item in mine if _relink(item, fresh, to, by=by, via=via))
    return Moved(
        changed=changed,
        printed=len(uses) - len(in_reach),
        others=len(in_reach) - len(changed),
    )


def _is_open(item: Item) -> bool:
    return item.issue is None or item.issue.state in ISSUE_OPEN


def _relink(item: Item, link: Link, to: str, *, by: User, via: str) -> bool:
    """Whether the item has the new address now, in its headline link and its text."""

    def new_for(url: str) -> str:
        return _with_fragment(to, url) if _key(url) == link.key else url

    words = {
        "url": new_for(item.url) if item.url else "",
        "commentary": bare_urls.swap(item.commentary, new_for),
    }
    left = {_key(url) for url in (words["url"], *links_in(words["commentary"]))}
    if link.key in left and link.key != _key(to):
        return False  # spelt in a way that only a person can change
    edit_item(item=item, by=by, version=item.version, via=via, **words)
    return True


def _key(url: str) -> str:
    try:
        return link_key(url)
    except InvalidUrl:
        return ""


def _with_fragment(to: str, url: str) -> str:
    """As browsers do it, the place on the page is kept (RFC 9110, section 10.2.2)."""
    fragment = urlsplit(url).fragment
    return f"{to}#{fragment}" if fragment and "#" not in to else to


@transaction.atomic
def show_copy(*, link: Link, by: User, via: str = Via.DESK) -> ArchivedCopy:
    """Lead readers of every published page to the archived copy, with a note.

    What was frozen stays as it is; this is kept beside the link. Safe to call twice.
    Raises ValidationError without a copy, PermissionDenied for whoever has no editor's
    rights on every issue that prints the link.
    """
    copy = _copy_of(link, by)
    if not copy.url:
        raise ValidationError(_("No archive has a copy of it that we know of."))
    if copy.shown_at is None:
        copy.shown_at, copy.shown_by = timezone.now(), by
        copy.save(update_fields=["shown_at", "shown_by"])
        _record_on_items(link, "archived_copy_shown", by=by, via=via)
    return copy


@transaction.atomic
def hide_copy(*, link: Link, by: User, via: str = Via.DESK) -> ArchivedCopy:
    """Lead readers to the original again. Safe to call twice."""
    copy = _copy_of(link, by)
    if copy.shown_at is not None:
        copy.shown_at = copy.shown_by = None
        copy.save(update_fields=["shown_at", "shown_by"])
        _record_on_items(link, "archived_copy_hidden", by=by, via=via)
    return copy


def _copy_of(link: Link, by: User) -> ArchivedCopy:
    printing = Issue.objects.published().filter(
        items__in=Item.objects.approved(), items__item_links__link=link
    )
    issues = list(printing.distinct())
    if not issues:
        raise ValidationError(_("No published issue has this link."))
    for issue in issues:
        rules.require(rules.can_edit_issue, by, issue)
    copy = ArchivedCopy.objects.select_for_update().filter(link=link).first()
    if copy is None:
        raise ValidationError(_("No archive has a copy of it that we know of."))
    return copy


def _record_on_items(link: Link, verb: str, *, by: User, via: str) -> None:
    for item in Item.objects.published().filter(item_links__link=link):
        record(item, verb=verb, by=by, note=link.url, via=via)
