"""An item: writing it, reading it, and what it was before."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from editorial import board, capture, duties, rules, writing
from editorial.content import markdown
from editorial.content.link_keys import InvalidUrl
from editorial.desk import diffs, kept
from editorial.desk.doors import ASK, PRESS, READ, door, find_item
from editorial.desk.forms import (
    CommentForm,
    ItemForm,
    NewItemForm,
    NoteForm,
    PictureForm,
    PlaceForm,
    SeenForm,
    blame,
    blame_pictures,
)
from editorial.desk.verbs import told_once
from editorial.models import Item
from editorial.pictures import bring_in
from editorial.states import IllegalTransition, StaleVersion
from editorial.throttle import Throttled


@door(READ)
def item(request: HttpRequest, pk: int) -> HttpResponse:
    """An item as it reads, with everything said and found out about it."""
    return show_item(request, find_item(request, pk))


def show_item(
    request: HttpRequest, item: Item, *, status: int = 200, **forms: Any
) -> HttpResponse:
    """The item's page; with a form that did not pass in place of its empty one."""
    queue = duties.to_review(request.user)
    context = {
        "item": item,
        "text": markdown.render(item.commentary),
        "offers": duties.offers(request.user, item),
        "uses": _links_of(item, request.user),
        "images": item.images.all(),
        "comments": item.comments.all(),
        "trail": told_once(item.transitions.all()[:40]),
        "sent_back": duties.last_sent_back(item),
        "left": sum(each.pk != item.pk for each in queue),
        "run": request.GET.get("run") or request.POST.get("run"),
        "seen": SeenForm(initial={"version": item.version}),
        "note_form": NoteForm(initial={"version": item.version}),
        "comment_form": CommentForm(),
        "place_form": PlaceForm(
            initial={"issue": item.issue_id, "section": item.section_id}
        ),
        **forms,
    }
    return render(request, "editorial/item.html", context, status=status)


def _links_of(item: Item, user: Any) -> list[tuple[Any, Any]]:
    """Each link of the item, with what this person may do about it."""
    uses = item.item_links.select_related("link__last_check", "link__archived_copy")
    return [(use, duties.link_offers(user, item, use)) for use in uses]


@door(READ)
def history(request: HttpRequest, pk: int) -> HttpResponse:
    item = find_item(request, pk)
    saves = diffs.history(list(item.revisions.all()[:50]))
    return render(
        request, "editorial/item_history.html", {"item": item, "saves": saves}
    )


@door(ASK)
def create(request: HttpRequest) -> HttpResponse:
    issue = _asked_issue(request)
    if request.method != "POST":
        form = NewItemForm(
            issue=issue,
            initial={
                "issue": issue,
                "section": request.GET.get("section"),
                "url": request.GET.get("url", "")[:2048],
                "credit": getattr(request.user, "author", None),
            },
        )
        return _show_form(request, None, form, PictureForm.all_for(None))
    form = NewItemForm(request.POST, issue=issue)
    return _save(request, None, form)


def _asked_issue(request: HttpRequest) -> Any:
    """The issue the new item goes into: as sent, else the one that comes out next."""
    issues = list(board.open_issues())
    if request.method == "POST":
        wanted = request.POST.get("issue", "")
        return next((i for i in issues if str(i.pk) == wanted), None)
    if "issue" in request.GET:
        return next((i for i in issues if i.slug == request.GET["issue"]), None)
    return issues[0] if issues else None


@door(ASK)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    item = find_item(request, pk)
    if not rules.can_edit_item(request.user, item):
        return _edit_closed(request, item)
    if request.method != "POST":
        words = {name: getattr(item, name) for name in (*ItemForm.WORDS, "credit")}
        form = ItemForm(initial={**words, "version": item.version}, issue=item.issue)
        return _show_form(request, item, form, PictureForm.all_for(item))
    return _save(request, item, ItemForm(request.POST, issue=item.issue))


