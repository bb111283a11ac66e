"""What a provider calls each mail it took, and what its reports prove."""

from collections.abc import Sequence
from typing import Any

from django.db import connection
from django.db.models import Exists, F, OuterRef
from django.db.models.functions import Coalesce, Now

from newsletter.models import Delivery, MailEvent
from newsletter.postbox import Reply
from newsletter.states import DeliveryState, Outcome

from .rows import DOTTED, Claim


def name_mails(answers: Sequence[tuple[Claim, Reply]]) -> None:
    """Note the provider's names; in the transaction of `accept`, and before it."""
    named = [(claim, reply) for claim, reply in answers if reply.mail_id]
    if not named:
        return
    row = "(CAST(%s AS BIGINT), CAST(%s AS TEXT), CAST(%s AS TEXT))"
    values: list[int | str] = []
    for claim, reply in named:
        values += [claim.delivery_id, claim.token, reply.mail_id]
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            UPDATE {connection.ops.quote_name(Delivery._meta.db_table)} SET
                provider_id = answer.column3
            FROM (VALUES {", ".join([row] * len(named))}) AS answer
            WHERE id = answer.column1 AND token = answer.column2
                AND state IN (%s, %s)
            """,  # noqa: S608  (no value is written into it)
            [*values, *DOTTED],
        )


def note_taken(delivery_id: int, *, name: str) -> bool:
    """Settle an uncertain row as sent: the provider reports of its mail, so it has it."""
    uncertain = Delivery.objects.uncertain().filter(pk=delivery_id)
    return bool(uncertain.update(**_taken(), provider_id=name[:255]))


def note_reported() -> int:
    """The same for rows that became uncertain after such a report; how many."""
    kinds = (MailEvent.Kind.DELIVERED, MailEvent.Kind.DELAYED, MailEvent.Kind.COMPLAINT)
    told = MailEvent.objects.filter(delivery=OuterRef("pk"), kind__in=kinds)
    return Delivery.objects.uncertain().filter(Exists(told)).update(**_taken())


def _taken() -> dict[str, Any]:
    return {
        "state": DeliveryState.SENT,
        "outcome": Outcome.ACCEPTED,
        "token": "",
        "sent_at": Coalesce(F("answered_at"), Now()),
        "updated_at": Now(),
    }
