"""What people type, made fit to store: nothing that breaks a header, a feed or a page.

Django's mail refuses only CR and LF, and one control character makes a feed a 500.
"""

import re

from django.utils.translation import gettext as _

# C0 and C1 controls, lone surrogates, the two non-characters of the basic plane.
_FORBIDDEN = re.compile(
    r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]"
)
_LINE_ENDS = re.compile("[\r\n\u2028\u2029]")


def clean_text(value: str) -> str:
    """Text of several lines with `\\n` at their ends.

    Chinese, emoji, right-to-left and combining marks stay exactly as they are. Raises
    ValueError, with a sentence for whoever typed it, on a character no page can show.
    """
    value = value.replace("\r\n", "\n").replace("\r", "\n")
    found = _FORBIDDEN.search(value)
    if found:
        name = f"U+{ord(found[0]):04X}"
        raise ValueError(
            _("There is an invisible character (%(name)s) at position %(position)d.")
            % {"name": name, "position": found.start() + 1}
        )
    return value


def clean_line(value: str, limit: int) -> str:
    """Text of one line of at most `limit` characters, without blanks around it.

    Raises ValueError as `clean_text` does, and on a line break or too many characters.
    """
    value = clean_text(value.strip())
    if _LINE_ENDS.search(value):
        raise ValueError(_("This must be a single line."))
    if len(value) > limit:
        raise ValueError(
            _("At most %(limit)d characters; this has %(count)d.")
            % {"limit": limit, "count": len(value)}
        )
    return value


def require_mailable(address: str) -> None:
    """Raise ValueError where DNS has no way to write the domain of this address.

    A label of 60 letters that are not ASCII passes Django's validator, and then no
    mail to it can be put together.
    """
    try:
        address.rpartition("@")[2].encode("idna")
    except UnicodeError as error:
        raise ValueError(_("The part behind the @ is too long.")) from error
