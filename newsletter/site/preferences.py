"""A reader's own page: how the mail comes, when it rests, where to, and every way out.

As with `subscribing`: GET changes nothing, the secret in the address is what lets one
in, and no cookie is read, so that there is nothing for a CSRF token to guard.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_safe

from newsletter import subscriptions, suppressions
from newsletter.models import Subscriber
from newsletter.subscriptions import Token, TooManyRequests

from .clients import client_address
from .pages import private_page
from .subscribing import readers_form, too_many

# What the page says after a press; the word is in its address, so that it may be
# opened again without pressing anew.
DONE = {
    "saved": _("Saved. The next mail comes like this."),
    "paused": _("Paused. You find what you miss on the site."),
    "resumed": _("Welcome back. The next issue comes by mail again."),
    "asked": _("A mail with a link to confirm is on its way to the new address."),
    "data": _("A mail with a link to your data is on its way to you."),
    "data_again": _(
        "You had a mail from us moments ago. Ask again in a quarter of an hour."
    ),
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


class MoveForm(forms.Form):
    address = forms.CharField(label=_("New mail address"), strip=False, max_length=2000)


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
    form = PreferencesForm(request.POST)
    deed = subscriptions.save_preferences
    return _take(request, reader, "saved", deed, form=form)


def _pause(request: HttpRequest, reader: Subscriber) -> HttpResponse:
    form = PauseForm(request.POST)
    return _take(request, reader, "paused", subscriptions.pause, pause_form=form)


def _resume(request: HttpRequest, reader: Subscriber) -> HttpResponse:
    subscriptions.resume(reader=reader)
    return _done(reader, "resumed")


def _move(request: HttpRequest, reader: Subscriber) -> HttpResponse:
    form = MoveForm(request.POST)
    ask = partial(subscriptions.request_move, client=client_address(request))
    try:
        return _take(request, reader, "asked", ask, move_form=form)
    except TooManyRequests as error:
        form.add_error("address", too_many(error))
        answer = _page(request, reader, status=429, move_form=form)
        answer["Retry-After"] = error.retry_after
        return answer


def _ask_for_data(request: HttpRequest, reader: Subscriber) -> HttpResponse:
    mailed = subscriptions.request_data(reader=reader)
    return _done(reader, "data" if mailed else "data_again")


Press = Callable[[HttpRequest, Subscriber], HttpResponse]
PRESSES: dict[str, Press] = {
    "save": _save,
    "pause": _pause,
    "resume": _resume,
    "move": _move,
    "data": _ask_for_data,
}


def _take(
    request: HttpRequest,
    reader: Subscriber,
    word: str,
    deed: Callable[..., None],
    **named: forms.Form,
) -> HttpResponse:
    """Do it with what was typed, or show what is wrong with it."""
    [form] = named.values()
    if form.is_valid():
        try:
            deed(reader=reader, **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            return _done(reader, word)
    return _page(request, reader, status=400, **named)


def _done(reader: Subscriber, word: str) -> HttpResponse:
    return redirect(f"{reverse('site:preferences', args=[reader.key])}?done={word}")


def _page(
    request: HttpRequest, reader: Subscriber, *, status: int = 200, **forms_: forms.Form
) -> HttpResponse:
    chosen = {"name": reader.name, "wants": reader.wants}
    context: dict[str, Any] = {
        "reader": reader,
        "is_suppressed": suppressions.is_suppressed(reader.address),
        "done": DONE.get(request.GET.get("done", "")) if status == 200 else None,
        "form": PreferencesForm(initial=chosen),
        "pause_form": PauseForm(),
        "move_form": MoveForm(),
        "tomorrow": timezone.localdate() + timedelta(days=1),
        "latest": timezone.localdate() + subscriptions.LONGEST_PAUSE,
        **forms_,
    }
    template = "newsletter/subscriptions/preferences.html"
    return render(request, template, context, status=status)


@csrf_exempt
@readers_form
@private_page
def move(request: HttpRequest, token: str) -> HttpResponse:
    """The page the mail to a new address leads to: a press lets the mail come there."""
    if request.method == "POST":
        client = client_address(request)
        worth, found = subscriptions.confirm_move(token=token, client=client)
    else:
        worth, found = subscriptions.look_at_move(token=token)
    context = {"worth": worth.value, "confirmation": found}
    status = {Token.UNKNOWN: 404, Token.EXPIRED: 410}.get(worth, 200)
    template = "newsletter/subscriptions/move.html"
    return render(request, template, context, status=status)


@csrf_exempt
@readers_form
@private_page
def data(request: HttpRequest, token: str) -> HttpResponse:
    """The page the mail about one's data leads to: a press downloads them as JSON."""
    reader = subscriptions.reader_of_data(token=token)
    template = "newsletter/subscriptions/data.html"
    if reader is None:
        return render(request, template, {"reader": None}, status=410)
    if request.method != "POST":
        return render(request, template, {"reader": reader})
    options = {"ensure_ascii": False, "indent": 1}
    answer = JsonResponse(subscriptions.dossier(reader), json_dumps_params=options)
    answer["Content-Disposition"] = 'attachment; filename="subscription.json"'
    return answer


@csrf_exempt
@readers_form
@private_page
def delete(request: HttpRequest, key: str) -> HttpResponse:
    """Ask, and on a press delete everything about the reader with this key."""
    reader = _reader(key)
    if request.method == "POST":
        subscriptions.erase(reader=reader)
        return redirect("site:deleted")
    return render(request, "newsletter/subscriptions/delete.html", {"reader": reader})


@require_safe
@private_page
def deleted(request: HttpRequest) -> HttpResponse:
    """What follows a deletion: nothing is left to name."""
    return render(request, "newsletter/subscriptions/deleted.html")


def _reader(key: str) -> Subscriber:
    reader = subscriptions.reader_with_key(key)
    if reader is None:
        raise Http404
    return reader
