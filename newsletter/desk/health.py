"""How the list is, what came back, and how each issue was received."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from editorial import rules
from newsletter import list_health, returns, suppressions
from newsletter.issue_report import issue_report
from newsletter.models import Digest, Release, Stray, Suppression

from . import charts

PER_PAGE = 50
SHOWN = 50


@require_safe
@login_required
def health(request: HttpRequest) -> HttpResponse:
    """Growth, rates and the suppression list; addresses for admins only."""
    rules.require(rules.is_editor, request.user)
    shows_addresses = rules.can_see_subscribers(request.user)
    weeks, issues = list_health.growth(), list_health.per_issue()
    context = {
        "weeks": weeks,
        "has_growth": any(week.confirmed or week.lost for week in weeks),
        "growth": charts.growth_chart(weeks),
        "issues": issues,
        "complaints": charts.complaints_chart(issues),
        "causes": list_health.suppressed_by_cause(),
        "mailbox": returns.last_look(),
        "strays": Stray.objects.defer("content")[:SHOWN],
        "shows_addresses": shows_addresses,
        **(_addresses(request) if shows_addresses else {}),
    }
    return render(request, "newsletter/desk/health.html", context)


def _addresses(request: HttpRequest) -> dict[str, object]:
    search = request.GET.get("q", "").strip()
    rows = suppressions.listed(search)
    return {
        "search": search,
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "releases": Release.objects.all()[:SHOWN],
    }


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for the reason (GET) and take an address off the suppression list (POST)."""
    rules.require(rules.can_see_subscribers, request.user)
    shown = get_object_or_404(Suppression, pk=pk)
    reason, errors = request.POST.get("reason", ""), {}
    if request.method == "POST":
        try:
            suppressions.release(pk=pk, by=request.user, reason=reason)
        except ValidationError as error:
            errors = error.message_dict
        else:
            words = _("%(address)s may be mailed again.")
            address = {"address": shown.canonical_address}
            messages.success(request, words % address)
            return redirect("readers:health")
    context = {"suppression": shown, "reason": reason, "errors": errors.get("reason")}
    status = 400 if errors else 200
    return render(request, "newsletter/desk/release.html", context, status=status)


@require_safe
@login_required
def report(request: HttpRequest, slug: str) -> HttpResponse:
    """What became of an issue's digest, and what its readers cared for."""
    digests = Digest.objects.select_related("issue").defer("html", "text")
    shown = get_object_or_404(digests, issue__slug=slug)
    rules.require(rules.can_send_digest, request.user, shown.issue)
    numbers = issue_report(shown)
    context = {
        "digest": shown,
        "issue": shown.issue,
        "report": numbers,
        "arrival": charts.arrival_bar(numbers),
    }
    return render(request, "newsletter/desk/report.html", context)
