"""Subscribe, confirm, unsubscribe.

GET and HEAD never change anything: mail scanners open every link, so each page has a
button. None of these pages checks a CSRF token, and none needs a cookie: they use no
authority of the visitor that a foreign page could borrow. What may be done follows from
the secret in the address, or, for asking, from limits in the domain.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from newsletter import subscriptions
from newsletter.models import Subscriber
from newsletter.subscriptions import Token, TooManyRequests

from .clients import client_address
from .pages import private_page, publication_of, reader_page

readers_form = require_http_methods(["GET", "HEAD", "POST"])


class SubscribeForm(forms.Form):
    """One address. `website` is a trap: people do not see it, robots fill it in."""

    address = forms.CharField(label=_("Mail address"), strip=False, max_length=2000)
    website = forms.CharField(required=False, strip=False)

    def clean_address(self) -> str:
        try:
            return subscriptions.clean_address(self.cleaned_data["address"])
        except ValidationError as error:
            raise ValidationError(error.message_dict["address"]) from error


@csrf_exempt
@readers_form
@reader_page
def subscribe(request: HttpRequest) -> HttpResponse:
    """Ask for the digest by mail. The answer is the same for every address."""
    return _subscribe(request, how="form")


@csrf_exempt
@readers_form
@reader_page
def embedded(request: HttpRequest) -> HttpResponse:
    """The same for a form that stands on another site, which is written down.

    It leads to nothing but a mail to confirm, under the same limits.
    """
    source = request.headers.get("Origin") or request.headers.get("Referer", "")
    host = urlsplit(source).netloc if source.isascii() else ""
    return _subscribe(request, how="embed", source=host)


def _subscribe(request: HttpRequest, **origin: str) -> HttpResponse:
    if publication_of(request) is None:
        raise Http404
    form = SubscribeForm(request.POST if request.method == "POST" else None)
    if not form.is_bound:
        return _form(request, form)
    if not form.is_valid():
        return _form(request, form, status=400)
    if form.cleaned_data["website"]:
        return redirect("site:sent")
    address = form.cleaned_data["address"]
    doubt = None if "keep" in request.POST else subscriptions.doubt(address)
    if doubt is not None:
        context = {"address": address, "doubt": doubt}
        return _unkept(render(request, "newsletter/subscriptions/doubt.html", context))
    try:
        subscriptions.request_subscription(
            address=address, client=client_address(request), **origin
        )
    except TooManyRequests as error:
        form.add_error("address", too_many(error))
        return _form(request, form, retry_after=error.retry_after)
    except ValidationError as error:
        form.add_error(None, error)
        return _form(request, form, status=400)
    return redirect("site:sent")


def _unkept(response: HttpResponse) -> HttpResponse:
    response["Cache-Control"] = "no-store"
    return response


def _form(
    request: HttpRequest,
    form: SubscribeForm,
    *,
    status: int = 200,
    retry_after: int = 0,
) -> HttpResponse:
    status = 429 if retry_after else status
    template = "newsletter/subscriptions/subscribe.html"
    response = render(request, template, {"form": form}, status=status)
    if retry_after:
        response["Retry-After"] = retry_after
    if request.method == "POST":
        response["Cache-Control"] = "no-store"
    return response


def too_many(error: TooManyRequests) -> str:
    """When this network may ask again, for whoever sits in it."""
    minutes = -(-error.retry_after // 60)
    return ngettext(
        "Your network has asked too often. Try again in %(n)d minute.",
        "Your network has asked too often. Try again in %(n)d minutes.",
        minutes,
    ) % {"n": minutes}


@require_safe
@private_page
def sent(request: HttpRequest) -> HttpResponse:
    """Check your mailbox: what follows a request, whatever the address."""
    return render(request, "newsletter/subscriptions/sent.html")


@csrf_exempt
@readers_form
@private_page
def confirm(request: HttpRequest, token: str) -> HttpResponse:
    """The page a confirmation mail leads to: a button; a press of it confirms."""
    if request.method == "POST" and "again" in request.POST:
        return _again(request, token)
    if request.method == "POST":
        worth = subscriptions.confirm(token=token, client=client_address(request))
    else:
        worth = subscriptions.look_at_token(token=token)
    return _confirm_page(request, worth)


def _again(request: HttpRequest, token: str) -> HttpResponse:
    try:
        subscriptions.request_again(token=token, client=client_address(request))
    except TooManyRequests as error:
        response = _confirm_page(
            request, Token.EXPIRED, status=429, problem=too_many(error)
        )
        response["Retry-After"] = error.retry_after
        return response
    return redirect("site:sent")


def _confirm_page(
    request: HttpRequest, worth: Token, *, status: int = 200, problem: str = ""
) -> HttpResponse:
    if worth is Token.UNKNOWN:
        status = 404
    elif worth is Token.EXPIRED and status == 200:
        status = 410
    context = {"worth": worth.value, "problem": problem}
    return render(
        request, "newsletter/subscriptions/confirm.html", context, status=status
    )


@csrf_exempt
@readers_form
@private_page
def unsubscribe(request: HttpRequest, key: str) -> HttpResponse:
    """The page the unsubscribe link of a mail leads to: a button; a press leaves."""
    if request.method == "POST" and "again" in request.POST:
        return _subscribe_again(request, _reader(key))
    if request.method == "POST":
        client = client_address(request)
        subscriptions.unsubscribe(key=key, how="page", client=client)
    return _unsubscribe_page(request, _reader(key))


def _subscribe_again(request: HttpRequest, reader: Subscriber) -> HttpResponse:
    try:
        subscriptions.request_subscription(
            address=reader.address, client=client_address(request), how="again"
        )
    except TooManyRequests as error:
        response = _unsubscribe_page(request, reader, problem=too_many(error))
        response.status_code = 429
        response["Retry-After"] = error.retry_after
        return response
    return redirect("site:sent")


def _unsubscribe_page(request: HttpRequest, reader: Subscriber, **context: Any):
    context |= {"reader": reader, "has_left": reader.has_left}
    return render(request, "newsletter/subscriptions/unsubscribe.html", context)


def _reader(key: str) -> Subscriber:
    reader = Subscriber.objects.filter(key=key).first()
    if reader is None:
        raise Http404
    return reader


@csrf_exempt
@private_page
def one_click(request: HttpRequest, key: str) -> HttpResponse:
    """RFC 8058: a mail program's own button posts here, and that is all it takes.

    Answered without redirect, cookie or login, as often as it comes. Opening the
    address shows the page of `unsubscribe` and changes nothing.
    """
    if request.method in {"GET", "HEAD"}:
        return _unsubscribe_page(request, _reader(key))
    if request.method != "POST":
        allowed = HttpResponseNotAllowed(["GET", "HEAD", "POST"])
        if request.method == "OPTIONS":
            allowed.status_code = 200
        return allowed
    client = ""  # the provider's, not the reader's
    if subscriptions.unsubscribe(key=key, how="one-click", client=client) is None:
        raise Http404
    return HttpResponse("ok\n", content_type="text/plain")
