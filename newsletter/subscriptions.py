"""Subscribing with double opt-in, and leaving again (RELIABILITY §1, "Lists").

A request does the same work whoever asks, so that neither the answer nor the time it
takes tells a stranger who reads this publication: it writes a row, and what becomes of
it (a confirmation mail, a reminder that one is subscribed already, nothing for a
suppressed address) is decided later, by `send_owed_confirmations`.
"""

from __future__ import annotations

import ipaddress
import logging
import secrets
import smtplib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import css_inline
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from editorial import doorbell
from editorial.content.typed_text import clean_line, require_mailable
from editorial.models import Publication, hash_token
from newsletter import suppressions
from newsletter.models import (
    Confirmation,
    Consent,
    Subscriber,
    Suppression,
)
from newsletter.states import SUBSCRIBER_MOVES, SubscriberState

logger = logging.getLogger(__name__)

# Subscription bombing: what one address gets, what one network may ask for.
ADDRESS_REST = timedelta(minutes=15)
ADDRESS_DAILY = 3
NETWORK_WINDOW = timedelta(minutes=5)
NETWORK_REQUESTS = 5

_LINE_ENDS = frozenset("\r\n")

LEASE = timedelta(minutes=2)
MAX_ATTEMPTS = 6
# A mail that may have been sent is sent once more by itself, and never a third time.
MAX_UNCERTAIN = 2

_inliner = css_inline.CSSInliner(
    keep_style_tags=False, keep_at_rules=True, load_remote_stylesheets=False
)


class TooManyRequests(Exception):
    """This network asked too often; `retry_after` says in how many seconds it may."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"too many requests, again in {retry_after} s")
        self.retry_after = retry_after


class Token(StrEnum):
    """What a confirmation link is worth now."""

    OPEN = "open"  # a press confirms
    DONE = "done"  # the address is confirmed, by this link or another
    EXPIRED = "expired"  # too old, or its reader has left since
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many readers there are; `mailable` is whom a digest goes to."""

    confirmed: int
    pending: int
    unsubscribed: int
    suppressed: int
    mailable: int


def counts() -> Counts:
    """Numbers only: nobody's address is in them."""
    in_state = Subscriber.objects.by_state()
    return Counts(
        confirmed=in_state[SubscriberState.CONFIRMED],
        pending=in_state[SubscriberState.PENDING],
        unsubscribed=in_state[SubscriberState.UNSUBSCRIBED],
        suppressed=Suppression.objects.count(),
        mailable=Subscriber.objects.mailable().count(),
    )


@transaction.atomic
def forget_everybody() -> None:
    """Delete every subscriber with what they agreed to; suppressions stay.

    For the end of the sample publication only.
    """
    Consent.objects.all().delete()
    Subscriber.objects.all().delete()


# --- asking -----------------------------------------------------------------------


@transaction.atomic
def request_subscription(*, address: str, client: str, how: str = "form") -> None:
    """Ask for a confirmation mail to `address`, in the name of whoever typed it there.

    `client` is the IP address the request came from. Returns nothing, and the same
    nothing for new, known and suppressed addresses. Raises ValidationError naming
    `address`, or TooManyRequests for the network.
    """
    address = clean_address(address)
    network = network_hash(client)
    # One at a time: the limits are counts, which a burst in parallel would pass.
    Publication.objects.select_for_update(no_key=True).current()
    _limit_network(network)
    subscriber = Subscriber.objects.get_or_add(address)
    _move(subscriber, SubscriberState.PENDING)
    _consent(subscriber, Consent.Deed.REQUESTED, how=how, network=network)
    if not _had_mail_enough(subscriber):
        Confirmation.objects.create(
            subscriber=subscriber,
            expires_at=timezone.now() + Confirmation.LIFETIME,
        )
        doorbell.ring("newsletter.send_confirmations")


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
    try:
        validate_email(address)
        require_mailable(address)
    except (ValidationError, ValueError) as error:
        words = _("Enter one mail address, such as name@example.org.")
        raise ValidationError({"address": words}) from error
    return address


def network_hash(client: str) -> str:
    """A keyed hash of the network of an IP address (IPv4 address, IPv6 /64).

    It tells no address and cannot be found by trying them all without our key.
    """
    try:
        ip = ipaddress.ip_address(client)
    except ValueError:
        network = "unknown"
    else:
        if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped:
            ip = ip.ipv4_mapped
        size = 64 if ip.version == 6 else 32
        network = str(ipaddress.ip_network(f"{ip}/{size}", strict=False))
    key = salted_hmac("newsletter.network", network, algorithm="sha256")
    return key.hexdigest()


def _limit_network(network: str) -> None:
    now = timezone.now()
    recent = Consent.objects.filter(
        network_hash=network,
        deed=Consent.Deed.REQUESTED,
        at__gt=now - NETWORK_WINDOW,
    ).order_by("-at")
    times = list(recent.values_list("at", flat=True)[:NETWORK_REQUESTS])
    if len(times) == NETWORK_REQUESTS:
        wait = times[-1] + NETWORK_WINDOW - now
        raise TooManyRequests(retry_after=max(1, round(wait.total_seconds())))


