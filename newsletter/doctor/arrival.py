"""A mail of ours as it arrived: who signed it, over what, and what the receiver says.

DNS does not tell whether a relay signs, and with which selector. The source of a mail
that went the whole way does.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes
from email.message import Message
from email.utils import parseaddr

from .case import Case, domain_of
from .findings import Finding, advice, failing, ok, unknown
from .names import Names
from .records import aligned, organisation, tags

# RFC 8058, section 4: a signature must cover both.
TO_LEAVE = ("list-unsubscribe", "list-unsubscribe-post")
_COMMENT = re.compile(r"\([^()]*\)")
_RESULT = re.compile(r"^\s*([a-z0-9-]+)\s*=\s*([a-z]+)", re.IGNORECASE)
_PROPERTY = re.compile(r"\b([a-z]+\.[a-z-]+)\s*=\s*(\"[^\"]*\"|\S+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Signature:
    """A DKIM-Signature header, as far as it is of interest here."""

    domain: str
    selector: str
    covered: frozenset[str]  # header names in small letters

    @property
    def key_name(self) -> str:
        return f"{self.selector}._domainkey.{self.domain}"


@dataclass(frozen=True, slots=True)
class Verdict:
    """One result of an Authentication-Results header (RFC 8601)."""

    method: str  # dkim, spf, dmarc
    result: str  # pass, fail, none …
    domain: str  # what it is about


def judge(message: Message, case: Case, names: Names) -> Iterator[Finding]:
    """What the headers of a mail that arrived say. Raises names.Unanswered."""
    found = domain_of(parseaddr(str(message.get("From", "")))[1])
    if found != case.domain:
        yield failing("arrival", "rewritten", found=found, domain=case.domain)
        return
    gone = [name for name in TO_LEAVE if name not in message]
    if gone:
        yield failing("arrival", "stripped", headers=", ".join(map(_title, gone)))
        return
    above = organisation(case.domain, names)
    signed = signatures(message)
    ours = [each for each in signed if aligned(each.domain, case.domain, above)]
    if ours:
        yield _covered(ours, case)
        yield from _unpublished(ours, names)
    elif signed:
        by = ", ".join(dict.fromkeys(each.domain for each in signed))
        yield failing("arrival", "foreign", by=by, domain=case.domain)
    else:
        yield failing("arrival", "unsigned", domain=case.domain)
    yield _told(message, {each.domain for each in ours})


def signatures(message: Message) -> list[Signature]:
    """Those in RFC 6376's form; what lacks a domain or a selector is none."""
    found = (tags(str(value)) for value in message.get_all("DKIM-Signature", []))
    return [
        Signature(
            domain=each["d"].lower(),
            selector=each["s"].lower(),
            covered=frozenset(each.get("h", "").lower().split(":")),
        )
        for each in found
        if each.get("d") and each.get("s")
    ]


def verdicts(message: Message) -> tuple[str, list[Verdict]]:
    """Who judged, and how: the last server on the way, whose header stands on top."""
    headers = [
        _COMMENT.sub(" ", " ".join(str(value).split())).split(";")
        for value in message.get_all("Authentication-Results", [])
    ]
    if not headers:
        return "", []
    server = _server(headers[0])
    parts = [part for one in headers if _server(one) == server for part in one]
    return server, [verdict for part in parts if (verdict := _verdict(part))]


def _covered(ours: list[Signature], case: Case) -> Finding:
    best = max(ours, key=lambda each: len(each.covered & set(TO_LEAVE)))
    left = [name for name in TO_LEAVE if name not in best.covered]
    if left:
        words = ", ".join(map(_title, left))
        return failing("arrival", "uncovered", by=best.domain, headers=words)
    return ok("arrival", "signed", by=best.domain, domain=case.domain)


def _unpublished(ours: list[Signature], names: Names) -> Iterator[Finding]:
    for each in ours:
        if not any(tags(text).get("p") for text in names.txt(each.key_name)):
            yield failing("arrival", "keyless", name=each.key_name)


def _told(message: Message, ours: set[str]) -> Finding:
    server, found = verdicts(message)
    told = [each for each in found if each.method in {"dkim", "spf", "dmarc"}]
    if not told:
        return unknown("receiver", "silent")
    said = ", ".join(f"{each.method}={each.result}" for each in told)
    values = {"said": f"{server}: {said}" if server else said}
    passed = [each for each in told if each.result == "pass"]
    vouched = any(
        each.method == "dmarc" or (each.method == "dkim" and each.domain in ours)
        for each in passed
    )
    if vouched:
        weak = any(each.method == "spf" and each.result == "fail" for each in told)
        return (advice if weak else ok)("receiver", "spf" if weak else "ok", **values)
    return failing("receiver", "refused", **values)


def _server(parts: list[str]) -> str:
    """Its name, which Microsoft leaves out."""
    name = parts[0].split()[:1]
    return name[0].lower() if name and "=" not in name[0] else ""


def _verdict(part: str) -> Verdict | None:
    match = _RESULT.match(part)
    if match is None:
        return None
    about = {name.lower(): value for name, value in _PROPERTY.findall(part)}
    value = about.get("header.d") or about.get("header.i") or ""
    domain = value.strip('"').rpartition("@")[2].lower()
    return Verdict(match[1].lower(), match[2].lower(), domain)


def _title(name: str) -> str:
    return "-".join(word.capitalize() for word in name.split("-"))


def parse(source: bytes) -> Message:
    """A mail's source as mail programs show it, empty lines before it or not."""
    return message_from_bytes(source.lstrip())
