"""Many rows of one table written by one statement, on whichever database.

The ORM puts an INSERT together value by value, and anew for each number of rows: with
thousands of results to store that took more time than the visits.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from django.db import connection
from django.db.models import DateTimeField, JSONField, Model


def insert_rows(
    model: type[Model], names: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Insert rows that have a value for each of the named fields.

    Nothing fills in what is left out: defaults of fields are the ORM's.
    """
    table, *columns = _quote(model, *names)
    places = ", ".join(["%s"] * len(columns))
    statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608  (names of our own models)
    _run(statement, _adapt(model, names, rows))


def update_rows(
    model: type[Model],
    names: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    key: str = "id",
    also: Mapping[str, str] | None = None,
    where_empty: str = "",
) -> None:
    """Update rows: a value for each of the named fields, and at last that of `key`.

    `also` are fields that every row sets to the same SQL expression. With `where_empty`
    only rows whose text field of this name is empty are written.
    """
    table, by, *columns = _quote(model, key, *names)
    settings = [f"{column} = %s" for column in columns]
    for name, expression in (also or {}).items():
        settings.append(f"{_quote(model, name)[1]} = {expression}")
    statement = f"UPDATE {table} SET {', '.join(settings)} WHERE {by} = %s"  # noqa: S608  (names of our own models)
    if where_empty:
        statement += f" AND {_quote(model, where_empty)[1]} = ''"
    _run(statement, _adapt(model, names, rows))


@cache
def _quote(model: type[Model], *names: str) -> tuple[str, ...]:
    """The table and the columns of these fields, as they stand in a statement."""
    columns = {field.name: field.column for field in model._meta.concrete_fields}
    found = (model._meta.db_table, *(columns[name] for name in names))
    return tuple(f'"{name}"' for name in found)


@cache
def _places(
    model: type[Model], names: tuple[str, ...]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Which of these fields hold moments, and which JSON."""
    fields = [model._meta.get_field(name) for name in names]
    moments = [n for n, field in enumerate(fields) if isinstance(field, DateTimeField)]
    texts = [n for n, field in enumerate(fields) if isinstance(field, JSONField)]
    return tuple(moments), tuple(texts)


def _adapt(
    model: type[Model], names: Sequence[str], rows: Iterable[Sequence[Any]]
) -> Iterator[list[Any]]:
    """The values as the database takes them; most moments are those of other rows."""
    operations = connection.ops
    moments, texts = _places(model, tuple(names))
    known: dict[datetime | None, Any] = {None: None}
    for row in rows:
        values = list(row)
        for place in moments:
            moment = values[place]
            if moment not in known:
                known[moment] = operations.adapt_datetimefield_value(moment)
            values[place] = known[moment]
        for place in texts:
            values[place] = operations.adapt_json_value(values[place], None)
        yield values


def _run(statement: str, rows: Iterable[list[Any]]) -> None:
    adapted = list(rows)
    if adapted:
        with connection.cursor() as cursor:
            cursor.executemany(statement, adapted)
