"""Import of pasted text: paste, see what was understood, correct, accept."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from editorial import capture, rules
from editorial.content.importers.decoding import Undecodable, decode
from editorial.content.importers.text import Parsed, TooLong, parse
from editorial.content.summary import summary
from editorial.desk.doors import ASK, door
from editorial.desk.forms import AcceptForm, ImportForm, blame

MOST_LINES = 2000  # shown one by one; what is to be looked at is always listed


@door(ASK)
def import_issue(request: HttpRequest) -> HttpResponse:
    """One page for the whole way: the text stays in its box from step to step."""
    rules.require(rules.can_create_issue, request.user)
    if request.method != "POST":
        return _show(request, ImportForm())
    form, parsed = _understand(request)
    if parsed is None:
        return _show(request, form, status=400)
    number = parsed.outline.number or capture.next_number()
    if request.POST.get("press") != "accept":
        accept = AcceptForm(initial={"number": number})
        return _show(request, form, parsed=parsed, accept=accept)
    accept = AcceptForm(request.POST)
    if accept.is_valid():
        try:
            issue = capture.import_issue(
                outline=parsed.outline, by=request.user, **accept.cleaned_data
            )
        except ValidationError as error:
            blame(accept, error)
        else:
            messages.success(request, _("Imported. Every link is being checked."))
            return redirect("desk:issue", issue.slug)
    return _show(request, form, parsed=parsed, accept=accept, status=400)


def _understand(request: HttpRequest) -> tuple[ImportForm, Parsed | None]:
    """The text sent, in the box again, and what it was understood as."""
    form = ImportForm(request.POST, request.FILES)
    if not form.is_valid():
        return form, None
    text, upload = form.cleaned_data["text"], form.cleaned_data["file"]
    try:
        if not text.strip() and upload is not None:
            text = decode(upload.read())
        if not text.strip():
            wanted = _("Nothing in it. Paste the text, or choose a file with some.")
            form.add_error("file" if upload is not None else "text", wanted)
            return form, None
        parsed = parse(text, capture.known_words())
    except Undecodable as error:
        form.add_error("file", str(error))
        return form, None
    except TooLong as error:
        form.add_error("text", str(error))
        return form, None
    shown = ImportForm({"text": text})
    shown.is_valid()
    return shown, parsed


def _show(
    request: HttpRequest,
    form: ImportForm,
    *,
    parsed: Parsed | None = None,
    accept: AcceptForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "accept": accept,
        "may_archive": rules.can_import_archive(request.user),
    }
    if parsed is not None:
        context |= {
            "outline": parsed.outline,
            "counts": summary(parsed.outline)["counts"],
            "report": parsed.report,
            "lines": parsed.lines[:MOST_LINES],
            "not_shown": max(0, len(parsed.lines) - MOST_LINES),
        }
    return render(request, "editorial/import.html", context, status=status)
