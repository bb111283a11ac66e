"""A mail provider on loopback for tests: takes API calls, and misbehaves on request.

It writes the mails that a provider would make of a call, each with its own headers and
its values in their places, so that a test reads what a reader would.
"""

import base64
import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from requests.structures import CaseInsensitiveDict

URLS = {
    "mailgun": "anymail+mailgun://key-1:@mg.masthead.test?api_url={}/v3",
    "sendgrid": "anymail+sendgrid://key-1@?api_url={}/v3/",
    "postmark": "anymail+postmark://key-1@?api_url={}/&stream=broadcast",
    "resend": "anymail+resend://key-1@?api_url={}/",
    "mailjet": "anymail+mailjet://key-1:secret@?api_url={}/v3.1/",
    "mailtrap": "anymail+mailtrap://key-1@?api_url={}/api/",
    "brevo": "anymail+brevo://key-1@?api_url={}/v3/",
    "mandrill": "anymail+mandrill://key-1@?api_url={}/api/1.0/",
    "mailersend": "anymail+mailersend://key-1@?api_url={}/v1/",
    "sparkpost": "anymail+sparkpost://key-1@?api_url={}/api/v1/",
}


@dataclass(frozen=True)
class Mail:
    """One mail as a reader would get it."""

    to: str
    text: str
    html: str
    headers: Mapping[str, str]
    metadata: dict[str, str] = field(default_factory=dict)
    name: str = ""  # the provider's

    def __post_init__(self) -> None:
        object.__setattr__(self, "headers", CaseInsensitiveDict(self.headers))


@dataclass(frozen=True)
class Request:
    """One call as it came: `headers` in small letters."""

    path: str
    headers: dict[str, str]
    data: Any
    mails: tuple[Mail, ...]

    @property
    def to(self) -> list[str]:
        return [mail.to for mail in self.mails]


@dataclass(frozen=True)
class Said:
    """An answer instead of the usual one. `kept`: the mails were taken all the same."""

    code: int
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    kept: bool = False


@dataclass(frozen=True)
class Cut:
    """The connection ends without an answer, the mails taken or not."""

    kept: bool = True


@dataclass(frozen=True)
class Stall:
    """The usual answer, so many seconds late."""

    seconds: float


Script = Callable[[Request], Said | Cut | Stall | None]


class ProviderServer:
    """`server.script = lambda request: …` decides each answer; None is the usual one.

    `calls` are all that came, `accepted` the mails of those that were taken. A call
    with the Idempotency-Key of one that was taken is answered as that was.
    """

    def __init__(self) -> None:
        self.script: Script = lambda request: None
        self.calls: list[Request] = []
        self.accepted: list[Mail] = []
        self._lock = threading.Lock()
        self._known: dict[str, tuple[Mail, ...]] = {}
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
        self._server.daemon_threads = True
        self._server.provider = self  # type: ignore[attr-defined]

    def __enter__(self) -> "ProviderServer":
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def url(self, name: str) -> str:
        """For EMAIL_URL."""
        return URLS[name].format(f"http://127.0.0.1:{self._server.server_port}")

    def sent_to(self, address: str) -> list[Mail]:
        return [mail for mail in self.accepted if mail.to == address]

    def take(self, request: Request) -> tuple[Mail, ...]:
        with self._lock:
            key = request.headers.get("idempotency-key", "")
            if key and key in self._known:
                return self._known[key]
            self.accepted += request.mails
            if key:
                self._known[key] = request.mails
            return request.mails

    def note(self, request: Request) -> None:
        with self._lock:
            self.calls.append(request)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_POST(self) -> None:
        provider: ProviderServer = self.server.provider  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in self.headers.items()}
        read, answer = _of(self.path)
        data = parse_qs(body.decode()) if read is _mailgun else json.loads(body)
        request = Request(self.path, headers, data, tuple(read(data)))
        provider.note(request)
        said = provider.script(request)
        if isinstance(said, Stall):
            time.sleep(said.seconds)
        if isinstance(said, Cut):
            if said.kept:
                provider.take(request)
            self.close_connection = True
            return
        if isinstance(said, Said):
            if said.kept:
                provider.take(request)
            self._say(said.code, said.body, said.headers)
            return
        mails = provider.take(request)
        code, body, more = answer(mails)
        self._say(code, body, more)

    def _say(self, code: int, body: Any, headers: dict[str, str]) -> None:
        raw = b"" if body is None else json.dumps(body).encode()
        try:
            self.send_response(code)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)
        except OSError:  # whoever asked has gone
            self.close_connection = True


