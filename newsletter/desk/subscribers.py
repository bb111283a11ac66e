"""Who reads the digest: numbers for editors, the list itself for admins."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.http import require_POST, require_safe

from editorial import rules
from newsletter import subscriptions, suppressions
from newsletter.models import (
    ReaderExport,
    Subscriber,
    SubscriberQuerySet,
    Suppression,
)

PER_PAGE = 50
DELIVERIES = 30
# What the list can be narrowed to, as its address has it.
SHOWN = {
    "": pgettext_lazy("readers", "All"),
    "confirmed": gettext_lazy("Confirmed"),
    "pending": gettext_lazy("Waiting for confirmation"),
    "paused": gettext_lazy("Pausing"),
    "unsubscribed": gettext_lazy("Unsubscribed"),
    "suppressed": gettext_lazy("Suppressed"),
}


@require_safe
@login_required
def subscribers(request: HttpRequest) -> HttpResponse:
    """Counts by state; addresses only for those who may see them."""
    rules.require(rules.is_editor, request.user)
    context = {
        "counts": Subscriber.objects.by_state(),
        "readers": Subscriber.objects.mailable().count(),
        "suppressed": Suppression.objects.count(),
        "page": None,
    }
    if rules.can_see_subscribers(request.user):
        search = request.GET.get("q", "").strip()
        shown = request.GET.get("show", "")
        rows = _chosen(search, shown).order_by("-created_at", "-pk")
        context |= {
            "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
            "search": search,
            "shown": shown if shown in SHOWN else "",
            "choices": SHOWN.items(),
            "last_export": ReaderExport.objects.first(),
        }
    return render(request, "newsletter/desk/subscribers.html", context)


def _chosen(search: str, shown: str) -> SubscriberQuerySet:
    rows = Subscriber.objects.shown_as(shown)
    return rows.matching(search) if search else rows


@require_safe
@login_required
def subscriber(request: HttpRequest, pk: int) -> HttpResponse:
    """One reader: what they agreed to, what they were sent, what became of it."""
    reader = _reader(request, pk)
    deliveries = reader.deliveries.select_related("digest__issue")
    deliveries = deliveries.defer("digest__html", "digest__text").order_by("-pk")
    suppression = Suppression.objects.filter(canonical_address=reader.canonical_address)
    context = {
        "reader": reader,
        "suppression": suppression.first(),
        "consents": reader.consents.select_related("imported"),
        "deliveries": deliveries[:DELIVERIES],
    }
    return render(request, "newsletter/desk/subscriber.html", context)


@require_POST
@login_required
def press(request: HttpRequest, pk: int, deed: str) -> HttpResponse:
    """Unsubscribe a reader who asked for it, or never mail the address again."""
    reader = _reader(request, pk)
    if deed == "unsubscribe":
        subscriptions.unsubscribe(key=reader.key, how="desk")
        messages.success(request, _("Unsubscribed."))
    elif deed == "suppress":
        detail = str(request.user)
        suppressions.suppress_by_hand(address=reader.address, detail=detail)
        messages.success(request, _("This address is not mailed any more."))
    else:
        raise Http404
    return redirect("readers:subscriber", pk)


@require_POST
@login_required
def export(request: HttpRequest) -> StreamingHttpResponse:
    """The list as CSV. A POST, because it leaves a record of who took it."""
    lines = subscriptions.export_readers(by=request.user)
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="subscribers.csv"'
    answer["Cache-Control"] = "no-store"
    return answer


def _reader(request: HttpRequest, pk: int) -> Subscriber:
    rules.require(rules.can_see_subscribers, request.user)
    return get_object_or_404(Subscriber, pk=pk)
