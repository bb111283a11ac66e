"""The check-up's test mail: sent as a digest is, and read where it arrived."""

from __future__ import annotations

import re
import secrets
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from editorial import rules
from editorial.models import Publication, User
from newsletter import inlining
from newsletter.digests.copies import Copy
from newsletter.digests.rendering import Rendered, headers_of
from newsletter.digests.trial import deliver
from newsletter.models import CheckMail

from . import arrival
from .case import Case
from .findings import Finding, unknown
from .hosts import NOBODYS_KEY
from .names import Names, Unanswered

AN_HOUR = 10  # mails; nobody needs more looks than that
KEPT = 20
GOOD_FOR = timedelta(days=90)
MOST = 256 * 1024  # bytes of a source; headers stand at its beginning
_MARK = "check-"
_TOKEN = re.compile(rf"{_MARK}([0-9a-f]{{32}})")


def send(*, by: User) -> CheckMail:
    """Mail it to whoever presses, and to the mailbox for bounces where we read one.

    Raises postbox.WireError in the mail server's words, ValidationError past the limit,
    signing.KeyUnusable.
    """
    rules.require(rules.is_editor, by)
    case = Case.current()
    sent = _reserve(case, by)
    publication = Publication.objects.current()
    if publication is None:
        raise Publication.DoesNotExist("Found a publication before sending its mail.")
    addresses = [by.email, *([settings.BOUNCE_ADDRESS] if comes_back() else [])]
    copies = [_copy(address, sent) for address in addresses]
    taken, refusal = deliver(_rendered(publication), copies)
    if not taken and refusal is not None:
        raise refusal
    return sent


def read(source: bytes) -> CheckMail:
    """Judge a source and keep the findings; the same source may come again.

    Raises ValidationError for what is no test mail of ours.
    """
    message = arrival.parse(source[:MOST])
    sent = _sent(str(message.get("X-Delivery-ID", "")))
    if sent is None:
        raise ValidationError(
            _(
                "This is not the source of a test mail of the check-up. Copy all of it, "
                "headers first: “Show original” in Gmail, “View message source” in Outlook."
            ),
            code="foreign",
        )
    case = Case.current()
    if not _is_current(sent, case):
        raise ValidationError(
            _(
                "Sender or mail server are others by now. Send yourself a new test mail."
            ),
            code="outdated",
        )
    try:
        found = list(arrival.judge(message, case, Names()))
    except Unanswered as error:
        found = [unknown("arrival", "unanswered", name=error.name, why=error.why)]
    sent.findings = [finding.to_dict() for finding in found]
    sent.read_at = timezone.now()
    sent.save(update_fields=["findings", "read_at"])
    return sent


def take(source: bytes) -> bool:
    """Whether this was a test mail of ours; then it was read."""
    if not _TOKEN.search(source[:MOST].decode("latin-1")):
        return False
    try:
        read(source)
    except ValidationError as error:
        return error.code == "outdated"
    return True


def comes_back() -> bool:
    """Whether a copy goes to a mailbox that we look into ourselves."""
    return bool(settings.BOUNCE_MAILBOX and settings.BOUNCE_ADDRESS)


def newest() -> CheckMail | None:
    """The newest that was sent, read or not."""
    return CheckMail.objects.first()


def findings() -> list[Finding]:
    """What the newest that was read says of today's sender and mail server."""
    lately = CheckMail.objects.read().filter(read_at__gte=timezone.now() - GOOD_FOR)
    sent = lately.first()
    if sent is None or not _is_current(sent, Case.current()):
        return []
    return [Finding.from_dict(data) for data in sent.findings]


@transaction.atomic
def _reserve(case: Case, by: User) -> CheckMail:
    """Write it down before it leaves; one at a time, so that the limit holds."""
    Publication.objects.select_for_update().first()
    lately = CheckMail.objects.filter(sent_at__gt=timezone.now() - timedelta(hours=1))
    if lately.count() >= AN_HOUR:
        words = _("That would be more than %(n)d test mails in an hour. Wait a while.")
        raise ValidationError(words % {"n": AN_HOUR}, code="too_often")
    kept = CheckMail.objects.values_list("pk", flat=True)[: KEPT - 1]
    CheckMail.objects.exclude(pk__in=list(kept)).delete()
    return CheckMail.objects.create(
        token=secrets.token_hex(16),
        sent_by=by,
        sender=case.sender,
        relay=_relay(case),
    )


def _relay(case: Case) -> str:
    return f"{case.relay}:{case.relay_port}"


def _is_current(sent: CheckMail, case: Case) -> bool:
    return (sent.sender, sent.relay) == (case.sender, _relay(case))


def _sent(delivery_id: str) -> CheckMail | None:
    match = _TOKEN.fullmatch(delivery_id.strip())
    return CheckMail.objects.filter(token=match[1]).first() if match else None


def _rendered(publication: Publication) -> Rendered:
    """With the headers of a digest, so that it is signed like one."""
    base = settings.PUBLIC_URL
    context = {
        "publication": publication,
        "home_url": base + reverse("site:home"),
        "check_up_url": base + reverse("readers:doctor"),
    }
    with translation.override(publication.language):
        subject = render_to_string("emails/check_up.subject.txt", context)
        text = render_to_string("emails/check_up.txt", context)
        html = render_to_string("emails/check_up.html", context)
    return Rendered(
        subject=" ".join(subject.split()),
        text=text,
        html=inlining.inline(html),
        headers=headers_of(publication),
    )


def _copy(address: str, sent: CheckMail) -> Copy:
    """Its way out is nobody's: pressing it changes nothing."""
    out = settings.PUBLIC_URL + reverse("site:one_click", args=[NOBODYS_KEY])
    copy = Copy.for_test(address)
    return copy._replace(
        delivery_id=f"{_MARK}{sent.token}",
        one_click_url=out,
        envelope_sender=settings.BOUNCE_ADDRESS,
    )
