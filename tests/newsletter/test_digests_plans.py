"""Statements that a ledger of a million rows must not make slow find rows by index."""

import pytest
from django.db import connection

from newsletter import digests
from newsletter.digests import ledger
from newsletter.models import MailEvent
from newsletter.postbox import Reply
from newsletter.states import DeliveryState
from tests.factories import DigestFactory

pytestmark = [pytest.mark.django_db, pytest.mark.engines]


def plan_of(work) -> str:
    """How the database carries out the last statement of this work."""
    statements = []

    def note(execute, sql, params, many, context):
        statements.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        work()
    explain = "EXPLAIN QUERY PLAN" if connection.vendor == "sqlite" else "EXPLAIN"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":  # a small table is read as a whole
            cursor.execute("SET LOCAL enable_seqscan = off")
        sql, params = statements[-1]
        cursor.execute(f"{explain} {sql}", params)
        return "\n".join(str(row[-1]) for row in cursor.fetchall())


def test_a_providers_names_find_their_rows_by_number():
    digest = DigestFactory(sending=True, readers=3)
    claims = digests.claim(digest_id=digest.pk)
    taken = [(claim, Reply(200, "fine", mail_id="m")) for claim in claims]

    plan = plan_of(lambda: ledger.name_mails(taken))

    assert "INTEGER PRIMARY KEY" in plan or "newsletter_delivery_pkey" in plan
    assert "__digest_" not in plan  # the index of states


def test_rows_to_be_intended_are_looked_for_once():
    """Not for each row of the ledger: where PostgreSQL took it for empty, a wave of 32
    among 230 readers took a quarter of a second."""
    digest = DigestFactory(sending=True, readers=3)
    claims = digests.claim(digest_id=digest.pk)

    plan = plan_of(lambda: ledger.intend(claims))

    assert "CTE ready" in plan or "MATERIALIZE ready" in plan
    assert digest.deliveries.filter(state=DeliveryState.SENDING).count() == 3


def test_uncertain_rows_with_reports_are_looked_for_digest_by_digest():
    digest = DigestFactory(sending=True, readers=3)
    digest.deliveries.update(state=DeliveryState.UNKNOWN)
    first = digest.deliveries.order_by("pk")[0]
    MailEvent.objects.create(delivery=first, kind=MailEvent.Kind.DELIVERED, source="1")

    plan = plan_of(ledger.note_reported)

    assert "SCAN newsletter_delivery" not in plan
    assert "Seq Scan on newsletter_delivery " not in plan
    assert digest.deliveries.get(state=DeliveryState.SENT) == first
