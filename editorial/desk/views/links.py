"""Links over all issues: how they are doing, and what may be decided about one."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from editorial import workflow
from editorial.content.spreadsheets import csv_pieces
from editorial.desk.doors import PRESS, READ, door, find_item
from editorial.fetching.verdicts import Verdict
from editorial.links.line import reaches_nothing
from editorial.links.report import Wanted, make_report, rows_of, wanted_page
from editorial.links.words import say
from editorial.models import Issue, Item, Link


@door(READ)
def report(request: HttpRequest) -> HttpResponse:
    """Counts, a picture, what is worst, and every link asked for."""
    wanted = _wanted(request)
    made = make_report(wanted)
    page = wanted_page(wanted, made.counts, request.GET.get("page"))
    context = {
        "wanted": wanted,
        "report": made,
        "page": page,
        "cut_off": reaches_nothing(page),
        "verdicts": list(Verdict),
        "query": _query(wanted),
        "issues": Issue.objects.order_by("-pk").only("number", "slug")[:200],
    }
    return render(request, "editorial/links.html", context)


@door(READ)
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The links asked for, one use a line, for a spreadsheet."""
    pieces = csv_pieces(_rows(_wanted(request), translation.get_language()))
    response = StreamingHttpResponse(pieces, content_type="text/csv; charset=utf-8")
    day = f"{timezone.localdate():%Y-%m-%d}"
    response["Content-Disposition"] = f'attachment; filename="links-{day}.csv"'
    return response


def _rows(wanted: Wanted, language: str | None) -> Iterator[list[object]]:
    """Lines are written after the view has returned, so they bring their language."""
    with translation.override(language):
        yield [
            *(_("Issue"), _("Headline"), _("Address"), _("Host"), _("Verdict")),
            *(_("In words"), _("Checked at"), _("Since"), _("New address")),
            _("Archived copy"),
        ]
        verdicts = {verdict.value: str(verdict.label) for verdict in Verdict}
        for row in rows_of(wanted):
            yield [
                *(row.number, row.headline, row.url, row.host),
                *(verdicts[row.verdict], say(row.finding)),
                *(_iso(row.checked_at), _iso(row.verdict_since)),
                *(row.moved_to, row.copy or ""),
            ]


def _iso(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""


def _wanted(request: HttpRequest) -> Wanted:
    """What the address asks for; what it asks for wrongly is left out."""
    verdict = request.GET.get("verdict", "")
    slug = request.GET.get("issue", "")[:40]
    return Wanted(
        verdict=verdict if verdict in set(Verdict) else "",
        host=request.GET.get("host", "").strip()[:255],
        issue=Issue.objects.filter(slug=slug).first() if slug else None,
    )


def _query(wanted: Wanted) -> str:
    """What is asked for, as the address has it."""
    asked = {
        "verdict": wanted.verdict,
        "host": wanted.host,
        "issue": wanted.issue.slug if wanted.issue else "",
    }
    return urlencode({name: value for name, value in asked.items() if value})


def _link_of(item: Item, pk: int) -> Link:
    """The item's link, or 404: no link is reached through a foreign item."""
    return get_object_or_404(Link, pk=pk, item_links__item=item)


@door(PRESS)
def opened(request: HttpRequest, pk: int, link: int) -> HttpResponse:
    """ "I opened it": a colleague's eyes count for more than our visits."""
    item = find_item(request, pk)
    try:
        workflow.open_link(link=_link_of(item, link), item=item, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Noted. For 30 days your word counts."))
    return redirect(f"{item.get_absolute_url()}#links")


@door(PRESS)
def moved(request: HttpRequest, pk: int, link: int) -> HttpResponse:
    """Take the new address, in every open item with this link."""
    item = find_item(request, pk)
    back = redirect(f"{item.get_absolute_url()}#links")
    try:
        done = workflow.accept_move(
            link=_link_of(item, link), to=request.POST.get("to", ""), by=request.user
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return back
    said = ngettext(
        "The new address stands in %(n)d item.",
        "The new address stands in %(n)d items.",
        len(done.changed),
    )
    messages.success(request, said % {"n": len(done.changed)})
    if done.others:
        left = ngettext(
            "%(n)d item has it still: its author or an editor can change it.",
            "%(n)d items have it still: their authors or an editor can change it.",
            done.others,
        )
        messages.info(request, left % {"n": done.others})
    return back


@door(PRESS)
def copy(request: HttpRequest, pk: int) -> HttpResponse:
    """Lead readers to the archived copy, or to the original again."""
    link = get_object_or_404(Link, pk=pk)
    shows = request.POST.get("show") == "1"
    deed = workflow.show_copy if shows else workflow.hide_copy
    try:
        deed(link=link, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(
            request,
            _("Readers are led to the copy, with a note.")
            if shows
            else _("Readers are led to the original again."),
        )
    return redirect(_back(request, link))


def _back(request: HttpRequest, link: Link) -> str:
    """To the item the press was on, else to the report."""
    item = request.POST.get("item", "")
    if item.isdecimal() and link.item_links.filter(item=item[:18]).exists():
        return f"{reverse('desk:item', args=[item[:18]])}#links"
    return f"{reverse('desk:links')}?{urlencode({'host': link.host})}"
