"""Bringing a list of readers from elsewhere: file, check, columns, import."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from editorial import rules
from newsletter import subscriptions
from newsletter.models import ReaderImport
from newsletter.states import Refusal
from newsletter.subscriptions import imports

SHOWN = 50  # lines of each page of refusals; all of them are in the file

ask = require_http_methods(["GET", "HEAD", "POST"])


class BringForm(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("Exported from"), choices=ReaderImport.Kind.choices
    )
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV, or the whole ZIP that the service gives out."),
    )
    statement = forms.CharField(
        label=gettext_lazy("Where the list comes from, and what people agreed to"),
        help_text=gettext_lazy("It is kept with every consent the list brings."),
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=2000,
        strip=False,
    )


@ask
@login_required
def bring(request: HttpRequest) -> HttpResponse:
    """A form for a file, and what was brought before."""
    rules.require(rules.can_see_subscribers, request.user)
    form = BringForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            row = imports.begin(
                kind=form.cleaned_data["kind"],
                file_name=file.name,
                content=file.read(),
                statement=form.cleaned_data["statement"],
                by=request.user,
            )
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return redirect("readers:import", row.pk)
    context = {"form": form, "imports": ReaderImport.objects.all()[:20]}
    status = 400 if request.method == "POST" else 200
    return render(request, "newsletter/desk/bring.html", context, status=status)


@ask
@login_required
def reader_import(request: HttpRequest, pk: int) -> HttpResponse:
    """What the check found, the columns it read, and the press that imports."""
    row = _import(request, pk)
    if request.method != "POST":
        return _show(request, row)
    match request.POST.get("do"):
        case "accept":
            imports.accept(row=row, by=request.user)
        case "discard":
            imports.discard(row=row, by=request.user)
            messages.success(request, _("Discarded. Nothing was imported."))
            return redirect("readers:bring")
        case "columns":
            chosen = {name: request.POST.get(name, "") for name in imports.FIELDS}
            try:
                imports.choose_columns(row=row, mapping=chosen, by=request.user)
            except ValidationError as error:
                messages.error(request, " ".join(error.messages))
                return _show(request, row, status=400)
        case _:
            raise BadRequest("No such press.")
    return redirect("readers:import", row.pk)


@require_safe
@login_required
def import_progress(request: HttpRequest, pk: int) -> HttpResponse:
    """The moving part, for a page that looks again by itself."""
    row = _import(request, pk)
    template = "newsletter/desk/import_progress.html"
    response = render(request, template, _context(row))
    if not row.is_at_work:
        response["HX-Refresh"] = "true"  # there is something to decide now
    return response


@require_safe
@login_required
def refused(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """Every line that is not taken, and why, as CSV."""
    lines = _refused_lines(_import(request, pk))
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="not-taken.csv"'
    answer["Cache-Control"] = "no-store"
    return answer


class _Echo:
    def write(self, line: str) -> str:
        return line


def _refused_lines(row: ReaderImport) -> Iterator[str]:
    writer = csv.writer(_Echo())
    yield writer.writerow(["line", "address", "reason", "detail"])
    for line in row.refused.iterator():
        cells = (line.address, str(line.get_reason_display()), line.detail)
        yield writer.writerow([line.line, *map(subscriptions.safe_cell, cells)])


def _import(request: HttpRequest, pk: int) -> ReaderImport:
    rules.require(rules.can_see_subscribers, request.user)
    return get_object_or_404(ReaderImport, pk=pk)


def _show(request: HttpRequest, row: ReaderImport, status: int = 200) -> HttpResponse:
    context = _context(row) | {
        "headings": imports.headings(row),
        "columns": [
            (name, words, row.mapping.get(name, ""))
            for name, words in imports.FIELDS.items()
        ],
        "refused": row.refused.all()[:SHOWN],
    }
    return render(request, "newsletter/desk/import.html", context, status=status)


def _context(row: ReaderImport) -> dict[str, Any]:
    counts = {"lines": 0, "total": 0, "taken": {}, "refused": {}, **row.counts}
    reasons = [(Refusal(word).label, n) for word, n in counts["refused"].items()]
    taken = counts["taken"]
    suppressed = taken.get("bounced", 0) + taken.get("complained", 0)
    return {
        "row": row,
        "lines": counts["lines"],
        "total": counts["total"],
        "confirmed": taken.get("subscribed", 0),
        "unsubscribed": taken.get("unsubscribed", 0),
        "suppressed": suppressed,
        "reasons": reasons,
        "not_taken": sum(counts["refused"].values()),
    }
