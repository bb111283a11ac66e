"""After publication: a typo fix changes words only, a correction tells readers.

Each makes a new revision, the live one from then on, and no new state. The revision is
made from the live one and not from the rows, so that a section or an author renamed
since does not change in print by the way.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from editorial import links, notices, rules
from editorial.content import outline as plain
from editorial.content.typos import Beyond, beyond_a_typo
from editorial.models import Author, Issue, IssueRevision, Item, Topic, User, Via
from editorial.models.outlines import approval_hash, items_in_print
from editorial.signals import issue_corrected
from editorial.states import (
    ContentChanged,
    IllegalTransition,
    IssueState,
    StaleVersion,
)

from .items import _keep_revision, _require_headline
from .moves import _write, change, lock_issue
from .publishing import _freeze
from .wording import clean_field, clean_issue, clean_item, snapshot

# What may be changed in print; of these, what is no name and no link.
ITEM_WORDS = ("headline", "label", "url", "commentary", "credit")
ISSUE_WORDS = (
    *("title", "dek", "opening_note", "closing_note", "cover_alt", "cover_credit"),
)
TYPO_WORDS = frozenset(
    {"headline", "commentary", "title", "dek", "opening_note", "closing_note"}
    | {"cover_alt"}
)
MAX_NOTE = 500


@transaction.atomic
def fix_typo(
    *,
    issue: Issue,
    by: User,
    version: int,
    item: Item | None = None,
    via: str = Via.DESK,
    **changes: Any,
) -> Issue:
    """Mend words of a published issue, or of an item in it; readers are not told.

    `version` is that of the item, or of the issue where none is given. Raises
    IllegalTransition unless readers see the issue, StaleVersion when somebody saved
    meanwhile, and ValidationError by field, with the code "correction" where a link, a
    number or a name would change: that is for `correct_issue`. Unchanged words change
    nothing.
    """
    fresh, row = _in_print(issue, item, by)
    words = _changed(row, changes)
    if not words:
        return fresh
    _require_version(row, version)
    _require_typo(row, words)
    return _reprint(fresh, row, words, by=by, via=via)


@transaction.atomic
def correct_issue(
    *,
    issue: Issue,
    by: User,
    version: int,
    note: str,
    item: Item | None = None,
    via: str = Via.DESK,
    **changes: Any,
) -> Issue:
    """Correct a published issue, or an item in it, with a `note` that readers see.

    The note stands on the page and in the feeds from then on; nobody is mailed. Words
    may stay as they are where the note says it all. Raises as `fix_typo` does, but any
    word, link or name may change. A second press changes nothing.
    """
    fresh, row = _in_print(issue, item, by)
    note = _clean_note(note)
    words = _changed(row, changes)
    if not words and version != row.version and _is_last(fresh, note):
        return fresh
    _require_version(row, version)
    return _reprint(fresh, row, words, by=by, via=via, note=note)


@transaction.atomic
def look_at_change(
    *,
    issue: Issue,
    by: User,
    version: int,
    note: str | None = None,
    item: Item | None = None,
    **changes: Any,
) -> dict[str, Any]:
    """The words that a press would change, by field; writes nothing.

    With a `note` for a correction, without one for a typo fix. Raises whatever the
    press would, and ValidationError where a typo fix changes nothing.
    """
    _fresh, row = _in_print(issue, item, by)
    words = _changed(row, changes)
    _require_version(row, version)
    if note is not None:
        _clean_note(note)
    elif words:
        _require_typo(row, words)
    else:
        raise ValidationError(_("No word is changed yet."))
    return words


def _in_print(issue: Issue, item: Item | None, by: User) -> tuple[Issue, Issue | Item]:
    """The locked issue, and the row whose words are to change."""
    fresh = lock_issue(issue)
    rules.require(rules.can_correct_issue, by, fresh)
    if fresh.state != IssueState.PUBLISHED:
        raise IllegalTransition(str(fresh), fresh.state, "corrected")
    if item is None:
        return fresh, fresh
    rows = Item.objects.select_for_update(no_key=True).approved()
    row = rows.filter(pk=item.pk, issue=fresh).first()
    if row is None:
        raise IllegalTransition(str(item), item.state, "corrected")
    row.issue = fresh
    return fresh, row


def _changed(row: Issue | Item, changes: dict[str, Any]) -> dict[str, Any]:
    known = ITEM_WORDS if isinstance(row, Item) else ISSUE_WORDS
    if foreign := changes.keys() - set(known):
        raise TypeError(f"{sorted(foreign)} cannot be corrected")
    words = clean_item(changes) if isinstance(row, Item) else clean_issue(changes)
    words = {n: value for n, value in words.items() if getattr(row, n) != value}
    if "headline" in words:
        _require_headline(words["headline"])
    return words


def _clean_note(note: str) -> str:
    note = clean_field("note", " ".join(note.split()), MAX_NOTE)
    if not note:
        raise ValidationError({"note": _("Tell readers what was wrong.")})
    return note


def _is_last(issue: Issue, note: str) -> bool:
    corrections = _live(issue).corrections
    return bool(corrections) and corrections[-1].note == note


def _require_version(row: Issue | Item, version: int) -> None:
    if version != row.version:
        raise StaleVersion(str(row), version, row.version)


def _require_typo(row: Issue | Item, words: dict[str, Any]) -> None:
    names = _names()
    errors = {}
    for name, value in words.items():
        if name in TYPO_WORDS:
            beyond = beyond_a_typo(getattr(row, name), value, names=names)
            reasons = [_BEYOND[each]() for each in beyond]
        else:
            reasons = [_("This takes a correction: a typo fix changes words only.")]
        if reasons:
            errors[name] = [ValidationError(r, code="correction") for r in reasons]
    if errors:
        raise ValidationError(errors)


_BEYOND = {
    Beyond.LINK: lambda: _("A link changed: that takes a correction."),
    Beyond.NUMBER: lambda: _("A number changed: that takes a correction."),
    Beyond.NAME: lambda: _("A name changed: that takes a correction."),
}


def _names() -> list[str]:
    """Of every author and topic, as they may stand in a text."""
    topics = (name for topic in Topic.objects.all() for name in topic.names())
    return [*Author.objects.values_list("name", flat=True), *topics]


def _live(issue: Issue) -> plain.Outline:
    if issue.live_revision is None:
        raise ContentChanged(_("This issue has no text in print."))
    return issue.live_revision.outline


def _reprint(
    issue: Issue,
    row: Issue | Item,
    words: dict[str, Any],
    *,
    by: User,
    via: str,
    note: str = "",
) -> Issue:
    """Write the words to their row and freeze what readers see from now on."""
    verb = "corrected" if note else "typo_fixed"
    number = _number_of(issue, row) if isinstance(row, Item) else None
    outline = _with(_live(issue), number, words)
    if note:
        at = timezone.now().isoformat(timespec="seconds")
        correction = plain.Correction(note=note, made_at=at, item=number)
        outline = replace(outline, corrections=(*outline.corrections, correction))
    revision = _freeze(issue, outline, by=by, reason=verb)
    deed: dict[str, Any] = {"by": by, "verb": verb, "note": note, "via": via}
    if isinstance(row, Item):
        _change_item(row, words, deed)
        _write(issue, wanted=issue.state, **_frozen(issue, revision))
    else:
        for name, value in words.items():
            setattr(issue, name, value)
        change(issue, **deed, **words, **_frozen(issue, revision))
    issue_corrected.send(Issue, issue=issue, revision=revision, by=by)
    return issue


def _frozen(issue: Issue, revision: IssueRevision) -> dict[str, Any]:
    return {"live_revision": revision, "approved_hash": approval_hash(issue)}


def _change_item(item: Item, words: dict[str, Any], deed: dict[str, Any]) -> None:
    before, credited = snapshot(item), item.credit
    change(item, **deed, **words)
    _keep_revision(item, deed["by"])
    if {"url", "commentary"} & words.keys():
        links.register_links(item)
    if "credit" in words:
        _print_another_name(item, instead_of=credited)
    if words:
        notices.tell_edited(item, by=deed["by"], before=before)


def _print_another_name(item: Item, *, instead_of: Author | None) -> None:
    """On the masthead: who is newly credited joins it, who has nothing left goes."""
    issue = item.issue
    if issue is None:
        return
    names = issue.credits.filter(role=plain.ROLE_AUTHOR)
    if item.credit and not names.filter(author=item.credit).exists():
        last = issue.credits.aggregate(last=Max("position"))["last"] or 0
        names.create(
            issue=issue, author=item.credit, role=plain.ROLE_AUTHOR, position=last + 1
        )
    if instead_of and not issue.items.approved().filter(credit=instead_of).exists():
        names.filter(author=instead_of).delete()


def _number_of(issue: Issue, item: Item) -> int:
    """Under which number it was printed.

    Nothing is added to or taken from what came out, so rows and print stand in the same
    order; where they do not, nobody could say which words to change.
    """
    rows = items_in_print(issue)
    printed = list(_live(issue).items())
    number = next((n for n, row in enumerate(rows, 1) if row.pk == item.pk), 0)
    same = len(rows) == len(printed) and number > 0
    if not same or printed[number - 1].headline != item.headline:
        raise ContentChanged(
            _("What is in print is not what is stored here, so it cannot be changed.")
        )
    return number


def _with(
    outline: plain.Outline, number: int | None, words: dict[str, Any]
) -> plain.Outline:
    """The outline in print with other words, in item `number` or in its own texts."""
    if number is not None:
        return _with_item(outline, number, dict(words))
    cover = outline.cover and replace(
        outline.cover,
        alt=words.get("cover_alt", outline.cover.alt),
        credit=words.get("cover_credit", outline.cover.credit),
    )
    own = {name: text for name, text in words.items() if not name.startswith("cover")}
    return replace(outline, cover=cover, **own)


def _with_item(
    outline: plain.Outline, number: int, words: dict[str, Any]
) -> plain.Outline:
    before = list(outline.items())[number - 1]
    if "url" in words:
        words["link"] = words.pop("url") or None
    if "credit" not in words:
        return outline.with_item(number, replace(before, **words))
    words["credit"] = words["credit"].name if words["credit"] else None
    new = outline.with_item(number, replace(before, **words))
    left = before.credit if all(i.credit != before.credit for i in new.items()) else ""
    kept = [c for c in outline.credits if c != plain.Credit(left or "")]
    came = [plain.Credit(words["credit"])] if words["credit"] else []
    return replace(new, credits=tuple(dict.fromkeys([*kept, *came])))
