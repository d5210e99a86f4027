"""The history tables of frameworks, as every adapter looks at them: where they are, whether they are what they should be."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from watari.catalog.name import Name
from watari.errors.usage import HistoryShape
from watari.locale import Text

__all__ = ["columns", "fetch", "question", "require_columns", "table_name"]

_FOLDER = Path(__file__).with_name("queries")
_NO_COLUMN = Text(en='it has no column "{column}"', ja='列 "{column}" がありません')
_OTHER_TYPE = Text(en='its column "{column}" is {type}', ja='列 "{column}" の型が {type} です')


@cache
def question(name: str) -> sql.SQL:
    """The query in `frameworks/queries/<name>.sql`."""
    text = _FOLDER.joinpath(f"{name}.sql").read_text(encoding="utf-8")
    return sql.SQL(text)  # a file of ours, as literal as a literal


def fetch(
    connection: psycopg.Connection, query: sql.SQL | sql.Composed, parameters: Mapping[str, object] | None = None
) -> list[tuple[Any, ...]]:
    """All rows of one query, whatever row factory the connection has."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        return list(cursor.execute(query, parameters))


def table_name(written: str | None, *, table: str, schema: str = "public") -> Name:
    """The table that settings name (`name` or `schema.name`), else the framework's own."""
    if not written:
        return Name(schema, table)
    first, dot, second = written.partition(".")
    return Name(first, second) if dot else Name(schema, written)


def columns(connection: psycopg.Connection, table: Name) -> dict[str, str]:
    """The columns of the table by their types as PostgreSQL writes them; empty where there is no such table."""
    found = fetch(connection, question("columns_of_table"), {"schema": table.schema, "table": table.name})
    return {str(name): str(type) for name, type in found}


def require_columns(
    connection: psycopg.Connection, table: Name, framework: str, wanted: Mapping[str, tuple[str, ...]]
) -> bool:
    """False where the table is missing; raises `HistoryShape` where it lacks a column or one has another type.

    `wanted` gives for each column the types that are fine, as the beginning of PostgreSQL's own name for them.
    """
    there = columns(connection, table)
    if not there:
        return False
    for column, types in wanted.items():
        if column not in there:
            raise HistoryShape(table=table, framework=framework, reason=_NO_COLUMN(column=column))
        if types and not there[column].startswith(types):
            reason = _OTHER_TYPE(column=column, type=there[column])
            raise HistoryShape(table=table, framework=framework, reason=reason)
    return True