def _edit_closed(request: HttpRequest, item: Item) -> HttpResponse:
    """Editors correct what readers have; what was typed too late is shown."""
    is_out = Item.objects.published().filter(pk=item.pk).exists()
    may_correct = is_out and rules.can_correct_issue(request.user, item.issue)
    if request.method == "POST" and rules.can_submit_item(request.user, item):
        return _show_typed(request, item, is_out=is_out, may_correct=may_correct)
    if may_correct:
        return redirect("desk:issue_correct_item", item.issue.slug, item.pk)
    if is_out:
        raise PermissionDenied(_("It is published: an editor can fix or correct it."))
    rules.require(rules.can_edit_item, request.user, item)
    return redirect(item)  # it was opened again this very moment


def _show_typed(
    request: HttpRequest, item: Item, *, is_out: bool, may_correct: bool
) -> HttpResponse:
    """It was published, or closed to changes, while somebody wrote."""
    form = ItemForm(request.POST, issue=item.issue)
    form.is_valid()
    way = kept.Way(_("The item"), item.get_absolute_url())
    if may_correct:
        page = reverse("desk:issue_correct_item", args=[item.issue.slug, item.pk])
        way = kept.Way(_("Fix a typo or correct"), page)
    return kept.show(
        request,
        title=_("It was published meanwhile")
        if is_out
        else _("It takes no changes any more"),
        reason=_("Readers have it now: an editor can fix or correct it.")
        if is_out
        else _("Meanwhile it moved on, or its issue did. The item's page says how."),
        texts=kept.texts_of(form, (*ItemForm.WORDS, "credit"), item),
        way=way,
    )


def _save(request: HttpRequest, item: Item | None, form: ItemForm) -> HttpResponse:
    pictures = PictureForm.all_for(item, request.POST, request.FILES)
    if not all([form.is_valid(), *(each.is_valid() for each in pictures)]):
        return _show_form(request, item, form, pictures, status=400)
    if request.POST.get("press") == "read":
        return _show_read(request, item, form, pictures)
    if request.POST.get("press") == "picture":
        pictures[-1].offer(
            request.POST.get("picture-offered", ""),
            request.POST.get("picture-offered-by", ""),
        )
        return _show_form(request, item, form, pictures)
    submit = request.POST.get("press") == "submit"
    try:
        saved = writing.save_item(
            item=item,
            by=request.user,
            issue=form.cleaned_data.get("issue"),
            version=form.cleaned_data["version"],
            words=form.words(),
            new_topic=form.cleaned_data["new_topic"],
            pictures=bring_in([each.picture() for each in pictures], by=request.user),
            submit=submit,
        )
    except ValidationError as error:
        _blame_all(form, pictures, error)
        return _show_form(request, item, form, pictures, status=400)
    except (StaleVersion, IllegalTransition):
        if item is not None:
            return _show_conflict(request, item.pk, form)
        form.add_error(
            "issue", _("It takes no new items. Choose another, or the backlog.")
        )
        return _show_form(request, item, form, pictures, status=409)
    messages.success(
        request, _("Submitted. Those who review are told.") if submit else _("Saved.")
    )
    return redirect(saved)


def _blame_all(
    form: ItemForm, pictures: list[PictureForm], error: ValidationError
) -> None:
    """Of pictures each error names its row, of words its field."""
    named = hasattr(error, "error_dict")
    if named and all("-" in name for name in error.error_dict):
        blame_pictures(pictures, error)
    else:
        blame(form, error)


def _show_read(
    request: HttpRequest,
    item: Item | None,
    form: ItemForm,
    pictures: list[PictureForm],
) -> HttpResponse:
    """The form as it was typed, with the page behind its link."""
    try:
        source = _read(request, form, item)
    except Throttled as error:
        form.add_error("url", _too_many(error))
        response = _show_form(request, item, form, pictures, status=429)
        response["Retry-After"] = str(error.retry_after)
        return response
    return _show_form(request, item, form, pictures, source=source)


def _too_many(error: Throttled) -> str:
    return ngettext(
        "That was a lot of pages in one minute. Read the next one in %(n)d second; "
        "what you typed stays here.",
        "That was a lot of pages in one minute. Read the next one in %(n)d seconds; "
        "what you typed stays here.",
        error.retry_after,
    ) % {"n": error.retry_after}


def _read(request: HttpRequest, form: ItemForm, item: Item | None) -> Any:
    """The page behind the link, its title offered where there is no headline yet."""
    url = form.cleaned_data["url"]
    try:
        source = capture.read_source(url, by=request.user, exclude=item)
    except InvalidUrl as error:
        form.add_error("url", str(error))
        return None
    if not form.cleaned_data["headline"]:
        form.data = form.data.copy()
        form.data["headline"] = source.title
    return source


