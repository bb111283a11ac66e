"""One returned mail, from whichever way it came."""

import logging
from enum import StrEnum
from hashlib import sha256

from newsletter.digests.ledger import without_addresses
from newsletter.doctor import check_mails
from newsletter.models import Stray

from .reading import Forged, NoReport, NotUnderstood, read
from .recording import record

logger = logging.getLogger(__name__)

# What of a piped mail is kept for a person to look at.
KEPT = 256 * 1024


class Taken(StrEnum):
    """What became of a returned mail."""

    RECORDED = "recorded"
    CHECKED = "checked"  # the check-up's own test mail
    IGNORED = "ignored"  # forged, or about no delivery: nothing to do, ever
    STRAY = "stray"  # kept for a person to look at


def take_mail(raw: bytes, *, place: str = "") -> Taken:
    """Carry out what a returned mail says; safe to repeat.

    `place` names where it lies (a polled mailbox); without one (it was piped in) its
    content is kept if it cannot be understood, so that nothing is lost.
    """
    if check_mails.take(raw):
        return Taken.CHECKED
    try:
        report = read(raw)
    except Forged:
        logger.warning("a returned mail with a forged delivery id is ignored")
        return Taken.IGNORED
    except NoReport as reason:
        logger.info("a returned mail is ignored: %s", reason)
        return Taken.IGNORED
    except NotUnderstood as error:
        _keep(raw, error, place)
        return Taken.STRAY
    except Exception:  # a mail that breaks a parser holds up no other
        logger.exception("a returned mail cannot be read")
        _keep(raw, NotUnderstood(Stray.Reason.BROKEN), place)
        return Taken.STRAY
    event = record(
        delivery_id=report.delivery_id,
        said=report.said,
        status=report.status,
        words=report.words,
        source=report.source,
    )
    return Taken.RECORDED if event else Taken.IGNORED


def _keep(raw: bytes, error: NotUnderstood, place: str) -> None:
    subject = " ".join(without_addresses(error.subject).replace("\0", "").split())
    Stray.objects.get_or_create(
        place=place or sha256(raw).hexdigest(),
        defaults={
            "reason": error.reason,
            "subject": subject[:200],
            "content": b"" if place else raw[:KEPT],
        },
    )
