"""Addresses that must never be mailed again, and the few that may be after all."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from editorial import rules
from editorial.content.typed_text import clean_line
from editorial.models import User
from newsletter.models import Release, Suppression, canonical_address

Cause = Suppression.Cause
# Nobody but the reader ends a complaint, and the reader asked for no more mail.
FOR_EVER = frozenset({Cause.COMPLAINT})


def suppress_bounced(*, address: str, detail: str = "") -> Suppression:
    """Stop mailing a mailbox that does not exist. Safe to call twice."""
    return _suppress(address, Cause.HARD_BOUNCE, detail)


def suppress_often_bounced(*, address: str, detail: str = "") -> Suppression:
    """Stop mailing a mailbox that gave several issues back. Safe to call twice."""
    return _suppress(address, Cause.BOUNCES, detail)


def suppress_complained(*, address: str, detail: str = "") -> Suppression:
    """Stop mailing, for ever, somebody who reported a digest as spam.

    Safe to call twice. Takes the place of any other cause, because those can be lifted.
    """
    suppression = _suppress(address, Cause.COMPLAINT, detail)
    if suppression.cause not in FOR_EVER:
        suppression.cause, suppression.detail = Cause.COMPLAINT, detail[:500]
        suppression.save(update_fields=["cause", "detail"])
    return suppression


def suppress_by_hand(*, address: str, detail: str = "") -> Suppression:
    """Stop mailing an address because somebody asked for it. Safe to call twice."""
    return _suppress(address, Cause.BY_HAND, detail)


def suppress_all(
    *, addresses: Iterable[str], cause: Suppression.Cause, detail: str = ""
) -> None:
    """Stop mailing many at once, none of whom is on the list. Safe to call twice."""
    Suppression.objects.bulk_create(
        (
            Suppression(
                canonical_address=canonical_address(address),
                cause=cause,
                detail=detail[:500],
            )
            for address in addresses
        ),
        ignore_conflicts=True,
    )


def is_suppressed(address: str) -> bool:
    return Suppression.objects.filter(
        canonical_address=canonical_address(address)
    ).exists()


def listed(search: str = "") -> QuerySet[Suppression]:
    """Who is never mailed, newest first; with `search`, whose address contains it."""
    rows = Suppression.objects.all()
    return rows.filter(canonical_address__icontains=search) if search else rows


@transaction.atomic
def release(*, pk: int, by: User, reason: str) -> Release:
    """Let an address be mailed again; who did it and why stays written down.

    Its bounces so far no longer count. Raises ValidationError naming `reason` where it
    is empty, or for a complaint, which nobody lifts; Suppression.DoesNotExist where
    somebody was faster.
    """
    rules.require(rules.can_see_subscribers, by)
    try:
        reason = clean_line(reason, 500)
    except ValueError as error:
        raise ValidationError({"reason": str(error)}) from error
    if not reason:
        raise ValidationError({"reason": _("Write down why it may be mailed again.")})
    suppression = Suppression.objects.select_for_update().get(pk=pk)
    if suppression.cause in FOR_EVER:
        words = _("Whoever complained is never mailed again: this cannot be lifted.")
        raise ValidationError({"reason": words})
    suppression.delete()
    return Release.objects.create(
        canonical_address=suppression.canonical_address,
        cause=suppression.cause,
        reason=reason,
        by=by,
        by_name=by.name,
    )


def _suppress(address: str, cause: Suppression.Cause, detail: str) -> Suppression:
    # The first cause stays: it is why the mailing stopped.
    suppression, _created = Suppression.objects.get_or_create(
        canonical_address=canonical_address(address),
        defaults={"cause": cause, "detail": detail[:500]},
    )
    return suppression
