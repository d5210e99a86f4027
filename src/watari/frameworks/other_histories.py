"""Histories that other tools keep of plain SQL files; a database that has one is not taken for a new one."""

from __future__ import annotations

from collections.abc import Sequence

import psycopg
from psycopg import sql

from watari.catalog.name import Name
from watari.errors.usage import HistoryElsewhere
from watari.frameworks.history_table import columns, fetch
from watari.frameworks.numbered import NumberedFile
from watari.late import pattern

__all__ = ["refuse_other_history"]

#: Tool, table and the column that names a file or its version.
_KNOWN = (
    ("dbmate", Name("public", "schema_migrations"), "version"),
    ("goose", Name("public", "goose_db_version"), "version_id"),
    ("sql-migrate", Name("public", "gorp_migrations"), "id"),
    ("node-pg-migrate", Name("public", "pgmigrations"), "name"),
    ("Flyway", Name("public", "flyway_schema_history"), "version"),
    ("sqlx", Name("public", "_sqlx_migrations"), "version"),
    ("Supabase", Name("supabase_migrations", "schema_migrations"), "version"),
)
_NUMBER = pattern(r"[vV]?0*(\d+)")


def refuse_other_history(
    connection: psycopg.Connection, files: Sequence[NumberedFile], create: Sequence[sql.Composable]
) -> None:
    """Raises `HistoryElsewhere` where another tool's table holds some of the files.

    `create` makes watari's own history; the error's hint shows it together with the statement that fills it.
    """
    for tool, table, column in _KNOWN:
        if column not in columns(connection, table):
            continue
        query = sql.SQL("select distinct {}::text from {}").format(
            sql.Identifier(column), sql.Identifier(table.schema, table.name)
        )
        known = {str(value) for (value,) in fetch(connection, query)}
        applied = [file for file in files if _same(file, known)]
        if applied:
            taken = _taking_over(applied, create, connection)
            raise HistoryElsewhere(table=table, tool=tool, count=len(applied), sql=taken)


def _same(file: NumberedFile, known: set[str]) -> bool:
    number = _NUMBER.match(file.id)
    return bool({file.id, file.name, f"{file.name}.sql", number.group(1) if number else file.id} & known)


def _taking_over(
    files: Sequence[NumberedFile], create: Sequence[sql.Composable], connection: psycopg.Connection
) -> str:
    rows = sql.SQL(", ").join(sql.SQL("({}, {})").format(sql.Literal(f.id), sql.Literal(f.name)) for f in files)
    fill = sql.SQL("insert into watari.history (id, name) values {}").format(rows)
    return "; ".join(statement.as_string(connection) for statement in (*create, fill)) + ";"
