"""What counts as one mail address."""

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from editorial.content.typed_text import clean_line, require_mailable

_LINE_ENDS = frozenset("\r\n")


def clean_address(typed: str) -> str:
    """One mail address as typed, without blanks around it.

    Raises ValidationError naming `address` for anything that is not exactly one, or
    that could end up as a second header or a second recipient.
    """
    try:
        # Also at its end, where blanks are cut off: no browser sends a line end.
        if not _LINE_ENDS.isdisjoint(typed):
            raise ValueError(_("This must be a single line."))
        address = clean_line(typed, 254)
    except ValueError as error:
        raise ValidationError({"address": str(error)}) from error
    if not address.rpartition("@")[0].isascii():
        words = _(
            "We cannot mail an address with letters beyond a–z before the @: not every"
            " mail server on the way takes them (SMTPUTF8). Give another one."
        )
        raise ValidationError({"address": words})
    try:
        validate_email(address)
        require_mailable(address)
    except (ValidationError, ValueError) as error:
        words = _("Enter one mail address, such as name@example.org.")
        raise ValidationError({"address": words}) from error
    return address
