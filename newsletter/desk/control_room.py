"""The digest's control room: what goes to whom, how far it is, and the few decisions."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest, ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import (
    require_http_methods,
    require_POST,
    require_safe,
)

from editorial import rules
from newsletter import clicks, digests
from newsletter.models import Digest, TrialGroup

from .advice import ADVICE
from .framed import framed

# More readers than this no list has, nor can a number of any length be read.
_COUNT = re.compile(r"[0-9]{1,9}")
PER_PAGE = 20
UNCERTAIN_PER_PAGE = 100
Question = Callable[[digests.Report], int]


@dataclass(frozen=True)
class Deed:
    """A decision about a digest. One that asks first has a page of its own.

    `about` is how many readers it is about; with none there is nothing to ask. One
    that is `counted` holds only for the number that the page showed, and any but the
    `urgent`, which only ever stop mail, for the digest as the page showed it.
    """

    do: Callable[..., object]
    done: str | Promise
    about: Question | None = None
    counted: bool = False
    urgent: bool = False


DEEDS = {
    "hold": Deed(
        digests.stop_countdown,
        gettext_lazy("Held. It waits until somebody sends it."),
        urgent=True,
    ),
    "count": Deed(
        digests.count_down_again,
        gettext_lazy("It starts by itself, unless somebody holds it."),
    ),
    "pause": Deed(digests.pause_digest, gettext_lazy("Paused."), urgent=True),
    "resume": Deed(digests.resume_digest, gettext_lazy("Sending goes on.")),
    "cancel": Deed(
        digests.cancel_digest,
        gettext_lazy("The rest will not be mailed."),
        about=lambda report: report.open or report.readers,
    ),
    "refreeze": Deed(
        digests.freeze_again,
        gettext_lazy("The rest get the text as published now."),
        about=lambda report: report.open,
    ),
    "assume": Deed(
        digests.assume_delivered,
        gettext_lazy("The uncertain ones count as delivered."),
        about=lambda report: report.unknown,
        counted=True,
    ),
    "resend": Deed(
        digests.resend,
        gettext_lazy("The uncertain ones are sent again."),
        about=lambda report: report.resendable,
        counted=True,
    ),
}


class RateForm(forms.Form):
    """How fast; empty is as fast as the relay takes them."""

    version = forms.IntegerField(widget=forms.HiddenInput)
    rate = forms.IntegerField(
        label=gettext_lazy("Mails a second, at most"),
        required=False,
        min_value=1,
        max_value=digests.MAX_RATE,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = _("Empty: as fast as the mail server takes them.")
        if settings.EMAIL_PROVIDER:
            words = _("Empty: as fast as the provider takes them.")
        self.fields["rate"].help_text = words


@require_safe
@login_required
def digests_page(request: HttpRequest) -> HttpResponse:
    """Every digest with its numbers, newest first."""
    rules.require(rules.is_editor, request.user)
    everything = Digest.objects.select_related("issue").defer("html", "text")
    page = Paginator(everything, PER_PAGE).get_page(request.GET.get("page"))
    tallies = digests.tallies(page.object_list)
    context = {"page": page, "rows": [(each, tallies[each.pk]) for each in page]}
    return render(request, "newsletter/desk/digests.html", context)


@require_safe
@login_required
def digest(request: HttpRequest, slug: str) -> HttpResponse:
    """What goes to whom, how far it is, and what there is to decide."""
    return show(request, find_digest(request, slug))


@require_safe
@login_required
def progress(request: HttpRequest, slug: str) -> HttpResponse:
    """The moving part of the control room, for a page that looks again by itself."""
    shown = find_digest(request, slug)
    template = "newsletter/desk/progress.html"
    response = render(request, template, context_of(request, shown))
    if request.GET.get("version") not in {None, str(shown.version)}:
        response["HX-Refresh"] = "true"  # other decisions are open now
    return response


@require_safe
@login_required
def uncertain(request: HttpRequest, slug: str) -> HttpResponse:
    """Every mail of which nobody knows whether it arrived, one by one."""
    shown = find_digest(request, slug)
    rows = Paginator(digests.uncertain_ones(shown), UNCERTAIN_PER_PAGE)
    context = {
        "issue": shown.issue,
        "page": rows.get_page(request.GET.get("page")),
        "shows_addresses": rules.can_see_subscribers(request.user),
    }
    return render(request, "newsletter/desk/uncertain_all.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def decide(request: HttpRequest, slug: str, deed: str) -> HttpResponse:
    """Ask (GET) and do (POST); pausing and resuming are done without asking."""
    decision = DEEDS.get(deed)
    if decision is None:
        raise Http404
    shown = find_digest(request, slug)
    if request.method != "POST":
        return _ask(request, shown, deed, decision)
    if not decision.urgent:
        shown.version = _number(request, "version") or shown.version
    try:
        decision.do(digest=shown, by=request.user, **_as_shown(request, decision))
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return show(request, find_digest(request, slug), status=400)
    messages.success(request, decision.done)
    return redirect("readers:digest", slug)


@require_POST
@login_required
def rate(request: HttpRequest, slug: str) -> HttpResponse:
    """Faster or slower, from the next mails on."""
    shown = find_digest(request, slug)
    form = RateForm(request.POST)
    if "version" in form.errors:
        raise BadRequest(form.errors.as_text())
    if not form.is_valid():
        return show(request, shown, status=400, rate_form=form)
    shown.version = form.cleaned_data["version"]
    digests.change_rate(digest=shown, by=request.user, rate=form.cleaned_data["rate"])
    messages.success(request, _("The new speed holds from the next mails on."))
    return redirect("readers:digest", slug)


@framed
@require_safe
@login_required
def preview(request: HttpRequest, slug: str) -> HttpResponse:
    """The mail as it was frozen, or as it would be frozen now."""
    shown = find_digest(request, slug)
    mail = mail_of(shown)
    if mail is None:
        raise Http404
    copy = digests.Copy.for_test(request.user.email, name=request.user.name)
    html = clicks.led_directly(mail.html, digest_id=shown.pk)
    return HttpResponse(digests.shown_to(copy, html))


def find_digest(request: HttpRequest, slug: str) -> Digest:
    found = get_object_or_404(
        Digest.objects.select_related(
            "issue__live_revision", "revision", "started_by", "starts_by"
        ),
        issue__slug=slug,
    )
    rules.require(rules.can_send_digest, request.user, found.issue)
    return found


def show(
    request: HttpRequest,
    shown: Digest,
    status: int = 200,
    rate_form: RateForm | None = None,
) -> HttpResponse:
    """The control room, with what was refused in it where something was."""
    as_is = {"version": shown.version, "rate": shown.rate}
    context = context_of(request, shown) | {
        "rate_form": rate_form or RateForm(initial=as_is),
        "events": shown.events.select_related("revision")[:30],
        "mail": mail_of(shown),
        "groups": TrialGroup.objects.all(),
    }
    template = "newsletter/desk/digest.html"
    return render(request, template, context, status=status)


def _ask(
    request: HttpRequest, shown: Digest, deed: str, decision: Deed
) -> HttpResponse:
    context = context_of(request, shown)
    count = decision.about(context["report"]) if decision.about else 0
    if not count:
        return redirect("readers:digest", shown.issue.slug)
    context |= {"deed": deed, "count": count, "mail": mail_of(shown)}
    return render(request, "newsletter/desk/ask.html", context)


def context_of(request: HttpRequest, shown: Digest) -> dict[str, Any]:
    report = digests.report(shown)
    return {
        "digest": shown,
        "issue": shown.issue,
        "report": report,
        "is_outdated": digests.is_outdated(shown),
        "trouble": [(each, ADVICE.get(each.outcome, "")) for each in report.trouble],
        "shows_addresses": rules.can_see_subscribers(request.user),
    }


def mail_of(shown: Digest) -> Digest | digests.Rendered | None:
    """The mail as frozen, or as it would be now; None where it cannot be rendered."""
    if shown.subject:
        return shown
    try:
        return digests.render_now(shown)
    except digests.Unrenderable:
        return None


def _as_shown(request: HttpRequest, decision: Deed) -> dict[str, int]:
    """What the page showed, so that nobody decides about something else."""
    count = _number(request, "count")
    if not decision.counted or count is None:
        return {}
    return {"expected": count}


def _number(request: HttpRequest, name: str) -> int | None:
    """What the page sent along, if it is a number."""
    value = request.POST.get(name, "")
    return int(value) if _COUNT.fullmatch(value) else None
