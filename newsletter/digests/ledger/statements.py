"""SQL of what every wave does: written once per process, then only filled in.

The ORM takes longer to write such a statement than the database to carry it out, and
has no UPDATE that says which rows it changed. Rules such as "mailable" stay querysets:
`written` gives their SQL, to which a statement adds its rows.
"""

import json
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import Model, QuerySet
from django.db.models.expressions import Combinable
from django.db.models.functions import Now

from newsletter.models import Delivery, Digest

from .rows import LEASE

DELIVERIES, DIGESTS = Delivery._meta.db_table, Digest._meta.db_table
SQL = tuple[str, list[Any]]  # with a %s for each parameter


def written(rows: QuerySet[Any, Any]) -> SQL:
    """A query that ends in its conditions, so that "AND …" can be added."""
    sql, parameters = rows.order_by().query.sql_with_params()
    return sql, list(parameters)


@cache
def now() -> str:
    """The database's clock."""
    return _expression(Now())[0]


@cache
def lease_from_now() -> SQL:
    return _expression(Now() + LEASE)


def _expression(expression: Combinable) -> SQL:
    query = Delivery.objects.all().query
    sql, parameters = query.get_compiler(connection=connection).compile(
        expression.resolve_expression(query)  # type: ignore[attr-defined]
    )
    return sql, list(parameters)


def one_of(column: str) -> str:
    """That it is among `listed` ones: one parameter, however many they are."""
    if connection.vendor == "postgresql":
        return f"{column} = ANY(%s)"
    return f"{column} IN (SELECT value FROM json_each(%s))"  # noqa: S608  (ours)


def among(model: type[Model], rows: QuerySet[Any, Any]) -> SQL:
    """A query of those of its rows whose ids are `listed`, the first parameter.

    It begins with these few, whatever the planner thinks of a condition such as a
    state: what it knows of a table that is being worked through is never true for long.
    """
    table = model._meta.db_table
    schema = "main." if connection.vendor == "sqlite" else ""  # else it means itself
    few = f"SELECT * FROM {schema}{table} WHERE {one_of('id')}"  # noqa: S608  (ours)
    sql, parameters = written(rows)
    return f"WITH {table} AS MATERIALIZED ({few}) {sql}", parameters


def listed(ids: Iterable[int]) -> list[int] | str:
    return list(ids) if connection.vendor == "postgresql" else json.dumps([*ids])


def table_of(name: str, columns: dict[str, str]) -> str:
    """Rows for a WITH, one parameter: a JSON list of lists; `columns` has their types."""
    begin = "json_array_elements(%s::json)"
    if connection.vendor == "postgresql":
        fields = [
            f"CAST(value->>{n} AS {kind}) AS {column}"
            for n, (column, kind) in enumerate(columns.items())
        ]
    else:
        begin = "json_each(%s)"
        fields = [
            f"json_extract(value, '$[{n}]') AS {column}"
            for n, column in enumerate(columns)
        ]
    rows = f"SELECT {', '.join(fields)} FROM {begin}"  # noqa: S608  (ours)
    return f"{name} AS MATERIALIZED ({rows})"  # read once, not for each row it meets


def unless_locked() -> str:
    """Rows that somebody else is moving are passed over, not waited for."""
    if not connection.features.has_select_for_update_skip_locked:
        return ""  # an immediate transaction is alone anyway
    return connection.ops.for_update_sql(skip_locked=True)


def fetch(sql: str, parameters: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()
