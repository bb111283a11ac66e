"""From "send" to a ledger: render once, then write down who gets it, all at once."""

import logging
from dataclasses import replace
from hashlib import sha256
from typing import Any

from django.db import connection, transaction
from django.db.models import CharField, F, IntegerField, Value
from django.db.models.functions import Now

from editorial import doorbell
from editorial.models import Issue, IssueRevision, Publication
from editorial.states import IssueState
from newsletter import clicks
from newsletter.models import Delivery, Digest, DigestLink, Subscriber
from newsletter.models.digest import DigestQuerySet
from newsletter.states import DeliveryState, DigestState, DigestVerb, PauseReason

from .controls import hold_again, move
from .rendering import Rendered, Unrenderable, render

logger = logging.getLogger(__name__)


def freeze_digest(*, digest_id: int) -> bool:
    """Freeze text and recipients of a digest that was started, and begin sending.

    Safe to call twice and in parallel: one caller freezes, the others get False. No
    mail precedes the public page: it and this read the same row of the same database,
    and nothing is frozen unless that row is published.
    """
    digest = _being_frozen().filter(pk=digest_id).first()
    if digest is None:
        return False
    revision = digest.issue.live_revision
    if revision is None or digest.issue.state != IssueState.PUBLISHED:
        hold_again(digest, reason=PauseReason.WITHDRAWN)
        return False
    try:
        rendered, links = render_counted(digest, revision)
    except Unrenderable as error:
        logger.exception("digest %s could not be rendered", digest_id)
        hold_again(digest, reason=PauseReason.RENDERING, detail=str(error))
        return False
    return _commit(digest_id, revision, rendered, links)


def render_counted(
    digest: Digest, revision: IssueRevision
) -> tuple[Rendered, list[DigestLink]]:
    """The mail, with the links to be counted if the publication wants to know.

    Raises Unrenderable.
    """
    rendered = render(digest.issue, revision)
    publication = Publication.objects.current()
    if publication is None or not publication.count_clicks:
        return rendered, []
    counted = clicks.instrument(
        rendered.html, digest_id=digest.pk, outline=revision.outline
    )
    return replace(rendered, html=counted.html), counted.links


@transaction.atomic
def _commit(
    digest_id: int,
    revision: IssueRevision,
    rendered: Rendered,
    links: list[DigestLink],
) -> bool:
    # The issue first: a withdrawal locks in this order as well.
    issue = Issue.objects.select_for_update().get(digest=digest_id)
    digest = Digest.objects.select_for_update().get(pk=digest_id)
    if digest.state != DigestState.FREEZING:
        return False
    if issue.live_revision_id != revision.pk or issue.state != IssueState.PUBLISHED:
        doorbell.ring(
            "newsletter.freeze_digest", digest_id
        )  # look again from the start
        return False
    count = _fill_ledger(digest)
    DigestLink.objects.bulk_create(links, ignore_conflicts=True)
    move(
        digest,
        DigestState.SENDING,
        verb=DigestVerb.FREEZE,
        note=str(count),
        expected_count=count,
        prepared_at=Now(),
        **frozen(revision, rendered),
    )
    doorbell.ring("newsletter.send_digest", digest_id)
    return True


def frozen(revision: IssueRevision, rendered: Rendered) -> dict[str, Any]:
    """What a digest keeps of its mail, as values of its fields."""
    content = "\0".join((rendered.subject, rendered.text, rendered.html))
    return {
        "revision": revision,
        "subject": rendered.subject,
        "sender": rendered.sender,
        "headers": rendered.headers,
        "html": rendered.html,
        "text": rendered.text,
        "content_hash": sha256(content.encode()).hexdigest(),
    }


def _fill_ledger(digest: Digest) -> int:
    """One delivery per mailable subscriber, in a single INSERT … SELECT; how many."""
    columns = {
        "digest_id": Value(digest.pk, IntegerField()),
        "subscriber_id": F("pk"),
        "address": F("address"),
        "canonical_address": F("canonical_address"),
        "state": Value(DeliveryState.PENDING.value, CharField()),
        "token": Value("", CharField()),
        "outcome": Value("", CharField()),
        "reply": Value("", CharField()),
        "provider_id": Value("", CharField()),
        "attempts": Value(0, IntegerField()),
        "reaps": Value(0, IntegerField()),
        "resends": Value(0, IntegerField()),
        "next_attempt_at": Now(),
        "updated_at": Now(),
    }
    chosen = {f"_{name}": expression for name, expression in columns.items()}
    readers = Subscriber.objects.mailable().order_by("pk")
    select, parameters = (
        readers.annotate(**chosen).values_list(*chosen).query.sql_with_params()
    )
    table = connection.ops.quote_name(Delivery._meta.db_table)
    names = ", ".join(map(connection.ops.quote_name, columns))
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({names}) {select}", parameters)
        count: int = cursor.rowcount
        if connection.vendor == "postgresql":
            # Until it is told, PostgreSQL believes in the ledger as it was, and sorts
            # all that waits for each claim: for a minute, of a million rows.
            cursor.execute(f"ANALYZE {table}")
        return count


def _being_frozen() -> DigestQuerySet:
    return Digest.objects.filter(state=DigestState.FREEZING).select_related(
        "issue__live_revision"
    )
