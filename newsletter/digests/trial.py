"""The mail on one's own screen, before anybody else gets theirs."""

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from editorial import rules
from editorial.models import IssueRevision, Publication, User
from editorial.states import ContentChanged
from newsletter import signing, suppressions
from newsletter.models import Digest, Trial, TrialGroup
from newsletter.postbox import Phase, Postbox, Refused, Relay, WireError
from newsletter.states import DigestVerb

from .copies import Copy
from .history import note_event
from .letter import Letter
from .rendering import Rendered, Unrenderable, render
from .wrapping import addressee_of, wrap

# A look is a look: nobody needs more, and no stolen session gets a mail cannon.
AT_ONCE, AN_HOUR = 10, 40
# Somebody waits in front of the screen, and a web process with them.
PATIENCE, DOT_PATIENCE = 20.0, 10.0  # seconds


@dataclass(frozen=True, slots=True)
class LastLook:
    """What the dialog before a start showed, and what was said there."""

    revision_id: int
    untested: bool  # the tick to go without a test mail of this revision


def trial_of(digest: Digest) -> Trial | None:
    """The newest test mail of the revision that would go now; a fix voids it."""
    trials = digest.trials.arrived().filter(revision=digest.issue.live_revision_id)
    return trials.first()


def require_looked(digest: Digest, look: LastLook, *, by: User) -> None:
    """Raise unless what would go is what was looked at: tested, or ticked.

    ContentChanged when the text is another by now. The tick is kept in the history.
    Call it with the issue locked, so that no fix comes in between.
    """
    digest.issue.refresh_from_db(fields=["live_revision"])
    if digest.issue.live_revision_id != look.revision_id:
        raise ContentChanged(
            _("The text was changed since you looked. Look at the mail again.")
        )
    if trial_of(digest) is not None:
        return
    if not look.untested:
        raise ValidationError(
            _("Send a test mail of this text first, or tick that it goes without."),
            code="untested",
        )
    revision = digest.issue.live_revision
    note_event(digest, DigestVerb.UNTESTED, by=by, revision=revision)


def send_trial(*, digest: Digest, by: User, group: TrialGroup | None = None) -> Trial:
    """Mail the digest as it would be frozen now to a group, or else to oneself.

    Returns how many copies the server took. Raises postbox.WireError with its words
    when it took none, so that whoever is in front of the screen learns them,
    ValidationError past the limits, Unrenderable. Touches no ledger; nobody can be
    unsubscribed through it.
    """
    rules.require(rules.can_send_digest, by, digest.issue)
    mailboxes = _mailboxes(by, group)
    revision = digest.issue.live_revision
    if revision is None:
        raise Unrenderable("The issue was never published.")
    rendered = render(digest.issue, revision)
    trial = _reserve(digest, revision, by=by, copies=len(mailboxes))
    copies = [Copy.for_test(address, name=name) for address, name in mailboxes]
    accepted, refusal = deliver(_marked(rendered), copies)
    if not accepted and refusal is not None:
        raise refusal
    with transaction.atomic():
        Trial.objects.filter(pk=trial.pk).update(accepted=accepted)
        note_event(
            digest, DigestVerb.TEST, by=by, note=str(accepted), revision=revision
        )
    trial.accepted = accepted
    return trial


def _mailboxes(by: User, group: TrialGroup | None) -> list[tuple[str, str]]:
    """Addresses with names. Those outside the desk only where an admin sends.

    A suppressed address is passed over, whoever's it is.
    """
    if group is None:
        return [(by.email, by.name)]
    found = [(member.email, member.name) for member in group.members.active()]
    if rules.can_see_subscribers(by):
        found += [(address, "") for address in group.addresses]
    found = [each for each in found if not suppressions.is_suppressed(each[0])]
    if not found:
        raise ValidationError(
            _("Nobody in this group can be mailed by you."), code="nobody"
        )
    return found


@transaction.atomic
def _reserve(
    digest: Digest, revision: IssueRevision, *, by: User, copies: int
) -> Trial:
    """Write the test down before it leaves; one at a time, so that limits hold."""
    Publication.objects.select_for_update().first()
    if copies > AT_ONCE:
        words = _("A test mail goes to at most %(n)d people at once.")
        raise ValidationError(words % {"n": AT_ONCE}, code="too_many")
    lately = Trial.objects.filter(at__gt=Now() - timedelta(hours=1))
    sent = lately.aggregate(copies=Sum("copies"))["copies"] or 0
    if sent + copies > AN_HOUR:
        words = _("That would be more than %(n)d test mails in an hour. Wait a while.")
        raise ValidationError(words % {"n": AN_HOUR}, code="too_often")
    return Trial.objects.create(
        digest=digest, revision=revision, by=by, by_name=by.name, copies=copies
    )


def size_of(rendered: Rendered) -> int:
    """Bytes of one copy on the wire."""
    return len(_letter(_marked(rendered)).stamp(Copy.for_test("reader@example.org")))


def _marked(rendered: Rendered) -> Rendered:
    subject = _("[Test] %(subject)s") % {"subject": rendered.subject}
    return replace(rendered, subject=subject)


def _letter(rendered: Rendered) -> Letter:
    return Letter(
        headers=rendered.headers,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        sign=signing.signer_for(rendered.sender),
    )


def deliver(rendered: Rendered, copies: Sequence[Copy]) -> tuple[int, WireError | None]:
    """Hand copies over here and now, by the way digests leave.

    Gives how many were taken, and the last refusal.
    """
    hand_over = _through_provider if settings.EMAIL_PROVIDER else _through_relay
    return hand_over(rendered, copies)


def _through_provider(
    rendered: Rendered, copies: Sequence[Copy]
) -> tuple[int, WireError | None]:
    from newsletter.postbox.carrier import Carrier  # with all that providers need

    mailing = wrap(rendered.headers, rendered.subject, rendered.text, rendered.html)
    accepted, refusal = 0, None
    until = time.monotonic() + PATIENCE
    with closing(Carrier(seconds=DOT_PATIENCE)) as carrier:
        for copy in copies:
            if time.monotonic() > until:
                break
            try:
                to = [addressee_of(copy, mailing)]
            except WireError as error:
                refusal = error
                continue
            (answer,) = carrier.carry(mailing, to, key=copy.message_id)
            if not isinstance(answer, WireError):
                accepted += 1
                continue
            refusal = answer
            if answer.phase is not Phase.RCPT:
                break  # it is not about this one address
    return accepted, refusal


def _through_relay(
    rendered: Rendered, copies: Sequence[Copy]
) -> tuple[int, WireError | None]:
    letter = _letter(rendered)
    accepted, refusal = 0, None
    until = time.monotonic() + PATIENCE
    relay = replace(Relay.from_settings(), dot_timeout=DOT_PATIENCE)
    with Postbox(relay) as postbox:
        for copy in copies:
            if time.monotonic() > until:
                break
            try:
                postbox.deliver_body(
                    sender=letter.envelope_sender(copy),
                    recipient=copy.to,
                    message=letter.stamp(copy),
                )
                postbox.dot()
                accepted += 1
            except WireError as error:
                refusal = error
                if not (isinstance(error, Refused) and error.phase is Phase.RCPT):
                    break  # it is not about this one address
    return accepted, refusal
