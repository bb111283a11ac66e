"""One call of a provider's API, through django-anymail.

The caller gets one answer for each reader (`api_answers`). Nothing is ever tried again
by itself, except where a provider carries out the same call with the same key only once.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import requests
from anymail.exceptions import AnymailAPIError, AnymailInvalidAddress
from anymail.message import AnymailMessage
from django.conf import settings
from django.utils.module_loading import import_string
from requests.adapters import HTTPAdapter

from .api_answers import (
    Answer,
    by_address,
    each_of,
    failure,
    impossible,
    invalid,
    is_unclear,
    never_connected,
    unclear,
)
from .mailing import Addressee, Mailing
from .providers import HEAVIEST, PROVIDERS, Provider, Way

TO_CONNECT = 10.0  # seconds
# An idle connection that the provider closes at the moment we use it looks like a mail
# whose fate is unknown; most keep one for longer than this.
KEPT = 3.0
REPEAT_AFTER = (1.0, 3.0)


class Carrier:
    """A way to the provider of EMAIL_URL. For one thread; its connection is kept."""

    def __init__(self, *, seconds: float | None = None) -> None:
        self.provider: Provider = PROVIDERS[settings.EMAIL_PROVIDER]
        self._seconds = seconds or float(settings.EMAIL_DOT_TIMEOUT)
        self._backend: Any = None
        self._used_at = 0.0

    def most(self, mailing: Mailing) -> int:
        """How many readers one call takes."""
        most = min(self.provider.most, settings.EMAIL_BATCH or self.provider.most)
        if self.provider.way is Way.BURST:
            return max(1, min(most, HEAVIEST // mailing.weight))
        return most

    def carry(
        self, mailing: Mailing, to: Sequence[Addressee], *, key: str
    ) -> list[Answer]:
        """Hand in one call; an answer for each of them, in their order.

        `key` names this call and no other.
        """
        begun_at = time.monotonic()
        answers = self._carry_once(mailing, to, key)
        for pause in REPEAT_AFTER if self.provider.repeats else ():
            is_late = time.monotonic() - begun_at > self._seconds / 2
            if is_late or not any(is_unclear(answer) for answer in answers):
                break
            time.sleep(pause)
            answers = self._carry_once(mailing, to, key)
        return answers

    def close(self) -> None:
        if self._backend is not None:
            self._backend.close()
        self._backend = None

    def _carry_once(
        self, mailing: Mailing, to: Sequence[Addressee], key: str
    ) -> list[Answer]:
        try:
            message = _message(self.provider, mailing, to, key)
            backend = self._open()
            backend.has_left = False
        except Exception as error:  # noqa: BLE001 - whatever it is, nothing left
            return [impossible(error)] * len(to)
        try:
            backend.send_messages([message])
            response = message.anymail_status.esp_response
        except AnymailAPIError as error:
            response = error.response
            each = each_of(self.provider, response, len(to))
            return each or [failure(error, backend, several=len(to) > 1)] * len(to)
        except AnymailInvalidAddress as error:  # found before anything left
            return [invalid(error, several=len(to) > 1)] * len(to)
        except Exception as error:  # noqa: BLE001 - see which side of the wire it was on
            self.close()
            may_be_there = backend.has_left or self.provider.package
            return [unclear(error) if may_be_there else impossible(error)] * len(to)
        finally:
            self._used_at = time.monotonic()
        each = each_of(self.provider, response, len(to))
        return each or list(by_address(message.anymail_status, to))

    def _open(self) -> Any:
        if time.monotonic() - self._used_at > KEPT:
            self.close()
        if self._backend is None:
            self._backend = _backend(self.provider, self._seconds)
            self._backend.open()
        return self._backend


class _Adapter(HTTPAdapter):
    """Notes when a request may have reached the other side."""

    def __init__(self, backend: Any) -> None:
        super().__init__(max_retries=0)
        self._backend = backend

    def send(self, *args: Any, **kwargs: Any) -> requests.Response:
        self._backend.has_left = True
        try:
            return super().send(*args, **kwargs)
        except requests.RequestException as error:
            self._backend.has_left = not never_connected(error)
            raise


class _OverHttp:
    """In front of each of anymail's back ends that speak HTTP themselves."""

    has_left = False

    def create_session(self) -> requests.Session:
        session = super().create_session()  # type: ignore[misc]
        session.max_redirects = 0  # none is asked to take the key elsewhere
        for scheme in ("https://", "http://"):
            session.mount(scheme, _Adapter(self))
        return session

    def build_message_payload(self, message: Any, defaults: Any) -> Any:
        payload = super().build_message_payload(message, defaults)  # type: ignore[misc]
        if message.idempotency_key:
            payload.headers["Idempotency-Key"] = message.idempotency_key
        if message.fill is not None:
            serialize = payload.serialize_json
            payload.serialize_json = lambda data: serialize(message.fill(data))
        return payload


