"""One copy to oneself, before anybody else gets theirs."""

from django.utils.translation import gettext as _

from editorial import rules
from editorial.models import User
from newsletter.models import Digest
from newsletter.postbox import Postbox, Reply

from .letter import Copy, Letter
from .rendering import render_now


def send_trial(*, digest: Digest, by: User) -> Reply:
    """Mail the digest as it would be frozen now to the person who asks.

    Returns the server's acceptance; raises postbox.WireError with its refusal, so that
    the one in front of the screen learns what the server says. Touches no ledger.
    """
    rules.require(rules.can_send_digest, by, digest.issue)
    rendered = render_now(digest)
    letter = Letter(
        headers=rendered.headers,
        subject=_("[Test] %(subject)s") % {"subject": rendered.subject},
        text=rendered.text,
        html=rendered.html,
    )
    with Postbox() as postbox:
        message = letter.stamp(Copy.for_test(by.email))
        postbox.deliver_body(sender=letter.sender, recipient=by.email, message=message)
        return postbox.dot()
