"""From collecting to published and back: each press asks first what it is about to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from editorial import board, links, preflight, rules, workflow
from editorial.desk.doors import ASK, PRESS, READ, door, find_issue
from editorial.desk.forms import (
    ApproveIssueForm,
    CloseForm,
    DeadlineForm,
    ScheduleForm,
    WithdrawForm,
    blame,
)
from editorial.models import Issue
from editorial.models.outlines import approval_hash
from editorial.templatetags.desk import moment


def _ask(
    request: HttpRequest, issue: Issue, question: str, *, status: int = 200, **more: Any
) -> HttpResponse:
    """The page that says what is about to happen, with its one press."""
    rules.require(rules.can_edit_issue, request.user, issue)
    context = {"issue": issue, **more}
    return render(request, f"editorial/ask/{question}.html", context, status=status)


def _do(
    request: HttpRequest,
    issue: Issue,
    form: Form,
    question: str,
    deed: Callable[..., Issue],
    said: Callable[[Issue], str],
    **more: Any,
) -> HttpResponse:
    """Press: the form's fields go to `deed`; what it refuses is shown in the form."""
    if form.is_valid():
        try:
            done = deed(issue=issue, by=request.user, **form.cleaned_data)
        except ValidationError as error:
            blame(form, error)
        else:
            messages.success(request, said(done))
            return redirect("desk:issue", issue.slug)
    return _ask(request, issue, question, form=form, status=400, **more)