def _show_form(
    request: HttpRequest,
    item: Item | None,
    form: ItemForm,
    pictures: list[PictureForm],
    *,
    source: Any = None,
    status: int = 200,
) -> HttpResponse:
    issue = item.issue if item else _asked_issue(request)
    context = {
        "item": item,
        "issue": issue,
        "form": form,
        "pictures": pictures,
        "pictures_refused": any(each.errors for each in pictures),
        "picture_offered": bool(pictures[-1]["address"].value()),
        "files": bool(request.FILES),
        "source": source,
        "saves_itself": writing.saves_itself(item),
        "may_submit": item is None or duties.offers(request.user, item).submit,
        "sent_back": duties.last_sent_back(item) if item else None,
        "details": any(form[n].errors for n in ("label", "form", "credit")),
    }
    return render(request, "editorial/item_form.html", context, status=status)


def _show_conflict(request: HttpRequest, pk: int, form: ItemForm) -> HttpResponse:
    """Both texts, the one saved meanwhile and the one just sent; nothing is lost."""
    now = find_item(request, pk)
    form.data = form.data.copy()
    form.data["version"] = now.version
    context = {
        "item": now,
        "form": form,
        "last": now.revisions.first(),
        "files": bool(request.FILES),
        "parts": diffs.compare(now.commentary, form.cleaned_data["commentary"]),
        "headline_parts": diffs.compare(now.headline, form.cleaned_data["headline"]),
    }
    return render(request, "editorial/item_conflict.html", context, status=409)


@door(PRESS)
def autosave(request: HttpRequest, pk: int | None = None) -> JsonResponse:
    """Keep what is being written. Answers with the new version, or with what is wrong."""
    item = find_item(request, pk) if pk else None
    if not writing.saves_itself(item):
        return JsonResponse({"error": _("Press Save to keep this.")}, status=409)
    if item is None:
        form: ItemForm = NewItemForm(request.POST, issue=_asked_issue(request))
    else:
        form = ItemForm(request.POST, issue=item.issue)
    if not form.is_valid():
        return _autosave_refused(form)
    try:
        saved = writing.save_item(
            item=item,
            by=request.user,
            issue=form.cleaned_data.get("issue"),
            version=form.cleaned_data["version"],
            words=form.words(),
        )
    except ValidationError as error:
        blame(form, error)
        return _autosave_refused(form)
    except (StaleVersion, IllegalTransition):
        words = _("Not saved: somebody changed it meanwhile. Press Save to see both.")
        return JsonResponse({"error": words}, status=409)
    at = date_format(timezone.localtime(), "H:i")
    return JsonResponse(
        {
            "version": saved.version,
            "said": _("Saved %(time)s") % {"time": at},
            "page": f"{saved.get_absolute_url()}edit/",
            "autosave": f"{saved.get_absolute_url()}autosave/",
        }
    )


def _autosave_refused(form: ItemForm) -> JsonResponse:
    first = next(iter(form.errors.values()))[0]
    return JsonResponse({"error": _("Not saved: %(why)s") % {"why": first}}, status=400)


@door(PRESS)
def source(request: HttpRequest) -> HttpResponse:
    """What a pasted URL leads to, as a fragment of the form."""
    url = request.POST.get("url", "").strip()
    item = _asked_item(request)
    context: dict[str, Any] = {}
    if url:
        try:
            context["source"] = capture.read_source(url, by=request.user, exclude=item)
        except InvalidUrl as error:
            context["error"] = str(error)
        except Throttled as error:
            context["error"] = _too_many(error)
    return render(request, "components/source.html", context)


def _asked_item(request: HttpRequest) -> Item | None:
    """The item whose form asks; none while it is not stored yet."""
    pk = request.POST.get("item", "")
    return find_item(request, int(pk)) if pk.isdecimal() and len(pk) < 20 else None


@door(PRESS)
def preview(request: HttpRequest) -> HttpResponse:
    """Text being written, as it will read."""
    context = {"text": markdown.render(request.POST.get("commentary", "")[:262_144])}
    return render(request, "components/live_text.html", context)
