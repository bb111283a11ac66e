"""Everything we hold about one reader, for that reader alone.

The link in each mail is forwarded with it, so it does not suffice here: a mail of its
own goes to the mailbox the data are about.
"""

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from editorial.models import Publication
from newsletter.models import Confirmation, Release, Subscriber, Suppression

from .asking import owe


def request_data(*, reader: Subscriber) -> bool:
    """Mail a link to the reader's data. False: there was a mail moments ago."""
    return owe(reader, Confirmation.Purpose.DATA)


def reader_of_data(*, token: str) -> Subscriber | None:
    """Whose data this link opens, for 48 hours; None for any other."""
    confirmation = Confirmation.objects.by_token(token, Confirmation.Purpose.DATA)
    if confirmation is None or confirmation.expired:
        return None
    return confirmation.subscriber


def dossier(reader: Subscriber) -> dict[str, Any]:
    """All of it as plain data: datetimes stay, JSON writes them as ISO 8601."""
    publication = Publication.objects.current()
    same = {"canonical_address": reader.canonical_address}
    suppressions = Suppression.objects.filter(**same)
    releases = Release.objects.filter(**same)
    return {
        "publication": publication.name if publication else "",
        "made_at": timezone.now(),
        "subscriber": _row(reader, "address", "name", "state", "wants", "paused_until",
                           "created_at", "confirmed_at", "unsubscribed_at"),
        "suppressions": [_row(row, "cause", "created_at") for row in suppressions],
        "releases": [_row(row, "cause", "reason", "at") for row in releases],
        **{name: part(reader) for name, part in PARTS.items()},
    }  # fmt: skip


def _consents(reader: Subscriber) -> list[dict[str, Any]]:
    rows = reader.consents.order_by("at", "pk")
    return [_row(row, "deed", "how", "source", "network_hash", "at") for row in rows]


def _confirmations(reader: Subscriber) -> list[dict[str, Any]]:
    fields = ("purpose", "created_at", "sent_at", "used_at", "failed_at", "error")
    return [_row(row, *fields) for row in reader.confirmations.all()]


def _moves(reader: Subscriber) -> list[dict[str, Any]]:
    rows = reader.moves.select_related("subscriber")
    fields = ("created_at", "sent_at", "used_at")
    return [{"to": row.subscriber.address, **_row(row, *fields)} for row in rows]


def _deliveries(reader: Subscriber) -> list[dict[str, Any]]:
    fields = ("address", "state", "outcome", "code", "reply", "attempts", "sent_at")
    rows = reader.deliveries.select_related("digest__issue")
    rows = rows.defer("digest__html", "digest__text").prefetch_related("mail_events")
    return [
        {
            "issue": row.digest.issue.number,
            **_row(row, *fields),
            "events": [
                _row(event, "kind", "status", "diagnostic", "at")
                for event in row.mail_events.all()
            ],
        }
        for row in rows
    ]


# By the name under which the rows hang on a subscriber: none may be left out.
PARTS: dict[str, Callable[[Subscriber], list[dict[str, Any]]]] = {
    "consents": _consents,
    "confirmations": _confirmations,
    "moves": _moves,
    "deliveries": _deliveries,
}


def _row(row: Any, *fields: str) -> dict[str, Any]:
    return {name: getattr(row, name) for name in fields}
