"""A digest and its copies as a provider's API takes them."""

import re
from collections.abc import Mapping
from email.utils import parseaddr

from newsletter.models import Digest
from newsletter.postbox.mailing import Addressee, Mailing
from newsletter.postbox.wire import wire_address

from .copies import Copy
from .letter import SLOTS, slots_in

_LINE_END = re.compile(r"\r\n?")


def mailing_of(digest: Digest, *, text_only: bool = False) -> Mailing:
    """The mail as it was frozen."""
    html = "" if text_only else digest.html
    return wrap(digest.headers, digest.subject, digest.text, html)


def wrap(headers: Mapping[str, str], subject: str, text: str, html: str) -> Mailing:
    shared = {name: value for name, value in headers.items() if name != "From"}
    if "List-Id" in shared and not shared["List-Id"].isascii():
        # Providers differ in what they make of other letters; the name is optional.
        shared["List-Id"] = f"<{parseaddr(shared['List-Id'])[1]}>"
    text, html = _LINE_END.sub("\n", text), _LINE_END.sub("\n", html)
    return Mailing(
        sender=headers["From"],
        subject=subject,
        text=text,
        html=html,
        headers=shared,
        text_marks=tuple(mark for mark in SLOTS if mark in text),
        html_marks=tuple(slots_in(html)),
    )


def addressee_of(copy: Copy, mailing: Mailing) -> Addressee:
    """One reader's part. Raises postbox.WireError for what is no address."""
    headers = {"X-Delivery-ID": copy.delivery_id}
    if copy.one_click_url:
        headers["List-Unsubscribe"] = f"<{copy.one_click_url}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    in_html = slots_in("".join(mailing.html_marks))
    return Addressee(
        wire_address(copy.to),
        [_LINE_END.sub("\n", SLOTS[mark](copy)) for mark in mailing.text_marks],
        [_LINE_END.sub("\n", in_html[mark](copy)) for mark in mailing.html_marks],
        headers,
        copy.delivery_id,
    )
