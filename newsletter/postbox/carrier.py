"""One call of a provider's API, through django-anymail, and what its answer means.

The caller gets one answer for each reader, and it is one of three, as over SMTP: a
reply (the mail is the provider's), `Refused` (it certainly is not) or `Cut`; a cut
in Phase.DOT means that nobody knows. Nothing is ever tried again by itself, except
where a provider carries out the same call with the same key only once.
"""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import requests
from anymail.exceptions import (
    AnymailAPIError,
    AnymailError,
    AnymailInvalidAddress,
)
from anymail.message import AnymailMessage
from django.conf import settings
from django.utils.module_loading import import_string
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError
from urllib3.exceptions import NewConnectionError as NoConnection

from .mailing import Addressee, Mailing
from .providers import HEAVIEST, PROVIDERS, Provider, Way
from .replies import Cut, Phase, Refused, Reply, WireError

Answer = Reply | WireError

TO_CONNECT = 10.0  # seconds
# An idle connection that the provider closes at the moment we use it looks like a mail
# whose fate is unknown; most keep one for longer than this.
KEPT = 3.0
REPEAT_AFTER = (1.0, 3.0)
# Nothing goes through until a person has looked: key, account, address of the API.
_SHUT = frozenset({401, 402, 403, 404, 405, 407, 410})
# The answer speaks of this call's timing, not of whether an earlier part was taken.
_UNCLEAR = frozenset({408, 409, 425, 499})
_BAD_ADDRESS = "5.1.3"  # RFC 3463
_LONGEST_WORDS = 300


class Busy(Refused):
    """The provider takes no more for now; after `seconds` it may."""

    def __init__(self, reply: Reply, seconds: float) -> None:
        super().__init__(Phase.MAIL, reply)
        self.seconds = seconds


class Spoiled(Refused):
    """A call for several readers was refused as a whole: one of them may be to blame."""


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
            if is_late or not any(_is_unclear(answer) for answer in answers):
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
            return [_impossible(error)] * len(to)
        try:
            backend.send_messages([message])
            response = message.anymail_status.esp_response
        except AnymailAPIError as error:
            response = error.response
            each = _each_of(self.provider, response, len(to))
            return each or [_failure(error, backend, several=len(to) > 1)] * len(to)
        except AnymailInvalidAddress as error:  # found before anything left
            return [_invalid(error, several=len(to) > 1)] * len(to)
        except Exception as error:  # noqa: BLE001 - see which side of the wire it was on
            self.close()
            unclear = backend.has_left or self.provider.package
            return [_unclear(error) if unclear else _impossible(error)] * len(to)
        finally:
            self._used_at = time.monotonic()
        each = _each_of(self.provider, response, len(to))
        return each or list(_by_address(message.anymail_status, to))

    def _open(self) -> Any:
        if time.monotonic() - self._used_at > KEPT:
            self.close()
        if self._backend is None:
            self._backend = _backend(self.provider, self._seconds)
            self._backend.open()
        return self._backend


def is_certainly_unsent(error: AnymailError) -> bool:
    """Whether a mail that went through Django's own interface was not taken."""
    if not isinstance(error, AnymailAPIError):
        return True  # refused by anymail itself, or each recipient by the provider
    if error.response is None:
        return _never_connected(error)
    code = error.status_code or 0
    return 300 <= code < 500 and code not in _UNCLEAR


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
            self._backend.has_left = not _never_connected(error)
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


def _by_address(status: Any, to: Sequence[Addressee]) -> Iterator[Answer]:
    """Some providers answer in small letters."""
    found: dict[str, Any] = {}
    for address, one in status.recipients.items():
        # Where both spellings were answered, the one that was taken counts.
        if address.lower() not in found or one.status in {"sent", "queued"}:
            found[address.lower()] = one
    code = getattr(status.esp_response, "status_code", 200)
    for one in to:
        yield _answer(found.get(one.address.lower()), code)


def _answer(status: Any, code: int) -> Answer:
    said = status.status if status else None
    if said in {"sent", "queued"}:
        return Reply(code, said, mail_id=str(status.message_id or "")[:255])
    if said == "invalid":
        return Refused(Phase.RCPT, Reply(553, f"{_BAD_ADDRESS} not a valid address"))
    if said in {"rejected", "failed"}:
        return Refused(Phase.RCPT, Reply(550, f"the provider says: {said}"))
    return Cut(Phase.DOT, "the provider's answer does not say what became of it")


