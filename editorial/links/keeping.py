"""What a visit leaves behind: the check, the verdict held, its changes, the hosts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from operator import attrgetter
from typing import Any, Protocol
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.urls import Resolver404, resolve
from django.utils import timezone
from django.utils.translation import gettext as _

from editorial.content.link_keys import InvalidUrl, host_of
from editorial.fetching.fingerprints import differs_much
from editorial.fetching.verdicts import Judgement, Reason, Verdict
from editorial.models import Check, Host, Issue, ItemLink, Link, User, VerdictChange
from editorial.states import ISSUE_OPEN, IssueState, ItemState

from . import line, statements
from .schedule import FRESH_FOR, Use, next_visit
from .weighing import (
    BEYOND_DOUBT,
    FLAPPING_AFTER,
    FLAPPING_WITHIN,
    STEADY_AFTER,
    VOUCHED_FOR,
    Circumstances,
    Held,
    is_told,
    weigh,
)

_READ = (
    *("pk", "url", "host", "verdict", "reason", "verdict_since", "failures"),
    *("failed_at", "fingerprint", "opened_at", "muted_at"),
)
_WRITTEN = (
    *("verdict", "reason", "verdict_since", "failures", "failed_at", "moved_to"),
    *("fingerprint", "checked_at", "next_check_at", "muted_at"),
)
_CHECKED = (
    *("link", "checked_at", "verdict", "reason", "status", "final_url", "chain"),
    *("elapsed_ms", "detail"),
)
_CHANGED = ("link", "was", "now", "reason", "at", "to_tell")
# The check just written: whoever writes one holds the link's row.
_LAST_CHECK = (
    f"(SELECT MAX(id) FROM {Check._meta.db_table}"  # noqa: S608  (our own names)
    f" WHERE link_id = {Link._meta.db_table}.id)"
)


@dataclass(slots=True)
class _Row:
    """What is weighed and written of a link. A model of 23 fields for each of
    thousands of links took as long as the visits."""

    pk: int
    url: str
    host: str
    verdict: str
    reason: str
    verdict_since: datetime | None
    failures: int
    failed_at: datetime | None
    fingerprint: str
    opened_at: datetime | None
    muted_at: datetime | None
    moved_to: str = ""
    checked_at: datetime | None = None
    next_check_at: datetime | None = None


_take_written = attrgetter(*_WRITTEN, "pk")


class Visited(Protocol):
    """The link of a visit: a row, or what names one."""

    @property
    def pk(self) -> int: ...

    @property
    def url(self) -> str: ...


@transaction.atomic
def store(judged: Mapping[Visited, Judgement]) -> int:
    """Write checks and weigh what they mean for the links; how many.

    A handful of statements, however many links. A link deleted meanwhile is passed
    over.
    """
    now = timezone.now()
    settled = {link.pk: _settled(link, judgement) for link, judgement in judged.items()}
    found = line.own_up(settled, now)
    locked = Link.objects.select_for_update().filter(pk__in=found).order_by("pk")
    links = [_Row(*values) for values in locked.values_list(*_READ)]
    uses = _uses_of([link.pk for link in links])
    known = _note_hosts([(link.host, found[link.pk]) for link in links], now)
    checks = [_as_check(link.pk, found[link.pk], now) for link in links]
    statements.insert_rows(Check, _CHECKED, checks)
    changes: list[tuple[Any, ...]] = []
    for link in links:
        was = Verdict(link.verdict)
        known_host = _is_known(link.host, found[link.pk], known)
        _weigh(link, found[link.pk], uses[link.pk], known_host, now)
        if was is not Verdict(link.verdict):
            changes.append(_change(link, was, now))
        elif link.muted_at:
            _unmute_if_steady(link, now)
    statements.update_rows(
        Link,
        _WRITTEN,
        map(_take_written, links),
        also={"last_check": _LAST_CHECK, "claimed_until": "NULL"},
    )
    statements.insert_rows(VerdictChange, _CHANGED, changes)
    _remember_first_look(links, uses)
    return len(links)


def _remember_first_look(links: list[_Row], uses: Mapping[int, Use]) -> None:
    """What the first visit after an item was written found is what its author saw."""
    looks = [
        (link.fingerprint, link.pk)
        for link in links
        if link.fingerprint and "" in uses[link.pk].seen
    ]
    names = ("seen_fingerprint",)
    statements.update_rows(ItemLink, names, looks, key="link", where_empty=names[0])


def _settled(link: Visited, found: Judgement) -> Judgement:
    return _judge_own(link.url) if found.reason == Reason.OWN_SITE else found


def _as_check(link: int, found: Judgement, now: datetime) -> tuple[Any, ...]:
    return (
        link,
        now,
        found.verdict.value,
        found.reason.value,
        found.status,
        found.final_url[:2048],
        found.chain_as_data(),
        found.elapsed_ms,
        found.detail[:24],
    )


def _weigh(
    link: _Row, found: Judgement, use: Use, known_host: bool, now: datetime
) -> None:
    """Bring the row in line with what was found; nothing is written yet."""
    vouched = bool(link.opened_at and now - link.opened_at < VOUCHED_FOR)
    was = held_of(link)
    held = weigh(
        was,
        found.verdict,
        found.reason,
        Circumstances(
            at=now,
            printed=use.printed_at is not None,
            known_host=known_host,
            vouched=vouched,
            ours=found.detail in line.OURS,
        ),
    )
    if found.fingerprint:
        link.fingerprint = found.fingerprint
        changed = any(differs_much(seen, found.fingerprint) for seen in use.seen)
        if changed and held.reason is Reason.ALIVE:
            held = replace(held, reason=Reason.CHANGED)
    link.verdict, link.reason = held.verdict.value, str(held.reason or "")
    link.failures, link.failed_at = held.failures, held.failed_at
    link.moved_to = found.moved_to
    link.checked_at = now
    if was.verdict is not held.verdict or link.verdict_since is None:
        link.verdict_since = now
    link.next_check_at = next_visit(
        held,
        use,
        at=now,
        retry_after=found.retry_after,
        rested=was.reason is Reason.RATE_LIMITED,
        opened_at=link.opened_at if vouched else None,
        again_in=(
            line.wait_for(now - link.verdict_since)
            if found.detail == line.DOWN
            else None
        ),
    )


@transaction.atomic
def vouch(link: Link, *, by: User) -> Link:
    """A person opened it: ok for as long as their word holds. The row, written.

    Raises ValidationError for what no reader can open, whoever says so.
    """
    now = timezone.now()
    link = Link.objects.select_for_update().get(pk=link.pk)
    was = held_of(link)
    if was.reason in BEYOND_DOUBT:
        raise ValidationError(
            _("Readers stand outside and cannot open this address. Use another one.")
        )
    link.opened_at, link.opened_by, link.opened_by_name = now, by, str(by)[:60]
    link.failures, link.failed_at = 0, None
    link.verdict = Verdict.OK.value
    link.reason = link.reason or Reason.ALIVE.value
    until = now + VOUCHED_FOR
    link.next_check_at = min(filter(None, (link.next_check_at, until)))
    if was.verdict is not Verdict.OK:
        link.verdict_since = now
        # Whoever pressed knows, and the page says so: nothing to tell.
        link.changes.create(
            was=was.verdict.value, now=link.verdict, reason=link.reason, at=now
        )
    elif was.reason is Reason.CHANGED:
        link.reason = Reason.ALIVE.value
    link.save()
    return link


def held_of(link: Link | _Row) -> Held:
    return Held(
        verdict=Verdict(link.verdict),
        reason=Reason(link.reason) if link.reason else None,
        failures=link.failures,
        failed_at=link.failed_at,
    )


# --- where the links stand -----------------------------------------------------------


def _uses_of(links: list[int]) -> Mapping[int, Use]:
    """By link, where readers and the desk have it."""
    rows = ItemLink.objects.filter(link__in=links).values_list(
        *("link_id", "seen_fingerprint", "item__state"),
        *("item__issue__state", "item__issue__published_at"),
    )
    uses: dict[int, Use] = defaultdict(Use)
    for link_id, seen, item_state, issue_state, published_at in rows:
        use = uses[link_id]
        printed_at, in_open_item = use.printed_at, use.in_open_item
        if issue_state is None or issue_state in ISSUE_OPEN:
            in_open_item = True
        elif issue_state == IssueState.PUBLISHED and item_state == ItemState.APPROVED:
            printed_at = max(filter(None, (printed_at, published_at)))
        uses[link_id] = Use(printed_at, in_open_item, use.seen | {seen})
    return uses


# --- changes: kept always, told where somebody can act and it is not a to and fro ------


def _change(link: _Row, was: Verdict, now: datetime) -> tuple[Any, ...]:
    news = is_told(was, Verdict(link.verdict)) and link.muted_at is None
    if news and _told_lately(link, now) >= FLAPPING_AFTER:
        link.muted_at = now  # the notice that says so is the last
    return link.pk, was.value, link.verdict, link.reason, now, news


def _told_lately(link: _Row, now: datetime) -> int:
    told = Q(to_tell=True) | Q(told_at__isnull=False)
    lately = VerdictChange.objects.filter(told, at__gt=now - FLAPPING_WITHIN)
    return lately.filter(link=link.pk).count()


def _unmute_if_steady(link: _Row, now: datetime) -> None:
    """Speak of it again; what it came to while nobody was told is told now, once."""
    if link.verdict_since is None or now - link.verdict_since < STEADY_AFTER:
        return
    link.muted_at = None
    changes = VerdictChange.objects.filter(link=link.pk)
    last, told = changes.first(), changes.exclude(told_at=None).first()
    if last and told and is_told(Verdict(told.now), Verdict(link.verdict)):
        VerdictChange.objects.filter(pk=last.pk).update(to_tell=True)


# --- hosts: does anything on them answer from here? -------------------------------------


def _note_hosts(found: Iterable[tuple[str, Judgement]], now: datetime) -> set[str]:
    """The hosts of these visits that ever answered from here, at these visits too."""
    answering: set[str] = set()
    silent: set[str] = set()
    for host, judgement in found:
        answering |= _answering_hosts(host, judgement)
        if line.is_silence(judgement):
            silent.add(_last_host(host, judgement))
    names = answering | silent
    stored = {host.name: host for host in Host.objects.filter(name__in=names)}
    known = {name for name, host in stored.items() if host.answered_at} | answering
    _write_hosts(answering, silent - known, stored, now)
    return known


def _is_known(host: str, found: Judgement, known: set[str]) -> bool:
    """Whether silence means something; our own is nobody else's."""
    return found.detail not in line.OURS and _last_host(host, found) in known