def _backend(provider: Provider, seconds: float) -> Any:
    base = import_string(provider.backend)
    options: dict[str, Any] = {"ignore_recipient_status": True}
    if provider.package:
        return base(**options)
    kind = type("Backend", (_OverHttp, base), {})
    return kind(timeout=(TO_CONNECT, seconds), **options)


def _message(
    provider: Provider, mailing: Mailing, to: Sequence[Addressee], key: str
) -> AnymailMessage:
    message = AnymailMessage(
        subject=mailing.subject,
        from_email=mailing.sender,
        to=[one.address for one in to],
    )
    message.idempotency_key = key if provider.repeats else ""
    message.fill = None
    message.esp_extra = {}
    if provider.untracks:
        message.track_opens = message.track_clicks = False
    if provider.name == "postmark" and settings.EMAIL_STREAM:
        message.esp_extra["MessageStream"] = settings.EMAIL_STREAM
    if provider.way is Way.SINGLE:
        _for_one(message, provider, mailing, to[0])
    else:
        _for_many(message, provider, mailing, to)
    return message


def _for_one(
    message: AnymailMessage, provider: Provider, mailing: Mailing, one: Addressee
) -> None:
    text, html = mailing.filled_for(one)
    if provider.reads_braces:  # of a text about templates they would be lost
        message.subject = _parted(mailing.subject)
        text = _parted(text)
        html = html.replace("{{", "&#123;&#123;").replace("}}", "&#125;&#125;")
    _write(message, text, html)
    message.extra_headers = {**mailing.headers, **one.headers}
    if provider.has_metadata:
        message.metadata = {"delivery": one.delivery}


def _for_many(
    message: AnymailMessage,
    provider: Provider,
    mailing: Mailing,
    to: Sequence[Addressee],
) -> None:
    message.extra_headers = dict(mailing.headers)
    message.merge_headers = {one.address: dict(one.headers) for one in to}
    message.merge_metadata = {one.address: {"delivery": one.delivery} for one in to}
    if provider.way is Way.BURST:
        _write(message, mailing.text, mailing.html)
        message.fill = lambda data: _fill(data, mailing, to)
        return
    _write(message, *mailing.with_places(provider.place.format))
    message.merge_data = {one.address: mailing.values_for(one) for one in to}
    if provider.name == "sendgrid":
        message.esp_extra = {
            "merge_field_format": provider.place,
            "tracking_settings": {"subscription_tracking": {"enable": False}},
        }


def _write(message: AnymailMessage, text: str, html: str) -> None:
    message.body = text
    if html:
        message.attach_alternative(html, "text/html")


def _parted(text: str) -> str:
    while "{{" in text or "}}" in text:  # three of them as well
        text = text.replace("{{", "{ {").replace("}}", "} }")
    return text


# Where the texts of one mail are in a call for many.
_TEXTS = (("TextBody", "HtmlBody"), ("text", "html"), ("TextPart", "HTMLPart"))


def _fill(data: Any, mailing: Mailing, to: Sequence[Addressee]) -> Any:
    """The same call with each reader's own text: {mails} or [mails], in their order."""
    shared: dict[str, Any] = {}
    if isinstance(data, dict):  # Mailjet, Mailtrap: what all share stands apart
        shared = data.get("Globals") or data.get("base") or {}
        mails = data.get("Messages") or data.get("requests")
    else:
        mails = data
    if not isinstance(mails, list) or len(mails) != len(to):
        return data
    for mail, one in zip(mails, to, strict=True):
        text, html = mailing.filled_for(one)
        for named, value in ((0, text), (1, html)):
            for names in _TEXTS:
                if names[named] in mail or names[named] in shared:
                    mail[names[named]] = value
        if "Headers" in shared and "Headers" in mail:
            mail["Headers"] = {**shared["Headers"], **mail["Headers"]}
    return data
