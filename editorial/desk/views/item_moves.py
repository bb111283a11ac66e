"""What may be done with an item, one press each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from editorial import board, duties, links, rules, workflow
from editorial.desk.doors import ASK, PRESS, READ, door, find_item, parsed, seen
from editorial.desk.forms import (
    CommentForm,
    MoveForm,
    NoteForm,
    PlaceForm,
    SeenForm,
    blame,
)
from editorial.models import Item

from .items import show_item


@door(READ)
def review(request: HttpRequest) -> HttpResponse:
    """What waits for my judgement, longest first."""
    return render(
        request, "editorial/review.html", {"items": duties.to_review(request.user)}
    )


@door(PRESS)
def submit(request: HttpRequest, pk: int) -> HttpResponse:
    item = seen(find_item(request, pk), SeenForm(request.POST))
    try:
        workflow.submit_item(item=item, by=request.user)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect("desk:item_edit", pk)
    messages.success(request, _("Submitted. Those who review are told."))
    return redirect(item)


@door(PRESS)
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    item = workflow.take_back_item(item=find_item(request, pk), by=request.user)
    messages.success(request, _("It is a draft again."))
    return redirect(item)


@door(PRESS)
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    item = workflow.reopen_item(item=find_item(request, pk), by=request.user)
    messages.success(request, _("It is a draft again."))
    return redirect(item)


@door(PRESS)
def approve(request: HttpRequest, pk: int) -> HttpResponse:
    return _judge(request, pk, workflow.approve_item, _("Approved."))


@door(PRESS)
def request_changes(request: HttpRequest, pk: int) -> HttpResponse:
    said = _("Sent back; its author is told why.")
    return _judge(request, pk, workflow.request_changes, said)


@door(PRESS)
def reject(request: HttpRequest, pk: int) -> HttpResponse:
    said = _("Rejected; its author is told why.")
    return _judge(request, pk, workflow.reject_item, said)


def _judge(
    request: HttpRequest, pk: int, deed: Callable[..., Item], said: str
) -> HttpResponse:
    form = NoteForm(request.POST)
    item = find_item(request, pk)
    if not form.is_valid():
        return show_item(request, item, status=400, note_form=form)
    item.version = form.cleaned_data["version"]
    try:
        deed(item=item, by=request.user, note=form.cleaned_data["note"])
    except ValidationError as error:
        blame(form, error)
        return show_item(request, item, status=400, note_form=form)
    return _next_to_review(request, item, said)


def _next_to_review(request: HttpRequest, item: Item, said: str) -> HttpResponse:
    """On a review run the next one; else the board, whose press leads on."""
    waiting = duties.to_review(request.user)
    left = ngettext(
        "%(n)d item is left to review.",
        "%(n)d items are left to review.",
        len(waiting),
    ) % {"n": len(waiting)}
    if not waiting:
        left = _("Nothing is left to review.")
    both = _("%(said)s %(left)s") % {"said": said, "left": left}
    messages.success(request, both)
    if request.POST.get("run") and waiting:
        return redirect(f"{waiting[0].get_absolute_url()}?run=1")
    if item.issue is None:
        return redirect(item)
    return redirect("desk:issue", item.issue.slug)


@door(PRESS)
def comment(request: HttpRequest, pk: int) -> HttpResponse:
    item = find_item(request, pk)
    form = CommentForm(request.POST)
    if not form.is_valid():
        return show_item(request, item, status=400, comment_form=form)
    workflow.comment_item(item=item, by=request.user, text=form.cleaned_data["text"])
    return redirect(f"{item.get_absolute_url()}#comments")


@door(PRESS)
def check_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Visit the item's links once more; the page shows what was found."""
    item = find_item(request, pk)
    asked = links.check_soon(item, again=True)
    said = ngettext(
        "%(n)d link is being checked. Reload in a moment.",
        "%(n)d links are being checked. Reload in a moment.",
        asked,
    )
    if asked:
        messages.info(request, said % {"n": asked})
    if asked < item.item_links.count():
        messages.info(
            request,
            _("What was visited in the last ten minutes is not visited again yet."),
        )
    return redirect(f"{item.get_absolute_url()}#links")


@door(PRESS)
def move(request: HttpRequest, pk: int) -> HttpResponse:
    """To another place of its section, or to the end of another section."""
    item = find_item(request, pk)
    wanted = parsed(MoveForm(request.POST))
    section = wanted["section"]
    end = 1_000_000 if section else item.position
    position = wanted["position"] if wanted["position"] is not None else end
    try:
        workflow.move_item(
            item=item,
            by=request.user,
            section=section,
            topic=item.topic,
            position=position,
        )
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    return redirect(f"{_board_of(item)}#item-{item.pk}")


def _board_of(item: Item) -> str:
    return reverse("desk:issue", args=[item.issue.slug])


@door(PRESS)
def place(request: HttpRequest, pk: int) -> HttpResponse:
    """Into an issue, or back into the backlog."""
    item = find_item(request, pk)
    wanted = parsed(PlaceForm(request.POST))
    try:
        item = workflow.place_item(item=item, by=request.user, **wanted)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
        return redirect(item)
    if item.issue is None:
        said = _("It waits in the backlog.")
    else:
        said = _("It is in issue %(number)s now.") % {"number": item.issue.number}
    messages.success(request, said)
    return redirect(item)


@door(ASK)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    item = find_item(request, pk)
    rules.require(rules.can_delete_item, request.user, item)
    if request.method != "POST":
        return render(request, "editorial/ask/delete_item.html", {"item": item})
    workflow.delete_item(item=item, by=request.user)
    messages.success(request, _("Deleted. Its history stays in the trail."))
    return redirect("desk:my_turn")


@door(READ)
def backlog(request: HttpRequest) -> HttpResponse:
    context: dict[str, Any] = {
        "items": duties.backlog(request.user),
        "rejected": duties.rejected(request.user)[:50],
        "current": board.open_issues().first(),
    }
    return render(request, "editorial/backlog.html", context)
