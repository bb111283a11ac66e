"""The sender, and the mail itself as the next reader would get it."""

import re
from collections.abc import Iterator
from email import message_from_bytes, policy
from ipaddress import ip_address

from newsletter import signing
from newsletter.digests.copies import Copy
from newsletter.digests.ledger import Claim
from newsletter.digests.letter import Letter
from newsletter.digests.rendering import Rendered, Unrenderable, render_now
from newsletter.models import Digest

from .case import Case
from .findings import Finding, advice, failing, ok, unknown
from .hosts import NOBODYS_KEY
from .names import Names

# Who write from these cannot sign for them, and their DMARC policies say "reject".
FREE_MAIL = frozenset(
    {"gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com", "msn.com"}
    | {"yahoo.com", "aol.com", "icloud.com", "me.com", "qq.com", "foxmail.com"}
    | {"163.com", "126.com", "yeah.net", "sina.com", "sina.cn", "sohu.com", "139.com"}
    | {"gmx.de", "gmx.net", "web.de", "mail.ru", "proton.me", "protonmail.com"}
)
GMAIL_CUTS = 102_000  # bytes of HTML
# Names that are nobody's (RFC 2606, RFC 6761).
_RESERVED = re.compile(
    r"(^|\.)(test|example|invalid|localhost|local)$|(^|\.)example\.(com|net|org)$"
)


def look_at_sender(case: Case, names: Names) -> Iterator[Finding]:
    """Whether readers see an address of our own, and where their answers go."""
    if not _is_a_domain(case.domain):
        yield failing("sender", "reserved", sender=case.sender)
    elif case.domain in FREE_MAIL:
        yield failing("sender", "free_mail", sender=case.sender, domain=case.domain)
    elif not case.has_own_sender:
        yield advice("sender", "shared", sender=case.sender)
    else:
        yield ok("sender", "ok", sender=case.sender)
    if not case.reply_to:
        yield advice("reply_to", "none", sender=case.sender)
    else:
        yield ok("reply_to", "ok", address=case.reply_to)
    if not case.postal_address:
        yield advice("postal", "none")
    else:
        yield ok("postal", "ok", address=case.postal_address)


def look_at_mail(case: Case, names: Names) -> Iterator[Finding]:
    """The newest digest as one reader would get it: its headers and its size."""
    digest = Digest.objects.select_related("issue__live_revision").first()
    if digest is None or digest.issue.live_revision is None:
        yield unknown("mail", "nothing")
        return
    try:
        rendered = render_now(digest)
        message = _stamped(rendered)
    except (Unrenderable, signing.KeyUnusable) as error:
        yield failing("mail", "unrenderable", why=str(error)[:200])
        return
    yield _headers(message, case)
    size = len(rendered.html.encode())
    values = {"size": round(size / 1000), "limit": GMAIL_CUTS // 1000}
    yield (failing if size > GMAIL_CUTS else ok)("size", "ok", **values)


def _headers(message: bytes, case: Case) -> Finding:
    """RFC 8058: both fields, over https, covered by a signature where we sign."""
    parsed = message_from_bytes(message, policy=policy.default)
    address = str(parsed["List-Unsubscribe"] or "")
    if "List-Unsubscribe-Post" not in parsed or not address.startswith("<https://"):
        return failing(
            "mail", "one_click", address=address.strip("<>").replace(NOBODYS_KEY, "…")
        )
    return ok("mail", "signed" if "DKIM-Signature" in parsed else "ok")


def _stamped(rendered: Rendered) -> bytes:
    letter = Letter(
        headers=rendered.headers,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        sign=signing.signer_for(rendered.sender),
    )
    nobody = Claim(0, 0, "", 0, "reader@example.org", NOBODYS_KEY, 0, 0)
    return letter.stamp(Copy.for_claim(nobody))


def _is_a_domain(domain: str) -> bool:
    try:
        ip_address(domain.strip("[]"))
    except ValueError:
        return "." in domain and not _RESERVED.search(domain)
    return False