def _each_of(provider: Provider, response: Any, count: int) -> list[Answer] | None:
    """The answers of a provider that gives one for each mail, in their order."""
    if provider.name != "postmark" or getattr(response, "status_code", 0) != 200:
        return None
    try:
        answers = response.json()
        if len(answers) != count:
            return None
        return [_of_postmark(one) for one in answers]
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _of_postmark(said: dict[str, Any]) -> Answer:
    code, words = said.get("ErrorCode", 0), _shortened(str(said["Message"]))
    if code == 0:
        return Reply(200, words, mail_id=str(said["MessageID"]))
    # "API error codes": 300 an invalid request, 406 an address that is inactive there.
    if code == 300 and "'to'" in words.lower():
        return Refused(Phase.RCPT, Reply(553, f"{_BAD_ADDRESS} {words}"))
    if code in {10, 400, 401, 402, 405, 412, 413}:  # token, signature, credits, account
        return Refused(Phase.LOGIN, Reply(403, words))
    return Refused(Phase.RCPT, Reply(550, words))


def _failure(error: AnymailAPIError, backend: Any, *, several: bool) -> WireError:
    """What a call that failed as a whole means for each of its readers."""
    response = error.response
    if isinstance(response, dict):  # of boto
        return _of_boto(response, several=several)
    if response is None:
        return _without_answer(error, backend)
    code = response.status_code
    reply = Reply(code, _words(response))
    if code == 429:
        return Busy(reply, _retry_after(response))
    if code in _SHUT or 300 <= code < 400:
        return Refused(Phase.LOGIN, reply)
    if 400 <= code < 500 and code not in _UNCLEAR:
        return Spoiled(Phase.DATA, reply) if several else Refused(Phase.DATA, reply)
    return Cut(Phase.DOT, reply)


def _without_answer(error: AnymailError, backend: Any) -> WireError:
    cause = error.__cause__ or error
    if isinstance(error, requests.TooManyRedirects):
        return Refused(Phase.LOGIN, Reply(302, "the API answers with a redirect"))
    if type(cause).__name__ in {"NoCredentialsError", "PartialCredentialsError"}:
        return Refused(Phase.LOGIN, Reply(401, _shortened(str(cause))))
    never = type(cause).__name__ in {"EndpointConnectionError", "ConnectTimeoutError"}
    if never or not getattr(backend, "has_left", True):
        return Cut(Phase.CONNECT, _shortened(str(cause)))
    return Cut(Phase.DOT, _shortened(str(cause)))


def _of_boto(response: dict[str, Any], *, several: bool) -> WireError:
    said = response.get("Error", {})
    name = str(said.get("Code", ""))
    status = int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
    reply = Reply(status, _shortened(f"{name}: {said.get('Message', '')}"))
    if status == 429 or "Throttling" in name or name == "TooManyRequestsException":
        return Busy(reply, 0.0)
    if name == "MessageRejected" and "not verified" not in reply.text:
        return Refused(Phase.DATA, reply)
    if 400 <= status < 500:
        return Refused(Phase.LOGIN, reply)
    return Cut(Phase.DOT, reply)


def _invalid(error: Exception, *, several: bool) -> WireError:
    reply = Reply(553, _shortened(f"{_BAD_ADDRESS} {error}"))
    return Spoiled(Phase.DATA, reply) if several else Refused(Phase.RCPT, reply)


def _impossible(error: Exception) -> WireError:
    words = _shortened(f"{type(error).__name__}: {error}")
    return Refused(Phase.LOGIN, Reply(0, words))


def _unclear(error: Exception) -> WireError:
    return Cut(Phase.DOT, _shortened(f"{type(error).__name__}: {error}"))


def _is_unclear(answer: Answer) -> bool:
    return isinstance(answer, Cut) and answer.phase is Phase.DOT


def _never_connected(error: BaseException) -> bool:
    """Whether the request certainly never reached the other side."""
    never = (
        ConnectTimeoutError,
        NameResolutionError,
        NoConnection,
        requests.ConnectTimeout,
        ssl.SSLCertVerificationError,
    )
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, never):
            return True
        inner = getattr(seen, "reason", None) or (seen.args[0] if seen.args else None)
        seen = inner if isinstance(inner, BaseException) else seen.__cause__
    return False


def _retry_after(response: requests.Response) -> float:
    try:
        return max(0.0, float(response.headers.get("Retry-After", "")))
    except ValueError:  # a date, or nothing: the usual pauses
        return 0.0


def _words(response: requests.Response) -> str:
    """What the provider says, out of the JSON around it."""
    try:
        said = response.json()
    except ValueError:
        return _shortened(response.text)
    for _level in range(4):
        if isinstance(said, list):
            said = said[0] if said else ""
        elif isinstance(said, dict):
            named = ("message", "Message", "ErrorMessage", "errors", "error", "title")
            inner: Callable[[str], Any] = said.get
            said = next((inner(name) for name in named if said.get(name)), None)
            if said is None:
                return _shortened(response.text)
    return _shortened(said if isinstance(said, str) else json.dumps(said))


def _shortened(words: str) -> str:
    return Reply.of(0, words[:_LONGEST_WORDS].encode()).text
