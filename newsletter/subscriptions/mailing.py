"""Mails with a link that proves whose mailbox it is: owed in the outbox, sent once."""

from __future__ import annotations

import logging
import secrets
import smtplib
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.db.models import F
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation

from editorial.models import Publication, hash_token
from newsletter import inlining, suppressions
from newsletter.models import Confirmation
from newsletter.states import SubscriberState

if TYPE_CHECKING:
    from anymail.exceptions import AnymailError

logger = logging.getLogger(__name__)

LEASE = timedelta(minutes=2)
MAX_ATTEMPTS = 6
# A mail that may have been sent is sent once more by itself, and never a third time.
MAX_UNCERTAIN = 2


def send_owed_confirmations(*, limit: int = 100) -> int:
    """Mail what requests left in the outbox; returns how many were sent.

    Safe to run twice and in several workers: each row is leased first. A server that
    refuses costs an attempt and a growing wait. Where it is uncertain whether a mail
    left (the worker or the connection died over it), it is sent once more, with a link
    of its own.
    """
    return sum(_send(confirmation) for confirmation in _claim(limit))


def _claim(limit: int) -> Iterator[Confirmation]:
    now = timezone.now()
    owed = Confirmation.objects.owed(now).select_related("subscriber")
    for confirmation in owed[:limit]:
        uncertain = confirmation.lease_until and not confirmation.error
        if uncertain and confirmation.attempts >= MAX_UNCERTAIN:
            _give_up(confirmation, "it stayed uncertain whether it was sent")
        elif _lease(confirmation, now):
            yield confirmation


def _lease(confirmation: Confirmation, now: datetime) -> bool:
    until = now + LEASE * 2**confirmation.attempts
    rows = Confirmation.objects.owed(now).filter(pk=confirmation.pk)
    taken = rows.update(lease_until=until, attempts=F("attempts") + 1, error="")
    confirmation.attempts += 1
    return bool(taken)


def _send(confirmation: Confirmation) -> bool:
    subscriber = confirmation.subscriber
    if suppressions.is_suppressed(subscriber.address):
        _give_up(confirmation, "the address is suppressed")
        return False
    if subscriber.has_left and confirmation.purpose != Confirmation.Purpose.DATA:
        _give_up(confirmation, "unsubscribed meanwhile")
        return False
    connection = get_connection()
    try:
        mail = _mail(confirmation)
        mail.message()  # fails here, not on the wire, if no mail can be made of it
        connection.open()
    except Exception as error:  # noqa: BLE001  (nothing left; it holds up no other)
        _note_failure(confirmation, error)
        return False
    try:
        connection.send_messages([mail])
    except (smtplib.SMTPResponseException, smtplib.SMTPRecipientsRefused) as error:
        _note_failure(confirmation, error)
        return False
    except _api_errors() as error:
        from newsletter.postbox.api_answers import is_certainly_unsent

        if is_certainly_unsent(error):
            _note_failure(confirmation, error)
        else:
            logger.warning("confirmation %s is uncertain", confirmation.pk)
        return False
    except OSError as error:  # cut off: nobody knows how far it got
        logger.warning("confirmation %s is uncertain: %s", confirmation.pk, error)
        return False
    finally:
        connection.close()
    Confirmation.objects.filter(pk=confirmation.pk).update(sent_at=timezone.now())
    return True


def _mail(confirmation: Confirmation) -> EmailMultiAlternatives:
    """The mail to send now; its token is stored before anybody can press it."""
    subscriber = confirmation.subscriber
    publication = Publication.objects.current()
    name, links = _kind(confirmation)
    context = {"publication": publication, "home_url": _url("site:home"), **links}
    language = publication.language if publication else settings.LANGUAGE_CODE
    with translation.override(language):
        subject = render_to_string(f"emails/{name}.subject.txt", context)
        text = render_to_string(f"emails/{name}.txt", context)
        html = render_to_string(f"emails/{name}.html", context)
    return _letter(subscriber.address, publication, subject, text, html)


def _kind(confirmation: Confirmation) -> tuple[str, dict[str, str]]:
    """Which mail it is, and the links in it."""
    subscriber = confirmation.subscriber
    match confirmation.purpose:
        case Confirmation.Purpose.MOVE:
            url = _url("site:move", _fresh_token(confirmation))
            return "change_address", {"move_url": url}
        case Confirmation.Purpose.DATA:
            url = _url("site:data", _fresh_token(confirmation))
            return "your_data", {"data_url": url}
    if subscriber.state == SubscriberState.CONFIRMED:
        url = _url("site:unsubscribe", subscriber.key)
        return "already_subscribed", {"unsubscribe_url": url}
    url = _url("site:confirm", _fresh_token(confirmation))
    return "confirm_subscription", {"confirm_url": url}


def _letter(
    to: str, publication: Publication | None, subject: str, text: str, html: str
) -> EmailMultiAlternatives:
    mail = EmailMultiAlternatives(
        subject=" ".join(subject.split()),
        body=text,
        from_email=publication.sender if publication else None,
        to=[to],
        reply_to=[publication.reply_to]
        if publication and publication.reply_to
        else None,
        # Out-of-office replies to this would only confuse whoever reads them.
        headers={"Auto-Submitted": "auto-generated"},
    )
    mail.attach_alternative(inlining.inline(html, keep_styles=False), "text/html")
    return mail


def _fresh_token(confirmation: Confirmation) -> str:
    token = secrets.token_urlsafe(32)
    Confirmation.objects.filter(pk=confirmation.pk).update(
        token_hash=hash_token(token),
        expires_at=timezone.now() + Confirmation.LIFETIME,
    )
    return token


def _url(name: str, *args: str) -> str:
    return settings.PUBLIC_URL + reverse(name, args=args)


def _note_failure(confirmation: Confirmation, error: Exception) -> None:
    """Try again later, unless the server said that there is no point."""
    from anymail.exceptions import AnymailRecipientsRefused

    words = _words_of(error)
    refused = isinstance(error, smtplib.SMTPRecipientsRefused) and all(
        500 <= code < 600 for code, _text in error.recipients.values()
    )
    refused = refused or isinstance(error, AnymailRecipientsRefused)
    if refused or confirmation.attempts >= MAX_ATTEMPTS:
        _give_up(confirmation, words)
    else:
        logger.warning("confirmation %s not sent: %s", confirmation.pk, words)
        Confirmation.objects.filter(pk=confirmation.pk).update(error=words)


def _words_of(error: Exception) -> str:
    """What the server said, without the address it said it about."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        codes = sorted({code for code, _text in error.recipients.values()})
        return f"the mail server refused the address: {codes}"
    if isinstance(error, _api_errors()):
        return (
            f"the mail provider refused it: {error.status_code or type(error).__name__}"
        )
    return f"{type(error).__name__}: {error}"[:300]


def _api_errors() -> type[AnymailError]:
    """For `except`, which asks only when something was raised."""
    from anymail import exceptions

    return exceptions.AnymailError


def _give_up(confirmation: Confirmation, why: str) -> None:
    logger.info("confirmation %s is not sent: %s", confirmation.pk, why)
    Confirmation.objects.filter(pk=confirmation.pk).update(
        failed_at=timezone.now(), error=why[:300]
    )
