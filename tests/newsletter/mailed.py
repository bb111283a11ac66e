"""The links that were mailed to readers, for tests that press them."""

import re

from newsletter import subscriptions


def link_in(mail, path: str) -> str:
    """The path of the link below `path` in a mail's text."""
    return re.search(rf"https?://[^/\s]+({re.escape(path)}\S+)", mail.body)[1]


def newest_link(mailoutbox, path: str) -> str:
    """Send what is owed, and give the link below `path` in the newest mail."""
    subscriptions.send_owed_confirmations()
    return link_in(mailoutbox[-1], path)