def _answering_hosts(host: str, found: Judgement) -> set[str]:
    hosts = {host} if found.answered else set()
    for place, hop in enumerate(found.chain):
        if hop.status is not None:
            hosts.add((place and _host_of(hop.url)) or host)
    return hosts


def _last_host(host: str, found: Judgement) -> str:
    """Where the visit ended: a redirect may lead to a host that does not answer."""
    led_on = len(found.chain) > 1
    return (led_on and _host_of(found.chain[-1].url)) or host


def _host_of(url: str) -> str:
    try:
        return host_of(url)[:255]
    except InvalidUrl:
        return ""


def _write_hosts(
    answering: set[str], silent: set[str], stored: Mapping[str, Host], now: datetime
) -> None:
    """Note each once a day at most, in one order, so that no two workers wait in a ring."""
    fresh = {
        name
        for name, host in stored.items()
        if host.answered_at and now - host.answered_at < FRESH_FOR
    }
    heard = sorted(answering - fresh)
    Host.objects.bulk_create(
        [Host(name=name, answered_at=now) for name in heard],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["answered_at"],
    )
    unheard = sorted(
        n for n in silent if n not in stored or not stored[n].unreachable_at
    )
    Host.objects.bulk_create(
        [Host(name=name, unreachable_at=now) for name in unheard],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["unreachable_at"],
    )


# --- our own site -------------------------------------------------------------------------


def _judge_own(url: str) -> Judgement:
    """An address on our own site is looked up in the database, not fetched."""
    try:
        match = resolve(urlsplit(url).path or "/")
    except Resolver404:
        return Judgement(Verdict.BROKEN, Reason.GONE)
    if match.view_name == "site:issue":
        slug = match.kwargs.get("slug") or next(iter(match.args), "")
        if not Issue.objects.published().filter(slug=slug).exists():
            return Judgement(Verdict.BROKEN, Reason.GONE)
    return Judgement(Verdict.OK, Reason.ALIVE)
