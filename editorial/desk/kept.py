"""What somebody typed that nothing takes any more: shown, so that it is not lost."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


@dataclass(frozen=True, slots=True)
class Text:
    """A field as it was typed; `name` is of no other field on the page."""

    name: str
    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Way:
    """Where to go on from here."""

    words: str
    url: str


def texts_of(form: Form, names: Iterable[str], row: Any) -> list[Text]:
    """The bound form's fields of these names that say something else than `row`."""
    typed = {n: form.cleaned_data.get(n, form.data.get(n)) for n in names}
    return [
        Text(name, str(form.fields[name].label), str(value))
        for name, value in typed.items()
        if value and value != getattr(row, name, None)
    ]


def show(
    request: HttpRequest, *, title: str, reason: str, texts: list[Text], way: Way
) -> HttpResponse:
    """Nothing was stored; here is why, and here is what was typed."""
    context = {"title": title, "reason": reason, "texts": texts, "way": way}
    return render(request, "editorial/kept.html", context, status=409)