def _of(path: str) -> tuple[Callable[[Any], Iterator[Mail]], Callable[..., Any]]:
    """How a call is read and answered, by its path."""
    if path.endswith("/mg.masthead.test/messages"):
        return _mailgun, _one_name("id", "Queued. Thank you.")
    return {
        "/v3/mail/send": (_sendgrid, lambda mails: (202, None, {})),
        "/email/batch": (_postmark, _answer_of_postmark),
        "/emails/batch": (_resend, lambda mails: (200, _ids(mails), {})),
        "/emails": (_resend, lambda mails: (200, {"id": mails[0].name}, {})),
        "/email": (_postmark, lambda mails: (200, _one_of_postmark(mails[0]), {})),
        "/v3.1/send": (_mailjet, _answer_of_mailjet),
        "/api/batch": (_mailtrap, _answer_of_mailtrap),
        "/v3/smtp/email": (_brevo, lambda mails: (201, _named(mails), {})),
        "/api/1.0/messages/send.json": (_mandrill, _answer_of_mandrill),
        "/v1/email": (_mailersend, lambda mails: (202, None, _x_id(mails))),
        "/api/v1/transmissions/": (_sparkpost, _answer_of_sparkpost),
    }[path]


_counter = iter(range(1, 10**9))


def _name() -> str:
    return f"mail-{next(_counter)}"


def _mailgun(data: dict[str, list[str]]) -> Iterator[Mail]:
    values = json.loads(data.get("recipient-variables", ["{}"])[0])
    name = f"<{_name()}@mg.masthead.test>"
    for to in data["to"]:
        own = values.get(to, {})

        def fill(text: str, own: dict[str, str] = own) -> str:
            found = re.compile(r"%recipient\.([^%]+)%")
            return found.sub(lambda match: str(own.get(match[1], "")), text)

        yield Mail(
            to,
            fill(data["text"][0]),
            fill(data.get("html", [""])[0]),
            {k[2:]: fill(v[0]) for k, v in data.items() if k.startswith("h:")},
            {k[2:]: fill(v[0]) for k, v in data.items() if k.startswith("v:")},
            name,
        )


def _sendgrid(data: dict[str, Any]) -> Iterator[Mail]:
    parts = {part["type"]: part["value"] for part in data["content"]}
    for one in data["personalizations"]:
        for to in one["to"]:
            texts = [parts.get("text/plain", ""), parts.get("text/html", "")]
            for place, value in one.get("substitutions", {}).items():
                texts = [text.replace(place, value) for text in texts]
            headers = {**data.get("headers", {}), **one.get("headers", {})}
            metadata = {**data.get("custom_args", {}), **one.get("custom_args", {})}
            yield Mail(
                to["email"], *texts, headers, metadata, metadata.get("anymail_id", "")
            )


def _postmark(data: Any) -> Iterator[Mail]:
    for one in data if isinstance(data, list) else [data]:
        headers = {h["Name"]: h["Value"] for h in one.get("Headers", [])}
        yield Mail(
            one["To"],
            one.get("TextBody", ""),
            one.get("HtmlBody", ""),
            headers,
            one.get("Metadata", {}),
            _name(),
        )


def _resend(data: Any) -> Iterator[Mail]:
    for one in data if isinstance(data, list) else [data]:
        headers = one.get("headers", {})
        metadata = json.loads(headers.get("X-Metadata", "{}"))
        yield Mail(
            one["to"][0], one["text"], one.get("html", ""), headers, metadata, _name()
        )


