"""After publication: which text, what is wrong with it, a look at the change, the press."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from editorial import board, rules, workflow
from editorial.desk import diffs, kept
from editorial.desk.correction_forms import (
    CorrectionForm,
    CorrectIssueForm,
    CorrectItemForm,
)
from editorial.desk.doors import ASK, READ, door, find_issue
from editorial.desk.forms import blame
from editorial.models import Issue, Item
from editorial.states import IllegalTransition, StaleVersion


@door(READ)
def choose(request: HttpRequest, slug: str) -> HttpResponse:
    """Which of an issue's texts it is about."""
    try:
        issue = _printed(request, slug)
    except IllegalTransition:
        return _show_unseen(request, slug, [])
    context = {"issue": issue, "board": board.load(issue, request.user)}
    return render(request, "editorial/correct.html", context)


@door(ASK)
def correct(request: HttpRequest, slug: str, pk: int | None = None) -> HttpResponse:
    """Edit, look at the change, publish it; without `pk` the issue's own texts."""
    kind = CorrectItemForm if pk else CorrectIssueForm
    try:
        issue = _printed(request, slug)
        item = _item_of(issue, pk)
        if request.method != "POST":
            return _show(request, issue, item, kind.of(item or issue))
        form = kind(request.POST)
        if not form.is_valid():
            return _show(request, issue, item, form, status=400)
        if request.POST.get("press") == "edit":
            return _show(request, issue, item, form)
        return _look_or_publish(request, issue, item, form)
    except IllegalTransition:
        if request.method != "POST":
            return _show_unseen(request, slug, [])
        return _show_typed(request, slug, pk, kind(request.POST))
    except ValidationError as error:
        return _show_refused(request, issue, item, form, error)
    except StaleVersion:
        return _show_conflict(request, slug, pk, form)


def _printed(request: HttpRequest, slug: str) -> Issue:
    """The issue, for those who may correct it and while readers see it."""
    issue = find_issue(slug)
    rules.require(rules.can_correct_issue, request.user, issue)
    if not Issue.objects.published().filter(pk=issue.pk).exists():
        raise IllegalTransition(str(issue), issue.state, "corrected")
    return issue


def _item_of(issue: Issue, pk: int | None) -> Item | None:
    if pk is None:
        return None
    items = Item.objects.published().select_related("section", "topic", "credit")
    return get_object_or_404(items, issue=issue, pk=pk)


def _look_or_publish(
    request: HttpRequest, issue: Issue, item: Item | None, form: CorrectionForm
) -> HttpResponse:
    wanted: dict[str, Any] = {
        "issue": issue,
        "item": item,
        "by": request.user,
        "version": form.cleaned_data["version"],
        **form.words(),
    }
    note = form.cleaned_data["note"] if form.is_correction else None
    if request.POST.get("press") != "publish":
        words = workflow.look_at_change(note=note, **wanted)
        return _show_change(request, issue, item, form, words)
    if note is None:
        workflow.fix_typo(**wanted)
        messages.success(request, _("The typo is fixed. Nobody is mailed."))
    else:
        workflow.correct_issue(note=note, **wanted)
        messages.success(
            request, _("The correction is published. Nobody is mailed again.")
        )
    return redirect("desk:issue", issue.slug)


def _show(
    request: HttpRequest,
    issue: Issue,
    item: Item | None,
    form: CorrectionForm,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    if item is None and not issue.cover:
        del form.fields["cover_alt"], form.fields["cover_credit"]
    context = {"issue": issue, "item": item, "form": form, **more}
    return render(request, "editorial/correct_text.html", context, status=status)


def _show_refused(
    request: HttpRequest,
    issue: Issue,
    item: Item | None,
    form: CorrectionForm,
    error: ValidationError,
) -> HttpResponse:
    """The text stays; what is more than a typo is offered as a correction at once."""
    found = getattr(error, "error_dict", {}).values()
    beyond = any(each.code == "correction" for errors in found for each in errors)
    blame(form, error)
    if beyond:
        form.turn_into_a_correction()
    return _show(request, issue, item, form, status=400, beyond=beyond)


def _show_change(
    request: HttpRequest,
    issue: Issue,
    item: Item | None,
    form: CorrectionForm,
    words: dict[str, Any],
) -> HttpResponse:
    row = item or issue
    context = {
        "issue": issue,
        "item": item,
        "form": form,
        "changes": _changes(form, {n: getattr(row, n) for n in words}, words),
        "digest": getattr(issue, "digest", None),
    }
    return render(request, "editorial/correct_look.html", context)


def _changes(
    form: CorrectionForm, before: dict[str, Any], after: dict[str, Any]
) -> list[diffs.Change]:
    return [
        diffs.Change(
            str(form.fields[name].label),
            diffs.contrast(name, str(before[name] or ""), str(after[name] or "")),
        )
        for name in after
    ]


def _show_typed(
    request: HttpRequest, slug: str, pk: int | None, form: CorrectionForm
) -> HttpResponse:
    """What was typed is shown, to be kept elsewhere."""
    issue = find_issue(slug)
    row = get_object_or_404(Item, issue=issue, pk=pk) if pk else issue
    form.is_valid()
    names = [n for n in (*form.WORDS, "note") if n in form.data]
    return _show_unseen(request, slug, kept.texts_of(form, names, row))


def _show_unseen(
    request: HttpRequest, slug: str, texts: list[kept.Text]
) -> HttpResponse:
    return kept.show(
        request,
        title=_("It was withdrawn meanwhile")
        if request.method == "POST"
        else _("Readers do not see this issue"),
        reason=_(
            "So there is nothing to correct in it. Once it is published, it can be."
        ),
        texts=texts,
        way=kept.Way(_("Open the issue"), reverse("desk:issue", args=[slug])),
    )


def _show_conflict(
    request: HttpRequest, slug: str, pk: int | None, form: CorrectionForm
) -> HttpResponse:
    """What readers see now beside what was typed; looking again keeps what was typed."""
    issue = find_issue(slug)
    item = _item_of(issue, pk)
    row = item or issue
    form.data = form.data.copy()
    form.data["version"] = row.version
    now = {name: getattr(row, name) for name in form.words()}
    mine = {n: v for n, v in form.words().items() if (now[n] or "") != (v or "")}
    stored = [(form.fields[name].label, now[name]) for name in mine]
    conflict = list(zip(stored, _changes(form, now, mine), strict=True))
    return _show(request, issue, item, form, status=409, conflict=conflict, clash=True)
