"""What the answer of a provider's API means for each reader of a call.

One of three, as over SMTP: a reply (the mail is the provider's), `Refused` (it certainly
is not) or `Cut`; a cut in Phase.DOT means that nobody knows.
"""

from __future__ import annotations

import json
import ssl
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import requests
from anymail.exceptions import AnymailAPIError, AnymailError
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError
from urllib3.exceptions import NewConnectionError as NoConnection

from .mailing import Addressee
from .providers import Provider
from .replies import Cut, Phase, Refused, Reply, WireError

Answer = Reply | WireError

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


def is_certainly_unsent(error: AnymailError) -> bool:
    """Whether a mail that went through Django's own interface was not taken."""
    if not isinstance(error, AnymailAPIError):
        return True  # refused by anymail itself, or each recipient by the provider
    if error.response is None:
        return never_connected(error)
    code = error.status_code or 0
    return 300 <= code < 500 and code not in _UNCLEAR


def by_address(status: Any, to: Sequence[Addressee]) -> Iterator[Answer]:
    """Some providers answer in small letters."""
    found: dict[str, Any] = {}
    for address, one in status.recipients.items():
        # Where both spellings were answered, the one that was taken counts.
        if address.lower() not in found or one.status in {"sent", "queued"}:
            found[address.lower()] = one
    code = getattr(status.esp_response, "status_code", 200)
    for one in to:
        answer = _answer(found.get(one.address.lower()), code)
        if isinstance(answer, Cut) and code >= 400:  # anymail read it all the same
            reply = Reply(code, _words(status.esp_response))
            kind = Spoiled if len(to) > 1 else Refused
            answer = kind(Phase.DATA, reply)
        yield answer


def _answer(status: Any, code: int) -> Answer:
    said = status.status if status else None
    if said in {"sent", "queued"}:
        return Reply(code, said, mail_id=str(status.message_id or "")[:255])
    if said == "invalid":
        return Refused(Phase.RCPT, Reply(553, f"{_BAD_ADDRESS} not a valid address"))
    if said in {"rejected", "failed"}:
        return Refused(Phase.RCPT, Reply(550, f"the provider says: {said}"))
    return Cut(Phase.DOT, "the provider's answer does not say what became of it")


def each_of(provider: Provider, response: Any, count: int) -> list[Answer] | None:
    """The answers of a provider that gives one for each mail, in their order."""
    try:
        if provider.name == "postmark" and response.status_code == 200:
            answers = [_of_postmark(one) for one in response.json()]
        elif provider.name == "mailjet" and response.status_code < 500:
            answers = [_of_mailjet(one) for one in response.json()["Messages"]]
        else:
            return None
        return answers if len(answers) == count else None
    except (ValueError, LookupError, TypeError, AttributeError):
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


def _of_mailjet(said: dict[str, Any]) -> Answer:
    if said["Status"] == "success":
        return Reply(200, "success", mail_id=str(said["To"][0]["MessageID"]))
    error = said["Errors"][0]
    words = _shortened(f"{error['ErrorCode']} {error['ErrorMessage']}")
    return Refused(Phase.RCPT, Reply(550, words))


def failure(error: AnymailAPIError, backend: Any, *, several: bool) -> WireError:
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


def invalid(error: Exception, *, several: bool) -> WireError:
    reply = Reply(553, _shortened(f"{_BAD_ADDRESS} {error}"))
    return Spoiled(Phase.DATA, reply) if several else Refused(Phase.RCPT, reply)


def impossible(error: Exception) -> WireError:
    words = _shortened(f"{type(error).__name__}: {error}")
    return Refused(Phase.LOGIN, Reply(0, words))


def unclear(error: Exception) -> WireError:
    return Cut(Phase.DOT, _shortened(f"{type(error).__name__}: {error}"))


def is_unclear(answer: Answer) -> bool:
    return isinstance(answer, Cut) and answer.phase is Phase.DOT


def never_connected(error: BaseException) -> bool:
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