@door(PRESS)
def submit(request: HttpRequest, slug: str) -> HttpResponse:
    """Submit one's own drafts at once, as after an import."""
    issue = find_issue(slug)
    try:
        items = workflow.submit_own_drafts(issue=issue, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        said = ngettext(
            "%(n)d item submitted. Those who review are told.",
            "%(n)d items submitted. Those who review are told.",
            len(items),
        )
        messages.success(request, said % {"n": len(items)})
    return redirect("desk:issue", issue.slug)


@door(ASK)
def close(request: HttpRequest, slug: str) -> HttpResponse:
    """Close to new items; asks what becomes of those not finished."""
    issue = find_issue(slug)
    target = board.issue_after(issue)
    more = {"unfinished": board.not_handed_in(issue), "target": target}
    if request.method != "POST":
        return _ask(request, issue, "close", form=CloseForm(), **more)

    def deed(**wanted: Any) -> Issue:
        return workflow.close_issue(next_issue=target, **wanted)

    form = CloseForm({"unfinished": "wait", **request.POST.dict()})
    said = _("Closed. Proofing begins.")
    return _do(request, issue, form, "close", deed, lambda _done: said, **more)


@door(ASK)
def extend(request: HttpRequest, slug: str) -> HttpResponse:
    issue = find_issue(slug)
    if request.method != "POST":
        form = DeadlineForm(initial={"deadline_at": issue.deadline_at})
        return _ask(request, issue, "extend", form=form)
    return _do(
        request,
        issue,
        DeadlineForm(request.POST),
        "extend",
        workflow.extend_deadline,
        lambda done: (
            _("The copy deadline is %(when)s.") % {"when": _local(done.deadline_at)}
        ),
    )


def _local(value: datetime | None) -> str:
    return moment(timezone.localtime(value)) if value else ""


@door(PRESS)
def reopen(request: HttpRequest, slug: str) -> HttpResponse:
    workflow.reopen_issue(issue=find_issue(slug), by=request.user)
    messages.success(request, _("It collects again."))
    return redirect("desk:issue", slug)


@door(ASK)
def approve(request: HttpRequest, slug: str) -> HttpResponse:
    """Approve exactly the words on this page."""
    issue = find_issue(slug)
    more = {"preflight": preflight.run(issue)}
    if request.method != "POST":
        seen = {
            "version": issue.version,
            "content_hash": approval_hash(issue),
        }
        form = ApproveIssueForm(initial=seen)
        return _ask(request, issue, "approve", form=form, **more)

    def deed(*, version: int, content_hash: str, **wanted: Any) -> Issue:
        return workflow.approve_issue(expected_hash=content_hash, **wanted)

    said = _("Approved. It can be scheduled or published.")
    form = ApproveIssueForm(request.POST)
    return _do(request, issue, form, "approve", deed, lambda _done: said, **more)


@door(PRESS)
def unapprove(request: HttpRequest, slug: str) -> HttpResponse:
    workflow.unapprove_issue(issue=find_issue(slug), by=request.user)
    messages.success(request, _("Back to proofing; a schedule is cleared."))
    return redirect("desk:issue", slug)


@door(ASK)
def schedule(request: HttpRequest, slug: str) -> HttpResponse:
    issue = find_issue(slug)
    if request.method != "POST":
        form = ScheduleForm(initial={"publish_at": _usual_moment(request, issue)})
        return _ask(request, issue, "schedule", form=form)
    return _do(
        request,
        issue,
        ScheduleForm(request.POST),
        "schedule",
        workflow.schedule_issue,
        lambda done: (
            _("It publishes itself on %(when)s.") % {"when": _local(done.publish_at)}
        ),
    )


def _usual_moment(request: HttpRequest, issue: Issue) -> datetime | None:
    """When it is scheduled for, else its planned day's hour where that is to come."""
    publication = getattr(request, "publication", None)
    if issue.publish_at or publication is None or issue.planned_on is None:
        return issue.publish_at
    planned = publication.publish_moment(issue.planned_on)
    return planned if planned > timezone.now() else None


@door(PRESS)
def unschedule(request: HttpRequest, slug: str) -> HttpResponse:
    workflow.unschedule_issue(issue=find_issue(slug), by=request.user)
    messages.success(request, _("The schedule is cleared; the issue stays approved."))
    return redirect("desk:issue", slug)


@door(ASK)
def publish(request: HttpRequest, slug: str) -> HttpResponse:
    """States everything that is about to happen; the press does it."""
    issue = find_issue(slug)
    if request.method != "POST":
        more = {
            "preflight": preflight.run(issue),
            "items": issue.items.approved().count(),
            "page": request.build_absolute_uri(issue.get_absolute_url()),
        }
        return _ask(request, issue, "publish", **more)
    workflow.publish_issue(issue=issue, by=request.user)
    messages.success(request, _what_becomes_of_the_digest(request, issue))
    return redirect("desk:issue", slug)


def _what_becomes_of_the_digest(request: HttpRequest, issue: Issue) -> str:
    publication = request.publication
    minutes = publication.digest_after if publication else None
    if issue.imported or minutes is None:
        return _("Published. The digest is held until you send it.")
    words = ngettext(
        "Published. The digest goes by itself in %(n)d minute, unless somebody holds it.",
        "Published. The digest goes by itself in %(n)d minutes, unless somebody holds"
        " it.",
        minutes,
    )
    return words % {"n": minutes}


@door(ASK)
def withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    issue = find_issue(slug)
    if request.method != "POST":
        return _ask(request, issue, "withdraw", form=WithdrawForm())
    said = _("Withdrawn. Its address answers that it is gone.")
    form = WithdrawForm(request.POST)
    return _do(
        request, issue, form, "withdraw", workflow.withdraw_issue, lambda _done: said
    )


@door(ASK)
def restore(request: HttpRequest, slug: str) -> HttpResponse:
    issue = find_issue(slug)
    if request.method != "POST":
        return _ask(request, issue, "restore")
    workflow.restore_issue(issue=issue, by=request.user)
    messages.success(request, _("It is public again. Nobody is mailed a second time."))
    return redirect("desk:issue", slug)


@door(READ)
def links_of(request: HttpRequest, slug: str) -> HttpResponse:
    """The issue's links with their verdicts, and how far a check has come."""
    issue = find_issue(slug)
    since = _read_moment(request.GET.get("since", ""))
    context = {
        "issue": issue,
        "progress": board.link_progress(issue, since=since),
        "since": since,
        "may_edit": rules.can_edit_issue(request.user, issue),
    }
    name = "links_state" if request.htmx else "issue_links"
    folder = "components" if request.htmx else "editorial"
    return render(request, f"{folder}/{name}.html", context)


def _read_moment(text: str) -> datetime | None:
    try:
        value = parse_datetime(text)
    except ValueError:
        return None
    return value if value and timezone.is_aware(value) else None


@door(PRESS)
def check_links(request: HttpRequest, slug: str) -> HttpResponse:
    """Ask the workers to visit every link of the issue now."""
    issue = find_issue(slug)
    rules.require(rules.can_edit_issue, request.user, issue)
    since = timezone.now()
    links.check_issue(issue, again=True)
    page = reverse("desk:issue_links", args=[slug])
    return redirect(f"{page}?since={since:%Y-%m-%dT%H:%M:%S}Z")
