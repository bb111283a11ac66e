"""No first campaign while something fails, unless an admin says why in writing."""

from datetime import timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from editorial import rules
from editorial.models import User
from newsletter.digests.history import note_event
from newsletter.models import Digest, DoctorRun
from newsletter.states import DigestVerb, Fitness

from . import examining
from .case import is_this_machine

GOOD_FOR = timedelta(days=7)


def require_fit(digest: Digest, by: User | None, reason: str = "") -> None:
    """Raise ValidationError while the first digest ever would go out unfit.

    Unfit is a doctor who found something failing, or has not looked for a week (codes
    `unfit` and `not_examined`). An admin's `reason` lets it go all the same and stays
    in the history, with what failed; anybody else's raises PermissionDenied. Joins the
    caller's transaction.
    """
    if is_exempt() or not is_first(digest):
        return
    trouble = _trouble()
    if trouble is None:
        return
    if not reason.strip():
        raise trouble
    if not rules.is_admin(by):
        raise PermissionDenied(_("Only an admin can let it go all the same."))
    note = f"{reason.strip()} ({', '.join(failing_topics())})"
    note_event(digest, DigestVerb.OVERRULED, by=by, note=note)


def is_exempt() -> bool:
    """On one's own machine mail goes nowhere: development, and a relay on loopback."""
    host = urlsplit(settings.EMAIL_API_URL).hostname or settings.EMAIL_HOST
    return settings.DEVELOPMENT and is_this_machine(host)


def is_first(digest: Digest) -> bool:
    """Whether no digest was ever frozen for readers before this one."""
    return not Digest.objects.filter(prepared_at__isnull=False).exists()


def is_unfit(digest: Digest) -> ValidationError | None:
    """What `require_fit` would say of this digest now, for a page that asks first."""
    return None if is_exempt() or not is_first(digest) else _trouble()


def failing_topics() -> list[str]:
    """What the newest examination found failing, by topic."""
    found = examining.findings_of(examining.latest())
    return sorted({one.topic for one in found if one.status == Fitness.FAILING})


def _trouble() -> ValidationError | None:
    lately = timezone.now() - GOOD_FOR
    if not DoctorRun.objects.filter(finished_at__gte=lately).exists():
        return ValidationError(
            _(
                "This is the first mail to readers, and the mail check-up has not looked "
                "lately. Have it look before this goes."
            ),
            code="not_examined",
        )
    if failing_topics():
        return ValidationError(
            _(
                "The mail check-up found something to mend before the first mail to "
                "readers goes."
            ),
            code="unfit",
        )
    return None
