"""What still stands between an issue and publication: to be handled, or advised."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from editorial.fetching.verdicts import Reason
from editorial.links.words import finding_of, say
from editorial.models import Issue, Item, ItemImage, ItemLink, Section
from editorial.states import ItemState

HOSTS_NAMED = 3  # in one line; the list below it has them all


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing not ready. `url` leads to the place that mends it.

    `places` are where each of several things of one kind is: its name and its address.
    """

    code: str
    message: str
    url: str
    places: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Preflight:
    """`blocking` must be handled, `advice` may be; `passed` says what is in order."""

    blocking: tuple[Finding, ...]
    advice: tuple[Finding, ...]
    passed: tuple[str, ...]

    @property
    def ready(self) -> bool:
        return not self.blocking


def run(issue: Issue) -> Preflight:
    """Look the issue over; a constant number of queries, whatever its size."""
    items = list(
        issue.items.in_print()
        .select_related("section", "credit")
        .prefetch_related("images", "item_links__link__last_check")
    )
    places = list(issue.issue_sections.select_related("section"))
    blocking: list[Finding] = []
    advice: list[Finding] = []
    passed: list[str] = []
    _look_at_items(issue, items, blocking, passed)
    _look_at_pictures(items, blocking, advice, passed)
    _look_at_links(issue, items, blocking, advice, passed)
    _look_at_words(issue, blocking, passed)
    _look_at_sections(issue, items, [p.section for p in places], blocking, advice)
    _look_at_credits(items, advice, passed)
    return Preflight(tuple(blocking), tuple(advice), tuple(passed))


def _page(item: Item) -> str:
    return item.get_absolute_url()


def _board(issue: Issue) -> str:
    return reverse("desk:issue", args=[issue.slug])


def _look_at_items(
    issue: Issue, items: list[Item], blocking: list[Finding], passed: list[str]
) -> None:
    if not items:
        blocking.append(Finding("empty", _("There is no item yet"), _board(issue)))
        return
    waiting = [item for item in items if item.state == ItemState.SUBMITTED]
    if waiting:
        words = ngettext("%(n)d item to review", "%(n)d items to review", len(waiting))
        blocking.append(
            Finding("to_review", words % {"n": len(waiting)}, _page(waiting[0]))
        )
    for item in items:
        if item.state == ItemState.CHANGES_REQUESTED:
            words = _("Changes requested: %(headline)s")
        elif item.state == ItemState.DRAFT:
            words = _("Still a draft: %(headline)s")
        else:
            continue
        headline = item.headline or _("without a headline")
        blocking.append(
            Finding(item.state, words % {"headline": headline}, _page(item))
        )
    if all(item.state == ItemState.APPROVED for item in items):
        words = ngettext("%(n)d item approved", "All %(n)d items approved", len(items))
        passed.append(words % {"n": len(items)})


def _look_at_pictures(
    items: list[Item],
    blocking: list[Finding],
    advice: list[Finding],
    passed: list[str],
) -> None:
    pictures = [(item, image) for item in items for image in item.images.all()]
    missing = [item for item, image in pictures if image.missing]
    for item in dict.fromkeys(missing):
        blocking.append(
            Finding(
                "picture_missing",
                _("Picture missing: %(headline)s") % {"headline": item.headline},
                _page(item),
            )
        )
    for item, image in pictures:
        if _lacks_words(image):
            advice.append(
                Finding(
                    "picture_undescribed",
                    _("Describe the picture in words: %(headline)s")
                    % {"headline": item.headline},
                    _page(item),
                )
            )
    if pictures and not missing:
        passed.append(_("Every picture is there"))


def _lacks_words(image: ItemImage) -> bool:
    return not image.missing and not image.alt


def _look_at_links(
    issue: Issue,
    items: list[Item],
    blocking: list[Finding],
    advice: list[Finding],
    passed: list[str],
) -> None:
    uses = [(item, use) for item in items for use in item.item_links.all()]
    links = [use.link for _item, use in uses]
    unvisited = {link.pk for link in links if link.verdict == "unchecked"}
    if unvisited:
        words = ngettext(
            "%(n)d link not checked yet", "%(n)d links not checked yet", len(unvisited)
        )
        page = reverse("desk:issue_links", args=[issue.slug])
        advice.append(Finding("link_unchecked", words % {"n": len(unvisited)}, page))
    for item, use in uses:
        _look_at_link(item, use, blocking, advice)
    advice += _unsure(issue, uses)
    if links and all(link.verdict == "ok" for link in links):
        passed.append(_("Every link answers"))


