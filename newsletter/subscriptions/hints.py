"""What may be wrong with an address that is one: a slip, or a mailbox of many or none.

All of it follows from the address alone, so that no hint tells who reads us. The list
of providers is short on purpose: a slip is looked for among those most people are at.
Mailboxes for ten minutes come and go, so their list is a package that is kept up.
"""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

PROVIDERS = (
    *("gmail.com", "googlemail.com", "outlook.com", "hotmail.com", "live.com"),
    *("yahoo.com", "icloud.com", "proton.me", "protonmail.com", "gmx.de", "gmx.net"),
    *("web.de", "qq.com", "foxmail.com", "163.com", "126.com", "yeah.net"),
    *("sina.com", "sohu.com", "aliyun.com", "139.com", "189.cn"),
)
# Real ones that look like a slip of another.
_REAL = {"mail.com", "gmx.com", "ymail.com", "email.com", "qq.cn", "sina.cn", "me.com"}
ROLES = frozenset(
    {
        *("abuse", "admin", "contact", "help", "hello", "hr", "info", "jobs", "mail"),
        *("marketing", "noreply", "no-reply", "office", "postmaster", "press", "sales"),
        *("security", "support", "team", "webmaster", "service"),
    }
)
_CLOSE = 0.84  # "gmial.com" is 0.89 of "gmail.com"; "mail.ru" is nothing of the kind


@dataclass(frozen=True, slots=True)
class Doubt:
    """Worth one question: another address that may be meant, or a mailbox of many."""

    suggestion: str = ""
    is_shared: bool = False


def doubt(address: str) -> Doubt | None:
    """What to ask about an address before it is mailed; None for nothing."""
    local, _at, domain = address.rpartition("@")
    if suggestion := suggest_domain(domain.lower()):
        return Doubt(suggestion=f"{local}@{suggestion}")
    return Doubt(is_shared=True) if local.lower() in ROLES else None


def suggest_domain(domain: str) -> str:
    """The provider that was probably meant, or ""."""
    if domain in PROVIDERS or domain in _REAL:
        return ""
    found = get_close_matches(domain, PROVIDERS, n=1, cutoff=_CLOSE)
    return found[0] if found and abs(len(found[0]) - len(domain)) <= 1 else ""


def require_lasting(address: str) -> None:
    """Raise ValidationError naming `address` for a mailbox that lives for minutes.

    The list has parked slips of great providers as well; these are asked about.
    """
    domain = address.rpartition("@")[2].lower()
    if suggest_domain(domain):
        return
    from disposable_email_domains import blocklist  # 2 MB that few processes need

    labels = domain.split(".")
    if any(".".join(labels[at:]) in blocklist for at in range(len(labels) - 1)):
        words = _("This mailbox lasts only minutes. Give one that you will read.")
        raise ValidationError({"address": words})
