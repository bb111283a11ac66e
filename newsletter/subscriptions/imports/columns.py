"""Which heading of an export means what, and which word of it which standing.

Where each list of headings is from, and what is not known, stands in docs/readers.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from newsletter.models import ReaderImport

Kind = ReaderImport.Kind

# What we look for in a file, and how the page calls it.
FIELDS = {
    "address": _("Mail address"),
    "name": _("Name"),
    "first_name": _("First name"),
    "last_name": _("Last name"),
    "standing": _("State there"),
    "agreed_at": _("Subscribed at"),
    "agreed_from": _("Subscribed from (IP address or page)"),
    "left_at": _("Unsubscribed at"),
    "cleaned_at": _("Cleaned at"),
}

# Headings in lower case; the first that a file has is taken.
_ANY: dict[str, tuple[str, ...]] = {
    "address": (
        *("email address", "email", "e-mail", "email_address", "mail", "address"),
        *("subscriber email", "邮箱", "邮箱地址", "电子邮件", "邮件地址"),
    ),
    "name": ("name", "full name", "full_name", "姓名", "名字", "称呼"),
    "first_name": ("first name", "first_name", "firstname", "fname"),
    "last_name": ("last name", "last_name", "lastname", "lname"),
    "standing": ("status", "state", "subscribed", "状态"),
    "agreed_at": (
        *("confirm_time", "confirmed_at", "optin_time", "subscribed_at"),
        *("created_at", "creation_date", "date", "订阅时间"),
    ),
    "agreed_from": ("confirm_ip", "optin_ip", "ip_address", "source"),
    "left_at": ("unsub_time", "unsubscribed_at", "unsubscription_date", "退订时间"),
    "cleaned_at": ("clean_time", "bounced_at"),
}
_OF_KIND: dict[Kind, dict[str, tuple[str, ...]]] = {
    Kind.MAILCHIMP: {"standing": ()},  # the file or its times say it
    Kind.SUBSTACK: {"standing": ("email_disabled",), "agreed_at": ("created_at",)},
    Kind.BUTTONDOWN: {
        "standing": ("type", "subscriber_type"),
        "agreed_at": ("creation_date",),
        "agreed_from": ("source", "referrer_url", "ip_address"),
        "cleaned_at": ("undeliverability_date",),
    },
    Kind.GHOST: {
        "standing": ("subscribed_to_emails", "subscribed"),
        "left_at": ("deleted_at",),
    },
    Kind.LISTMONK: {"standing": ("status",), "agreed_at": ("created_at",)},
}


# What the list itself is called in an archive that holds more. Substack's has who
# was sent and who opened each post, Buttondown's its events: whoever has left is there.
LISTS: dict[str, str] = {
    Kind.SUBSTACK: r"email_list.*",
    Kind.BUTTONDOWN: r"(un)?subscribers.*",
}
# Without such a column the file does not say who wants no mail.
NEEDED: dict[str, tuple[str, str | Promise]] = {
    Kind.SUBSTACK: (
        "standing",
        _(
            "This is not Substack's list of addresses: it does not say who switched the "
            "mail off. Take email_list….csv from Settings → Exports, or its whole archive."
        ),
    ),
}


class Standing(StrEnum):
    """What somebody is on the list that is brought."""

    SUBSCRIBED = "subscribed"
    UNSUBSCRIBED = "unsubscribed"
    BOUNCED = "bounced"
    COMPLAINED = "complained"
    UNCONFIRMED = "unconfirmed"


_WORDS: dict[Standing, tuple[str, ...]] = {
    Standing.SUBSCRIBED: (
        *("subscribed", "active", "enabled", "confirmed", "true", "yes", "1"),
        *("regular", "premium", "trialed", "unpaid", "gifted", "churning", "paused"),
        *("past_due", "free", "paid", "comped", "已订阅", "已确认", "正常"),
    ),
    Standing.UNSUBSCRIBED: (
        *("unsubscribed", "disabled", "inactive", "removed", "false", "no", "0"),
        *("opted out", "optout", "archived", "已退订", "退订"),
    ),
    Standing.BOUNCED: (
        *("cleaned", "bounced", "hard_bounced", "undeliverable", "invalid", "退信"),
    ),
    Standing.COMPLAINED: (
        *("complained", "complaint", "spam", "spammy", "blocklisted", "blacklisted"),
        *("blocked", "投诉"),
    ),
    Standing.UNCONFIRMED: (
        *("unconfirmed", "pending", "unactivated", "nonsubscribed", "transactional"),
        *("未确认", "待确认"),
    ),
}
_STANDINGS = {word: standing for standing, words in _WORDS.items() for word in words}
# Columns whose "yes" means that no mail is wanted.
_NEGATIVE = {"email_disabled", "unsubscribed", "opted_out"}
_OPPOSITE = {
    Standing.SUBSCRIBED: Standing.UNSUBSCRIBED,
    Standing.UNSUBSCRIBED: Standing.SUBSCRIBED,
}


def recognise(kind: str, headings: Iterable[str]) -> dict[str, str]:
    """Our field → the file's own heading, for each that was found."""
    present: dict[str, str] = {}
    for heading in headings:
        present.setdefault(_plain(heading), heading)
    names = {**_ANY, **_OF_KIND.get(Kind(kind), {})}
    found = {}
    for field, wanted in names.items():
        chosen = [present[name] for name in wanted if name in present]
        if chosen:
            found[field] = chosen[0]
    return found


def standing_of(word: str, heading: str) -> Standing | None:
    """What a cell of the column `heading` says; None for a word we do not know.

    A blank cell says nothing against somebody who is on the list.
    """
    if not word:
        return Standing.SUBSCRIBED
    standing = _STANDINGS.get(word.lower())
    if standing and _plain(heading) in _NEGATIVE:
        return _OPPOSITE.get(standing, standing)
    return standing


def _plain(heading: str) -> str:
    return " ".join(heading.lower().split())