def _had_mail_enough(subscriber: Subscriber) -> bool:
    now = timezone.now()
    asked = subscriber.confirmations.filter(created_at__gt=now - timedelta(days=1))
    times = list(asked.order_by("-created_at").values_list("created_at", flat=True)[:3])
    return len(times) >= ADDRESS_DAILY or any(at > now - ADDRESS_REST for at in times)


# --- confirming and leaving ---------------------------------------------------------


def look_at_token(*, token: str) -> Token:
    """What a press on this link would do. Changes nothing."""
    return _worth(Confirmation.objects.by_token(token))


@transaction.atomic
def confirm(*, token: str, client: str) -> Token:
    """Confirm the address a link was mailed to; DONE when it is, however often asked."""
    confirmation = Confirmation.objects.select_for_update(of=("self",)).by_token(token)
    worth = _worth(confirmation)
    if confirmation is None or worth is not Token.OPEN:
        return worth
    subscriber = confirmation.subscriber
    now = timezone.now()
    if not _move(subscriber, SubscriberState.CONFIRMED, confirmed_at=now):
        return _worth(Confirmation.objects.by_token(token))  # somebody was faster
    # Mails still waiting to be sent have nothing more to ask.
    subscriber.confirmations.filter(Q(pk=confirmation.pk) | Q(sent_at=None)).update(
        used_at=now
    )
    network = network_hash(client)
    _consent(subscriber, Consent.Deed.CONFIRMED, how="link", network=network)
    return Token.DONE


def _worth(confirmation: Confirmation | None) -> Token:
    if confirmation is None:
        return Token.UNKNOWN
    state = confirmation.subscriber.state
    if state == SubscriberState.CONFIRMED:
        return Token.DONE
    spent = confirmation.used_at or confirmation.expired
    if spent or state != SubscriberState.PENDING:
        return Token.EXPIRED
    return Token.OPEN


@transaction.atomic
def request_again(*, token: str, client: str) -> None:
    """Ask for a fresh mail in place of a link that is worth nothing any more.

    Raises TooManyRequests. Silent about a link we do not know.
    """
    confirmation = Confirmation.objects.by_token(token)
    if confirmation is not None:
        address = confirmation.subscriber.address
        request_subscription(address=address, client=client, how="again")


@transaction.atomic
def unsubscribe(*, key: str, how: str, client: str = "") -> Subscriber | None:
    """Take the reader with this key off the list; None for a key we do not know.

    Safe to repeat. The next mail of a digest that is being sent already respects it.
    `how` says by which door: "page" or "one-click".
    """
    subscriber = Subscriber.objects.filter(key=key).first()
    if subscriber is None:
        return None
    now = timezone.now()
    if _move(subscriber, SubscriberState.UNSUBSCRIBED, unsubscribed_at=now):
        network = network_hash(client) if client else ""
        _consent(subscriber, Consent.Deed.UNSUBSCRIBED, how=how, network=network)
    return subscriber


def _move(subscriber: Subscriber, wanted: SubscriberState, **fields: Any) -> bool:
    """Write the state, if the table allows it from the one the row is in: one UPDATE.

    False where it does not, or where it is that already; nothing is written then.
    """
    sources = [state for state, to in SUBSCRIBER_MOVES.items() if wanted in to]
    rows = Subscriber.objects.filter(pk=subscriber.pk, state__in=sources)
    moved = bool(rows.update(state=wanted, **fields))
    if moved:
        subscriber.state = wanted
        for name, value in fields.items():
            setattr(subscriber, name, value)
    return moved


def _consent(subscriber: Subscriber, deed: str, *, how: str, network: str) -> None:
    Consent.objects.create(
        subscriber=subscriber, deed=deed, how=how, network_hash=network
    )


# --- the confirmation mail ------------------------------------------------------------


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
    if subscriber.state == SubscriberState.UNSUBSCRIBED:
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
    context = {"publication": publication, "home_url": _url("site:home")}
    if subscriber.state == SubscriberState.CONFIRMED:
        name = "already_subscribed"
        context["unsubscribe_url"] = _url("site:unsubscribe", subscriber.key)
    else:
        name = "confirm_subscription"
        context["confirm_url"] = _url("site:confirm", _fresh_token(confirmation))
    language = publication.language if publication else settings.LANGUAGE_CODE
    with translation.override(language):
        subject = render_to_string(f"emails/{name}.subject.txt", context)
        text = render_to_string(f"emails/{name}.txt", context)
        html = render_to_string(f"emails/{name}.html", context)
    return _letter(subscriber.address, publication, subject, text, html)


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
    mail.attach_alternative(_inliner.inline(html), "text/html")
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
    words = _words_of(error)
    refused = isinstance(error, smtplib.SMTPRecipientsRefused) and all(
        500 <= code < 600 for code, _text in error.recipients.values()
    )
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
    return f"{type(error).__name__}: {error}"[:300]


def _give_up(confirmation: Confirmation, why: str) -> None:
    logger.info("confirmation %s is not sent: %s", confirmation.pk, why)
    Confirmation.objects.filter(pk=confirmation.pk).update(
        failed_at=timezone.now(), error=why[:300]
    )
