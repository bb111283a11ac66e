"""What templates of the desk ask for: the shell around each page, and small wordings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.conf import settings
from django.db.models import Model
from django.template.defaultfilters import date as format_date
from django.templatetags.static import static
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.utils.translation import ngettext_lazy, pgettext

from editorial import board, duties, rules
from editorial.content.faces.typeset import join_names
from editorial.content.importers.parsed import LineKind
from editorial.desk.verbs import label_of
from editorial.models import Issue, Item, Publication, Role, Transition, User

register = template.Library()

# Zones that people know by another name than the database's.
ZONES = {"Asia/Shanghai": _lazy("Beijing")}

# What one comes to from an entry of the rail, which stays marked meanwhile.
DIGEST_PAGES = (
    *("digest", "start", "decide", "uncertain", "issue_report"),
    *(
        "doctor",
        "check_mail",
        "check_source",
        "trial_groups",
        "trial_group",
        "trial_group_delete",
    ),
)
READER_PAGES = ("subscriber", "bring", "import", "health", "release")

SPANS = {
    "year": ngettext_lazy("%(num)d year", "%(num)d years", "num"),
    "month": ngettext_lazy("%(num)d month", "%(num)d months", "num"),
    "week": ngettext_lazy("%(num)d week", "%(num)d weeks", "num"),
    "day": ngettext_lazy("%(num)d day", "%(num)d days", "num"),
    "hour": ngettext_lazy("%(num)d hour", "%(num)d hours", "num"),
    "minute": ngettext_lazy("%(num)d minute", "%(num)d minutes", "num"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the rail or a tab. `go` is what shortcuts know it by."""

    label: str
    url: str
    count: str = ""
    is_current: bool = False
    go: str = ""


@dataclass(frozen=True, slots=True)
class Shell:
    """Where I am and what waits: the frame of every desk page."""

    publication: Publication | None
    issues: tuple[Issue, ...]
    entries: tuple[Entry, ...]
    tabs: tuple[Entry, ...]
    role: str


@register.simple_tag(takes_context=True)
def desk_shell(context: dict[str, Any]) -> Shell:
    """The frame for this request; reads the same few rows on every page."""
    request = context["request"]
    user: User = request.user
    issues = tuple(board.open_issues()[:3])
    shown = _shown_issue(context)
    rail = _Rail(request, shown)
    owed = getattr(request, "duties", None) or duties.owed_by(user)
    errands = getattr(request, "errands", None)
    errands = duties.errands(user) if errands is None else errands
    rail.add(_("My turn"), "my_turn", count=owed.count + len(errands))
    for issue in issues:
        rail.add_issue(issue)
    if user.is_editor or owed.to_review:
        rail.add(_("To review"), "review", count=len(owed.to_review))
    rail.add(_("Backlog"), "backlog", count=duties.backlog(user).count())
    rail.add(
        pgettext("on the desk", "All issues"),
        "issues",
        also=("issue_create",),
        holds=shown not in (None, *issues) and rail.view.startswith("desk:"),
    )
    rail.add(_("Links"), "links")
    if user.is_editor:
        rail.add(_("Import"), "import")
    rail.add(_("Team"), "team")
    if user.is_editor:
        rail.add(_("Digests"), "digests", namespace="readers", also=DIGEST_PAGES)
        rail.add(
            _("Subscribers"), "subscribers", namespace="readers", also=READER_PAGES
        )
    if user.is_admin:
        rail.add(_("Publication"), "publication", also=("sections", "topics"))
    if settings.DEVELOPMENT:
        rail.add(_("Mailbox"), "mailbox", namespace="readers")
    return Shell(
        publication=getattr(request, "publication", None),
        issues=issues,
        entries=tuple(rail.entries),
        tabs=_tabs(rail, issues),
        role=_role_of(user, shown or (issues[0] if issues else None)),
    )


class _Rail:
    """Collects entries; one that this user's Masthead lacks is left out."""

    def __init__(self, request, shown: Issue | None) -> None:
        self.view = request.resolver_match.view_name if request.resolver_match else ""
        self.shown = shown
        self.entries: list[Entry] = []

    def add(
        self,
        label: str,
        name: str,
        *,
        count: int = 0,
        also: tuple[str, ...] = (),
        namespace: str = "desk",
        holds: bool = False,
    ) -> None:
        """`also` are the pages below it; `holds` says that this is one of them too."""
        try:
            url = reverse(f"{namespace}:{name}")
        except NoReverseMatch:
            return
        names = {f"{namespace}:{each}" for each in (name, *also)}
        is_current = holds or self.view in names
        self.entries.append(Entry(label, url, str(count or ""), is_current))

    def add_issue(self, issue: Issue) -> None:
        label = _("Issue %(number)s") % {"number": issue.number}
        day = weekday(issue.planned_on) if issue.planned_on else ""
        url = reverse("desk:issue", args=[issue.slug])
        is_current = self.shown is not None and self.shown.pk == issue.pk
        self.entries.append(Entry(label, url, day, is_current))


