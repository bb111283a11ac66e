"""Who reads the digest: numbers for editors, the list itself for admins."""

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from editorial import rules
from newsletter.models import Subscriber, Suppression

PER_PAGE = 50


@require_safe
@login_required
def subscribers(request: HttpRequest) -> HttpResponse:
    """Counts by state; addresses only for those who may see them."""
    rules.require(rules.is_editor, request.user)
    shows_addresses = rules.can_see_subscribers(request.user)
    search = request.GET.get("q", "").strip() if shows_addresses else ""
    found = Subscriber.objects.matching(search) if search else Subscriber.objects.all()
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "counts": Subscriber.objects.by_state(),
        "readers": Subscriber.objects.mailable().count(),
        "suppressed": Suppression.objects.count(),
        "shows_addresses": shows_addresses,
        "search": search,
        "page": page if shows_addresses else None,
    }
    return render(request, "newsletter/desk/subscribers.html", context)