def _mailjet(data: dict[str, Any]) -> Iterator[Mail]:
    for one in data["Messages"]:
        mail = {**data["Globals"], **one}
        metadata = json.loads(mail.get("EventPayload", "{}"))
        yield Mail(
            mail["To"][0]["Email"],
            mail["TextPart"],
            mail.get("HTMLPart", ""),
            mail.get("Headers", {}),
            metadata,
            str(next(_counter)),
        )


def _mailtrap(data: dict[str, Any]) -> Iterator[Mail]:
    for one in data["requests"]:
        mail = {**data["base"], **one}
        yield Mail(
            mail["to"][0]["email"],
            mail["text"],
            mail.get("html", ""),
            mail.get("headers", {}),
            mail.get("custom_variables", {}),
            _name(),
        )


def _brevo(data: dict[str, Any]) -> Iterator[Mail]:
    headers = dict(data.get("headers", {}))
    metadata = json.loads(headers.get("X-Mailin-custom", "{}"))
    yield Mail(
        data["to"][0]["email"],
        data["textContent"],
        data.get("htmlContent", ""),
        headers,
        metadata,
        f"<{_name()}@smtp-relay.test>",
    )


def _mandrill(data: dict[str, Any]) -> Iterator[Mail]:
    one = data["message"]
    yield Mail(
        one["to"][0]["email"],
        one["text"],
        one.get("html", ""),
        one.get("headers", {}),
        one.get("metadata", {}),
        _name(),
    )


def _mailersend(data: dict[str, Any]) -> Iterator[Mail]:
    headers = {h["name"]: h["value"] for h in data.get("headers", [])}
    to = data["to"][0]["email"]
    yield Mail(to, data["text"], data.get("html", ""), headers, {}, _name())


def _sparkpost(data: dict[str, Any]) -> Iterator[Mail]:
    content = data["content"]
    yield Mail(
        data["recipients"][0]["address"]["email"],
        content["text"],
        content.get("html", ""),
        content.get("headers", {}),
        data.get("metadata", {}),
        _name(),
    )


def _one_name(field_name: str, words: str) -> Callable[..., Any]:
    return lambda mails: (200, {field_name: mails[0].name, "message": words}, {})


def _one_of_postmark(mail: Mail) -> dict[str, Any]:
    answer = {"To": mail.to, "MessageID": mail.name, "Message": "OK"}
    return answer | {"ErrorCode": 0, "SubmittedAt": "2026-11-26T03:00:00Z"}


def _answer_of_postmark(mails: tuple[Mail, ...]) -> tuple[int, Any, dict[str, str]]:
    return 200, [_one_of_postmark(mail) for mail in mails], {}


def _ids(mails: tuple[Mail, ...]) -> dict[str, Any]:
    return {"data": [{"id": mail.name} for mail in mails]}


def _named(mails: tuple[Mail, ...]) -> dict[str, str]:
    return {"messageId": mails[0].name}


def _x_id(mails: tuple[Mail, ...]) -> dict[str, str]:
    return {"X-Message-Id": mails[0].name, "Content-Type": "text/html"}


def _answer_of_mailjet(mails: tuple[Mail, ...]) -> tuple[int, Any, dict[str, str]]:
    answers = [
        {"Status": "success", "To": [{"Email": mail.to, "MessageID": int(mail.name)}]}
        for mail in mails
    ]
    return 200, {"Messages": answers}, {}


def _answer_of_mailtrap(mails: tuple[Mail, ...]) -> tuple[int, Any, dict[str, str]]:
    answers = [{"success": True, "message_ids": [mail.name]} for mail in mails]
    return 200, {"success": True, "responses": answers}, {}


def _answer_of_mandrill(mails: tuple[Mail, ...]) -> tuple[int, Any, dict[str, str]]:
    return 200, [{"email": mails[0].to, "status": "sent", "_id": mails[0].name}], {}


def _answer_of_sparkpost(mails: tuple[Mail, ...]) -> tuple[int, Any, dict[str, str]]:
    counts = {"total_accepted_recipients": 1, "total_rejected_recipients": 0}
    return 200, {"results": {**counts, "id": mails[0].name}}, {}


def basic(secret: str) -> str:
    """For an Authorization header."""
    return f"Basic {base64.b64encode(secret.encode()).decode()}"
