"""A reader's own page: how the mail comes, when it rests, and every way out.

As with `subscribing`: GET changes nothing, the secret in the address is what lets one
in, and no cookie is read, so that there is nothing for a CSRF token to guard.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt

from newsletter import subscriptions
from newsletter.models import Subscriber

from .pages import private_page
from .subscribing import readers_form

# What the page says after a press; the word is in its address, so that it may be
# opened again without pressing anew.
DONE = {
    "saved": _("Saved. The next mail comes like this."),
    "paused": _("Paused. You find what you miss on the site."),
    "resumed": _("Welcome back. The next issue comes by mail again."),
}


class PreferencesForm(forms.Form):
    name = forms.CharField(label=_("Name"), required=False, strip=False, max_length=500)
    wants = forms.ChoiceField(
        label=_("How the mail comes"),
        choices=Subscriber.Wants.choices,
        widget=forms.RadioSelect,
    )


class PauseForm(forms.Form):
    until = forms.DateField(
        label=_("No mail before"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )


@csrf_exempt
@readers_form
@private_page
def preferences(request: HttpRequest, key: str) -> HttpResponse:
    """What the key's owner may choose. A POST says in `do` what to do."""
    reader = _reader(key)
    if request.method != "POST":
        return _page(request, reader)
    press = PRESSES.get(request.POST.get("do", ""))
    if press is None:
        return _page(request, reader, status=400)
    return press(request, reader)


def _save(request: HttpRequest, reader: Subscriber) -> HttpResponse:
    return _take(request, reader, PreferencesForm, subscriptions.save_preferences)


def _pause(request: HttpRequest, reader: Subscriber) -> HttpResponse:
    return _take(request, reader, PauseForm, subscriptions.pause)


def _resume(request: HttpRequest, reader: Subscriber) -> HttpResponse:
    subscriptions.resume(reader=reader)
    return _done(reader, "resumed")


Press = Callable[[HttpRequest, Subscriber], HttpResponse]
PRESSES: dict[str, Press] = {"save": _save, "pause": _pause, "resume": _resume}
_SAYS = {PreferencesForm: "saved", PauseForm: "paused"}
_NAMES = {PreferencesForm: "form", PauseForm: "pause_form"}


def _take(
    request: HttpRequest,
    reader: Subscriber,
    form_class: type[forms.Form],
    deed: Callable[..., None],
) -> HttpResponse:
    """Do it with what was typed, or show what is wrong with it."""
    form = form_class(request.POST)
    if form.is_valid():
        try:
            deed(reader=reader, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return _done(reader, _SAYS[form_class])
    return _page(request, reader, status=400, **{_NAMES[form_class]: form})


def _done(reader: Subscriber, word: str) -> HttpResponse:
    return redirect(f"{reverse('site:preferences', args=[reader.key])}?done={word}")


def _page(
    request: HttpRequest, reader: Subscriber, *, status: int = 200, **forms_: forms.Form
) -> HttpResponse:
    chosen = {"name": reader.name, "wants": reader.wants}
    context: dict[str, Any] = {
        "reader": reader,
        "done": DONE.get(request.GET.get("done", "")) if status == 200 else None,
        "form": PreferencesForm(initial=chosen),
        "pause_form": PauseForm(),
        "tomorrow": timezone.localdate() + timedelta(days=1),
        "latest": timezone.localdate() + subscriptions.LONGEST_PAUSE,
        **forms_,
    }
    template = "newsletter/subscriptions/preferences.html"
    return render(request, template, context, status=status)


def _reader(key: str) -> Subscriber:
    reader = subscriptions.reader_with_key(key)
    if reader is None:
        raise Http404
    return reader
