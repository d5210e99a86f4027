"""The questions that backups ask a server, one a file in `sql/`; the first line of a file says what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import dict_row, tuple_row


@cache
def question(name: str) -> sql.SQL:
    """The query in `backup/sql/<name>.sql`."""
    text = resources.files("watari.backup").joinpath("sql", f"{name}.sql").read_text(encoding="utf-8")
    return sql.SQL(text)  # a file of ours, as literal as a literal


def rows(
    connection: psycopg.Connection, name: str, parameters: Mapping[str, object] | None = None
) -> list[tuple[Any, ...]]:
    """Everything that the question answers."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        return list(cursor.execute(question(name), parameters))


def value(connection: psycopg.Connection, name: str, parameters: Mapping[str, object] | None = None) -> Any:
    """The first value of the first row, None where there is no row."""
    found = rows(connection, name, parameters)
    return found[0][0] if found else None


def record(
    connection: psycopg.Connection, name: str, parameters: Mapping[str, object] | None = None
) -> dict[str, Any] | None:
    """The first row by column, None where there is none."""
    with connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(question(name), parameters).fetchone()
