"""An issue on the desk: its board, its words, its sections and its names."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from editorial import board, capture, notices, pictures, rules, workflow
from editorial.desk import diffs
from editorial.desk.doors import ASK, PRESS, READ, door, find_issue, parsed
from editorial.desk.forms import (
    CreditsForm,
    IssueForm,
    LeadEditorForm,
    NewIssueForm,
    SectionForm,
    blame,
)
from editorial.desk.verbs import told_once
from editorial.models import Issue, Section
from editorial.states import StaleVersion


@door(READ)
def issues(request: HttpRequest) -> HttpResponse:
    on_desk, out = board.issues_overview()
    context = {"on_desk": on_desk, "out": out}
    return render(request, "editorial/issues.html", context)


@door(ASK)
def create(request: HttpRequest) -> HttpResponse:
    rules.require(rules.can_create_issue, request.user)
    if request.method != "POST":
        form = NewIssueForm(initial=_next_in_rhythm(request))
        return render(request, "editorial/issue_create.html", {"form": form})
    form = NewIssueForm(request.POST)
    if form.is_valid():
        try:
            issue = workflow.create_issue(by=request.user, **form.cleaned_data)
        except ValidationError as error:
            blame(form, error)
        else:
            messages.success(request, _("It collects from now on."))
            return redirect("desk:issue", issue.slug)
    return render(request, "editorial/issue_create.html", {"form": form}, status=400)


def _next_in_rhythm(request: HttpRequest) -> dict[str, Any]:
    """Number, day and deadline as the publication's cadence has them."""
    initial: dict[str, Any] = {"number": capture.next_number()}
    publication = getattr(request, "publication", None)
    if publication is not None:
        last = board.last_planned_on()
        today = timezone.localdate()
        day = publication.next_planned_on(max(filter(None, [last, today])))
        initial |= {"planned_on": day, "deadline_at": publication.deadline_for(day)}
    return initial


@door(READ)
def issue(request: HttpRequest, slug: str) -> HttpResponse:
    """The board: the issue as it will read, and what still stands in its way."""
    issue = find_issue(slug)
    publication = getattr(request, "publication", None)
    publish_at = issue.publish_at
    if publish_at is None and publication and issue.planned_on:
        publish_at = publication.publish_moment(issue.planned_on)
    context = {
        "issue": issue,
        "board": board.load(issue, request.user),
        "publish_at": publish_at,
        "now": timezone.now(),
    }
    return render(request, "editorial/issue.html", context)


@door(ASK)
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    issue = find_issue(slug)
    rules.require(rules.can_edit_issue, request.user, issue)
    if request.method != "POST":
        return _show_edit(request, issue)
    form = IssueForm(request.POST, request.FILES)
    if not form.is_valid():
        return _show_edit(request, issue, form=form, status=400)
    try:
        words = form.words() | _cover(form)
        saved = workflow.edit_issue(
            issue=issue,
            by=request.user,
            version=form.cleaned_data["version"],
            **words,
        )
    except ValidationError as error:
        blame(form, error)
        return _show_edit(request, issue, form=form, status=400)
    except StaleVersion:
        return _show_edit_conflict(request, slug, form)
    messages.success(request, _("Saved."))
    return redirect("desk:issue", saved.slug)


def _cover(form: IssueForm) -> dict[str, Any]:
    """The new cover, redrawn; an empty one where it goes; nothing where it stays."""
    if form.cleaned_data["remove_cover"]:
        return {"cover": ""}
    if form.cleaned_data["cover"] is None:
        return {}
    try:
        return {"cover": pictures.clean_picture(form.cleaned_data["cover"])}
    except ValidationError as error:
        raise ValidationError({"cover": error}) from error


def _show_edit(
    request: HttpRequest, issue: Issue, *, status: int = 200, **forms: Any
) -> HttpResponse:
    lead = LeadEditorForm(initial={"lead_editor": issue.lead_editor_id})
    context = {
        "issue": issue,
        "form": IssueForm.of(issue),
        "credits_form": CreditsForm.of(issue),
        "section_form": SectionForm(),
        "lead_form": lead if rules.is_editor(request.user) else None,
        "places": board.places(issue),
        **forms,
    }
    return render(request, "editorial/issue_edit.html", context, status=status)


def _show_edit_conflict(
    request: HttpRequest, slug: str, form: IssueForm
) -> HttpResponse:
    """What is stored now beside what was typed; saving again keeps what was typed."""
    now = find_issue(slug)
    form.data = form.data.copy()
    form.data["version"] = now.version
    stored = [
        (form.fields[name].label, getattr(now, name))
        for name in IssueForm.WORDS
        if getattr(now, name) != form.cleaned_data[name]
    ]
    return _show_edit(request, now, form=form, stored=stored, status=409)


@door(PRESS)
def credits(request: HttpRequest, slug: str) -> HttpResponse:
    issue = find_issue(slug)
    form = CreditsForm(request.POST)
    if not form.is_valid():
        rules.require(rules.can_edit_issue, request.user, issue)
        return _show_edit(request, issue, credits_form=form, status=400)
    workflow.set_credits(issue=issue, by=request.user, credits=form.credits())
    messages.success(request, _("The credits are saved."))
    return redirect("desk:issue_edit", slug)


@door(PRESS)
def lead_editor(request: HttpRequest, slug: str) -> HttpResponse:
    wanted = parsed(LeadEditorForm(request.POST))["lead_editor"]
    workflow.assign_lead_editor(
        issue=find_issue(slug), by=request.user, lead_editor=wanted
    )
    messages.success(request, _("Saved."))
    return redirect("desk:issue_edit", slug)


@door(PRESS)
def add_section(request: HttpRequest, slug: str) -> HttpResponse:
    issue = find_issue(slug)
    form = SectionForm(request.POST)
    try:
        if form.is_valid():
            workflow.add_section(
                issue=issue, by=request.user, title=form.cleaned_data["title"]
            )
            return redirect("desk:issue_edit", slug)
    except ValidationError as error:
        blame(form, error)
    rules.require(rules.can_edit_issue, request.user, issue)
    return _show_edit(request, issue, section_form=form, status=400)


@door(PRESS)
def remove_section(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    section = get_object_or_404(Section, pk=pk)
    try:
        workflow.remove_section(
            issue=find_issue(slug), by=request.user, section=section
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("desk:issue_edit", slug)


@door(PRESS)
def order_sections(request: HttpRequest, slug: str) -> HttpResponse:
    """The new order as the ids of the issue's sections, separated by commas."""
    sent = request.POST.get("order", "").split(",")
    wanted = [int(pk) for pk in sent if pk.isdecimal() and len(pk) < 20]
    try:
        workflow.order_sections(
            issue=find_issue(slug), by=request.user, sections=wanted
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect("desk:issue_edit", slug)


@door(READ)
def history(request: HttpRequest, slug: str) -> HttpResponse:
    issue = find_issue(slug)
    context = {
        "issue": issue,
        "trail": told_once(issue.transitions.select_related("item")[:200]),
        "reprints": diffs.reprints(list(issue.revisions.order_by("-ordinal"))),
    }
    return render(request, "editorial/issue_history.html", context)


@door(READ)
def group_text(request: HttpRequest, slug: str) -> HttpResponse:
    """Who still owes what, ready to paste into the team's group."""
    issue = find_issue(slug)
    context = {"issue": issue, "text": notices.group_text(issue)}
    return render(request, "editorial/group_text.html", context)
