"""What only the running server knows and a judgement is better for: how fast it reads, what the application asks it, who follows it.

All are small questions with a bound: a few megabytes are read, for at most half a second, and a lock that is not there at
once is not waited for. Where the answer is refused or late, there is none.
"""

from __future__ import annotations

import json

import psycopg
from psycopg import sql

from watari.catalog import Catalog, Cluster, Query, Slot, Standby, Table, TableKind
from watari.postgres.connection import server_version
from watari.postgres.queries import load
from watari.postgres.statistics import read_statements
from watari.values import replace

__all__ = ["read_cluster", "with_live_facts"]

#: So much is read to see how fast the server reads; less says nothing.
_SAMPLE, _LEAST = 64_000_000, 4_000_000


def with_live_facts(connection: psycopg.Connection, catalog: Catalog) -> Catalog:
    """The catalog with `scan_rate`, `queries` and `cluster`, as far as the server tells them."""
    return replace(
        catalog,
        scan_rate=_scan_rate(connection, catalog),
        queries=_queries(connection),
        cluster=read_cluster(connection),
    )


def read_cluster(connection: psycopg.Connection) -> Cluster | None:
    """The server around the database, in one question; None where it refuses or is late."""
    try:
        with connection.transaction(force_rollback=True), connection.cursor() as cursor:
            cursor.execute(load("scan_rate_bounds"))
            row = cursor.execute(load("cluster", server_version(connection))).fetchone()
    except psycopg.Error:
        return None
    standbys, slots, collations, stale = row or (None, None, None, False)
    return Cluster(
        standbys=tuple(
            Standby(name=name, synchronous=bool(synchronous), behind=behind, snapshot_age=age)
            for name, synchronous, behind, age in standbys or ()
        ),
        slots=tuple(
            Slot(name=name, kind=kind, active=active, retained=int(retained))
            for name, kind, active, retained in slots or ()
        ),
        stale_collations=(*sorted(collations or ()), *(["default"] if stale else ())),
    )


def _scan_rate(connection: psycopg.Connection, catalog: Catalog) -> float | None:
    """Bytes in a second, measured over the first pages of the largest table that may be read."""
    block = int(catalog.settings.get("block_size", "8192"))
    table = max(filter(_is_readable, catalog.tables.values()), key=lambda table: table.pages, default=None)
    if table is None or table.pages * block < _LEAST:
        return None
    pages = min(table.pages, _SAMPLE // block)
    query = load("scan_rate").format(table=sql.Identifier(table.name.schema, table.name.name), end=f"({pages},0)")
    try:
        with connection.transaction(force_rollback=True), connection.cursor() as cursor:
            cursor.execute(load("scan_rate_bounds"))
            row = cursor.execute(query).fetchone()
    except psycopg.Error:
        return None  # somebody holds the table, it may not be read, or half a second was not enough
    document = row[0] if row else None
    plan = json.loads(document) if isinstance(document, str) else document
    seconds = plan[0]["Execution Time"] / 1_000 if plan else 0.0
    return pages * block / seconds if seconds > 0 else None


def _is_readable(table: Table) -> bool:
    return table.kind is TableKind.TABLE and not table.row_security


def _queries(connection: psycopg.Connection) -> tuple[Query, ...] | None:
    """The statements of pg_stat_statements, the most frequent first; None where it is not there."""
    statements = read_statements(connection)
    if statements is None:
        return None
    found = (Query(text=use.text, calls=use.calls) for use in statements.values())
    return tuple(sorted(found, key=lambda query: (-query.calls, query.text)))
