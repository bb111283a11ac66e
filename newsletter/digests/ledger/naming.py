"""What a provider calls each mail it took, and what its reports prove."""

import json
from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Coalesce, Now

from newsletter.models import Delivery, Digest, MailEvent
from newsletter.postbox import Reply
from newsletter.states import DeliveryState, Outcome

from .rows import DOTTED, Claim
from .statements import DELIVERIES, table_of


def name_mails(answers: Sequence[tuple[Claim, Reply]]) -> None:
    """Note the provider's names; in the transaction of `accept`, and before it."""
    named = [(claim, reply.mail_id) for claim, reply in answers if reply.mail_id]
    if not named:
        return
    said = [(claim.delivery_id, claim.token, name) for claim, name in named]
    with connection.cursor() as cursor:
        words = json.dumps(said, ensure_ascii=False)
        cursor.execute(_naming(), [words, *DOTTED])


@cache
def _naming() -> str:
    columns = {"row": "bigint", "token": "text", "name": "text"}
    # By id: see `outcomes.accept`.
    return f"""
        WITH {table_of("answer", columns)}
        UPDATE {DELIVERIES} SET provider_id = answer.name
        FROM answer
        WHERE id = answer.row
            AND {DELIVERIES}.token = answer.token AND (state IN (%s, %s)) IS TRUE
    """  # noqa: S608  (no value is written into it)


def note_taken(delivery_id: int, *, name: str) -> bool:
    """Settle an uncertain row as sent: the provider reports of its mail, so it has it."""
    uncertain = Delivery.objects.uncertain().filter(pk=delivery_id)
    return bool(uncertain.update(**_taken(), provider_id=name[:255]))


def note_reported() -> int:
    """The same for rows that became uncertain after such a report; how many."""
    kinds = (MailEvent.Kind.DELIVERED, MailEvent.Kind.DELAYED, MailEvent.Kind.COMPLAINT)
    told = MailEvent.objects.filter(delivery=OuterRef("pk"), kind__in=kinds)
    # Digest by digest, as the index has them: otherwise SQLite reads the whole ledger.
    rows = Delivery.objects.filter(digest__in=Digest.objects.order_by().values("pk"))
    return rows.uncertain().filter(Exists(told)).update(**_taken())


def _taken() -> dict[str, Any]:
    return {
        "state": DeliveryState.SENT,
        "outcome": Outcome.ACCEPTED,
        "token": "",
        "sent_at": Coalesce(F("answered_at"), Now()),
        "updated_at": Now(),
    }
