"""A fix after the freeze: those who have no mail yet get the mended one."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from editorial import rules
from editorial.models import User
from editorial.states import ContentChanged, IllegalTransition
from newsletter.models import Digest, DigestLink
from newsletter.states import DELIVERY_OPEN, DeliveryState, DigestState, DigestVerb

from .controls import change, require_published
from .freezing import frozen, render_counted
from .rendering import Unrenderable

ON_THE_WIRE = (DeliveryState.CLAIMED, DeliveryState.SENDING)


def is_outdated(digest: Digest) -> bool:
    """Whether readers see another text than the one that was frozen."""
    return (
        digest.revision_id is not None
        and digest.revision_id != digest.issue.live_revision_id
    )


def freeze_again(*, digest: Digest, by: User) -> int:
    """Give a paused digest the text that readers see now; for how many.

    Who was mailed keeps what they have, and the list of readers stays as it was frozen.
    Before a freeze there is nothing to do: the newest text goes. Raises
    IllegalTransition unless it is paused, ValidationError while mails are on their way,
    nothing was changed or readers cannot see the issue, and Unrenderable.
    """
    rules.require(rules.can_send_digest, by, digest.issue)
    if digest.state != DigestState.PAUSED:
        raise IllegalTransition(str(digest), digest.state, DigestState.PAUSED)
    revision = digest.issue.live_revision
    if revision is None or not is_outdated(digest):
        raise ValidationError(
            _("Nothing was changed since it was frozen."), code="unchanged"
        )
    try:
        rendered, links = render_counted(digest, revision)
    except Unrenderable as error:
        raise ValidationError(str(error), code="unrenderable") from error
    with transaction.atomic():
        require_published(digest)
        digest.issue.refresh_from_db(fields=["live_revision"])
        if digest.issue.live_revision_id != revision.pk:
            raise ContentChanged(_("It was changed once more. Press again."))
        left = _left(digest)
        DigestLink.objects.bulk_create(links, ignore_conflicts=True)
        change(
            digest,
            verb=DigestVerb.REFREEZE,
            by=by,
            note=str(left),
            **frozen(revision, rendered),
        )
    return left


def _left(digest: Digest) -> int:
    """How many still get a mail; a sender that holds a row may hold the old text."""
    if digest.deliveries.filter(state__in=ON_THE_WIRE).exists():
        raise ValidationError(
            _("Some mails are still on their way. Press again in a few seconds."),
            code="on_the_wire",
        )
    return digest.deliveries.filter(state__in=DELIVERY_OPEN).count()