def _look_at_link(
    item: Item, use: ItemLink, blocking: list[Finding], advice: list[Finding]
) -> None:
    """In the words the item's page has for it."""
    link = use.link
    said = {"headline": item.headline, "words": say(finding_of(link))}
    where = f"{_page(item)}#links"
    if link.verdict == "broken":
        words = _("Broken link: %(headline)s (%(words)s)") % said
        blocking.append(Finding("link_broken", words, where))
    elif link.moved_to:
        words = _("Link moved: %(headline)s (%(words)s)") % said
        advice.append(Finding("link_moved", words, where))
    elif use.has_changed:
        words = _("Changed a lot since it was linked: %(headline)s") % said
        advice.append(Finding("link_changed", words, where))


def _unsure(issue: Issue, uses: Iterable[tuple[Item, ItemLink]]) -> list[Finding]:
    """Doubtful links by reason: one finding each, with its hosts and a way to each use."""
    by_reason: dict[str, list[tuple[Item, ItemLink]]] = {}
    for item, use in uses:
        if use.link.verdict == "unsure":
            by_reason.setdefault(use.link.reason, []).append((item, use))
    page = reverse("desk:issue_links", args=[issue.slug])
    return [
        Finding("link_unsure", _say_unsure(found), page, _places(found))
        for found in by_reason.values()
    ]


def _say_unsure(found: list[tuple[Item, ItemLink]]) -> str:
    """One in the words its item has for it; several by their number and sites."""
    links = list(dict.fromkeys(use.link for _item, use in found))
    if len(links) == 1:
        return _("Unsure: %(words)s") % {"words": say(finding_of(links[0]))}
    hosts = list(dict.fromkeys(link.host for link in links))
    more = len(hosts) - HOSTS_NAMED
    return ngettext(
        "%(n)d unsure link: %(reason)s (%(hosts)s)",
        "%(n)d unsure links: %(reason)s (%(hosts)s)",
        len(links),
    ) % {
        "n": len(links),
        "reason": Reason(links[0].reason).label,
        "hosts": _("%(names)s and %(n)d more") % {"names": _listed(hosts), "n": more}
        if more > 0
        else _listed(hosts),
    }


def _listed(hosts: list[str]) -> str:
    return _(", ").join(hosts[:HOSTS_NAMED])


def _places(found: list[tuple[Item, ItemLink]]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (
            f"{use.link.host} · {item.headline}",
            f"{_page(item)}#link-{use.link_id}",
        )
        for item, use in found
    )


def _look_at_words(issue: Issue, blocking: list[Finding], passed: list[str]) -> None:
    where = reverse("desk:issue_edit", args=[issue.slug])
    if issue.title:
        passed.append(_("It has a title"))
    else:
        blocking.append(Finding("title", _("No title yet"), where))
    if issue.dek:
        passed.append(_("It has a dek"))
    else:
        blocking.append(Finding("dek", _("No dek yet"), where))
    if issue.cover and not issue.cover_alt:
        blocking.append(Finding("cover_alt", _("Describe the cover in words"), where))


def _look_at_sections(
    issue: Issue,
    items: list[Item],
    sections: Iterable[Section],
    blocking: list[Finding],
    advice: list[Finding],
) -> None:
    for section in sections:
        count = sum(item.section_id == section.pk for item in items)
        limits = {"section": section.title, "n": count}
        if count < section.min_items:
            words = _("%(section)s: %(n)d of at least %(least)d items")
            least = {**limits, "least": section.min_items}
            advice.append(Finding("too_few", words % least, _board(issue)))
        if section.max_items is not None and count > section.max_items:
            words = _("%(section)s: %(n)d items, at most %(most)d")
            most = {**limits, "most": section.max_items}
            advice.append(Finding("too_many", words % most, _board(issue)))
        if section.link_required:
            blocking += [
                Finding(
                    "link_required",
                    _("Needs a link: %(headline)s") % {"headline": item.headline},
                    _page(item),
                )
                for item in items
                if item.section_id == section.pk and not item.url
            ]


def _look_at_credits(
    items: list[Item], advice: list[Finding], passed: list[str]
) -> None:
    nameless = [item for item in items if item.credit_id is None]
    if items and not nameless:
        passed.append(_("Every item has its author"))
    if nameless:
        words = ngettext(
            "%(n)d item without an author's name",
            "%(n)d items without an author's name",
            len(nameless),
        )
        advice.append(
            Finding("credit", words % {"n": len(nameless)}, _page(nameless[0]))
        )
