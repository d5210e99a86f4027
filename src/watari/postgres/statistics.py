"""The server's own counters of one database, as a value: what the runbooks looked at before and after."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from watari.catalog import Name
from watari.errors.reach import RelationBusy
from watari.evidence.observation import IndexUse, StatementUse, Statistics, TableUse
from watari.locale import Message, Text
from watari.postgres.activity import exclusive_holders, shown_query
from watari.postgres.asking import SAID
from watari.postgres.queries import load

_HIDDEN = "<insufficient privilege>"

NOT_INSTALLED = Text(
    en="the extension pg_stat_statements is not installed in this database",
    ja="拡張機能 pg_stat_statements がこのデータベースにインストールされていません",
)
NOT_LOADED = Text(
    en="pg_stat_statements is not in shared_preload_libraries",
    ja="pg_stat_statements が shared_preload_libraries に含まれていません",
)


def read_statistics(connection: psycopg.Connection) -> Statistics:
    """Counters of tables, indexes, statements and the database since they were last reset.

    Statements are those of this database that the user may see, at most 1,000, the slowest on average first; what may hold a
    password is cut. Raises `RelationBusy` where somebody holds a table exclusively for 5 seconds.
    """
    try:
        return _read(connection)
    except psycopg.errors.LockNotAvailable:
        raise RelationBusy(database=connection.info.dbname, reason=exclusive_holders(connection)) from None


def read_statements(connection: psycopg.Connection) -> Mapping[str, StatementUse] | None:
    """The statements of this database that the user may see; None where pg_stat_statements is not there."""
    with connection.transaction(force_rollback=True), connection.cursor(row_factory=tuple_row) as cursor:
        cursor.execute(load("catalog_begin"))
        row = cursor.execute(load("statistics_database")).fetchone()
    schema = row[-1] if row is not None else None
    with connection.transaction(force_rollback=True):
        return _statements(connection, schema)[0]


def _read(connection: psycopg.Connection) -> Statistics:
    with connection.transaction(force_rollback=True), connection.cursor(row_factory=tuple_row) as cursor:
        cursor.execute(load("catalog_begin"))
        row = cursor.execute(load("statistics_database")).fetchone()
        assert row is not None
        at, reset_at, commits, rollbacks, deadlocks, read, hit, temporary, schema = row
        tables = _tables(cursor.execute(load("statistics_tables")).fetchall())
        indexes = _indexes(cursor.execute(load("statistics_indexes")).fetchall())
        statements, why = _statements(connection, schema)
        return Statistics(
            at=at,
            tables=tables,
            indexes=indexes,
            statements=statements,
            why=why,
            reset_at=reset_at,
            commits=commits,
            rollbacks=rollbacks,
            deadlocks=deadlocks,
            blocks_read=read,
            blocks_hit=hit,
            temporary_bytes=temporary,
        )


def _tables(rows: Sequence[Sequence[Any]]) -> dict[str, TableUse]:
    return {
        str(Name(schema, name)): TableUse(
            rows=live,
            bytes=size,
            sequential_scans=scans,
            rows_by_sequential_scans=read,
            index_scans=index_scans,
            rows_by_index_scans=fetched,
            inserted=inserted,
            updated=updated,
            deleted=deleted,
            dead=dead,
            blocks_read=from_disk,
            blocks_hit=from_memory,
        )
        for schema, name, live, size, scans, read, index_scans, fetched, inserted, updated, deleted, dead, from_disk,
        from_memory, _ in rows
    }  # fmt: skip


def _indexes(rows: Sequence[Sequence[Any]]) -> dict[str, IndexUse]:
    return {
        str(Name(schema, index)): IndexUse(
            table=str(Name(schema, table)), scans=scans, rows_read=read, rows_fetched=fetched, bytes=size
        )
        for schema, index, table, scans, read, fetched, size in rows
    }


def _statements(
    connection: psycopg.Connection, schema: str | None
) -> tuple[Mapping[str, StatementUse] | None, Message | None]:
    if schema is None:
        return None, NOT_INSTALLED()
    query = load("statistics_statements").format(schema=sql.Identifier(schema))
    try:
        with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
            rows = cursor.execute(query).fetchall()
    except psycopg.errors.ObjectNotInPrerequisiteState:
        return None, NOT_LOADED()
    except psycopg.errors.InsufficientPrivilege as refused:
        return None, SAID(words=str(refused).partition("\n")[0])
    found: dict[str, StatementUse] = {}
    for number, text, calls, seconds, longest in rows:
        if text and text != _HIDDEN:
            found[str(number)] = _added(found.get(str(number)), text, calls, seconds, longest)
    return found, None


def _added(known: StatementUse | None, text: str, calls: int, seconds: float, longest: float) -> StatementUse:
    """One statement of several users, or run both by itself and inside a function, counts once."""
    return StatementUse(
        text=shown_query(text, longest=500),
        calls=calls + (known.calls if known else 0),
        total_seconds=seconds + (known.total_seconds if known else 0.0),
        max_seconds=max(longest, known.max_seconds if known else 0.0),
    )