def _tabs(rail: _Rail, issues: tuple[Issue, ...]) -> tuple[Entry, ...]:
    """Four places for the thumb, of the same pages as the rail."""
    issue_url = (
        reverse("desk:issue", args=[issues[0].slug])
        if issues
        else reverse("desk:issues")
    )
    on_issue = rail.shown is not None or rail.view in {
        "desk:issues",
        "desk:issue_create",
    }
    return (
        Entry(
            _("My turn"),
            reverse("desk:my_turn"),
            "",
            rail.view == "desk:my_turn",
            "my_turn",
        ),
        Entry(pgettext("the current one", "Issue"), issue_url, "", on_issue, "issue"),
        Entry(
            _("Backlog"),
            reverse("desk:backlog"),
            "",
            rail.view == "desk:backlog",
            "backlog",
        ),
        Entry(_("More"), reverse("desk:more"), "", rail.view == "desk:more", "more"),
    )


def _shown_issue(context: dict[str, Any]) -> Issue | None:
    """The issue this page is about."""
    issue = context.get("issue")
    if issue is None and isinstance(context.get("item"), Item):
        issue = context["item"].issue
    return issue if isinstance(issue, Issue) else None


def _role_of(user: User, issue: Issue | None) -> str:
    if issue is not None and issue.lead_editor_id == user.pk:
        return _("Lead editor of issue %(number)s") % {"number": issue.number}
    return str(Role(user.role).label)


@register.simple_tag
def icon(name: str) -> SafeString:
    """A small drawing from the sprite; words stand beside it, so it says nothing."""
    return format_html(
        '<svg class="icon" aria-hidden="true" focusable="false"><use href="{}#{}"/></svg>',
        static("icons/sprite.svg"),
        name,
    )


@register.filter(expects_localtime=True)
def moment(value: datetime | None) -> str:
    """A day and a time as a colleague would say it."""
    return format_date(value, pgettext("day and time", "D j M, H:i")) if value else ""


@register.filter(expects_localtime=True)
def day(value: Any) -> str:
    return format_date(value, pgettext("day", "D j M Y")) if value else ""


@register.filter(expects_localtime=True)
def weekday(value: Any) -> str:
    return format_date(value, pgettext("weekday", "D")) if value else ""


@register.filter
def zone(name: str) -> str:
    """A time zone as people call it: "Asia/Shanghai" is Beijing."""
    return str(ZONES.get(name, name))


@register.filter(expects_localtime=True)
def clock(value: datetime | None) -> str:
    return format_date(value, "H:i") if value else ""


@register.filter
def ago(value: datetime | None) -> str:
    """How long ago, in one unit: "2 hours"."""
    return _span(value, timezone.now(), depth=1) if value else ""


@register.filter
def left(value: datetime | None) -> str:
    """How long until then, in two units; empty once it has passed."""
    now = timezone.now()
    return _span(now, value, depth=2) if value and value > now else ""


def _span(start: datetime, end: datetime, *, depth: int) -> str:
    """The time between in words, which Django's own Chinese strews with commas."""
    if end - start < timedelta(minutes=1):
        return _("less than a minute")
    words = timesince(start, end, time_strings=SPANS, depth=depth)
    longer, comma, shorter = words.partition(_(", "))
    if not comma:
        return words
    return _("%(longer)s, %(shorter)s") % {"longer": longer, "shorter": shorter}


@register.filter
def deed(entry: Transition) -> str:
    """What a trail entry says happened."""
    return label_of(entry.verb, entry.from_state)


@register.filter
def verb(name: str) -> str:
    """A deed by its name alone, as a frozen revision keeps it."""
    return label_of(name)


@register.filter
def may(user: User, question: str) -> bool:
    """A rule that needs no object: {% if user|may:"invite" %}."""
    return bool(getattr(rules, f"can_{question}")(user))


@register.filter
def names(them: Sequence[str]) -> str:
    """Several names in one line."""
    return join_names(list(them))


@register.filter
def first_letter(name: str) -> str:
    return name[:1].upper()


@register.filter
def is_same(one: Model | None, other: Model | None) -> bool:
    return one is not None and one == other


LINE_KINDS = {
    LineKind.BYLINE: _lazy("byline"),
    LineKind.NUMBER: _lazy("number"),
    LineKind.SECTION: _lazy("section"),
    LineKind.TOPIC: _lazy("topic"),
    LineKind.HEADLINE: _lazy("headline"),
    LineKind.BODY: _lazy("text"),
    LineKind.LIST: _lazy("list"),
    LineKind.LINK: _lazy("link"),
    LineKind.IMAGE: _lazy("picture"),
    LineKind.NOTE: _lazy("note"),
    LineKind.DROPPED: _lazy("left out"),
}


@register.filter
def line_kind(kind: str) -> str:
    """What a line of an import was understood as."""
    return str(LINE_KINDS.get(LineKind(kind), ""))
